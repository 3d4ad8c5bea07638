"""What operators and sensors share: how errors end a task, XComs, waiting."""

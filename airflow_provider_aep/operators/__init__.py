"""One operator a step."""

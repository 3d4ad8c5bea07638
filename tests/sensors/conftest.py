from operators.execution import one_api_server  # noqa: F401

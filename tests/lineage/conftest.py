from operators.execution import no_old_secrets, one_api_server  # noqa: F401

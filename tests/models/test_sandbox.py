"""models/sandbox.py."""

from airflow_provider_aep.models.sandbox import Sandbox


def test_a_sandbox_says_whether_it_is_active():
    sandbox = Sandbox.model_validate({"name": "dev", "state": "active", "type": "development", "eTag": -1234})
    assert (sandbox.name, sandbox.state, sandbox.type, sandbox.title) == ("dev", "active", "development", None)

"""models/base_connection.py: how the platform signs in to a source; secrets are sent and never shown."""

import pytest

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.base_connection import Auth, BaseConnection
from airflow_provider_aep.validation import in_one_line

CREDENTIALS = {"password": "hunter2", "securityToken": "s3cret"}


def declare(**changes):
    wish = {"name": "Salesforce", "connector": "salesforce", "auth_spec_name": "Basic Authentication"}
    return BaseConnection.declare(**{**wish, **changes})


def test_declare_a_base_connection():
    connection = declare(auth_params={"username": "someone"}, credentials=CREDENTIALS, description="CRM")
    assert connection.to_wire() == {
        "name": "Salesforce",
        "description": "CRM",
        "auth": {
            "specName": "Basic Authentication",
            "params": {"username": "someone", "password": "hunter2", "securityToken": "s3cret"},
        },
        "connectionSpec": {"id": "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5", "version": "1.0"},
    }


def test_a_source_without_parameters_needs_none():
    connection = declare(connector="86043421-563b-46ec-8e6c-e23184711bf6", auth_spec_name="Streaming Connection")
    assert connection.to_wire()["auth"] == {"specName": "Streaming Connection", "params": {}}


def test_credentials_win_over_plain_parameters():
    connection = declare(auth_params={"username": "someone", "password": "old"}, credentials=CREDENTIALS)
    assert connection.auth.params["password"] == "hunter2"
    assert connection.plain_params == {"username": "someone"}


def test_secrets_are_in_no_repr():
    connection = declare(auth_params={"username": "someone"}, credentials=CREDENTIALS)
    text = f"{connection!r} {connection} {connection.auth!r} {connection.auth}"
    assert "hunter2" not in text
    assert "s3cret" not in text
    assert repr(connection) == (
        "BaseConnection(id=None, name='Salesforce', connection_spec='cfc0fee1-7dc0-40ef-b73e-d8b134c436f5')"
    )


def test_a_live_connection_may_say_little():
    connection = BaseConnection.model_validate({"id": "x", "auth": {"params": None}, "connectionSpec": {"id": "y"}})
    assert connection.auth == Auth()
    assert connection.plain_params == {}


def test_all_gaps_are_named_at_once():
    with pytest.raises(AepConfigError) as refused:
        declare(name="", connector="sales force one", auth_spec_name=None, auth_params="user", description=3)
    assert in_one_line(str(refused.value)) == (
        "The base connection '' cannot be sent: "
        "name must be a non-empty string, not ''; "
        "auth_spec_name must be a non-empty string, not None; "
        "description must be a non-empty string, not 3; "
        "auth_params must be a dict of auth parameters, not a str; "
        "Unknown connector 'sales force one' (the nearest names are salesforce, salesforce-service-cloud): pass a "
        "name listed in airflow_provider_aep.connectors.CONNECTORS or the source's connection spec id, a UUID."
    )


def test_secrets_are_in_no_refusal():
    with pytest.raises(AepConfigError) as refused:
        declare(name=None, credentials=CREDENTIALS, auth_params={"sasUri": "https://x?sig=hunter2"})
    assert "hunter2" not in str(refused.value)

"""environment.py: credentials without Airflow. What Airflow itself makes of a connection is the referee."""

import json
from contextlib import suppress
from urllib.parse import quote

import pytest
from airflow.sdk import Connection
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.client.environment import VARIABLES, fields_from_environment, fields_from_text
from airflow_provider_aep.client.settings import read_settings
from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.exceptions import AepConfigError

ORG = "9C991D2E622D76190A495E39@AdobeOrg"
EXTRA = {"ims_org_id": ORG, "sandbox": "dev"}
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
HOSTS = [
    "",
    "platform.adobe.io",
    "https://platform.adobe.io",
    "http://127.0.0.1:8099",
    "https://proxy.example/platform",
]


def fields_of(read):
    return (read.login or None, read.password or None, read.host or None, read.port)


# An Airflow connection


@given(login=TEXT, password=TEXT, host=st.sampled_from(HOSTS), port=st.none() | st.integers(1, 65535), sandbox=TEXT)
def test_a_connection_is_read_as_airflow_writes_it(login, password, host, port, sandbox):
    extra = {"ims_org_id": ORG, "sandbox": sandbox, "timeout": [3, 30], "verify": False}
    connection = Connection(
        conn_id="aep_default",
        conn_type="aep",
        login=login,
        password=password,
        host=host or None,
        port=port,
        extra=json.dumps(extra),
    )
    as_json = {"conn_type": "aep", "login": login, "password": password, "host": host, "port": port, "extra": extra}
    for text in (connection.get_uri(), json.dumps(as_json), json.dumps({**as_json, "extra": json.dumps(extra)})):
        fields = fields_from_text(text)
        assert fields_of(fields) == (login, password, host or None, port)
        assert fields.extra == extra


@pytest.mark.parametrize(
    "uri",
    [
        "aep://id:p%40ss%2Fword@https%3A%2F%2Fplatform-stage.adobe.io/?sandbox=dev",
        "aep://id:se%3Acret@localhost:8099/?sandbox=dev&timeout=5",
        "aep://https://platform.adobe.io:88/?sandbox=dev",
        "aep://https://id:secret@platform.adobe.io/?sandbox=dev",
        "aep://id:secret@https%3A%2F%2Fproxy.example%2Fplatform:8443/?sandbox=dev",
        "aep://id:secret@/?sandbox=dev&empty=",
        "aep:///?sandbox=dev",
        "aep://id:secret@platform.adobe.io",
    ],
)
def test_a_uri_is_read_as_airflow_reads_it(uri):
    airflow = Connection.from_uri(uri, conn_id="aep_default")
    fields = fields_from_text(uri)
    assert fields_of(fields) == fields_of(airflow)
    assert fields.extra == airflow.extra_dejson


@pytest.mark.parametrize("form", ["json", "uri"])
def test_the_emulators_connection_works_without_airflow(aep, form):
    text = aep.connection_json() if form == "json" else aep.connection_uri()
    client = read_settings(fields_from_environment({"AIRFLOW_CONN_AEP_DEFAULT": text})).client()
    assert client.send(flow_service.get_flow_spec(FLOW_SPEC_IDS["CRMToAEP"])).id == FLOW_SPEC_IDS["CRMToAEP"]


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "secret", '{"extra": "secret"}', '{"extra": [1]}', '{"port": "secret"}', "aep://id:secret@host:port/"],
)
def test_what_cannot_be_read_is_an_error_without_the_secret(text):
    with pytest.raises(AepConfigError, match=r"^The connection in AIRFLOW_CONN_AEP_DEFAULT cannot be read") as raised:
        fields_from_environment({"AIRFLOW_CONN_AEP_DEFAULT": text})
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


@given(st.text())
def test_no_text_is_a_traceback(text):
    with suppress(AepConfigError):
        assert fields_from_text(text).extra is not None


# The variables


def variables(**changes):
    values = {"AEP_CLIENT_ID": "id", "AEP_CLIENT_SECRET": "secret", "AEP_ORG_ID": ORG, "AEP_SANDBOX": "dev"}
    return {name: value for name, value in (values | changes).items() if value is not None}


def test_four_variables_are_enough():
    settings = read_settings(fields_from_environment(variables()))
    assert (settings.client_id, settings.client_secret) == ("id", "secret")
    assert (settings.org_id, settings.sandbox) == (ORG, "dev")
    assert (settings.host, settings.ims_url) == ("https://platform.adobe.io", "https://ims-na1.adobelogin.com")


def test_hosts_and_a_token_may_be_given_too():
    environment = variables(
        AEP_HOST="https://platform-stage.adobe.io",
        AEP_IMS_URL="https://ims.example",
        AEP_ACCESS_TOKEN="Bearer eyJ.a.b",
        AEP_CLIENT_SECRET=None,
    )
    settings = read_settings(fields_from_environment(environment))
    assert (settings.host, settings.ims_url) == ("https://platform-stage.adobe.io", "https://ims.example")
    assert (settings.access_token, settings.client_secret) == ("eyJ.a.b", "")


def test_an_airflow_connection_wins_over_the_variables():
    uri = f"aep://another:secret@/?ims_org_id={quote(ORG)}&sandbox=prod"
    settings = read_settings(fields_from_environment(variables(AIRFLOW_CONN_AEP_DEFAULT=uri)))
    assert (settings.client_id, settings.sandbox) == ("another", "prod")


@pytest.mark.parametrize("environment", [{}, {"AIRFLOW_CONN_AEP_DEFAULT": " ", "AEP_SANDBOX": ""}])
def test_an_environment_without_credentials_is_told_what_to_set(environment):
    with pytest.raises(AepConfigError, match="AIRFLOW_CONN_AEP_DEFAULT") as raised:
        fields_from_environment(environment)
    assert all(variable in str(raised.value) for variable in VARIABLES.values())


def test_everything_that_is_missing_is_named_as_the_author_knows_it():
    environment = {"AEP_HOST": "http://platform.adobe.io", "AEP_IMS_URL": "ftp://ims.example"}
    with pytest.raises(AepConfigError, match=r"^The environment cannot be used:\n") as raised:
        read_settings(fields_from_environment(environment))
    for variable in VARIABLES.values():
        assert variable in str(raised.value)
    assert "extra." not in str(raised.value)


def test_the_process_environment_is_the_default(monkeypatch):
    for name in ("AIRFLOW_CONN_AEP_DEFAULT", *VARIABLES.values()):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AEP_CLIENT_ID", "id")
    assert fields_from_environment().login == "id"

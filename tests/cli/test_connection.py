"""connection.py: the environment first, then Airflow; the same for the credentials of a source."""

import json
import subprocess
import sys
from argparse import Namespace

import pytest

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.cli.connection import connect, credentials
from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.exceptions import AepConfigError


@pytest.fixture(autouse=True)
def no_connection(monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_AEP_DEFAULT", raising=False)


def arguments(connection=None, sandbox=None):
    return Namespace(connection=connection, sandbox=sandbox)


@pytest.fixture
def in_airflow(airflow_db):
    """Adds a connection to Airflow's database, for this test."""
    from airflow.models import Connection
    from airflow.utils.session import create_session

    added = []

    def add(conn_id, **fields):
        added.append(conn_id)
        with create_session() as session:
            session.add(Connection(conn_id=conn_id, **fields))

    yield add
    with create_session() as session:
        session.query(Connection).where(Connection.conn_id.in_(added)).delete()


def test_the_default_connection_of_the_environment_is_used(aep):
    assert connect(arguments()).send(flow_service.get_flow_spec(FLOW_SPEC_IDS["CRMToAEP"]))


def test_variables_are_enough(aep, monkeypatch):
    fields = json.loads(aep.connection_json())
    monkeypatch.delenv("AIRFLOW_CONN_AEP_DEFAULT")
    monkeypatch.setenv("AEP_CLIENT_ID", fields["login"])
    monkeypatch.setenv("AEP_CLIENT_SECRET", fields["password"])
    monkeypatch.setenv("AEP_ORG_ID", fields["extra"]["ims_org_id"])
    monkeypatch.setenv("AEP_SANDBOX", fields["extra"]["sandbox"])
    assert connect(arguments()).sandbox == fields["extra"]["sandbox"]


def test_a_sandbox_may_be_named_instead_of_the_connections(aep):
    assert connect(arguments(sandbox="staging")).sandbox == "staging"


def test_a_named_connection_is_looked_for_in_the_environment(aep, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_AEP_PROD", aep.connection_uri())
    monkeypatch.delenv("AIRFLOW_CONN_AEP_DEFAULT")
    assert connect(arguments("aep_prod")).send(flow_service.get_flow_spec(FLOW_SPEC_IDS["CRMToAEP"]))


def test_a_named_connection_may_be_airflows(aep, in_airflow):
    fields = json.loads(aep.connection_json())
    in_airflow("aep_stored", **{**fields, "extra": json.dumps(fields["extra"])})
    assert connect(arguments("aep_stored")).send(flow_service.get_flow_spec(FLOW_SPEC_IDS["CRMToAEP"]))


def test_airflow_does_not_log_among_the_json(aep, in_airflow):
    fields = json.loads(aep.connection_json())
    in_airflow("aep_stored", **{**fields, "extra": json.dumps(fields["extra"])})
    command = [sys.executable, "-m", "airflow_provider_aep.cli.main", "flows", "--connection", "aep_stored", "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_a_connection_that_nobody_knows_is_one_sentence(airflow_db):
    with pytest.raises(AepConfigError) as raised:
        connect(arguments("aep_elsewhere"))
    assert str(raised.value) == (
        "There is no connection 'aep_elsewhere': set AIRFLOW_CONN_AEP_ELSEWHERE (JSON or a URI), or add it to Airflow."
    )


def test_without_airflow_the_sentence_is_the_same(mocker):
    mocker.patch.dict("sys.modules", {"airflow.models.connection": None})
    with pytest.raises(AepConfigError, match="set AIRFLOW_CONN_AEP_PROD"):
        connect(arguments("aep_prod"))


def test_credentials_of_a_source_are_auth_parameters(monkeypatch):
    monkeypatch.setenv(
        "AIRFLOW_CONN_CRM", json.dumps({"login": "me", "password": "pw", "extra": {"securityToken": "t"}})
    )
    assert credentials("crm") == {"username": "me", "password": "pw", "securityToken": "t"}


def test_what_the_extra_says_wins_and_what_is_empty_is_left_out(monkeypatch):
    monkeypatch.setenv(
        "AIRFLOW_CONN_S3", json.dumps({"login": "me", "extra": {"username": "other", "s3SecretKey": ""}})
    )
    assert credentials("s3") == {"username": "other"}


def test_credentials_of_a_source_may_be_airflows(in_airflow):
    in_airflow("kinesis", conn_type="generic", extra='{"accessKeyId": "k", "secretKey": "s"}')
    assert credentials("kinesis") == {"accessKeyId": "k", "secretKey": "s"}


def test_an_unreadable_connection_is_named_without_its_secret(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_CRM", '{"password": "canary"')
    with pytest.raises(AepConfigError, match="The connection in AIRFLOW_CONN_CRM cannot be read") as raised:
        credentials("crm")
    assert "canary" not in str(raised.value)

"""airflow-aep connectors: what is published about sources, offline."""

import json
import socket

import pytest

from airflow_provider_aep.cli.connectors import describe
from airflow_provider_aep.cli.main import main
from airflow_provider_aep.connectors import AUTH_PARAMS, CONNECTORS, get_connector


@pytest.fixture(autouse=True)
def no_network(mocker):
    mocker.patch.object(socket.socket, "connect", side_effect=AssertionError("this asks nobody"))


def test_all_of_them(capsys):
    assert main(["connectors"]) == 0
    title, *rows = capsys.readouterr().out.splitlines()
    assert title.split() == ["name", "category", "flow", "spec", "connection", "spec"]
    assert [row.split()[0] for row in rows] == list(CONNECTORS)
    assert rows[-1].split() == [
        *("marketo-engage", "unknown", "not", "published", "bf1f4218-73ce-4ff0-b744-48d78ffae2e4")
    ]


def test_all_of_them_as_json(capsys):
    assert main(["connectors", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in listed] == list(CONNECTORS)
    assert listed[-1]["flow_spec"] is None


def test_one(capsys):
    assert main(["connectors", "salesforce"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Salesforce (salesforce)",
        "connection spec             cfc0fee1-7dc0-40ef-b73e-d8b134c436f5",
        "category                    table",
        "flow spec                   CRMToAEP",
        "auth specs                  Basic Authentication, OAuth2 Client Credential",
        "  Basic Authentication      username, password, securityToken, [environmentUrl], [apiVersion]",
        "  OAuth2 Client Credential  environmentUrl, clientId, clientSecret, apiVersion",
        "data formats                tabular",
        "source params               tableName, columns, [path], [filters]",
        "Adobe's page                https://experienceleague.adobe.com/en/docs/experience-platform/sources/"
        "api-tutorials/create/crm/salesforce",
    ]


@pytest.mark.parametrize("name", ["kinesis", "86043421-563b-46ec-8e6c-e23184711bf6"])
def test_one_as_json_by_an_alias_or_an_id(capsys, name):
    assert main(["connectors", name, "--json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert described["name"] == "amazon-kinesis"
    assert described["auth_specs"] == {
        "Aws Kinesis authentication credentials": {
            "required": ["accessKeyId", "secretKey", "region"],
            "optional": [],
        }
    }
    assert described["source_params"]["required"] == ["stream", "dataType", "reset"]


def test_what_nobody_published_is_said_to_be_so(capsys):
    assert main(["connectors", "marketo-engage"]) == 0
    out = capsys.readouterr().out
    for field in ("flow spec", "auth specs", "data formats", "source params"):
        assert f"{field:15}  not published\n" in out


def test_a_landing_zone_has_no_account(capsys):
    assert main(["connectors", "data-landing-zone"]) == 0
    out = capsys.readouterr().out
    assert "account          none: its source connections have no base connection\n" in out
    assert "auth specs" not in out


def test_a_name_that_no_source_has_is_an_error(capsys):
    assert main(["connectors", "salesforces"]) == 1
    assert capsys.readouterr().err.startswith(
        "airflow-aep: Unknown connector 'salesforces' (the nearest names are salesforce"
    )


def test_every_source_can_be_described():
    for connector in CONNECTORS.values():
        described = describe(connector)
        assert described["page"].startswith("https://experienceleague.adobe.com/")
        assert described["auth_specs"].keys() == set(connector.auth_specs)


def test_the_table_names_sources_and_auth_specs_that_there_are():
    for name, auth_spec in AUTH_PARAMS:
        assert auth_spec in get_connector(name).auth_specs

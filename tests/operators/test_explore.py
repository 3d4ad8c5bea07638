"""Exploring every family of sources with the operator: requests as they went out, and what came back."""

import pytest
from airflow.sdk import DAG
from operators.execution import execute

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepApiError, AepConfigError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.operators import connections
from airflow_provider_aep.operators.flow_service import AepExploreConnectionOperator
from airflow_provider_aep.task.compat import AirflowFailException

AUTH = {"salesforce": "Basic Authentication", "amazon-s3": "Access Key", "generic-rest-api": "Basic Authentication"}
LANDING_ZONE = {"connector": "data-landing-zone"}


@pytest.fixture(autouse=True)
def _database(airflow_db):
    """Connections are looked up in it, too."""


@pytest.fixture
def account(aep):
    """Makes an account at a source and returns the argument that names it."""

    def make(connector):
        declared = BaseConnection.declare(name="x", connector=connector, auth_spec_name=AUTH[connector])
        return {"base_connection_id": AepHook().send(flow_service.create_base_connection(declared)).id}

    return make


def explore(**arguments):
    """(returned, pushed)"""
    return execute(AepExploreConnectionOperator(task_id="explore", **arguments))


def asked(aep):
    """The path and query of the last request."""
    request = aep.requests[-1]
    return request.path, {key: values[0] for key, values in request.query.items()}


def names(entries):
    return [entry["name"] for entry in entries]


def test_the_operator_stays_where_it_was():
    assert connections.AepExploreConnectionOperator is AepExploreConnectionOperator


def test_a_folder(aep, account):
    found, pushed = explore(**account("amazon-s3"), object_path="/exports")
    assert {"accounts.csv.gz", "2024"} <= set(names(found))
    assert {entry["type"] for entry in found} == {"file", "folder"}
    assert asked(aep)[1] == {"objectType": "folder", "object": "/exports"}
    assert pushed == {}


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        ("accounts.csv.gz", {"fileType": "delimited", "compressionType": "gzip"}),
        ("accounts.csv.gpg", None),
        ("accounts.txt", None),
        ("accounts.parquet", None),
    ],
)
def test_a_file_whose_name_tells_how_to_read_it(account, name, properties):
    found, pushed = explore(**account("amazon-s3"), object_path=f"/exports/{name}")
    assert names(found) == ["id", "email", "updated_at"]
    assert pushed == ({"properties": properties} if properties else {})


def test_a_file_that_the_platform_looks_into(aep, account):
    found, pushed = explore(**account("amazon-s3"), object_path="/exports/accounts", object_type="file")
    assert names(found) == ["id", "email", "updated_at"]
    assert pushed == {"properties": {"fileType": "delimited", "columnDelimiter": "\t"}}
    assert asked(aep)[1]["determineProperties"] == "true"


def test_a_file_as_the_author_says_it_is_to_be_read(aep, account):
    options = {"fileType": "delimited", "columnDelimiter": "\t", "encoding": "ISO-8859-1"}
    found, _ = explore(**account("amazon-s3"), object_path="/exports/accounts", options=options)
    assert names(found) == ["id", "email", "updated_at"]
    assert asked(aep)[1] == {
        "objectType": "file",
        "object": "/exports/accounts",
        "preview": "true",
        **options,
        "columnDelimiter": r"\t",
    }


def test_nested_data_has_an_entry_per_leaf(account):
    found, _ = explore(**account("amazon-s3"), object_path="/events.json")
    assert {"name": "personalInfo.firstName", "type": "string"} in found
    assert {"name": "addresses.city", "type": "string"} in found
    assert {"name": "addresses.tags", "type": "array"} in found
    assert {"name": "visits", "type": "integer"} in found


def test_columns_as_older_pages_show_them(aep, account):
    aep.switches.bare_columns = True
    found, _ = explore(**account("amazon-s3"), object_path="/accounts.csv")
    assert found[0] == {"name": "id", "type": "string"}


def test_a_data_landing_zone_has_no_account(aep):
    found, _ = explore(**LANDING_ZONE)
    path = next(entry["path"] for entry in found if entry["name"] == "accounts.csv")
    columns, _ = explore(**LANDING_ZONE, object_path=path)
    assert names(columns) == ["id", "email", "updated_at"]
    assert asked(aep) == (
        "/data/foundation/flowservice/connectionSpecs/26f526f2-58f4-4712-961d-e41bf1ccc0e8/explore",
        {"objectType": "file", "object": path, "fileType": "delimited", "preview": "true"},
    )
    assert {request.method for request in aep.requests if "explore" in request.path} == {"GET"}


def test_a_rest_source(aep, account):
    found, _ = explore(**account("generic-rest-api"), options={"sourceParams": {"listId": "10c097ca71"}})
    assert {"name": "personalInfo.firstName", "type": "string"} in found
    assert asked(aep)[1] == {
        "objectType": "rest",
        "object": "json",
        "fileType": "json",
        "preview": "true",
        "sourceParams": "eyJsaXN0SWQiOiIxMGMwOTdjYTcxIn0=",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "Say base_connection_id, or connector='data-landing-zone'"),
        ({"connector": "amazon-s3"}, "base_connection_id is missing: Amazon S3 is explored through a base connection"),
        ({**LANDING_ZONE, "base_connection_id": "x"}, "base_connection_id must be left out"),
        ({**LANDING_ZONE, "object_type": "planet"}, "object_type is 'planet'"),
        ({"connector": "amazon-s4"}, "Unknown connector 'amazon-s4'"),
    ],
)
def test_what_cannot_be_explored_is_refused_without_a_request(aep, arguments, said):
    with pytest.raises((AepConfigError, AirflowFailException)) as raised:
        explore(**arguments)
    assert said in str(raised.value)
    assert not aep.requests


def test_a_path_that_is_no_table_has_a_remedy(account):
    with pytest.raises((AepApiError, AirflowFailException), match=r"1330-400.*object_type"):
        explore(**account("amazon-s3"), object_path="/none.csv")


def test_an_answer_of_another_shape_fails_at_once(aep, account):
    arguments = account("salesforce")
    aep.fault("GET", "*/explore", kind="status", status=200, body={"surprise": []}, times=None)
    with pytest.raises((AepApiError, AirflowFailException), match="the answer cannot be read"):
        explore(**arguments)
    assert sum("explore" in request.path for request in aep.requests) == 1


def test_arguments_may_be_templates(aep, account, run_dag):
    with DAG("explore", schedule=None, params={"folder": "/exports", **account("amazon-s3")}) as dag:
        AepExploreConnectionOperator(
            task_id="explore",
            base_connection_id="{{ params.base_connection_id }}",
            object_path="{{ params.folder }}/accounts",
            options={"determineProperties": "{{ 1 == 1 }}"},
        )
    result = run_dag(dag)
    assert result.xcom("explore", "properties") == {"fileType": "delimited", "columnDelimiter": "\t"}

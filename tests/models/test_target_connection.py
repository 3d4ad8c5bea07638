"""models/target_connection.py: the dataset in which a dataflow lands; the connection spec is always the data lake's."""

import pytest

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.validation import in_one_line

DATASET_ID = "5c8c3c555033b814b69f947f"
SCHEMA_ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"


def declare(**changes):
    return TargetConnection.declare(**{"name": "Accounts", "dataset_id": DATASET_ID, "schema_id": SCHEMA_ID, **changes})


def test_declare_a_target_connection():
    assert declare(description="CRM").to_wire() == {
        "name": "Accounts",
        "description": "CRM",
        "data": {
            "format": "parquet_xdm",
            "schema": {"id": SCHEMA_ID, "version": "application/vnd.adobe.xed-full+json;version=1"},
        },
        "params": {"dataSetId": DATASET_ID},
        "connectionSpec": {"id": "c604ff05-7f1a-43c0-8e18-33bf874cb11c", "version": "1.0"},
    }


def test_the_format_may_be_left_to_the_platform():
    assert "format" not in declare(data_format=None).to_wire()["data"]


@pytest.mark.parametrize("version", [2, "2", "2.0", "application/vnd.adobe.xed-full+json; version=2"])
def test_the_version_of_the_schema_may_be_written_in_several_ways(version):
    body = declare(schema_version=version).to_wire()
    assert body["data"]["schema"]["version"] == "application/vnd.adobe.xed-full+json;version=2"


def test_all_gaps_are_named_at_once():
    with pytest.raises(AepConfigError) as refused:
        declare(name=" ", description=1, dataset_id="mine", schema_id="x", schema_version="latest", data_format="")
    assert in_one_line(str(refused.value)) == (
        "The target connection ' ' cannot be sent: "
        "name must be a non-empty string, not ' '; "
        "description must be a non-empty string, not 1; "
        "data_format must be a non-empty string, not ''; "
        "dataset_id is 'mine', which is not 24 hexadecimal digits such as 5c8c3c555033b814b69f947f; "
        "schema_id is 'x', which is not the schema's $id, such as https://ns.adobe.com/{TENANT_ID}/schemas/{HASH}; "
        "schema_version is 'latest'; write the major version of the schema, such as 1."
    )

"""Target connections: Adobe's pages write the version of one schema in several ways, or leave it out."""

import pytest

from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.resources.target_connection import TARGET_CONNECTION

DATASET_ID = "5c8c3c555033b814b69f947f"
SCHEMA_ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"


def declare(version=1):
    return TargetConnection.declare(name="Lake", dataset_id=DATASET_ID, schema_id=SCHEMA_ID, schema_version=version)


def live(**schema):
    """As the platform shows it, with what others wrote."""
    data = {"format": "parquet_xdm", "schema": {"id": SCHEMA_ID, **schema}, "properties": {"theirs": True}}
    params = {"dataSetId": DATASET_ID, "theirs": [1]}
    return TargetConnection.model_validate({"id": "x", "name": "Lake", "data": data, "params": params})


@pytest.mark.parametrize(
    "version",
    [
        None,
        "1.0",
        "application/vnd.adobe.xed-full+json;version=1",
        "application/vnd.adobe.xed-full+json; version=1.0",
        "application/vnd.adobe.xed-full-notext+json; version=1",
    ],
)
def test_one_version_in_several_spellings_is_equal(version):
    assert TARGET_CONNECTION.diff(declare(), live(version=version)) == ()


@pytest.mark.parametrize("version", ["application/vnd.adobe.xed-full+json;version=2", "latest"])
def test_another_version_is_named(version):
    (change,) = TARGET_CONNECTION.diff(declare(), live(version=version))
    assert change.path == "/data/schema/version"


def test_the_schema_may_be_named_by_its_alt_id():
    alt_id = "_acme.schemas.417a33e981a221bd10495920574f0a2d"
    assert TARGET_CONNECTION.diff(declare(), live(id=alt_id, version="1")) == ()
    (change,) = TARGET_CONNECTION.diff(declare(), live(id=f"{alt_id}0", version="1"))
    assert change.path == "/data/schema/id"

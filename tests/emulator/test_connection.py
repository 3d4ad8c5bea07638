"""The Airflow connection that leads to an emulator."""

import json

import pytest

from airflow_provider_aep.emulator import AepEmulator


def test_the_airflow_connection(aep: AepEmulator) -> None:
    connection = json.loads(aep.connection_json())
    assert connection == {
        "conn_type": "aep",
        "host": aep.url,
        "login": aep.client_id,
        "password": aep.client_secret,
        "extra": {"ims_org_id": aep.org_id, "sandbox": "dev", "ims_url": aep.url, "list_lag": 0.0},
    }
    assert aep.connection_uri().startswith(f"aep://{aep.client_id}:")


def test_the_uri_and_the_json_are_the_same_connection(aep: AepEmulator) -> None:
    models = pytest.importorskip("airflow.models")
    by_uri = models.Connection(conn_id="x", uri=aep.connection_uri())
    by_json = models.Connection.from_json(aep.connection_json(), conn_id="x")
    for field in ("conn_type", "host", "login", "password", "extra_dejson"):
        assert getattr(by_uri, field) == getattr(by_json, field)

"""Exploring a source, by its connection or by its spec."""

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import (
    AZURE_BLOB,
    EVENT_HUBS,
    LANDING_ZONE,
    Caller,
    code_of,
)


def test_exploring_a_table_source(api: Caller) -> None:
    path = f"flow/connections/{api.base_connection()}/explore"
    names = [entry["name"] for entry in api.get(f"{path}?objectType=ROOT").json()]
    assert names == ["Accounts", "Contacts", "Leads", "Opportunities"]
    described = api.get(f"{path}?objectType=table&object=Accounts").json()
    columns = {column["name"]: column for column in described["schema"]["columns"]}
    assert columns["LastModifiedDate"]["xdm"] == {"type": "string", "format": "date-time"}
    assert "data" not in described
    preview = api.get(f"{path}?objectType=table&object=Accounts&preview=true").json()
    assert set(preview["data"][0]) == set(columns)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("objectType=table&object=Nothing", "1330-400"),
        ("objectType=table", "1337-400"),
        ("objectType=planet", "1358-400"),
        ("", "1358-400"),
    ],
)
def test_explore_refusals(api: Caller, query: str, code: str) -> None:
    assert code_of(api.get(f"flow/connections/{api.base_connection()}/explore?{query}")) == code


def test_a_test_may_bring_its_own_tables() -> None:
    with AepEmulator(tables={"Invoices": [{"name": "No", "type": "string"}]}) as aep, Caller(aep) as api:
        path = f"flow/connections/{api.base_connection()}/explore"
        assert [entry["name"] for entry in api.get(f"{path}?objectType=root").json()] == ["Invoices"]


def test_exploring_files(api: Caller) -> None:
    path = f"flow/connections/{api.base_connection(AZURE_BLOB)}/explore"
    assert {entry["type"] for entry in api.get(f"{path}?objectType=root").json()} == {"folder", "file"}
    assert api.get(f"{path}?objectType=file&object=/accounts.csv&fileType=delimited").json()["schema"]["columns"]
    assert api.get(f"flow/connectionSpecs/{LANDING_ZONE}/explore?objectType=root").status_code == 200
    assert code_of(api.get(f"flow/connectionSpecs/{AZURE_BLOB}/explore?objectType=root")) == "1372-400"
    streaming = api.base_connection(EVENT_HUBS)
    assert code_of(api.get(f"flow/connections/{streaming}/explore?objectType=root")) == "1336-400"

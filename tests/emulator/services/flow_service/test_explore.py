"""Exploring a source, by its connection or by its spec."""

import json
from base64 import b64encode
from typing import Any

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


DESCRIBE = "objectType=file&preview=true"


@pytest.fixture
def files(api: Caller) -> str:
    """The path to explore an account with files."""
    return f"flow/connections/{api.base_connection(AZURE_BLOB)}/explore"


def base64(value: Any) -> str:
    return b64encode(json.dumps(value).encode()).decode()


def test_a_folder_lists_its_files_and_folders(api: Caller, files: str) -> None:
    found = api.get(f"{files}?objectType=folder&object=/exports/").json()
    assert {entry["name"]: entry["type"] for entry in found} == {
        "2024": "folder",
        "accounts.csv.gz": "file",
        "accounts.csv.gpg": "file",
        "accounts.txt": "file",
        "accounts": "file",
        "accounts.parquet": "file",
    }
    assert [entry["path"] for entry in found if entry["type"] == "folder"] == ["/exports/2024"]
    deeper = api.get(f"{files}?objectType=folder&object=/exports/2024").json()
    assert [entry["path"] for entry in deeper] == ["/exports/2024/orders.json"]
    assert code_of(api.get(f"{files}?objectType=folder&object=/none")) == "1102-404"


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        ("accounts.csv.gz", {"fileType": "delimited", "compressionType": "gzip", "columnDelimiter": ","}),
        ("accounts.txt", {"fileType": "delimited", "columnDelimiter": "|"}),
        ("accounts", {"fileType": "delimited", "columnDelimiter": "\t"}),
        ("accounts.parquet", {"fileType": "parquet"}),
    ],
)
def test_the_properties_of_a_file_are_detected(api: Caller, files: str, name: str, properties: dict[str, str]) -> None:
    described = api.get(f"{files}?{DESCRIBE}&object=/exports/{name}&determineProperties=true").json()
    assert described["properties"] == properties
    assert [column["name"] for column in described["schema"]["columns"]] == ["id", "email", "updated_at"]
    assert described["data"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("&determineProperties=true&fileType=delimited", "1374-400"),
        ("", "1399-400"),
        ("&fileType=excel", "1399-400"),
        ("&fileType=delimited&columnDelimiter=||", "1331-400"),
    ],
)
def test_properties_are_either_detected_or_given(api: Caller, files: str, query: str, code: str) -> None:
    assert code_of(api.get(f"{files}?{DESCRIBE}&object=/accounts.csv{query}")) == code


def test_given_properties_are_shown(api: Caller, files: str) -> None:
    """A tab may be written as Adobe's page does."""
    given = {"fileType": "delimited", "compressionType": "gzip", "columnDelimiter": r"\t"}
    path = f"{files}?{DESCRIBE}&object=/exports/accounts.csv.gz"
    assert api.get(path, params=given).json()["properties"] == given
    assert "properties" not in api.get(path, params={"fileType": "delimited"}).json()


def test_a_json_file_is_described_by_a_json_schema(api: Caller, files: str, aep: AepEmulator) -> None:
    path = f"{files}?{DESCRIBE}&object=/events.json&fileType=json"
    described = api.get(path).json()
    assert described["format"] == "hierarchical"
    address = described["schema"]["properties"]["addresses"]["items"]
    assert address["properties"]["city"] == {"type": "string"}
    assert described["data"][0]["addresses"][0]["tags"] == ["sample"]
    detected = api.get(f"{files}?objectType=file&object=events.json&determineProperties=true").json()
    assert (detected["properties"], detected["format"]) == ({"fileType": "json"}, "hierarchical")
    aep.switches.flat_json = True
    assert api.get(path).json()["format"] == "flat"


def test_older_pages_show_a_bare_list_of_columns(api: Caller, files: str, aep: AepEmulator) -> None:
    aep.switches.bare_columns = True
    assert api.get(f"{files}?{DESCRIBE}&object=/accounts.csv&fileType=DELIMITED").json() == [
        {"name": "id", "type": "String"},
        {"name": "email", "type": "String"},
        {"name": "updated_at", "type": "String"},
    ]


def test_the_landing_zone_is_explored_by_its_spec_below_its_container(api: Caller) -> None:
    path = f"flow/connectionSpecs/{LANDING_ZONE}/explore"
    paths = [entry["path"] for entry in api.get(f"{path}?objectType=root").json()]
    assert paths == [
        "dlz-user-container/exports",
        "dlz-user-container/accounts.csv",
        "dlz-user-container/events.json",
    ]
    for name in ("dlz-user-container/accounts.csv", "/accounts.csv"):
        described = api.get(f"{path}?{DESCRIBE}&object={name}&determineProperties=true").json()
        assert described["properties"] == {"fileType": "delimited", "columnDelimiter": ","}


def test_a_rest_source_is_explored_as_json_with_its_own_params(api: Caller) -> None:
    rest = "2d46966e-4fcc-4015-9f9e-a67594e395a3"
    path = f"flow/connections/{api.base_connection(rest)}/explore"
    query = {"objectType": "rest", "object": "json", "fileType": "json", "preview": "true"}
    described = api.get(path, params=query | {"sourceParams": base64({"listId": "10c097ca71"})}).json()
    assert described["format"] == "hierarchical"
    assert described["data"][0]["personalInfo"] == {"firstName": "sample", "lastName": "sample"}
    assert code_of(api.get(path, params=query | {"sourceParams": "no base64"})) == "1389-400"
    assert code_of(api.get(path, params=query | {"fileType": "delimited"})) == "1399-400"
    assert code_of(api.get(path, params={"objectType": "root"})) == "1358-400"


def test_a_preview_takes_a_row_filter(api: Caller) -> None:
    path = f"flow/connections/{api.base_connection()}/explore"
    query = {"objectType": "table", "object": "Accounts", "preview": "true"}
    row_filter = {"type": "PQL", "format": "pql/json", "value": {"nodeType": "fnApply", "fnName": "="}}
    assert api.get(path, params=query | {"filters": base64(row_filter)}).status_code == 200
    assert code_of(api.get(path, params=query | {"filters": "{}"})) == "1389-400"
    assert code_of(api.get(path, params=query | {"filters": base64(row_filter | {"type": "SQL"})})) == "1355-400"

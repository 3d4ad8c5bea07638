"""Base, source and target connections: what is refused, what is masked, what deletion respects."""

from typing import Any

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import (
    AZURE_BLOB,
    DATA_LAKE,
    EVENT_HUBS,
    LANDING_ZONE,
    SALESFORCE,
    Caller,
    base_connection_body,
    code_of,
    source_connection_body,
    target_connection_body,
)


def test_secrets_come_back_masked_and_are_kept_nowhere(aep: AepEmulator, api: Caller) -> None:
    connection = api.base_connection()
    params = api.one(f"flow/connections/{connection}")["auth"]["params"]
    assert params == {"username": "someone", "password": "****", "securityToken": "****"}
    assert "hunter2" not in str(aep.state())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "1405-400"),
        ({"name": "n"}, "1413-400"),
        (base_connection_body("ccfc0fee1-7dc0-40ef-b73e-d8b134c436f5"), "1413-400"),
        (base_connection_body() | {"auth": {"specName": "Basic"}}, "1415-400"),
        (base_connection_body() | {"auth": None}, "1415-400"),
    ],
)
def test_base_connection_refusals(api: Caller, body: Any, code: str) -> None:
    assert code_of(api.post("flow/connections", body)) == code


def test_a_connection_can_be_tested(api: Caller) -> None:
    assert api.get(f"flow/connections/{api.base_connection()}/test").json() == {"result": True}


@pytest.mark.parametrize(
    ("spec", "changes", "code"),
    [
        (SALESFORCE, {"connectionSpec": {"id": AZURE_BLOB, "version": "1.0"}}, "1413-400"),
        (SALESFORCE, {"connectionSpec": {"id": DATA_LAKE, "version": "1.0"}}, "1413-400"),
        (SALESFORCE, {"baseConnectionId": None}, "1320-400"),
        (SALESFORCE, {"baseConnectionId": "4cb0c374-d3bb-4557-b139-5712880adc55"}, "1439-400"),
        (SALESFORCE, {"data": {"format": "delimited"}}, "1327-400"),
        (SALESFORCE, {"data": {}}, "1327-400"),
        (SALESFORCE, {"name": None}, "1304-400"),
        (SALESFORCE, {"params": {"path": "Accounts"}}, "1329-400"),
        (SALESFORCE, {"params": {"tableName": "Accounts", "columns": "Id"}}, "1330-400"),
        (AZURE_BLOB, {"params": {}}, "1329-400"),
        (AZURE_BLOB, {"params": {"path": "/x.csv", "columnDelimiter": "||"}}, "1331-400"),
        (AZURE_BLOB, {"data": {"format": "tabular"}}, "1327-400"),
        (EVENT_HUBS, {"baseConnectionId": None}, "1320-400"),
        (LANDING_ZONE, {}, "1332-400"),
    ],
)
def test_source_connection_refusals(api: Caller, spec: str, changes: dict[str, Any], code: str) -> None:
    body = source_connection_body(api.base_connection(spec), spec) | changes
    assert code_of(api.post("flow/sourceConnections", body)) == code


def test_row_filters_only_where_the_source_can(api: Caller) -> None:
    hubspot = "cc6a4487-9e91-433e-a3a3-9cf6626c1806"
    filters = {"type": "PQL", "format": "pql/json", "value": {}}
    params = {"tableName": "Accounts", "filters": filters}
    api.source_connection(api.base_connection(), params=params)
    body = source_connection_body(api.base_connection(hubspot), hubspot)
    body |= {"data": {"format": "tabular"}, "params": params}
    assert code_of(api.post("flow/sourceConnections", body)) == "1353-400"


COMPARISON = {"nodeType": "fnApply", "fnName": "=", "params": [{"nodeType": "fieldLookup", "fieldName": "city"}]}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "SQL"}, "1355-400"),
        ({"format": "json"}, "1356-400"),
        ({"value": None}, "1357-400"),
        ({"value": {"nodeType": "fnApply"}}, "1350-400"),
        ({"value": COMPARISON | {"fnName": "contains"}}, "1351-400"),
        ({"value": COMPARISON | {"fnName": "NOT", "params": [COMPARISON, COMPARISON]}}, "1390-400"),
        ({"value": COMPARISON | {"fnName": "and", "params": [COMPARISON, COMPARISON | {"fnName": "~"}]}}, "1351-400"),
    ],
)
def test_a_row_filter_has_its_grammar(api: Caller, changes: dict[str, Any], code: str) -> None:
    body = source_connection_body(api.base_connection())
    body["params"]["filters"] = {"type": "PQL", "format": "pql/json", "value": COMPARISON} | changes
    assert code_of(api.post("flow/sourceConnections", body)) == code
    body["params"]["filters"] = {"type": "PQL", "format": "pql/json", "value": COMPARISON}
    assert api.post("flow/sourceConnections", body).status_code == 201


def test_the_landing_zone_needs_no_base_connection(api: Caller) -> None:
    body = source_connection_body(None, LANDING_ZONE)
    del body["baseConnectionId"]
    assert api.post("flow/sourceConnections", body).status_code == 201


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"connectionSpec": {"id": SALESFORCE, "version": "1.0"}}, "1307-400"),
        ({"params": {}}, "1325-400"),
        ({"params": {"dataSetId": "5c8c3c555033b814b69f947f"}}, "1100-400"),
        ({"data": {}}, "1329-400"),
        ({"data": {"schema": {"id": "https://ns.adobe.com/x/schemas/1", "version": "version=1"}}}, "1100-400"),
    ],
)
def test_target_connection_refusals(api: Caller, changes: dict[str, Any], code: str) -> None:
    schema = api.schema()
    body = target_connection_body(api.dataset(schema), schema) | changes
    assert code_of(api.post("flow/targetConnections", body)) == code


def test_patch_needs_the_current_etag(api: Caller) -> None:
    connection = api.base_connection()
    etag = api.one(f"flow/connections/{connection}")["etag"]
    rename = [{"op": "replace", "path": "/name", "value": "Renamed"}]
    path = f"flow/connections/{connection}"
    assert code_of(api.patch(path, rename)) == "1403-400"
    assert code_of(api.patch(path, rename, '"0000"')) == "1404-412"
    response = api.patch(path, rename, etag)
    assert response.status_code == 200
    assert response.json()["etag"] != etag
    assert api.one(path)["name"] == "Renamed"
    assert code_of(api.patch(path, rename, etag)) == "1404-412"
    assert api.patch(path, rename, response.json()["etag"].strip('"')).status_code == 200, "quotes are optional"


@pytest.mark.parametrize(
    ("instruction", "code"),
    [
        ({"op": "move", "from": "/name", "path": "/description"}, "1434-400"),
        ({"op": "test", "path": "/name", "value": "x"}, "1434-400"),
        ({"op": "replace", "path": "/keyWhichDoesNotExist", "value": 1}, "1455-400"),
        ({"op": "remove", "path": "/auth/params/none"}, "1455-400"),
        ({"op": "add", "path": "/nothing/here", "value": 1}, "1455-400"),
        ({"op": "replace", "path": "/name"}, "1455-400"),
        ({"op": "replace", "path": "/id", "value": "x"}, "1455-400"),
        ({"op": "replace", "path": "/connectionSpec/id", "value": AZURE_BLOB}, "1414-400"),
        ({"op": "replace", "path": "/state", "value": "disabled"}, "1457-400"),
    ],
)
def test_patch_refusals(api: Caller, instruction: dict[str, Any], code: str) -> None:
    path = f"flow/connections/{api.base_connection()}"
    assert code_of(api.patch(path, [instruction], api.one(path)["etag"])) == code


def test_patch_takes_upper_case_and_a_single_instruction(api: Caller) -> None:
    path = f"flow/connections/{api.base_connection()}"
    etag = api.one(path)["etag"]
    instructions = [
        {"op": "ADD", "path": "/description", "value": "first"},
        {"op": "REPLACE", "path": "/auth/params/password", "value": "new secret"},
    ]
    etag = api.patch(path, instructions, etag).json()["etag"]
    assert api.one(path)["auth"]["params"]["password"] == "****"
    api.patch(path, {"op": "remove", "path": "/description"}, etag)
    assert "description" not in api.one(path)


def test_deletion_respects_what_flows_use(api: Caller) -> None:
    flow = api.one(f"flow/flows/{api.flow()}")
    (source,), (target,) = flow["sourceConnectionIds"], flow["targetConnectionIds"]
    base = api.one(f"flow/sourceConnections/{source}")["baseConnectionId"]
    assert code_of(api.delete(f"flow/sourceConnections/{source}")) == "1447-400"
    assert code_of(api.delete(f"flow/targetConnections/{target}")) == "1447-400"
    assert code_of(api.delete(f"flow/connections/{base}")) == "1418-400"
    assert api.delete(f"flow/flows/{flow['id']}").status_code == 204
    for path in (f"sourceConnections/{source}", f"targetConnections/{target}", f"connections/{base}"):
        assert api.delete(f"flow/{path}").status_code == 204
        assert code_of(api.delete(f"flow/{path}")) == "1439-404"


def test_drafts_are_published_from_the_base_up(api: Caller) -> None:
    base = api.made("flow/connections?mode=draft", {"name": "n", "connectionSpec": {"id": SALESFORCE}})["id"]
    source = api.made("flow/sourceConnections?mode=draft", source_connection_body(base))["id"]
    assert api.one(f"flow/sourceConnections/{source}")["state"] == "draft"
    assert code_of(api.post(f"flow/sourceConnections/{source}/action?op=publish")) == "1416-400"
    assert api.post(f"flow/connections/{base}/action?op=publish").status_code == 200
    assert api.post(f"flow/sourceConnections/{source}/action?op=publish").status_code == 200
    assert code_of(api.post(f"flow/connections/{base}/action?op=publish")) == "1422-400"
    assert code_of(api.post(f"flow/connections/{base}/action?op=dance")) == "1435-400"


def test_a_table_without_a_choice_of_columns(api: Caller) -> None:
    body = source_connection_body(api.base_connection())
    for params in ({"tableName": "Accounts", "columns": []}, {"tableName": "Accounts"}):
        assert api.post("flow/sourceConnections", {**body, "params": params}).status_code == 201

"""Whatever the provider can name, the emulator can connect: a dataflow of every connector, and of a registered one."""

import re
from typing import Any

import pytest

from airflow_provider_aep.connectors import AUTH_PARAMS, CONNECTORS, Connector
from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller, copy_transformation

TABLE_PARAMS = {"tableName": "Accounts", "columns": []}
SECRET = re.compile("password|secret|token$|key$|content$|phrase$|credentials|connectionString", re.IGNORECASE)
PARAMS: dict[str, tuple[str | None, dict[str, Any]]] = {
    "table": ("tabular", TABLE_PARAMS),
    "file": ("delimited", {"path": "/exports", "type": "folder"}),
    "streaming": ("json", {"dataType": "raw"}),
    "unknown": ("json", {"listId": "10c097ca71"}),
}
OF_THEIR_OWN: dict[str, tuple[str | None, dict[str, Any]]] = {
    "generic-rest-api": ("json", {"path": "/v1/members"}),
    "marketo-engage": ("tabular", {"tableName": "Activity", "columns": []}),
}


def source_body(connector: Connector, base: str | None) -> dict[str, Any]:
    data_format, params = OF_THEIR_OWN.get(connector.name) or PARAMS[connector.category]
    body: dict[str, Any] = {
        "name": connector.title,
        "connectionSpec": {"id": connector.connection_spec_id, "version": "1.0"},
        "data": {"format": data_format},
        "params": params,
    }
    return body if base is None else body | {"baseConnectionId": base}


def base_body(connector: Connector) -> dict[str, Any]:
    auth_spec_name = connector.auth_specs[0] if connector.auth_specs else "Basic Authentication"
    return {
        "name": connector.title,
        "auth": {"specName": auth_spec_name, "params": {"host": "example.com"}},
        "connectionSpec": {"id": connector.connection_spec_id, "version": "1.0"},
    }


def flow_spec_for(api: Caller, connector: Connector) -> dict[str, Any]:
    """By its name or, where none is published, the one that takes the source."""
    if connector.flow_spec:
        return dict(api.one(f"flow/flowSpecs?property=name==%22{connector.flow_spec}%22"))
    specs = api.get("flow/flowSpecs").json()["items"]
    (found,) = (spec for spec in specs if connector.connection_spec_id in spec["sourceConnectionSpecIds"])
    return dict(found)


def flow_body(api: Caller, source: str, flow_spec: dict[str, Any]) -> dict[str, Any]:
    schema = api.schema()
    target = api.target_connection(api.dataset(schema), schema)
    mapping = {"name": "Mapping", "params": {"mappingId": api.mapping_set(schema), "mappingVersion": 0}}
    body: dict[str, Any] = {
        "name": "A dataflow",
        "flowSpec": {"id": flow_spec["id"], "version": "1.0"},
        "sourceConnectionIds": [source],
        "targetConnectionIds": [target],
        "transformations": [mapping],
    }
    if any(each["name"] == "Copy" for each in flow_spec["transformationSpecs"]):
        body["transformations"] = [copy_transformation(), mapping]
    if "scheduleSpec" in flow_spec:
        start = int(api.aep.now()) + 60
        body["scheduleParams"] = {"startTime": start, "frequency": "minute", "interval": 15}
    return body


@pytest.mark.parametrize("connector", CONNECTORS.values(), ids=CONNECTORS)
def test_every_connector_of_the_provider_makes_a_dataflow(api: Caller, connector: Connector) -> None:
    base = api.made("flow/connections", base_body(connector))["id"] if connector.needs_account else None
    source = api.made("flow/sourceConnections", source_body(connector, base))["id"]
    flow_spec = flow_spec_for(api, connector)
    assert connector.connection_spec_id in flow_spec["sourceConnectionSpecIds"]
    flow = api.made("flow/flows", flow_body(api, source, flow_spec))["id"]
    assert api.one(f"flow/flows/{flow}")["state"] == "enabled"


@pytest.mark.parametrize(("name", "auth_spec"), AUTH_PARAMS)
def test_every_published_way_to_sign_in_is_taken_and_keeps_its_secrets(api: Caller, name: str, auth_spec: str) -> None:
    wanted = AUTH_PARAMS[name, auth_spec]
    params = {key: f"{key} of a test" for key in (*wanted.required, *wanted.optional)}
    body = base_body(CONNECTORS[name]) | {"auth": {"specName": auth_spec, "params": params}}
    shown = api.one(f"flow/connections/{api.made('flow/connections', body)['id']}")["auth"]
    assert shown["specName"] == auth_spec
    assert params.keys() <= shown["params"].keys()
    for key, value in shown["params"].items():
        assert not (SECRET.search(key) and value == params.get(key)), key


def test_a_marketo_dataflow_has_runs_although_it_has_no_schedule(aep: AepEmulator, api: Caller) -> None:
    connector = CONNECTORS["marketo-engage"]
    base = api.made("flow/connections", base_body(connector))["id"]
    source = api.made("flow/sourceConnections", source_body(connector, base))["id"]
    flow = api.made("flow/flows", flow_body(api, source, flow_spec_for(api, connector)))["id"]
    aep.advance(2000)
    runs = api.get(f"flow/runs?property=flowId=={flow}").json()["items"]
    assert [run["metrics"]["statusSummary"]["status"] for run in runs] == ["success", "success"]


@pytest.mark.parametrize("name", ["hubspot", "paypal", "google-ads", "salesforce-service-cloud"])
def test_some_tables_may_be_named_by_path(api: Caller, name: str) -> None:
    connector = CONNECTORS[name]
    base = api.made("flow/connections", base_body(connector))["id"]
    body = source_body(connector, base) | {"params": {"path": "Hubspot.Contacts"}}
    assert api.post("flow/sourceConnections", body).status_code == 201

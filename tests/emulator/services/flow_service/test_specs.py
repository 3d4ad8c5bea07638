"""Connection specs and flow specs, published and registered."""

from pathlib import Path
from typing import Any

import pytest
import requests

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import (
    AZURE_BLOB,
    SALESFORCE,
    Caller,
    code_of,
)

REST_STORAGE_TO_AEP = "6499120c-0b15-42dc-936e-847ea3c24d72"
GENERIC_STREAMING_AEP = "e77fde5a-22a8-11ed-861d-0242ac120002"
ZENDESK = {
    "name": "zendesk",
    "type": "generic-rest",
    "providerId": "0ed90a81-07f4-4586-8190-b40eccef1c5a",
    "version": "1.0",
    "authSpec": [{"name": "OAuth2 Refresh Code", "spec": {"type": "object"}}],
    "sourceSpec": {"spec": {"type": "object", "properties": {"urlParams": {"type": "object"}}}},
}
CUSTOMER_IO = {
    "name": "generic-streaming",
    "type": "generic-streaming",
    "providerId": "521eee4d-8cbe-4906-bb48-fb6bd4450033",
    "version": "1.0",
    "attributes": {"category": "Streaming", "isSource": True},
    "authSpec": [],
    "sourceSpec": {"attributes": {"authRequired": False}},
    "exploreSpec": {"type": "StreamingConnection"},
}


def test_connection_specs(api: Caller) -> None:
    (spec,) = api.get('flow/connectionSpecs?property=name=="salesforce"').json()["items"]
    assert spec["id"] == SALESFORCE
    assert "Basic Authentication" in [auth["name"] for auth in spec["authSpec"]]
    assert api.one(f"flow/connectionSpecs/{AZURE_BLOB}")["attributes"]["category"] == "file"
    assert code_of(api.get("flow/connectionSpecs/none")) == "1439-404"


def connect(api: Caller, spec_id: str, flow_spec_id: str, base: str | None = None) -> str:
    """A dataflow of the source; a self-serve one reads JSON."""
    schema = api.schema()
    target = api.target_connection(api.dataset(schema), schema)
    body: dict[str, Any] = {
        "name": "Source",
        "connectionSpec": {"id": spec_id, "version": "1.0"},
        "data": {"format": "json"},
    }
    source = api.made("flow/sourceConnections", body | ({"baseConnectionId": base} if base else {}))["id"]
    flow: dict[str, Any] = {
        "name": "Dataflow",
        "flowSpec": {"id": flow_spec_id, "version": "1.0"},
        "sourceConnectionIds": [source],
        "targetConnectionIds": [target],
        "transformations": [{"name": "Mapping", "params": {"mappingId": api.mapping_set(schema), "mappingVersion": 0}}],
    }
    if flow_spec_id == REST_STORAGE_TO_AEP:
        flow["scheduleParams"] = {"startTime": int(api.aep.now()) + 60, "frequency": "once"}
    return str(api.made("flow/flows", flow)["id"])


def account(api: Caller, spec_id: str) -> str:
    auth = {"specName": "OAuth2 Refresh Code", "params": {"host": "example.zendesk.com"}}
    body = {"name": "Zendesk", "auth": auth, "connectionSpec": {"id": spec_id, "version": "1.0"}}
    return str(api.made("flow/connections", body)["id"])


def test_the_author_of_a_source_posts_its_spec_and_puts_it_into_a_flow_spec(api: Caller) -> None:
    response = api.post("flow/connectionSpecs", ZENDESK)
    assert response.status_code == 201
    (spec,) = response.json()["items"]
    assert spec["name"] == "zendesk"
    flow_spec = api.one(f"flow/flowSpecs/{REST_STORAGE_TO_AEP}")
    sources = [*flow_spec["sourceConnectionSpecIds"], spec["id"]]
    # Adobe's page writes this key without its s.
    body = {name: value for name, value in flow_spec.items() if name != "transformationSpecs"}
    body |= {"transformationSpec": flow_spec["transformationSpecs"], "sourceConnectionSpecIds": sources}
    replaced = api.put(f"flow/flowSpecs/{REST_STORAGE_TO_AEP}", body)
    assert replaced.status_code == 200
    assert replaced.json()["sourceConnectionSpecIds"][-1] == spec["id"]
    flow = connect(api, spec["id"], REST_STORAGE_TO_AEP, account(api, spec["id"]))
    assert api.one(f"flow/flows/{flow}")["state"] == "enabled"


def test_a_source_that_no_flow_spec_takes_makes_no_dataflow(api: Caller) -> None:
    spec_id = api.made("flow/connectionSpecs", ZENDESK)["items"][0]["id"]
    with pytest.raises(AssertionError, match="1413-400"):
        connect(api, spec_id, REST_STORAGE_TO_AEP, account(api, spec_id))


def test_a_connection_spec_is_replaced(api: Caller) -> None:
    spec_id = api.made("flow/connectionSpecs", ZENDESK)["items"][0]["id"]
    assert api.put(f"flow/connectionSpecs/{spec_id}", ZENDESK | {"name": "zendesk-2"}).json()["id"] == spec_id
    assert api.one(f"flow/connectionSpecs/{spec_id}")["name"] == "zendesk-2"
    assert code_of(api.put("flow/connectionSpecs/none", ZENDESK)) == "1439-404"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("connectionSpecs", ["zendesk"]),
        ("connectionSpecs", {"name": "zendesk"}),
        ("connectionSpecs", ZENDESK | {"sourceSpec": "none"}),
        ("flowSpecs", ZENDESK),
        ("flowSpecs", ZENDESK | {"sourceConnectionSpecIds": "none"}),
        ("flowSpecs", ZENDESK | {"sourceConnectionSpecIds": [], "transformationSpecs": [{}]}),
    ],
)
def test_what_is_no_spec_is_refused(api: Caller, path: str, body: object) -> None:
    assert code_of(api.post(f"flow/{path}", body)) == "1014-400"


def test_the_fixture_registers_a_source_which_joins_the_flow_spec_of_its_family(aep: AepEmulator, api: Caller) -> None:
    spec_id = aep.register_spec(ZENDESK)
    assert aep.register_spec(ZENDESK | {"id": "63d2b27b-69a5-45c9-a7fe-78148a25de3c"}).startswith("63d2b27b")
    assert spec_id in api.one(f"flow/flowSpecs/{REST_STORAGE_TO_AEP}")["sourceConnectionSpecIds"]
    connect(api, spec_id, REST_STORAGE_TO_AEP, account(api, spec_id))


def test_a_flow_spec_is_registered_too() -> None:
    flow_spec = {
        "id": "0e2f1d3a-0000-4000-8000-000000000000",
        "name": "TwiceToAEP",
        "providerId": "521eee4d-8cbe-4906-bb48-fb6bd4450033",
        "version": "1.0",
        "sourceConnectionSpecIds": [SALESFORCE],
    }
    with AepEmulator(specs=[flow_spec]) as aep, Caller(aep) as api:
        assert api.one("flow/flowSpecs?property=name==%22TwiceToAEP%22")["id"] == flow_spec["id"]


def test_specs_are_registered_over_http_as_the_platform_shows_them(api: Caller) -> None:
    response = api.post("_emulator/specs", {"items": [ZENDESK | {"id": "z"}, CUSTOMER_IO | {"id": "c"}]})
    assert response.json() == {"registered": [{"id": "z", "name": "zendesk"}, {"id": "c", "name": "generic-streaming"}]}
    assert api.post("_emulator/specs", {"name": "zendesk"}).status_code == 400


def test_registered_specs_stay_after_a_reset_and_in_the_state_file(tmp_path: Path) -> None:
    file = str(tmp_path / "state.json")
    with AepEmulator(state_file=file) as aep:
        spec_id = aep.register_spec(ZENDESK)
        aep.reset()
    with AepEmulator(state_file=file) as again, Caller(again) as api:
        assert api.one(f"flow/connectionSpecs/{spec_id}")["name"] == "zendesk"


def test_a_self_serve_streaming_source_needs_no_account_and_its_dataflow_has_an_inlet(
    aep: AepEmulator, api: Caller
) -> None:
    flow_id = connect(api, aep.register_spec(CUSTOMER_IO), GENERIC_STREAMING_AEP)
    flow = api.one(f"flow/flows/{flow_id}")
    url = flow["options"]["inletUrl"]
    assert requests.post(url, json={"event": "click"}, timeout=5).status_code == 200
    path = f"flow/flows/{flow_id}"
    assert api.patch(path, [{"op": "add", "path": "/options", "value": {}}], flow["etag"]).status_code == 200
    assert api.one(path)["options"]["inletUrl"] == url
    aep.advance(1000)
    (run,) = api.get(f"flow/runs?property=flowId=={flow_id}").json()["items"]
    assert run["metrics"]["recordSummary"]["inputRecordCount"] == 1

"""Flows: what POST refuses, what PATCH may change, and their states."""

from typing import Any

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import (
    AZURE_BLOB,
    CLOUD_STORAGE_TO_AEP,
    EVENT_HUBS,
    SALESFORCE,
    STREAMING,
    Caller,
    code_of,
    copy_transformation,
    target_connection_body,
)

FAR_AHEAD = "4102444800"


def schedule(**changes: Any) -> dict[str, Any]:
    return {"startTime": FAR_AHEAD, "frequency": "minute", "interval": "15"} | changes


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "enabled"}, "1410-400"),
        ({"mode": "draft"}, "1368-400"),
        ({"flowSpec": {"id": "nonsense"}}, "1413-400"),
        ({"flowSpec": None}, "1413-400"),
        # The CRM tutorial's own error: the file sources' spec for a CRM source.
        ({"flowSpec": {"id": CLOUD_STORAGE_TO_AEP, "version": "1.0"}}, "1413-400"),
        ({"sourceConnectionIds": None}, "1338-400"),
        ({"sourceConnectionIds": [None]}, "1338-400"),
        ({"targetConnectionIds": [None]}, "1338-400"),
        ({"sourceConnectionIds": []}, "1321-400"),
        ({"sourceConnectionIds": ["a", "b"]}, "1321-400"),
        ({"sourceConnectionIds": ["9a603322-19d2-4de9-89c6-c98bd54eb184"]}, "1439-400"),
        ({"targetConnectionIds": None}, "1338-400"),
        ({"scheduleParams": None}, "1317-400"),
        ({"scheduleParams": {}}, "1317-400"),
        ({"scheduleParams": schedule(frequency="fortnight")}, "1397-400"),
        ({"scheduleParams": schedule(interval="14")}, "1362-400"),
        ({"scheduleParams": schedule(frequency="day", interval=0)}, "1362-400"),
        ({"scheduleParams": schedule(interval="often")}, "1363-400"),
        ({"scheduleParams": {"startTime": FAR_AHEAD, "frequency": "hour"}}, "1359-400"),
        ({"scheduleParams": {"frequency": "hour", "interval": 1}}, "1359-400"),
        ({"scheduleParams": schedule(startTime="2030-01-01T00:00:00Z")}, "1340-400"),
        ({"scheduleParams": schedule(startTime="4102444800000")}, "1340-400"),
        ({"scheduleParams": schedule(startTime="1567411548")}, "1360-400"),
        ({"scheduleParams": schedule(frequency="once")}, "1361-400"),
        ({"scheduleParams": {"startTime": FAR_AHEAD, "frequency": "once", "backfill": "true"}}, "1364-400"),
        ({"scheduleParams": schedule(backfill="perhaps")}, "1318-400"),
        ({"scheduleParams": {"startTime": FAR_AHEAD, "frequency": "once"}}, "1369-400"),
        ({"transformations": []}, "1367-400"),
        ({"transformations": [copy_transformation()]}, "1370-400"),
        ({"transformations": [copy_transformation(), {"name": "Mapping", "params": {}}]}, "1328-400"),
        ({"transformations": [copy_transformation(), {"name": "Magic", "params": {}}]}, "1318-400"),
        ({"transformations": "Copy"}, "1000-400"),
        ({"options": {"partialIngestionPercent": 0}}, "1318-400"),
    ],
)
def test_flow_refusals(api: Caller, changes: dict[str, Any], code: str) -> None:
    assert code_of(api.post("flow/flows", api.flow_body() | changes)) == code


def test_lenient_numbers_are_stored_as_received(api: Caller) -> None:
    given = schedule(interval=15, backfill="true")
    flow = api.flow(scheduleParams=given, options={"partialIngestionPercent": "10"})
    stored = api.one(f"flow/flows/{flow}")
    assert stored["scheduleParams"] == given
    assert stored["options"] == {"partialIngestionPercent": "10"}


def with_mapping(body: dict[str, Any], mapping_id: str, version: Any = 0) -> dict[str, Any]:
    mapping = {"name": "Mapping", "params": {"mappingId": mapping_id, "mappingVersion": version}}
    return body | {"transformations": [copy_transformation(), mapping]}


def test_the_mapping_must_exist_in_that_version_and_fit_the_dataset(api: Caller) -> None:
    body = api.flow_body()
    mapping_id = body["transformations"][1]["params"]["mappingId"]
    assert code_of(api.post("flow/flows", with_mapping(body, "0" * 32))) == "1419-400"
    assert code_of(api.post("flow/flows", with_mapping(body, mapping_id, 7))) == "1412-400"
    foreign = api.mapping_set(api.schema("Another schema"))
    assert code_of(api.post("flow/flows", with_mapping(body, foreign))) == "1425-400"
    assert api.post("flow/flows", with_mapping(body, mapping_id, "0")).status_code == 201


def test_the_target_must_name_the_datasets_schema(api: Caller) -> None:
    body = api.flow_body()
    target = api.one(f"flow/targetConnections/{body['targetConnectionIds'][0]}")
    other = target_connection_body(target["params"]["dataSetId"], api.schema("Another schema"))
    body["targetConnectionIds"] = [api.made("flow/targetConnections", other)["id"]]
    assert code_of(api.post("flow/flows", body)) == "1425-400"


def test_file_flows_need_no_copy_and_streaming_flows_no_schedule(api: Caller) -> None:
    api.flow(AZURE_BLOB)
    body = api.flow_body(EVENT_HUBS)
    assert code_of(api.post("flow/flows", body | {"scheduleParams": schedule()})) == "1318-400"
    del body["transformations"]
    assert api.post("flow/flows", body).status_code == 201, "a streaming flow may go without a mapping"


def test_policies_can_be_relaxed() -> None:
    with AepEmulator(refuse_past_start_time=False, refuse_delta_column_with_once=False) as aep, Caller(aep) as api:
        api.flow(scheduleParams={"startTime": "1567411548", "frequency": "once"})


def test_duplicates_are_accepted(aep: AepEmulator, api: Caller) -> None:
    body = api.flow_body()
    assert api.post("flow/flows", body).status_code == api.post("flow/flows", body).status_code == 201
    assert len(aep.state()["flows"]) == 2


def patched(api: Caller, flow_id: str, *instructions: dict[str, Any]) -> Any:
    return api.patch(f"flow/flows/{flow_id}", list(instructions), api.one(f"flow/flows/{flow_id}")["etag"])


def test_patch_changes_name_schedule_and_options(api: Caller) -> None:
    flow = api.flow()
    response = patched(
        api,
        flow,
        {"op": "replace", "path": "/scheduleParams/frequency", "value": "day"},
        {"op": "replace", "path": "/name", "value": "Renamed"},
        {"op": "add", "path": "/options", "value": {}},
        {"op": "add", "path": "/options/errorDiagnosticsEnabled", "value": True},
    )
    assert response.status_code == 200
    live = api.one(f"flow/flows/{flow}")
    assert (live["name"], live["scheduleParams"]["frequency"]) == ("Renamed", "day")
    assert live["options"] == {"errorDiagnosticsEnabled": True}
    assert live["lastOperation"]["operation"] == "update"
    assert live["etag"] == response.json()["etag"]


def test_patch_is_checked_like_a_creation(api: Caller) -> None:
    flow = api.flow()
    too_often = {"op": "replace", "path": "/scheduleParams/interval", "value": "1"}
    assert code_of(patched(api, flow, too_often)) == "1362-400"
    # The published sample replaces Copy (index 0) by a Mapping; then the delta column is gone.
    mapping = api.one(f"flow/flows/{flow}")["transformations"][1]
    clobber = {"op": "replace", "path": "/transformations/0", "value": mapping}
    assert code_of(patched(api, flow, clobber)) == "1367-400"
    for path in ("/sourceConnectionIds/0", "/targetConnectionIds/0"):
        assert code_of(patched(api, flow, {"op": "replace", "path": path, "value": "x"})) == "1455-400"
    assert code_of(patched(api, flow, {"op": "replace", "path": "/flowSpec/id", "value": STREAMING})) == "1455-400"


def test_what_no_longer_changes_once_the_flow_has_started(aep: AepEmulator, api: Caller) -> None:
    flow = api.flow()
    start = {"op": "replace", "path": "/scheduleParams/startTime", "value": FAR_AHEAD}
    assert patched(api, flow, start).status_code == 200
    flow = api.flow()
    aep.advance(301)
    assert code_of(patched(api, flow, start)) == "1366-400"
    once = (
        {"op": "replace", "path": "/scheduleParams/frequency", "value": "once"},
        {"op": "remove", "path": "/scheduleParams/interval"},
    )
    assert code_of(patched(api, flow, *once)) == "1403-400"
    backfill = {"op": "add", "path": "/scheduleParams/backfill", "value": "false"}
    assert code_of(patched(api, flow, backfill)) == "1404-400"


@pytest.mark.parametrize(("disable", "enable"), [("disable", "enable"), ("DISABLE", "ENABLE")])
def test_disable_and_enable(api: Caller, disable: str, enable: str) -> None:
    flow = api.flow()
    response = api.post(f"flow/flows/{flow}/action?op={disable}")
    assert response.status_code == 200
    live = api.one(f"flow/flows/{flow}")
    assert (live["state"], live["etag"]) == ("disabled", response.json()["etag"])
    assert code_of(api.post(f"flow/flows/{flow}/action?op={disable}")) == "1422-400"
    assert api.post(f"flow/flows/{flow}/action?op={enable}").status_code == 200
    assert api.one(f"flow/flows/{flow}")["state"] == "enabled"


@pytest.mark.parametrize(("operation", "code"), [("finalize", "1402-400"), ("explode", "1435-400"), ("", "1435-400")])
def test_unknown_actions(api: Caller, operation: str, code: str) -> None:
    assert code_of(api.post(f"flow/flows/{api.flow()}/action?op={operation}")) == code


def test_an_action_checks_if_match_when_it_is_sent(api: Caller) -> None:
    flow = api.flow()
    response = api.post(f"flow/flows/{flow}/action?op=disable", headers={"If-Match": '"old"'})
    assert code_of(response) == "1404-412"


def test_states_in_between() -> None:
    with AepEmulator(flow_transition=30) as aep, Caller(aep) as api:
        flow = api.flow()
        api.post(f"flow/flows/{flow}/action?op=disable")
        assert api.one(f"flow/flows/{flow}")["state"] == "disabling"
        rename = {"op": "replace", "path": "/name", "value": "x"}
        assert code_of(patched(api, flow, rename)) == "1420-400"
        assert code_of(api.post(f"flow/flows/{flow}/action?op=enable")) == "1421-400"
        assert code_of(api.delete(f"flow/flows/{flow}")) == "1458-400"
        aep.advance(31)
        assert api.one(f"flow/flows/{flow}")["state"] == "disabled"
        assert patched(api, flow, rename).status_code == 200
        assert api.one(f"flow/flows/{flow}")["state"] == "updating"
        aep.advance(31)
        assert api.one(f"flow/flows/{flow}")["state"] == "disabled"


def test_a_draft_flow_is_checked_when_published(api: Caller) -> None:
    body = api.flow_body()
    schedule_params = body.pop("scheduleParams")
    flow = api.made("flow/flows?mode=draft", body)["id"]
    assert api.one(f"flow/flows/{flow}")["state"] == "draft"
    assert code_of(api.post(f"flow/flows/{flow}/action?op=publish")) == "1317-400"
    assert code_of(api.post(f"flow/flows/{flow}/action?op=enable")) == "1422-400"
    add = {"op": "add", "path": "/scheduleParams", "value": schedule_params}
    assert patched(api, flow, add).status_code == 200
    assert api.post(f"flow/flows/{flow}/action?op=PUBLISH").status_code == 200
    assert api.one(f"flow/flows/{flow}")["state"] == "enabled"


def test_the_tutorials_shape_of_flow_specs() -> None:
    with AepEmulator(bare_flow_specs=True) as aep, Caller(aep) as api:
        spec = api.get("flow/flowSpecs?property=name==%22CRMToAEP%22").json()
        assert [each["name"] for each in spec["transformationSpec"]] == ["Copy", "Mapping"]
        assert SALESFORCE in spec["sourceConnectionSpecIds"]

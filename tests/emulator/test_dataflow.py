"""A dataflow in one line, for tests of what runs it."""

import pytest

from airflow_provider_aep.connectors import CONNECTORS
from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.emulator.dataflow import NAMES_ON_PAGES
from airflow_provider_aep.emulator.services.specs.connection_specs import CONNECTION_SPECS
from emulator.caller import Caller

WITHOUT_ACCOUNT = {"data-landing-zone", "generic-streaming", "chatlio", "customerio", "lava", "pendo"}


def test_it_can_be_run_and_no_request_made_it(aep: AepEmulator) -> None:
    dataflow = aep.dataflow("salesforce", name="Accounts")
    assert aep.requests == []
    with Caller(aep) as api:
        run = api.run(dataflow.id)
    aep.advance(600)
    assert aep.state()["runs"][run]["metrics"]["statusSummary"]["status"] == "success"
    flow = aep.state()["flows"][dataflow.id]
    assert (flow["name"], flow["sourceConnectionIds"]) == ("Accounts", [dataflow.source_connection_id])
    assert aep.state()["dataSets"][dataflow.dataset_id]["name"] == "Accounts"


def test_one_with_a_schedule_runs_by_itself(aep: AepEmulator) -> None:
    dataflow = aep.dataflow(name="Hourly", frequency="hour")
    aep.advance(3 * 3600)
    assert [run["flowId"] for run in aep.state()["runs"].values()] == [dataflow.id] * 3


@pytest.mark.parametrize("connector", [*CONNECTORS, "generic-streaming"])
def test_every_source_can_be_had(aep: AepEmulator, connector: str) -> None:
    dataflow = aep.dataflow(connector)
    spec_id = aep.state()["sourceConnections"][dataflow.source_connection_id]["connectionSpec"]["id"]
    if connector in CONNECTORS:
        assert spec_id == CONNECTORS[connector].connection_spec_id
    assert (dataflow.base_connection_id is None) is (connector in WITHOUT_ACCOUNT)


def test_the_names_of_adobes_pages_are_no_names_of_specs() -> None:
    names = {spec["name"] for spec in CONNECTION_SPECS.values()}
    assert set(NAMES_ON_PAGES.values()) <= names
    assert not NAMES_ON_PAGES.keys() & names


def test_what_the_platform_does_not_take_is_said(aep: AepEmulator) -> None:
    with pytest.raises(ValueError, match="the emulator has no source 'salesfarce'"):
        aep.dataflow("salesfarce")
    aep.dataflow(name="Accounts")
    with pytest.raises(ValueError, match="the dataflow 'Accounts' cannot be made: "):
        aep.dataflow(name="Accounts")
    aep.register_spec({"id": "x", "name": "x", "providerId": "y", "version": "1", "sourceSpec": {}, "attributes": {}})
    for flow_spec in aep._platform.specs.flow_specs.values():
        if "x" in flow_spec["sourceConnectionSpecIds"]:
            flow_spec["sourceConnectionSpecIds"].remove("x")
    with pytest.raises(ValueError, match="no flow spec takes the source 'x'"):
        aep.dataflow("x")


def test_it_can_be_had_over_http(aep: AepEmulator, api: Caller) -> None:
    made = api.post("_emulator/dataflows", {"connector": "amazon-s3", "name": "Orders", "frequency": "day"})
    assert made.status_code == 201
    assert aep.state()["flows"][made.json()["id"]]["scheduleParams"]["frequency"] == "day"
    assert api.post("_emulator/dataflows", {"connector": "amazon-s3", "name": "Orders", "color": 1}).status_code == 400
    assert api.post("_emulator/dataflows", {"connector": "carrier-pigeon", "name": "Post"}).status_code == 400


def test_the_clock_moves_at_each_look_until_it_is_held(aep: AepEmulator, api: Caller) -> None:
    aep.auto_advance = 600
    before = aep.now()
    api.get("flow/runs")
    assert aep.now() - before >= 600
    aep.auto_advance = 0
    before = aep.now()
    api.get("flow/runs")
    assert aep.now() - before < 60

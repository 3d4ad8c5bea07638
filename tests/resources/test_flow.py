"""Dataflows: what can be changed in place depends on what is live and on the clock; checks before one is made."""

import pytest
from direct import direct_client
from provisioning import Provisioning

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.reconcile.decide import decide
from airflow_provider_aep.resources.flow import FLOW

CRM = "14518937-270c-4525-bdec-c2ba7cce3860"
FILES = "9753525b-82c7-4dce-8a9b-5ccfce2b9876"
ID = "9a603322-19d2-4de9-89c6-c98bd54eb184"
OTHER = "b8f3c3a2-94e9-4d4c-b4ff-1f1a0e4a3c44"
START = 1_900_000_000
HOURLY = {"frequency": "hour", "interval": 1, "start_time": START}


def flow(schedule=None, **changes):
    arguments = {
        "name": "CRM",
        "flow_spec_id": CRM,
        "source_connection_id": ID,
        "target_connection_id": ID,
        "mapping_set_id": "0" * 31 + "1",
        "delta_column": {"name": "LastModifiedDate"},
        "schedule_params": schedule or HOURLY,
    }
    return Flow.declare(**arguments | changes)


def action(declared, live, now):
    return decide(FLOW, declared, [live], if_exists="update", now=now).action


@pytest.mark.parametrize(
    ("changes", "before", "after"),
    [
        ({"description": "d"}, "update", "update"),
        ({"schedule": {**HOURLY, "interval": 6}}, "update", "update"),
        ({"schedule": {**HOURLY, "backfill": True}}, "update", "replace"),
        ({"schedule": {"frequency": "once"}, "delta_column": None}, "replace", "replace"),
        ({"source_connection_id": OTHER}, "replace", "replace"),
        ({"target_connection_id": OTHER}, "replace", "replace"),
        ({"flow_spec_id": FILES}, "replace", "replace"),
        ({"schedule": {**HOURLY, "start_time": START + 60}}, "reuse", "reuse"),
    ],
    ids=["description", "interval", "backfill", "once", "source", "target", "flow spec", "start time"],
)
def test_what_can_be_changed_in_place_before_and_after_the_start(changes, before, after):
    declared = flow(**changes)
    assert action(declared, flow(), START - 1) == before
    assert action(declared, flow(), START) == after


def test_a_dataflow_that_ran_once_may_get_a_schedule():
    once = flow({"frequency": "once", "start_time": START}, delta_column=None)
    assert action(flow(), once, START + 60) == "update"


def test_a_live_dataflow_that_shows_no_start_is_left_to_the_platform():
    live = flow()
    live.schedule_params.start_time = None
    assert action(flow({**HOURLY, "backfill": True}), live, START) == "update"


@pytest.fixture
def client(aep):
    return direct_client(aep)


def prepared(client, chain, **changes):
    ids = {"source_connection_id": chain.source_connection, "target_connection_id": chain.target_connection}
    schedule = {"frequency": "hour", "interval": 1}
    declared = flow(schedule, **{**ids, "mapping_set_id": chain.mapping_set, **changes})
    return FLOW.prepare(client.send, declared, client.now())


def test_a_new_dataflow_gets_a_start_time(client):
    chain = Provisioning(client).build()
    now = client.now()
    assert now + 290 <= prepared(client, chain).schedule_params.start_time <= now + 310


def test_a_flow_spec_for_another_source_is_refused_before_anything_is_made(aep, client):
    chain = Provisioning(client).build()
    flows = aep.state()["flows"]
    with pytest.raises(AepConfigError, match="does not list connection spec"):
        prepared(client, chain, flow_spec_id=FILES)
    assert aep.state()["flows"] == flows

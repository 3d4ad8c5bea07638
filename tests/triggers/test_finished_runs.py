"""The trigger that starts DAGs when AEP has finished a run: each run, one poll for all, nothing missed by a restart."""

import asyncio
import json
import time

import pytest
from emulator.caller import Caller
from triggers.triggerer import Store, shared_stream, turn

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.triggers import finished_runs
from airflow_provider_aep.triggers.flow_run import AepFlowRunEventTrigger

shares_streams = pytest.mark.skipif(shared_stream is None, reason="Airflow shares streams since 3.3")
UNKNOWN_ID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def api(aep, airflow_db):
    finished_runs._streams.clear()
    with Caller(aep) as api:
        yield api


def trigger(flow_id, store, **more):
    made = AepFlowRunEventTrigger(**{"flow_id": flow_id, "poll_interval": 0.01, **more})
    made.asset_state_store = store
    return made


@shares_streams
def test_a_run_that_ends_is_told_once_with_its_summary(aep, api):
    store, flow_id = Store(), api.once_flow()
    assert turn(trigger(flow_id, store)) == []
    run_id = api.run(flow_id)
    aep.advance(3600)
    (event,) = turn(trigger(flow_id, store), pages=3)
    assert (event["flow_run_id"], event["flow_id"], event["status"]) == (run_id, flow_id, "success")
    assert event["records"]["output"]
    assert event["batch_ids"]
    assert event["window"].keys() == {"start", "end"}
    assert event["redelivered"] is False
    assert turn(trigger(flow_id, store), pages=2) == []


@shares_streams
def test_runs_that_ended_before_the_first_look_are_not_told_and_those_that_go_on_are(aep, api):
    store, flow_id = Store(), api.once_flow()
    api.run(flow_id)
    aep.advance(3600)
    going_on = api.run(flow_id)
    assert turn(trigger(flow_id, store)) == []
    aep.advance(3600)
    assert [event["flow_run_id"] for event in turn(trigger(flow_id, store))] == [going_on]


@shares_streams
def test_a_failed_run_is_told_too(aep, api):
    store, flow_id = Store(), api.once_flow()
    turn(trigger(flow_id, store))
    aep.script_run("failed_copy")
    api.run(flow_id)
    aep.advance(3600)
    assert [event["status"] for event in turn(trigger(flow_id, store))] == ["failed"]


@shares_streams
def test_fifty_triggers_share_one_poll(aep, api):
    flows = [api.once_flow() for _ in range(50)]
    stores = [Store() for _ in flows]

    def triggers():
        return [trigger(flow_id, store) for flow_id, store in zip(flows, stores, strict=True)]

    turn(*triggers())
    runs = {api.run(flow_id) for flow_id in flows}
    aep.advance(3600)
    before = len(asked(aep))
    told = turn(*triggers())
    assert {event["flow_run_id"] for event in told} == runs
    assert len(told) == 50
    # One list of all dataflows, and one of what ended in full.
    if not aep.switches.refuse_flow_id_lists:
        assert len(asked(aep)) - before <= 3


def asked(aep):
    return [record for record in aep.requests if record.path.endswith("/runs")]


@shares_streams
def test_a_triggerer_that_dies_before_its_events_are_stored_tells_them_again_and_says_so(aep, api):
    store, flow_id = Store(), api.once_flow()
    turn(trigger(flow_id, store))
    run_id = api.run(flow_id)
    aep.advance(3600)
    (first,) = turn(trigger(flow_id, store), confirm=False)
    (again,) = turn(trigger(flow_id, store))
    assert (first["flow_run_id"], first["redelivered"]) == (run_id, False)
    assert (again["flow_run_id"], again["redelivered"]) == (run_id, True)
    assert turn(trigger(flow_id, store)) == []


@shares_streams
def test_a_trigger_with_several_dataflows_tells_of_all(aep, api):
    store, flows = Store(), [api.once_flow(), api.once_flow()]
    turn(trigger(flows[0], store, flow_ids=flows))
    runs = {api.run(flow_id) for flow_id in flows}
    aep.advance(3600)
    assert {event["flow_run_id"] for event in turn(trigger(None, store, flow_ids=flows))} == runs


@shares_streams
def test_an_outage_ends_nothing(aep, api, caplog):
    store, flow_id = Store(), api.once_flow()
    turn(trigger(flow_id, store))
    api.run(flow_id)
    aep.advance(3600)
    aep.fault("GET", "*/runs", kind="status", status=503, times=3)
    assert len(turn(trigger(flow_id, store))) == 1
    assert "cannot be listed now" in caplog.text


@shares_streams
def test_a_dataflow_that_cannot_be_read_holds_up_no_other_of_the_trigger(aep, api):
    store, flow_id = Store(), api.once_flow()
    both = [flow_id, UNKNOWN_ID]
    turn(trigger(None, store, flow_ids=both))
    api.run(flow_id)
    aep.advance(3600)
    assert len(turn(trigger(None, store, flow_ids=both))) == 1


def test_two_assets_that_share_a_trigger_are_told_to_keep_apart(aep, api):
    class TwoAssets(Store):
        async def aget(self, key, default):
            raise ValueError("Task has 2 concrete inlets and outlets")

    async def first_page():
        events = trigger(api.once_flow(), TwoAssets()).filter_shared_stream(None)
        await anext(events)

    with pytest.raises(AepConfigError, match="asset_uri"):
        asyncio.run(first_page())


def until_asked(aep):
    """Wait until the runs have been listed for the first time."""
    while len(asked(aep)) < 2:
        time.sleep(0.01)


def test_without_shared_streams_it_polls_alone(aep, api):
    flow_id = api.once_flow()

    async def told():
        events = trigger(flow_id, None).run()
        waiting = asyncio.create_task(anext(events))
        await asyncio.to_thread(until_asked, aep)
        run_id = await asyncio.to_thread(api.run, flow_id)
        aep.advance(3600)
        return run_id, (await asyncio.wait_for(waiting, 20)).payload["flow_run_id"]

    run_id, told_id = asyncio.run(told())
    assert told_id == run_id


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({}, "flow_id is missing"), ({"flow_id": "mine"}, "which is not a UUID"), ({"flow_ids": [""]}, "is ''")],
)
def test_what_is_not_a_dataflow_is_refused(arguments, said):
    async def first():
        await anext(AepFlowRunEventTrigger(**arguments).run())

    with pytest.raises(AepConfigError, match=said):
        asyncio.run(first())


def test_what_lies_in_the_database_is_read_again():
    made = AepFlowRunEventTrigger(flow_ids=(UNKNOWN_ID,), asset_uri="aep://o/s/datasets/1")
    path, arguments = made.serialize()
    assert path == "airflow_provider_aep.triggers.flow_run.AepFlowRunEventTrigger"
    again = AepFlowRunEventTrigger(**json.loads(json.dumps(arguments)), from_the_future=1)
    assert again.serialize() == made.serialize()
    assert again.shared_stream_key() == made.shared_stream_key()

"""Many waits for dataflows and datasets cost few requests; nobody misses a run and nobody is told another's."""

import asyncio
import logging
from collections import Counter
from dataclasses import replace

import pytest
from direct import asked, direct_client
from many import add_batches, add_runs, clone_flow, dataset_ids
from provisioning import Provisioning
from watching import Watching

from airflow_provider_aep.exceptions import AepApiError
from airflow_provider_aep.triggers.flow_run import AepDatasetBatchTrigger, AepFlowRunTrigger

pytestmark = pytest.mark.aep(speed=0)


class Waits(Watching):
    """Triggers that wait through one watcher while the local AEP's time passes."""

    def by_flow(self, flow_id, *, since=None, **arguments):
        since = self.ms() if since is None else since
        return AepFlowRunTrigger(flow_id=flow_id, since=since, **arguments).wait(self.watcher)

    def by_dataset(self, dataset_id, *, since=None, **arguments):
        since = self.ms() if since is None else since
        return AepDatasetBatchTrigger(dataset_id=dataset_id, since=since, **arguments).wait(self.watcher)

    def ms(self):
        return int(self.time.now() * 1000)

    def run_for(self, seconds, waits):
        """Let waits that do not end go on for so long. Returns how many requests each list of ids took."""

        async def cancel_then():
            tasks = [asyncio.ensure_future(wait) for wait in waits]
            await self.time.sleep(seconds)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        begun = len(self.aep.requests)
        self.run(cancel_then())
        return [sum(map(len, self._keys(record))) for record in self.aep.requests[begun:] if self._keys(record)]

    def _keys(self, record):
        """The ids in a request for runs or batches."""
        lists = [text.partition("==")[2] for text in record.query.get("property", [])] + record.query.get("dataSet", [])
        return [text.split(",") for text in lists]


@pytest.fixture
def waits(aep):
    return Waits(aep)


@pytest.fixture
def flows(aep):
    """Makes dataflows without runs."""
    first = Provisioning(direct_client(aep), frequency="once").build().flow
    return lambda count: clone_flow(aep, first, count)


# Few requests


@pytest.mark.assumes("flow-id-lists")
def test_a_thousand_waits_by_dataflow_cost_at_most_twenty_five_requests_a_round(waits, flows):
    """D5."""
    requests = waits.run_for(95, [waits.by_flow(flow_id) for flow_id in flows(1000)])
    assert len(requests) <= 3 * 25
    assert max(requests) == 50


@pytest.mark.assumes("dataset-id-lists")
def test_a_thousand_waits_by_dataset_cost_at_most_twenty_five_requests_a_round(waits):
    """D5."""
    requests = waits.run_for(95, [waits.by_dataset(dataset_id) for dataset_id in dataset_ids(1000)])
    assert len(requests) <= 3 * 25
    assert max(requests) == 50


@pytest.mark.assumes("flow-id-lists")
def test_once_a_list_has_shown_two_dataflows_lists_are_all_that_is_asked_for(aep, waits, flows):
    flow_ids = flows(100)
    add_runs(aep, *flow_ids)
    aep.advance(3600)
    waits.time._now = aep.now()
    assert waits.run_for(95, [waits.by_flow(flow_id) for flow_id in flow_ids]) == [50] * 6


# Nobody misses a run, nobody is told another's


def coming_one_by_one(waits, keys, add, *, wait):
    """The events of one wait for each key, while each gets its first run or batch at a time of its own."""

    async def come():
        tasks = [asyncio.create_task(wait(key, deadline=waits.time.now() + 7200)) for key in keys]
        for at in range(0, len(keys), 10):
            await waits.time.sleep(40)
            add(waits.aep, *keys[at : at + 10])
        return await asyncio.gather(*tasks)

    return waits.run(come())


def test_each_wait_gets_the_first_run_of_its_own_dataflow(aep, waits, flows):
    flow_ids = flows(60)
    add_runs(aep, *flow_ids)  # None of these counts: they are older than the waits.
    aep.advance(60)
    waits.time._now = aep.now()
    events = coming_one_by_one(waits, flow_ids, add_runs, wait=waits.by_flow)
    assert [event["run"]["flowId"] for event in events] == flow_ids
    assert all(event["run"]["createdAt"] >= event["since"] for event in events)
    if not aep.switches.refuse_flow_id_lists:
        assert len(asked(aep, "GET")) < 60 * 8, "each alone: 60 dataflows, 8 rounds and more"


def test_each_wait_gets_the_first_batch_of_its_own_dataset(aep, waits):
    keys = dataset_ids(60)
    events = coming_one_by_one(waits, keys, add_batches, wait=waits.by_dataset)
    assert [event["batch"]["relatedObjects"][0]["id"] for event in events] == keys
    assert len(asked(aep, "GET")) < 60 * 8


def test_two_waits_on_one_dataflow_keep_to_their_own_since(aep, waits, flows):
    (flow_id, other_id) = flows(2)
    (older,) = add_runs(aep, flow_id)
    aep.advance(600)
    waits.time._now = aep.now()
    since = waits.ms()
    aep.advance(600)
    waits.time._now = aep.now()
    (newer, *_) = add_runs(aep, flow_id, other_id)
    early, late = waits.run_all(waits.by_flow(flow_id, since=1), waits.by_flow(flow_id, since=since))
    assert (early["run"]["id"], late["run"]["id"]) == (older, newer)


def test_a_batch_made_in_the_very_millisecond_counts(aep, waits):
    one, other = dataset_ids(2)
    add_batches(aep, one, other)
    since = int(aep.now() * 1000)
    events = waits.run_all(waits.by_dataset(one, since=since), waits.by_dataset(other, since=since))
    assert [event["batch"]["created"] for event in events] == [since] * 2


def test_a_dataflow_that_is_not_there_does_not_hide_the_others(aep, waits, flows):
    (flow_id,) = flows(1)
    unknown = "00000000-0000-4000-8000-000000000000"
    since = waits.ms()
    add_runs(aep, flow_id)
    late, event = waits.run_all(
        waits.by_flow(unknown, since=since, deadline=waits.time.now() + 100), waits.by_flow(flow_id, since=since)
    )
    assert (late["timeout"], event["run"]["flowId"]) == (True, flow_id)


# Where lists of several values are refused, or are not what they seem


def rewriting(waits, rewrite):
    """Let the platform take lists of dataflows otherwise: `rewrite` makes a call of each call."""

    async def send(call):
        return await Waits.send(waits, rewrite(call))

    waits.watcher.pacer.send = send


def with_keys(call, change):
    """The call with other keys in its filter."""
    if "dataSet" in call.params:
        return replace(call, params={**call.params, "dataSet": ",".join(change(call.params["dataSet"].split(",")))})
    field, _, keys = (call.params.get("property") or [""])[0].partition("==")
    if field != "flowId":
        return call
    return replace(call, params={**call.params, "property": [f"{field}=={','.join(change(keys.split(',')))}"]})


def refusing_lists(call):
    def change(keys):
        if len(keys) > 1:
            raise AepApiError(f"{call} answered 400: Operator '==' is not allowed for multiple values", status=400)
        return keys

    return with_keys(call, change)


def reading_the_first_value_only(call):
    return with_keys(call, lambda keys: keys[:1])


@pytest.mark.parametrize("platform", [refusing_lists, reading_the_first_value_only])
@pytest.mark.parametrize("by", ["dataflow", "dataset"])
def test_nobody_misses_anything_where_the_platform_takes_no_lists(aep, waits, flows, platform, by, caplog):
    caplog.set_level(logging.WARNING)
    keys = flows(30) if by == "dataflow" else dataset_ids(30)
    add = add_runs if by == "dataflow" else add_batches
    rewriting(waits, platform)
    events = coming_one_by_one(waits, keys, add, wait=waits.by_flow if by == "dataflow" else waits.by_dataset)
    found = [
        event["run"]["flowId"] if by == "dataflow" else event["batch"]["relatedObjects"][0]["id"] for event in events
    ]
    assert found == keys
    assert {event["timeout"] for event in events} == {False}


@pytest.mark.aep(refuse_flow_id_lists=True, refuse_dataset_lists=True)
@pytest.mark.parametrize("by", ["dataflow", "dataset"])
@pytest.mark.assumes("run-id-lists")
def test_a_platform_that_refuses_lists_is_asked_for_each_one_alone(aep, waits, flows, by, caplog):
    """The same over sockets, with the emulator's own refusal: once a list is refused, none is sent."""
    caplog.set_level(logging.WARNING)
    keys = flows(30) if by == "dataflow" else dataset_ids(30)
    add = add_runs if by == "dataflow" else add_batches
    events = coming_one_by_one(waits, keys, add, wait=waits.by_flow if by == "dataflow" else waits.by_dataset)
    found = [
        event["run"]["flowId"] if by == "dataflow" else event["batch"]["relatedObjects"][0]["id"] for event in events
    ]
    assert found == keys
    lists = [record for record in aep.requests if any(len(ids) > 1 for ids in waits._keys(record))]
    # A run's id of its own is still asked for in lists. A refusal is believed when it is repeated.
    refused = [record.status for record in lists if not record.query.get("property", [""])[0].startswith("id==")]
    assert refused == [400, 400]
    assert caplog.text.count("asking for each one alone from now on") == 1


@pytest.mark.parametrize("platform", [refusing_lists, reading_the_first_value_only])
@pytest.mark.assumes("flow-id-lists")
def test_that_each_is_asked_for_alone_is_logged_once(aep, waits, flows, platform, caplog):
    rewriting(waits, platform)
    coming_one_by_one(waits, flows(30), add_runs, wait=waits.by_flow)
    assert caplog.text.count("asking for each one alone from now on") == 1


def test_batches_that_do_not_name_their_dataset_are_asked_for_one_dataset_at_a_time(aep, waits):
    """Nobody is told another's: what belongs to nobody is handed to nobody."""
    keys = dataset_ids(3)

    async def send(call):
        batches = await Waits.send(waits, call)
        return [batch.model_copy(update={"related_objects": []}) for batch in batches]

    waits.watcher.pacer.send = send
    since = waits.ms()
    for key in keys:
        add_batches(aep, key)
        aep.advance(1)
    events = waits.run_all(*(waits.by_dataset(key, since=since) for key in keys))
    ids = [event["batch"]["id"] for event in events]
    assert ids == [batch["id"] for batch in sorted(aep.state()["batches"].values(), key=lambda batch: batch["created"])]
    assert Counter(ids).most_common(1)[0][1] == 1

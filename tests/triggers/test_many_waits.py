"""Many waits for dataflows and datasets cost few requests; nobody misses a run and nobody is told another's."""

import asyncio

import pytest
from direct import direct_client
from many import clone_flow, dataset_ids
from provisioning import Provisioning
from watching import Watching

from airflow_provider_aep.triggers.flow_run import AepDatasetBatchTrigger, AepFlowRunTrigger

pytestmark = pytest.mark.aep(speed=0)

not_shared = pytest.mark.xfail(strict=True, reason="D5: each wait for a dataflow or dataset asks for itself")


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


@not_shared
def test_a_thousand_waits_by_dataflow_cost_at_most_twenty_five_requests_a_round(waits, flows):
    """D5."""
    requests = waits.run_for(95, [waits.by_flow(flow_id) for flow_id in flows(1000)])
    assert len(requests) <= 3 * 25
    assert max(requests) == 50


@not_shared
def test_a_thousand_waits_by_dataset_cost_at_most_twenty_five_requests_a_round(waits):
    """D5."""
    requests = waits.run_for(95, [waits.by_dataset(dataset_id) for dataset_id in dataset_ids(1000)])
    assert len(requests) <= 3 * 25
    assert max(requests) == 50

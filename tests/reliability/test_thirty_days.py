"""A triggerer that runs for a month keeps its memory."""

import asyncio
import gc
import itertools
import logging
import tracemalloc
import uuid

import pytest

from airflow_provider_aep.exceptions import AepApiError, AepUnreachableError
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.watch import RunWatcher
from airflow_provider_aep.triggers.flow_run import AepDatasetBatchTrigger, AepFlowRunTrigger

HOUR, DAY = 3600.0, 86_400.0
# Seldom, so that a month takes seconds: what a round leaves behind does not depend on how long the next one is away.
POLL_INTERVAL = 4 * HOUR
# Waits by run, by dataflow, by dataset, and tasks that wait for their turn.
EACH = 250
ALL = 4 * EACH
# Every day so many waits end, and others take their places.
TURNOVER = 40


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock goes on to the next timer when there is nothing to do."""

    now = 0.0

    def time(self):
        return self.now

    def _run_once(self):
        if not self._ready:
            timers = [timer.when() for timer in self._scheduled if not timer.cancelled()]
            self.now = max(self.now, min(timers, default=self.now))
        super()._run_once()


class Platform:
    """Runs that go on, unless they are in `ended`; dataflows without a run and datasets without a batch, likewise.

    Every tenth request fails, in turn by a reset connection, by 503 and by 429.
    """

    def __init__(self):
        self.ended = set()
        self._requests = itertools.count(1)

    async def __call__(self, call):
        number = next(self._requests)
        await asyncio.sleep(0.2)
        if number % 10 == 0:
            raise [
                AepUnreachableError(f"{call}: no answer"),
                AepApiError(f"{call} was answered 503", status=503, retryable=True),
                AepApiError(f"{call} was answered 429", status=429, retryable=True, retry_after=5),
            ][number // 10 % 3]
        return self._found(call)

    def _found(self, call):
        keys = (call.params.get("dataSet") or "").split(",")
        if "dataSet" in call.params:
            return [batch_in(key) for key in keys if key in self.ended]
        field, _, keys = (call.params.get("property") or [""])[0].partition("==")
        if field == "flowId":
            return [run_of(key) for key in keys.split(",") if key in self.ended]
        if field == "id":
            return [run(key, "success" if key in self.ended else "inProgress") for key in keys.split(",")]
        key = call.path[-36:]
        return run(key, "success" if key in self.ended else "inProgress")


def run(run_id, status="inProgress", **fields):
    return FlowRun.model_validate({"id": run_id, "metrics": {"statusSummary": {"status": status}}, **fields})


def run_of(flow_id):
    return run(flow_id, flowId=flow_id, createdAt=2_000_000_000_000)


def batch_in(dataset_id):
    related = [{"type": "dataSet", "id": dataset_id}]
    return Batch.model_validate({"id": "b", "status": "success", "created": 2e12, "relatedObjects": related})


def new_id():
    return str(uuid.uuid4())


def trigger(number, key):
    common = {"poll_interval": POLL_INTERVAL, "deadline": 365 * DAY}
    return [
        lambda: AepFlowRunTrigger(run_id=key, **common),
        lambda: AepFlowRunTrigger(flow_id=key, since=1000, **common),
        lambda: AepDatasetBatchTrigger(dataset_id=key.replace("-", ""), since=1000, **common),
        lambda: AepFlowRunTrigger(run_id=key, turn_of=str(uuid.UUID(int=number)), **common),
    ][number % 4]()


class Triggerer:
    """A thousand waits, of which some end every day and others take their places."""

    def __init__(self, loop):
        self.platform = Platform()
        self.watcher = RunWatcher(self.platform, now=loop.time)
        self.ended = 0
        self._waits = {}
        self._numbers = itertools.count()

    def fill(self):
        while len(self._waits) < ALL:
            number, key = next(self._numbers), new_id()
            self._waits[number] = key, asyncio.create_task(trigger(number, key).wait(self.watcher))

    async def end_some(self):
        some = list(self._waits)[:TURNOVER]
        for number in some:
            key, _ = self._waits[number]
            self.platform.ended |= {key, key.replace("-", "")}
        # A run that a list has shown is asked for at the next poll, and some polls after that may fail.
        for _ in range(8):
            await asyncio.sleep(POLL_INTERVAL)
            if all(self._waits[number][1].done() for number in some):
                break
        for number in some:
            key, task = self._waits.pop(number)
            self.ended += task.done()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self.platform.ended.clear()


async def memory():
    """How many objects there are, and how many bytes were allocated since this test began."""
    # Not in the middle of a round.
    await asyncio.sleep(POLL_INTERVAL / 2)
    gc.collect()
    return len(gc.get_objects()), tracemalloc.get_traced_memory()[0]


@pytest.fixture
def loop():
    loop = FastLoop()
    yield loop
    loop.close()


@pytest.fixture
def no_log():
    """pytest keeps what is logged."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_a_thousand_waits_take_no_more_memory_after_thirty_days(loop, no_log):
    async def thirty_days():
        triggerer = Triggerer(loop)
        used = {}
        for day in range(31):
            triggerer.fill()
            await asyncio.sleep(POLL_INTERVAL)
            await triggerer.end_some()
            triggerer.fill()
            used[day] = await memory()
            await asyncio.sleep(max(0.0, (day + 1) * DAY - loop.time()))
        waits = [task for _, task in triggerer._waits.values()]
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        await asyncio.sleep(1)
        return triggerer.ended, used

    tracemalloc.start()
    try:
        ended, used = loop.run_until_complete(thirty_days())
    finally:
        tracemalloc.stop()
    assert loop.time() >= 30 * DAY
    assert ended == 31 * TURNOVER
    objects, bytes_ = (after - before for before, after in zip(used[5], used[30], strict=True))
    # Less than one object for ten of the waits that ended meanwhile; tables grow by steps.
    assert objects < 25 * TURNOVER / 10
    assert bytes_ < 25 * TURNOVER * 300

"""Waiting at scale: many deferred waits in one event loop, as a triggerer runs them.

The waits poll every 30 s by a clock that goes faster (3 times with 1,000 waits, 1.5 times with 5,000, or SPEED), so
that the benchmark ends: a round asks the same, and the event loop has less time for it. The platform is a process of
its own; with 5,000 runs it is the slower of the two.

`gap`: by how many ms a coroutine that wants to wake every 5 ms was late at most. `CPU`: the most that this process
computed during one such wait, which is what the gap would be on a machine with nothing else to do. `GC`: the longest
garbage collection, most of which is Python walking through Airflow's own objects: a full one takes more than 100 ms,
before anything waits. It comes when a quarter as many objects as Airflow has itself were made and kept; a thousand
waits that begin are nearly as many. So there is one before they begin, as in a triggerer that has run for a while, and
one once all have begun, which counts as a part of that. NO_GC=1 leaves out all others.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace

import structlog
from platform_process import platform_with_runs

from airflow_provider_aep.runs import watch
from airflow_provider_aep.runs.watch import RunWatcher
from airflow_provider_aep.triggers.flow_run import AepDatasetBatchTrigger, AepFlowRunTrigger

INTERVAL = 30.0
SPEEDS = {1_000: 3.0, 5_000: 1.5}
# Requests a round, and the gap in ms in rounds and when all end.
TARGETS = {1_000: (25, 50, 100), 5_000: (110, None, None)}
COUNTS = [int(count) for count in (os.environ.get("COUNTS") or "1000 5000").split()]
KEYS = (os.environ.get("KEYS") or "run dataflow dataset").split()
ROUNDS = int(os.environ.get("ROUNDS") or 3)


class Watchdog:
    """The longest gap, the most CPU in one, and the longest garbage collection since the last `take`, in ms."""

    def __init__(self) -> None:
        self.gap = self.cpu = self.collection = 0.0
        self._begun = 0.0
        gc.callbacks.append(self._collect)

    async def __call__(self) -> None:
        while True:
            begun, busy = time.perf_counter(), time.process_time()
            await asyncio.sleep(0.005)
            self.gap = max(self.gap, time.perf_counter() - begun - 0.005)
            self.cpu = max(self.cpu, time.process_time() - busy)

    def _collect(self, phase, info) -> None:
        if phase == "start":
            self._begun = time.thread_time()
        else:
            self.collection = max(self.collection, time.thread_time() - self._begun)

    def take(self) -> list[float]:
        found = [self.gap * 1000, self.cpu * 1000, self.collection * 1000]
        self.gap = self.cpu = self.collection = 0.0
        return found

    def stop(self) -> None:
        gc.callbacks.remove(self._collect)


def triggers_by(platform, key: str, **arguments) -> list:
    """One trigger for each run, dataflow or dataset."""
    since = int(time.time() * 1000)
    if key == "run":
        return [AepFlowRunTrigger(run_id=run_id, **arguments) for run_id in platform.run_ids]
    if key == "dataflow":
        return [AepFlowRunTrigger(flow_id=flow_id, since=since, **arguments) for flow_id in platform.flow_ids]
    return [AepDatasetBatchTrigger(dataset_id=id_, since=since, **arguments) for id_ in platform.dataset_ids]


async def first_event(trigger) -> str:
    # As text, because Airflow sends events on within a second.
    (event,) = [json.dumps(event.payload) async for event in trigger.run()]
    return event


def hurry(speed: float) -> None:
    """Let the clock by which waits sleep go so many times as fast."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / speed)

    watch.RunWatcher = partial(RunWatcher, sleep=sleep)


async def measure(platform, key: str, speed: float) -> dict[str, list[float]]:
    # A triggerer that has run for a while has walked through what it imported; this process has not yet.
    gc.collect()
    watchdog = Watchdog()
    watching = asyncio.create_task(watchdog())
    await asyncio.sleep(2)
    idle, begun = watchdog.take(), time.process_time()
    waits = []
    hurry(speed)
    for trigger in triggers_by(platform, key, poll_interval=INTERVAL, deadline=time.time() + 3600):
        waits.append(asyncio.create_task(first_event(trigger)))
        # As Airflow's triggerer does.
        await asyncio.sleep(0)
    await asyncio.sleep(INTERVAL / speed * 0.8)
    gc.collect()
    await asyncio.sleep(0.01)
    start_gap, start, started = watchdog.take(), platform.requests(), time.process_time()
    watchdog.take()
    await asyncio.sleep(INTERVAL / speed * ROUNDS)
    rounds_gap, rounds, done = watchdog.take(), platform.requests(), time.process_time()
    await asyncio.to_thread(platform.end_runs)
    events = await asyncio.gather(*waits)
    end_gap, end = watchdog.take(), platform.requests()
    watching.cancel()
    watchdog.stop()
    assert not any(json.loads(event)["timeout"] for event in events)
    # On a busy machine a round takes longer than its interval.
    seen = rounds.pop("rounds") or 1
    asked = set(start + rounds + end) - {"rounds"}
    assert asked <= {"token", "GET a list", "further pages", "GET runs", "GET batches"}, asked
    return {
        "rounds": [seen],
        "requests a round": [(rounds.total() - rounds["token"] - rounds["further pages"]) / seen],
        "  further pages": [rounds["further pages"] / seen],
        "token requests": [(start + rounds)["token"]],
        "gap, CPU, GC in ms: idle": idle,
        "  starting the waits": start_gap,
        "  rounds": rounds_gap,
        "  all end at once": end_gap,
        "CPU in s: starting": [started - begun],
        "  a round": [(done - started) / seen],
    }


def main() -> None:
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    if os.environ.get("NO_GC"):
        gc.disable()
    for count in COUNTS:
        speed = float(os.environ.get("SPEED") or SPEEDS.get(count, 3.0))
        for key in KEYS:
            with platform_with_runs(count) as platform:
                os.environ["AIRFLOW_CONN_AEP_DEFAULT"] = platform.connection
                found = asyncio.run(measure(platform, key, speed))
            print(f"\n{count} deferred waits by {key} in one event loop, interval {INTERVAL:g} s")
            print(f"  (load {os.getloadavg()[0]:.1f}, clock {speed:g} times as fast)")
            for title, values in found.items():
                print(f"  {title:<28}" + "".join(f"{value:>9.1f}" for value in values) + target(count, title))
    delay = asyncio.run(beside())
    print(f"\nWaits beside 1000 on ten connections whose platform answers after 10 s are delayed by {delay:.1f} ms")


def target(count: int, title: str) -> str:
    requests, rounds, end = TARGETS.get(count, (None, None, None))
    most = {"requests a round": requests, "token requests": 1, "  rounds": rounds, "  all end at once": end}.get(title)
    return "" if most is None else f"   target: at most {most}"


async def beside() -> float:
    """By how many ms the slowest of some waits on a quick connection took longer than without the slow ones, and a
    thread of the event loop's own at most.
    """
    with quick_and_slow_platform() as trigger_on:
        alone = await longest(trigger_on, "quick")
        slow = [asyncio.create_task(first_event(trigger_on(f"slow_{number % 10}"))) for number in range(1_000)]
        await asyncio.sleep(0.2)
        together = await longest(trigger_on, "quick")
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
    return (together - alone) * 1000


async def longest(trigger_on, connection: str) -> float:
    """Seconds of the slowest of 20 waits and 20 look-ups of a name, one after the other."""
    seconds = []
    for _ in range(20):
        begun = time.perf_counter()
        await first_event(trigger_on(connection))
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        seconds.append(time.perf_counter() - begun)
    return max(seconds)


@contextmanager
def quick_and_slow_platform():
    """Makes triggers on connections: `slow_...` lead to a platform that answers after 10 s, others to one that does at
    once. A wait whose deadline has passed sends one request.
    """
    from airflow_provider_aep.hooks.aep import AepHook
    from airflow_provider_aep.models.flow_run import FlowRun

    run_id = "11111111-2222-4333-8444-555555555555"
    run = FlowRun.model_validate({"id": run_id, "metrics": {"statusSummary": {"status": "success"}}})
    over = threading.Event()

    def get_conn(hook):
        def send(call, patience):
            if hook.aep_conn_id.startswith("slow"):
                over.wait(10)
            return run

        return SimpleNamespace(org_id="ORG@AdobeOrg", sandbox="prod", send=send)

    original, AepHook.get_conn = AepHook.get_conn, get_conn
    try:
        yield lambda connection: AepFlowRunTrigger(run_id=run_id, aep_conn_id=connection, deadline=time.time() - 1)
    finally:
        over.set()
        AepHook.get_conn = original


if __name__ == "__main__":
    sys.exit(main())

"""`make bench-peers`: this provider beside those of Airbyte, dbt Cloud, Fivetran and Databricks.

Import: what a DAG file with a provider's operators and sensors pays on top of `airflow.sdk`.

Waiting: deferred waits in one event loop, as in a triggerer, each provider before a stub of its own API that answers
after 100 ms. A *round* is one look at each run; with an interval of 10 s one should begin every 10 s and a little.
*Gap*: by how much a coroutine that wants to wake every 5 ms was late at most. *Busy*: the most that was computed during
one such wait: what the gap of a provider that does not block would be on a machine with nothing else to do. *CPU*: of
the process that waits, for one round. Each line is measured in a process of its own.

`COUNTS="300 1000"`, `ONLY="Airbyte,dbt Cloud"` and `SECONDS=40` change what is measured, and for how long.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import statistics
import subprocess
import sys
import time
from importlib.metadata import version

from providers import PROVIDERS, connection_of
from stub import serve_aep, serve_answer, stub_of  # it puts benchmarks/ on the path

# isort: split
from bench_imports import BASE

INTERVAL = 10.0
SECONDS = float(os.environ.get("SECONDS") or 40)
COUNTS = [int(count) for count in (os.environ.get("COUNTS") or "300 1000").split()]
ONLY = [name for name in (os.environ.get("ONLY") or ",".join(PROVIDERS)).split(",") if name in PROVIDERS]
REPEATS = 5
IMPORT = """
import sys, time
{base}
before, begun = len(sys.modules), time.process_time()
{imports}
print((time.process_time() - begun) * 1000, len(sys.modules) - before)
"""


def main() -> None:
    if len(sys.argv) > 1:
        name, count = sys.argv[1:]
        print(json.dumps(measure(name, int(count))))
        return
    print(f"{'provider':<15}{'version':>9}{'import':>11}{'modules':>10}")
    for name in ONLY:
        ms, modules = import_cost(PROVIDERS[name].modules)
        print(f"{name:<15}{version(PROVIDERS[name].package):>9}{ms:>8.0f} ms{modules:>10.0f}", flush=True)
    for count in COUNTS:
        print(f"\n{count} waits, interval {INTERVAL:g} s, answers after 100 ms, measured for {SECONDS:g} s")
        titles = ("requests a round", "a round every", "longest gap", "busy", "CPU a round")
        print(f"{'provider':<15}" + "".join(f"{title:>18}" for title in titles))
        for name in ONLY:
            command = [sys.executable, __file__, name, str(count)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{name}:\n{done.stderr[-3000:]}")
            found = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{name:<15}{found['requests']:>18.0f}{found['every']:>16.1f} s{found['gap']:>15.0f} ms"
                f"{found['busy']:>15.0f} ms{found['cpu']:>16.2f} s",
                flush=True,
            )


def import_cost(modules: str) -> tuple[float, float]:
    """Milliseconds of CPU and number of modules, medians of fresh processes."""
    imports = "\n".join(f"import {module}" for module in modules.split())
    probe = [sys.executable, "-W", "ignore", "-c", IMPORT.format(base=BASE, imports=imports)]
    runs = [
        subprocess.run(probe, capture_output=True, text=True, check=True).stdout.split()[-2:] for _ in range(REPEATS)
    ]
    return tuple(statistics.median(map(float, each)) for each in zip(*runs, strict=True))


def measure(name: str, count: int) -> dict[str, float]:
    """Requests and seconds of CPU a round, seconds from round to round; longest gap, and most CPU in one, in ms."""
    os.environ["NO_PROXY"] = "127.0.0.1,localhost"
    provider = PROVIDERS[name]
    if provider.answer is None:
        with stub_of(serve_aep, count) as ((connection, run_ids), counts):
            os.environ["AIRFLOW_CONN_AEP_DEFAULT"] = connection
            return asyncio.run(watch([aep_trigger(run_id) for run_id in run_ids], counts))
    with stub_of(serve_answer, provider.answer) as (url, counts):
        os.environ |= connection_of(provider, url)
        triggers = [provider.trigger(number + 1, INTERVAL) for number in range(count)]
        return asyncio.run(watch(triggers, counts))


def aep_trigger(run_id: str):
    from airflow_provider_aep.triggers.flow_run import AepFlowRunTrigger

    return AepFlowRunTrigger(run_id=run_id, poll_interval=INTERVAL, deadline=time.time() + 3600)


async def watch(triggers: list, counts) -> dict[str, float]:
    import structlog
    from bench_waiting import Watchdog, first_event

    # Not before: Airflow's own modules configure it when they are imported.
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    gc.collect()
    watchdog = Watchdog()
    watching = asyncio.create_task(watchdog())
    waits, begun = [], time.monotonic()
    for trigger in triggers:
        waits.append(asyncio.create_task(first_event(trigger)))
        # As Airflow's triggerer does. But with a provider that blocks the loop the last would not start for an hour.
        if time.monotonic() - begun < INTERVAL:
            await asyncio.sleep(0)
    await asyncio.sleep(INTERVAL * 1.5)
    counts()
    watchdog.take()
    begun, cpu = time.monotonic(), time.process_time()
    await asyncio.sleep(SECONDS)  # longer, if a provider blocks the event loop
    gap, busy, _ = watchdog.take()
    cpu, seconds = time.process_time() - cpu, time.monotonic() - begun
    requests, looks = counts()
    ended = [wait for wait in waits if wait.done()]
    assert not ended, f"{len(ended)} waits have ended: {ended[0].result()}"
    for task in (watching, *waits):
        task.cancel()
    await asyncio.gather(watching, *waits, return_exceptions=True)
    rounds = looks / len(triggers)
    figures = {"gap": gap, "busy": busy, "cpu": cpu / rounds}
    return {"requests": requests / rounds, "every": seconds / rounds, **figures}


if __name__ == "__main__":
    sys.exit(main())

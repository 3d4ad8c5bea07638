"""What an apply of 100 new dataflows costs, what a second one and one after a kill cost, and what a DAG file of task
groups costs when it is parsed.
"""

from __future__ import annotations

import gc
import logging
import time

import platform_process  # noqa: F401 - it puts tests/ on the path

# isort: split
from dataflow.applied import Death, apply_to, client_of, credentials, dying, plan_of, writes
from dataflow.world import COLUMNS, CRM, spec_of

from airflow_provider_aep.dataflow.apply import apply
from airflow_provider_aep.emulator import AepEmulator

COUNT = 100
THREADS = 8
# Seconds that the platform takes for an answer.
LATENCY = 0.1
STEPS = 7
# Best of so many: a shared machine is slow now and then.
ROUNDS = 3


def main() -> None:
    logging.disable(logging.WARNING)
    specs = [one(number) for number in range(COUNT)]
    with AepEmulator() as aep:
        seconds = applied_in(aep, specs)
        made, asked = len(writes(aep)), requests(aep)
        before = len(aep.requests)
        apply_to(aep, *specs)
        second = len(writes(aep, before))
    after_kill = requests_after_a_kill(specs)
    groups, operators = parse_times()
    print(f"Apply of {COUNT} new dataflows, {THREADS} threads, {LATENCY:.1f} s an answer (columns declared)")
    rows = [
        ("seconds", seconds),
        ("seconds / writes over the threads (at most 1.3)", seconds / (made / THREADS * LATENCY)),
        ("requests", asked),
        ("requests / writes (at most 1.1)", asked / made),
        ("writes of a second apply (0)", second),
        ("requests after a kill / rest and a plan (at most 1.1)", after_kill),
        (f"parsing {COUNT} task groups / {COUNT * STEPS} operators (at most 1.5)", groups / operators),
    ]
    for title, value in rows:
        print(f"  {title:<58}{value:>8.2f}" if isinstance(value, float) else f"  {title:<58}{value:>5}")


def one(number):
    """A dataflow with seven resources of its own."""
    own = {part: {"name": f"{part} {number}"} for part in ("base_connection", "dataset", "target")}
    source = {"source": {"name": f"source {number}", "columns": COLUMNS}, "schema": {"title": f"schema {number}"}}
    return spec_of(CRM, name=f"Accounts {number}", **own, **source)


def requests(aep, since=0) -> int:
    """How many there were, without those for tokens."""
    return sum("/ims/" not in record.path for record in aep.requests[since:])


def applied_in(aep, specs) -> float:
    """Seconds for an apply whose answers take their time."""
    client = client_of(aep)
    request = client._session.request

    def slow(*arguments, **options):
        began = time.monotonic()
        response = request(*arguments, **options)
        time.sleep(max(0.0, LATENCY - (time.monotonic() - began)))
        return response

    client._session.request = slow
    began = time.monotonic()
    assert apply(client, specs, credentials=credentials, concurrency=THREADS).ok
    return time.monotonic() - began


def requests_after_a_kill(specs) -> float:
    """Of an apply whose process died in its middle: what the next one asks, beside what it cannot do without."""
    with AepEmulator() as aep:
        try:
            apply_to(aep, *specs, client=dying(aep, len(specs) * STEPS // 2, after=True))
        except Death:
            done = len(writes(aep))
        before = len(aep.requests)
        plan_of(aep, *specs)
        planning = requests(aep, before)
        before = len(aep.requests)
        assert apply_to(aep, *specs, concurrency=THREADS).ok
        return requests(aep, before) / (len(specs) * STEPS - done + planning)


def parse_times() -> tuple[float, float]:
    """Seconds of the processor to build a DAG of task groups, and one of as many operators."""
    from airflow.sdk import DAG

    from airflow_provider_aep.operators.catalog import AepCreateDatasetOperator
    from airflow_provider_aep.operators.dataflow import aep_dataflow

    def groups():
        with DAG("groups", schedule=None):
            for number in range(COUNT):
                aep_dataflow(f"group_{number}", {**CRM, "source": {"table": "Accounts", "columns": COLUMNS}})

    def operators():
        with DAG("operators", schedule=None):
            for number in range(COUNT * STEPS):
                AepCreateDatasetOperator(task_id=f"task_{number}", name="CRM", schema_id="{{ params.schema }}")

    return best(groups), best(operators)


def best(act) -> float:
    times = []
    for _ in range(ROUNDS):
        gc.collect()
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return min(times)


if __name__ == "__main__":
    main()

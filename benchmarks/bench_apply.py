"""What an apply of 100 new dataflows costs, what a second one and one after a kill cost, and what a DAG file of task
groups costs when it is parsed.
"""

from __future__ import annotations

import gc
import logging
import tempfile
import time
from pathlib import Path

import platform_process  # noqa: F401 - it puts tests/ on the path
import yaml
from airflow.sdk import DAG

# isort: split
from dataflow.applied import Death, apply_to, client_of, credentials, dying, plan_of, writes
from dataflow.world import COLUMNS, CRM, spec_of

from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.dataflow.apply import apply
from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.operators.catalog import AepCreateDatasetOperator
from airflow_provider_aep.operators.connections import (
    AepCreateBaseConnectionOperator,
    AepCreateSourceConnectionOperator,
    AepCreateTargetConnectionOperator,
)
from airflow_provider_aep.operators.data_prep import AepCreateMappingSetOperator
from airflow_provider_aep.operators.dataflow import aep_dataflow
from airflow_provider_aep.operators.flow_service import AepCreateFlowOperator
from airflow_provider_aep.operators.schema_registry import AepCreateSchemaOperator

COUNT = 100
THREADS = 8
# Seconds that the platform takes for an answer.
LATENCY = 0.1
STEPS = 7
# Best of so many: a shared machine is slow now and then.
ROUNDS = 7


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
    in_groups, written_out = parse_times()
    print(f"Apply of {COUNT} new dataflows, {THREADS} threads, {LATENCY:.1f} s an answer (columns declared)")
    rows = [
        ("seconds", seconds),
        ("seconds / writes over the threads (at most 1.3)", seconds / (made / THREADS * LATENCY)),
        ("requests", asked),
        ("requests / writes (at most 1.1)", asked / made),
        ("writes of a second apply (0)", second),
        ("requests after a kill / rest and a plan (at most 1.1)", after_kill),
        (f"parsing {COUNT} task groups / {COUNT * STEPS} operators (at most 1.5)", in_groups / written_out),
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
    """Seconds of the processor to build a DAG of task groups, each from a YAML file of its own, and one of the same
    steps written out.
    """
    with tempfile.TemporaryDirectory() as folder:
        return best(lambda: groups(spec_files(Path(folder)))), best(operators)


def spec_files(folder):
    """As many files, none of which has been read before."""
    files = [folder / f"{time.monotonic_ns()}-{number}.yaml" for number in range(COUNT)]
    for file in files:
        document = {**CRM, "name": file.stem, "source": {"table": "Accounts", "columns": COLUMNS}}
        file.write_text(yaml.safe_dump(document))
    return files


def groups(files):
    def act():
        with DAG("groups", schedule=None):
            for number, file in enumerate(files):
                aep_dataflow(f"group_{number}", file)

    return act


def operators():
    def act():
        with DAG("operators", schedule=None):
            for number in range(COUNT):
                seven_operators(number)

    return act


def seven_operators(number) -> None:
    """As in the example DAG of the provider."""
    base = AepCreateBaseConnectionOperator(
        task_id=f"base_connection_{number}",
        name="Salesforce",
        connector="salesforce",
        auth_spec_name="Basic Authentication",
        credentials_conn_id="salesforce_crm",
    )
    source = AepCreateSourceConnectionOperator(
        task_id=f"source_connection_{number}",
        name="CRM source",
        connector="salesforce",
        base_connection_id=base.output,
        source_params={"tableName": "Accounts", "columns": COLUMNS},
    )
    schema = AepCreateSchemaOperator(task_id=f"schema_{number}", **CRM["schema"])
    dataset = AepCreateDatasetOperator(task_id=f"dataset_{number}", name="CRM dataset", schema_id=schema.output)
    target = AepCreateTargetConnectionOperator(
        task_id=f"target_connection_{number}", name="CRM target", dataset_id=dataset.output, schema_id=schema.output
    )
    mappings = [{"source": source, "destination": destination} for destination, source in CRM["mappings"].items()]
    mapping_set = AepCreateMappingSetOperator(
        task_id=f"mapping_set_{number}", schema_id=schema.output, mappings=mappings
    )
    AepCreateFlowOperator(
        task_id=f"flow_{number}",
        name="CRM accounts",
        flow_spec_id=FLOW_SPEC_IDS["CRMToAEP"],
        source_connection_id=source.output,
        target_connection_id=target.output,
        mapping_set_id=mapping_set.output,
        mapping_set_version=0,
        delta_column=CRM["delta_column"],
        schedule_params=CRM["schedule"],
    )


def best(make) -> float:
    """The least of some rounds.

    :param make: prepares a round, which is not measured, and returns what is.
    """
    times = []
    for _ in range(ROUNDS):
        act = make()
        gc.collect()
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return min(times)


if __name__ == "__main__":
    main()

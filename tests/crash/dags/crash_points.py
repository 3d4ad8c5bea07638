"""DAGs whose tasks die, each at its own point, on their first try. Airflow's retries do the rest.

The tasks are the provider's operators as they are. What kills them is a `pre_execute` hook, in the process of the task.
"""

import asyncio
import os
import select
import signal
from datetime import timedelta
from pathlib import Path

from airflow.sdk import DAG
from airflow.sdk.execution_time.comms import CommsDecoder
from cases import (
    AFTER_EFFECT,
    AFTER_END,
    AFTER_RECORD,
    BEFORE_DEFERRAL,
    BEFORE_POST,
    BEFORE_RECORD,
    CASES,
    LOST_WORKER,
    RESUMED,
    STEP_POINTS,
    WAITING,
)
from urllib3.connection import HTTPConnection

from airflow_provider_aep.client.http import AepClient
from airflow_provider_aep.operators import run_base
from airflow_provider_aep.operators.catalog import AepCreateDatasetOperator
from airflow_provider_aep.operators.data_prep import AepCreateMappingSetOperator
from airflow_provider_aep.operators.flow_run import AepRetryFlowRunOperator, AepRunFlowOperator
from airflow_provider_aep.operators.flow_service import (
    AepCreateBaseConnectionOperator,
    AepCreateFlowOperator,
    AepCreateSourceConnectionOperator,
    AepCreateTargetConnectionOperator,
)
from airflow_provider_aep.operators.schema_registry import AepCreateSchemaOperator
from airflow_provider_aep.runs.start import RunStarter
from airflow_provider_aep.runs.watch import RunWatcher

DELTA_COLUMN = {"name": "LastModifiedDate", "dateFormat": "yyyy-MM-dd HH:mm:ss", "timezone": "UTC"}
COLUMNS = [{"name": name, "type": "string", "xdm": {"type": "string"}} for name in ("first_name", "last_name", "email")]


DEATHS = Path(os.environ.get("CRASH_DEATHS", os.devnull))


def die():
    """As a worker does that runs out of memory; but it leaves its name behind."""
    with DEATHS.open("a") as deaths:
        deaths.write(f"{os.environ['AIRFLOW_CTX_TASK_ID']}\n")
    os.kill(os.getpid(), signal.SIGKILL)


def die_with_supervisor():
    os.kill(os.getppid(), signal.SIGKILL)
    die()


def before(owner, name, death=die, when=lambda *arguments, **named: True):
    """Die as `owner.name` is called."""
    original = getattr(owner, name)

    def deadly(*arguments, **named):
        if when(*arguments, **named):
            death()
        return original(*arguments, **named)

    setattr(owner, name, deadly)


def is_post(client, call, *rest):
    return call.method == "POST"


def before_the_post():
    before(AepClient, "_exchange", when=is_post)


def after_the_effect():
    """Die once the answer to the POST has arrived at this machine, and nobody has read a byte of it."""

    def wait_and_die(connection):
        select.select([connection.sock], [], [], 30)
        die()

    def arm():
        HTTPConnection.getresponse = wait_and_die

    before(AepClient, "_exchange", death=arm, when=is_post)


def after_the_answer():
    original = AepClient._exchange

    def deadly(client, call, *rest):
        answer = original(client, call, *rest)
        if call.method == "POST":
            die()
        return answer

    AepClient._exchange = deadly


def before_the_record():
    # Also where there is nothing to write in: Airflow 3.1 has no task state store.
    before(RunStarter, "_write", when=lambda starter, at_ms, run_id, **how: run_id is not None)


def after_the_record():
    before(run_base, "announce_run")


def while_looking():
    """Die at the first question after the POST."""
    before(
        AepClient,
        "_exchange",
        death=lambda: before(AepClient, "_exchange", when=lambda client, call, *rest: call.method == "GET"),
        when=is_post,
    )


def while_waiting(death=die):
    original = RunWatcher.wait

    async def deadly(*arguments, **named):
        asyncio.get_running_loop().call_later(1.5, death)
        return await original(*arguments, **named)

    RunWatcher.wait = deadly


def before_airflow_hears(message):
    before(CommsDecoder, "send", when=lambda comms, msg: type(msg).__name__ == message)


RUN_DEATHS = {
    BEFORE_POST: before_the_post,
    AFTER_EFFECT: after_the_effect,
    BEFORE_RECORD: before_the_record,
    AFTER_RECORD: after_the_record,
    WAITING: while_waiting,
    LOST_WORKER: lambda: while_waiting(die_with_supervisor),
    BEFORE_DEFERRAL: lambda: before_airflow_hears("DeferTask"),
    RESUMED: lambda: before(run_base.AepRunOperatorBase, "execute_complete"),
    AFTER_END: lambda: before_airflow_hears("SucceedTask"),
}
STEP_DEATHS = {**RUN_DEATHS, BEFORE_RECORD: after_the_answer, WAITING: while_looking}


def dies(arm):
    """A `pre_execute` hook; it is called before each leg of a task."""

    def hook(context):
        if arm and context["ti"].try_number == 1:
            arm()

    return hook


DEFAULTS = {"retries": 4, "retry_delay": timedelta(seconds=1)}


def run_dag(dag_id, cases):
    with DAG(dag_id=dag_id, schedule=None, default_args=DEFAULTS, max_active_tasks=100) as dag:
        for case in cases:
            given = f"{{{{ dag_run.conf['given']['{case.task_id}'] }}}}"
            common = {
                "task_id": case.task_id,
                "pre_execute": dies(RUN_DEATHS.get(case.point)),
                "deferrable": case.deferrable,
                "poll_interval": 0.5,
                "if_running": "start" if case.shares or any(one.shares == case.task_id for one in cases) else "wait",
                "timeout": 4 * 60 * 60,
            }
            if case.operator == "retry":
                AepRetryFlowRunOperator(run_id=given, **common)
            else:
                AepRunFlowOperator(
                    flow_id=given,
                    delta_column=DELTA_COLUMN,
                    window_start=case.window[0],
                    window_end=case.window[1],
                    **common,
                )
    return dag


crash_runs = run_dag("crash_runs", [case for case in CASES if not case.late])
crash_late_runs = run_dag("crash_late_runs", [case for case in CASES if case.late])

with DAG(dag_id="crash_provisioning", schedule=None, default_args=DEFAULTS, max_active_tasks=100) as crash_provisioning:
    for prefix, point in STEP_POINTS.items():
        dying = {"pre_execute": dies(STEP_DEATHS[point])}
        base_connection = AepCreateBaseConnectionOperator(
            task_id=f"{prefix}.base_connection",
            name=f"{prefix} base",
            connector="salesforce",
            auth_spec_name="Basic Authentication",
            credentials_conn_id="salesforce_crm",
            **dying,
        )
        source_connection = AepCreateSourceConnectionOperator(
            task_id=f"{prefix}.source_connection",
            name=f"{prefix} source",
            connector="salesforce",
            base_connection_id=base_connection.output,
            source_params={"tableName": "Accounts", "columns": COLUMNS},
            **dying,
        )
        schema = AepCreateSchemaOperator(
            task_id=f"{prefix}.schema",
            title=f"{prefix} schema",
            schema_class="https://ns.adobe.com/xdm/context/profile",
            **dying,
        )
        dataset = AepCreateDatasetOperator(
            task_id=f"{prefix}.dataset", name=f"{prefix} dataset", schema_id=schema.output, **dying
        )
        target_connection = AepCreateTargetConnectionOperator(
            task_id=f"{prefix}.target_connection",
            name=f"{prefix} target",
            dataset_id=dataset.output,
            schema_id=schema.output,
            **dying,
        )
        mapping_set = AepCreateMappingSetOperator(
            task_id=f"{prefix}.mapping_set",
            schema_id=schema.output,
            mappings=[{"source": "email", "destination": "personalEmail.address"}],
            **dying,
        )
        AepCreateFlowOperator(
            task_id=f"{prefix}.flow",
            name=f"{prefix} flow",
            flow_spec_id="14518937-270c-4525-bdec-c2ba7cce3860",
            source_connection_id=source_connection.output,
            target_connection_id=target_connection.output,
            mapping_set_id=mapping_set.output,
            delta_column=DELTA_COLUMN,
            schedule_params={"frequency": "hour", "interval": 1},
            **dying,
        )

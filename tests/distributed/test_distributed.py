"""Twenty dataflows on two Celery workers; a worker and the triggerer are killed on the way. `make distributed` runs it.

Environment variables: `TIMES=10` repeats it, each time with an Airflow, a PostgreSQL and a Redis of its own, and
`CRASH_KEEP=1` keeps the folders with all logs.
"""

import json
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from local_aep import local_aep
from real_airflow import RealAirflow

pytestmark = pytest.mark.distributed

DAG_ID = "distributed"
DAGS = Path(__file__).resolve().parent / "dags"
NUMBER = 20
TIMES = int(os.environ.get("TIMES") or 1)
ENDED = {"success", "failed", "skipped", "upstream_failed", "removed"}
# Runs last until the test moves the platform's clock.
LONG = 100_000
SETTINGS = {
    "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
    # A task that a worker took from the queue and did not begin is put there again after this many seconds.
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
}


@pytest.fixture
def platform():
    """A local AEP, and Airflow with two Celery workers."""
    folder = Path(tempfile.mkdtemp(prefix="aep-distributed-"))
    with ExitStack() as stack:
        if not os.environ.get("CRASH_KEEP"):
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        aep = stack.enter_context(local_aep(folder))
        salesforce = {"conn_type": "generic", "login": "a", "password": "b", "extra": {"securityToken": "c"}}
        environment = SETTINGS | {
            "AIRFLOW_CONN_AEP_DEFAULT": aep.connection,
            "AIRFLOW_CONN_SALESFORCE_CRM": json.dumps(salesforce),
        }
        airflow = stack.enter_context(RealAirflow(folder, environment, "CeleryExecutor", workers=2))
        airflow.until_parsed([DAG_ID])
        yield aep, airflow


@pytest.mark.parametrize("time_", range(1, TIMES + 1))
def test_twenty_dataflows_are_built_run_and_awaited_once(platform, time_, capfd):
    aep, airflow = platform
    begun = time.monotonic()
    aep.request("POST", "/runs/outcomes", {"duration": LONG, "queue_time": 0.5, "times": None})
    airflow.trigger(DAG_ID, {})

    airflow.until_tasks(DAG_ID, "some dataflows are made", lambda tasks: len(aep.state["flows"]) >= 3, 240)
    lost = kill_amid_tasks(airflow, "worker-1")
    made = len(aep.state["flows"])
    airflow.start("worker-1")

    airflow.until_tasks(DAG_ID, "all runs are awaited", all_are_awaited, 300)
    airflow.kill("triggerer")
    airflow.start("triggerer")
    time.sleep(10)  # Airflow may lose a task that was deferred for less
    aep.request("POST", "/clock", {"advance": LONG + 60})
    tasks = airflow.until_tasks(DAG_ID, "all has ended", lambda tasks: all(map(has_ended, tasks.values())), 300)

    with capfd.disabled():
        retried = sum(ti["try_number"] > 1 for ti in tasks.values())
        counts = f"{len(aep.state['flows'])} dataflows, {len(aep.state['runs'])} runs"
        states = ", ".join(f"{count} tasks {state}" for state, count in Counter(states_of(tasks)).items())
        print(
            f"\n{time_} of {TIMES}: {counts}, {states}; {time.monotonic() - begun:.0f} s on {airflow.database}. "
            f"A worker was killed amid {len(lost)} tasks, with {made} dataflows made, the triggerer with {NUMBER} runs "
            f"awaited; {retried} tasks were tried again.",
            flush=True,
        )
    assert set(states_of(tasks)) == {"success"}
    assert made < NUMBER
    assert any(tasks[task_id]["try_number"] > 1 for task_id in lost)
    state = aep.state
    assert {name: made_of(state[name]) for name in OF_EACH} == dict.fromkeys(OF_EACH, 1)
    assert {name: len(state[name]) for name in OF_EACH} == dict.fromkeys(OF_EACH, NUMBER)
    assert [connection["name"] for connection in state["connections"].values()] == ["Salesforce"]
    assert sum(schema.get("title") == "CRM" for schema in state["schemas"].values()) == 1
    assert len(state["mappingSets"]) == 1
    runs = list(state["runs"].values())
    assert Counter(run["flowId"] for run in runs) == dict.fromkeys(state["flows"], 1)
    assert {run["metrics"]["statusSummary"]["status"] for run in runs} == {"success"}
    assert aep.request("GET", "/unknown-routes") == []


def kill_amid_tasks(airflow, worker):
    """Kill it when it has two tasks in hand, and return their ids. It is stopped first, so that none ends meanwhile."""
    deadline = time.monotonic() + 120
    while True:
        assert time.monotonic() < deadline, f"{worker} has nothing to do"
        processes = airflow.signal(worker, signal.SIGSTOP)
        tasks = airflow.tasks(DAG_ID)
        in_hand = [task_id for task_id, ti in tasks.items() if ti["state"] == "running" and ti["pid"] in processes]
        if len(in_hand) >= 2:
            airflow.kill(worker)
            return in_hand
        airflow.signal(worker, signal.SIGCONT)
        time.sleep(0.5)


OF_EACH = ("sourceConnections", "dataSets", "targetConnections", "flows")


def made_of(resources):
    """How many there are of the one that there are most of: a name is given once."""
    return max(Counter(resource["name"] for resource in resources.values()).values())


def states_of(tasks):
    return [ti["state"] for ti in tasks.values()]


def has_ended(ti):
    return ti["state"] in ENDED


def all_are_awaited(tasks):
    assert not any(map(has_failed, tasks.values()))
    return [ti["state"] for task_id, ti in tasks.items() if task_id.endswith(".run")] == ["deferred"] * NUMBER


def has_failed(ti):
    return ti["state"] in ENDED - {"success"}

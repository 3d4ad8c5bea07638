"""Each hour is loaded once, whatever becomes of other DAG runs: real Airflow, with its scheduler; `make crash` runs it.

`DATABASE=SQLite`, `EXECUTOR` and `CRASH_KEEP` are those of the crash points.
"""

import os
import shutil
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from local_aep import local_aep, script
from provisioning import Provisioning
from real_airflow import RealAirflow

from airflow_provider_aep.hooks.aep import AepHook

pytestmark = pytest.mark.crash

SCHEDULED, BACKFILLED = "windows_scheduled", "windows_backfilled"
FLOWS = {SCHEDULED: "WINDOWS_SCHEDULED_FLOW", BACKFILLED: "WINDOWS_BACKFILLED_FLOW"}
MIDNIGHT = datetime(2025, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def platform():
    """The emulator, and real Airflow with a dataflow for each DAG."""
    folder = Path(tempfile.mkdtemp(prefix="aep-windows-"))
    with ExitStack() as stack:
        if not os.environ.get("CRASH_KEEP"):
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        aep = stack.enter_context(local_aep(folder))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("AIRFLOW_CONN_AEP_DEFAULT", aep.connection)
        client = AepHook().get_conn()
        flows = {dag_id: Provisioning(client, name=dag_id, pause=lambda seconds: None).build().flow for dag_id in FLOWS}
        environment = {"AIRFLOW_CONN_AEP_DEFAULT": aep.connection, **{FLOWS[dag_id]: flows[dag_id] for dag_id in FLOWS}}
        airflow = stack.enter_context(RealAirflow(folder, environment, os.environ.get("EXECUTOR", "LocalExecutor")))
        airflow.until_parsed(FLOWS)
        yield aep, airflow, flows


def runs_of(aep, flow_id, status="success"):
    """The flow runs of that status, in the order of their creation."""
    runs = [run for run in aep.state["runs"].values() if run["flowId"] == flow_id]
    found = [run for run in runs if run["metrics"]["statusSummary"]["status"] == status]
    return sorted(found, key=lambda run: run["createdAt"])


def window(run):
    extensions = run["activities"][0]["durationSummary"]["extensions"]
    return tuple(datetime.fromtimestamp(extensions[end] / 1000, UTC) for end in ("windowStart", "windowEnd"))


def hours(*ticks):
    return [(MIDNIGHT + (tick - 1) * HOUR, MIDNIGHT + tick * HOUR) for tick in ticks]


def states(airflow, dag_id, number):
    """The states of the DAG runs by hour, once all of that number have ended."""
    runs = airflow.until_runs(dag_id, number, 240)
    return {datetime.fromisoformat(run["logical_date"]).hour: run["state"] for run in runs}


def clear(airflow, dag_id, hour):
    runs = airflow.request("GET", f"/dags/{dag_id}/dagRuns")["dag_runs"]
    (run,) = [run for run in runs if datetime.fromisoformat(run["logical_date"]).hour == hour]
    airflow.request(
        "POST",
        f"/dags/{dag_id}/clearTaskInstances",
        json={"dry_run": False, "dag_run_id": run["dag_run_id"], "only_failed": False},
    )


def test_hours_that_were_left_out_or_failed_are_loaded_after_newer_ones(platform):
    aep, airflow, flows = platform
    flow_id = flows[SCHEDULED]
    for outcome in ("success", "success", "failed_promotion"):  # midnight, one o'clock, three o'clock
        script(aep, flow_id, outcome=outcome, duration=0.5)
    script(aep, flow_id, duration=0.5, times=None)

    airflow.request("PATCH", f"/dags/{SCHEDULED}", json={"is_paused": False})
    assert states(airflow, SCHEDULED, 6) == {**dict.fromkeys(range(6), "success"), 3: "failed"}
    assert [window(run) for run in runs_of(aep, flow_id)] == hours(0, 1, 4, 5)
    assert [window(run) for run in runs_of(aep, flow_id, "failed")] == hours(3)

    for hour in (3, 2):
        clear(airflow, SCHEDULED, hour)
        assert states(airflow, SCHEDULED, 6)[hour] == "success"
    assert [window(run) for run in runs_of(aep, flow_id)] == hours(0, 1, 4, 5, 3, 2)


def test_a_backfill_of_ten_hours_at_once_loads_each_once_and_one_after_the_other(platform):
    aep, airflow, flows = platform
    script(aep, flows[BACKFILLED], duration=0.5, times=None)

    backfill = {"from_date": MIDNIGHT.isoformat(), "to_date": (MIDNIGHT + 9 * HOUR).isoformat()}
    airflow.request("POST", "/backfills", json={"dag_id": BACKFILLED, "max_active_runs": 10, **backfill})
    # Not before: with SQLite, Airflow 3.1 cannot make a backfill while its scheduler is at work on it.
    airflow.request("PATCH", f"/dags/{BACKFILLED}", json={"is_paused": False})

    assert states(airflow, BACKFILLED, 10) == dict.fromkeys(range(10), "success")
    runs = runs_of(aep, flows[BACKFILLED])
    assert sorted(window(run) for run in runs) == hours(*range(10))
    for earlier, later in pairwise(runs):
        assert later["createdAt"] >= earlier["metrics"]["durationSummary"]["completedAtUTC"]

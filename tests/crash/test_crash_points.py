"""The proof that a crash at any point starts no second run, loses none, and builds nothing twice.

Real Airflow, real SIGKILL; `make crash` runs it. Each test looks at one case; all of them ran in the same Airflow.

Environment variables: `EXECUTOR=CeleryExecutor` (needs Redis, the Celery provider and celery<5.7) instead of the
LocalExecutor, `DATABASE=SQLite` instead of PostgreSQL, and `CRASH_KEEP=1` keeps the folder with all logs.
"""

import json
import os
import shutil
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from airflow import __version__ as airflow_version
from cases import CASES, CLEARED, LAG, MARKED_FAILED, STEP_POINTS, STEPS
from local_aep import local_aep, script
from provisioning import DELTA_COLUMN, Provisioning
from real_airflow import RealAirflow

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.hooks.aep import AepHook

pytestmark = pytest.mark.crash

RUNS, LATE_RUNS, PROVISIONING = "crash_runs", "crash_late_runs", "crash_provisioning"
HAS_STORE = tuple(int(part) for part in airflow_version.split(".")[:2]) >= (3, 3)
# How long a run lasts: longer than it takes until a task that died is tried again.
SHORT, LONG = 12, 100_000
DONE = {"success", "failed", "skipped", "upstream_failed", "removed"}


class Outcome:
    """What was seen in the end.

    :param flows: the dataflow of each case.
    """

    def __init__(self, aep, airflow, flows, database):
        self.flows = flows
        self.database = database
        self.ended = [name for name, process in airflow.ended]
        self.state = aep.state
        self.requests = aep.request("GET", "/requests")
        self.deaths = Counter((airflow.folder / "deaths").read_text().split())
        self.unknown = aep.request("GET", "/unknown-routes")
        self.tasks = {}
        for dag_id in (RUNS, LATE_RUNS, PROVISIONING):
            self.tasks |= airflow.tasks(dag_id)
        self.xcoms = {case.task_id: airflow.xcom(dag_of(case), case.task_id) for case in CASES}
        self.logs = {case.task_id: airflow.logs(case.task_id) for case in CASES}

    def runs(self, case):
        return [run for run in self.state["runs"].values() if run["flowId"] == self.flows[case.task_id]]

    def made(self, prefix):
        """How many of each resource there are."""
        counts = Counter()
        for step, collection, key in (
            ("base_connection", "connections", "name"),
            ("source_connection", "sourceConnections", "name"),
            ("schema", "schemas", "title"),
            ("dataset", "dataSets", "name"),
            ("target_connection", "targetConnections", "name"),
            ("flow", "flows", "name"),
        ):
            counts[step] = sum(
                str(one.get(key, "")).startswith(f"{prefix} ") for one in self.state[collection].values()
            )
        schemas = [one["$id"] for one in self.state["schemas"].values() if one.get("title") == f"{prefix} schema"]
        counts["mapping_set"] = sum(
            any(schema in json.dumps(one) for schema in schemas) for one in self.state["mappingSets"].values()
        )
        return dict(counts)


def dag_of(case):
    return LATE_RUNS if case.late else RUNS


def prepare(aep):
    """A dataflow for each case. Returns task id -> dataflow, and task id -> what the task is given."""
    client = AepHook().get_conn()
    flows, given = {}, {}
    for case in CASES:
        if case.shares:
            flows[case.task_id] = given[case.task_id] = flows[case.shares]
            continue
        flow_id = Provisioning(client, name=case.task_id, pause=lambda seconds: None).build().flow
        flows[case.task_id] = given[case.task_id] = flow_id
        if case.operator == "retry":
            given[case.task_id] = failed_run(aep, client, flow_id)
        if case.first_run_fails:
            script(aep, flow_id, outcome="failed_copy", duration=0.5)
        script(aep, flow_id, duration=LONG if case.held else SHORT, queue_time=case.queue, times=None)
    return flows, given


def failed_run(aep, client, flow_id):
    script(aep, flow_id, outcome="failed_copy", duration=0.1)
    params = {"startTime": int(client.now()), "windowStartTime": 1, "windowEndTime": 2, "deltaColumn": DELTA_COLUMN}
    return client.send(flow_service.create_run(flow_id, params)).id


@pytest.fixture(scope="module")
def outcome(request):
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="aep-crash-"))
    with ExitStack() as stack:
        if not os.environ.get("CRASH_KEEP"):
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        aep = stack.enter_context(local_aep(folder))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("AIRFLOW_CONN_AEP_DEFAULT", aep.connection)
        flows, given = prepare(aep)
        salesforce = {"conn_type": "generic", "login": "a", "password": "b", "extra": {"securityToken": "c"}}
        environment = {
            "AIRFLOW_CONN_AEP_DEFAULT": aep.connection,
            "AIRFLOW_CONN_SALESFORCE_CRM": json.dumps(salesforce),
            "CRASH_DEATHS": str(folder / "deaths"),
        }
        airflow = stack.enter_context(RealAirflow(folder, environment, os.environ.get("EXECUTOR", "LocalExecutor")))
        airflow.until_parsed((RUNS, LATE_RUNS, PROVISIONING))
        ready = time.monotonic()
        play(aep, airflow, flows, given)
        seen = Outcome(aep, airflow, flows, airflow.database)
        seen.seconds = (ready - begun, time.monotonic() - ready)
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("", *table(seen), "", sep="\n", flush=True)
    return seen


def play(aep, airflow, flows, given):
    """Run all cases, and do what persons and machines do meanwhile."""
    late = [case for case in CASES if case.late]
    aep.request("PATCH", "/switches", {"run_visibility_lag": LAG})
    airflow.trigger(LATE_RUNS, {"given": given})
    airflow.until_tasks(
        LATE_RUNS,
        "the late runs are started",
        lambda tasks: aep.started({flows[case.task_id] for case in late}) >= len(late),
        120,
    )
    aep.request("PATCH", "/switches", {"run_visibility_lag": 0})
    airflow.trigger(RUNS, {"given": given})
    airflow.trigger(PROVISIONING, {})

    held = {case.task_id: case for case in CASES if case.held}

    def others_ended(tasks):
        return all(ti["state"] in DONE for task_id, ti in tasks.items() if task_id not in held)

    def held_wait(tasks):
        return all(waits(tasks[task_id], case, flows, aep) for task_id, case in held.items())

    tasks = airflow.until_tasks(RUNS, "the tasks to be disturbed wait", held_wait, 240)
    before = {task_id: tasks[task_id]["try_number"] for task_id in held}
    cleared = {task_id: case for task_id, case in held.items() if case.point == CLEARED}
    for task_id in cleared:
        airflow.clear(RUNS, task_id)
    marked = [task_id for task_id, case in held.items() if case.point == MARKED_FAILED]
    for task_id in marked:
        airflow.mark_failed(RUNS, task_id)
    airflow.until_tasks(
        RUNS,
        "the cleared tasks wait again",
        lambda tasks: all(
            waits(tasks[task_id], case, flows, aep) and tasks[task_id]["try_number"] > before[task_id]
            for task_id, case in cleared.items()
        ),
        120,
    )
    airflow.until_tasks(RUNS, "the others have ended", others_ended, 300)
    if HAS_STORE:  # A triggerer that is busy tells its triggers later; one that is killed, never.
        told = lambda tasks: all("AEP has no way to cancel a run" in airflow.logs(task_id) for task_id in marked)  # noqa: E731
        airflow.until_tasks(RUNS, "the trigger was told that its task is over", told, 120)
    airflow.kill("triggerer")
    airflow.start("triggerer")
    airflow.until_tasks(PROVISIONING, "everything is built", lambda tasks: all(map(ended, tasks.values())), 300)
    aep.request("POST", "/clock", {"advance": LONG + 60})
    for dag_id in (RUNS, LATE_RUNS):
        airflow.until_tasks(dag_id, f"{dag_id} has ended", lambda tasks: all(map(ended, tasks.values())), 240)


def ended(ti):
    return ti["state"] in DONE


def waits(ti, case, flows, aep):
    return ti["state"] == ("deferred" if case.deferrable else "running") and aep.started({flows[case.task_id]})


def table(seen):
    head = ("case", "mode", "Airflow", "runs", "wanted", "state", "tries")
    rows = [head]
    for case in CASES:
        ti = seen.tasks[case.task_id]
        counts = (len(seen.runs(case)), case.runs)
        rows.append((case.in_words, case.mode, airflow_version, *counts, ti["state"], ti["try_number"]))
    head = ("a step of the provisioning dies", "steps", "Airflow", "made", "wanted", "state", "tries")
    rows.append(head)
    for prefix, point in STEP_POINTS.items():
        tasks = [seen.tasks[f"{prefix}.{step}"] for step in STEPS]
        states = ", ".join(sorted({str(ti["state"]) for ti in tasks}))
        tries = ", ".join(str(ti["try_number"]) for ti in tasks)
        made = " ".join(str(seen.made(prefix).get(step)) for step in STEPS)
        rows.append((point, len(STEPS), airflow_version, made, "1 each", states, tries))
    widths = [max(len(str(row[at])) for row in rows) for at in range(len(head))]
    store = "with" if HAS_STORE else "without"
    executor = os.environ.get("EXECUTOR", "LocalExecutor")
    return [
        f"Airflow {airflow_version} ({store} task state store), {executor}, {seen.database}: "
        f"ready after {seen.seconds[0]:.0f} s, all cases in {seen.seconds[1]:.0f} s",
        *(f"The {name} ended by itself and was started again." for name in seen.ended),
        *("  ".join(str(value).ljust(width) for value, width in zip(row, widths, strict=True)) for row in rows),
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.task_id)
def test_a_run_is_started_once(outcome, case):
    ti = outcome.tasks[case.task_id]
    runs = {run["id"]: run for run in outcome.runs(case)}
    told = {"state": ti["state"], "runs": len(runs), "deaths": outcome.deaths[case.task_id]}

    assert told == {"state": case.state, "runs": case.runs, "deaths": int(case.dies)}, outcome.logs[case.task_id]
    # More, where Airflow itself loses track of a task that resumes at once; that must not matter either.
    assert ti["try_number"] >= case.tries
    summary = outcome.xcoms[case.task_id]
    if case.state != "success":
        assert summary is None
        return
    assert summary["status"] == "success"
    own = runs[summary["run_id"]]
    assert summary["records"]["input"] == own["metrics"]["recordSummary"]["inputRecordCount"]
    if case.operator == "run":
        told = own["activities"][0]["durationSummary"]["extensions"]
        assert (told["windowStart"] // 1000, told["windowEnd"] // 1000) == case.window


@pytest.mark.parametrize("prefix", STEP_POINTS)
def test_everything_is_built_once(outcome, prefix):
    tasks = {step: outcome.tasks[f"{prefix}.{step}"] for step in STEPS}

    assert {step: ti["state"] for step, ti in tasks.items()} == dict.fromkeys(STEPS, "success")
    assert outcome.made(prefix) == dict.fromkeys(STEPS, 1)
    assert all(ti["try_number"] >= 2 for ti in tasks.values())
    assert {step: outcome.deaths[f"{prefix}.{step}"] for step in STEPS} == dict.fromkeys(STEPS, 1)


def test_nothing_is_written_to_the_platform_when_a_person_ends_a_task(outcome):
    (case,) = [case for case in CASES if case.point == MARKED_FAILED]
    writes = [one for one in outcome.requests if one["method"] != "GET" and one["path"].endswith("/action")]

    flow_id = outcome.flows[case.task_id]
    assert not [one for one in writes if flow_id in one["path"]]
    if HAS_STORE:  # the same Airflow that has a store tells a trigger that it was killed
        (run,) = outcome.runs(case)
        assert f"AEP has no way to cancel a run: flow run {run['id']} goes on." in outcome.logs[case.task_id]


def test_every_question_was_one_the_platform_knows(outcome):
    assert outcome.unknown == []

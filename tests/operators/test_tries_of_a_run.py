"""Which run a try of a task takes for its own: try by try, without a scheduler, by the emulator's clock."""

from datetime import UTC, datetime, timedelta
from unittest.mock import MagicMock

import pytest
from airflow.sdk import DAG
from direct import TaskState
from operators.execution import build_trigger, execute, leg, make_context, run_trigger
from provisioning import DELTA_COLUMN, Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepConfigError, AepConflictError, AepFlowRunFailedError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.operators.flow_service import AepRetryFlowRunOperator, AepRunFlowOperator
from airflow_provider_aep.task.compat import AirflowTaskTimeout

try:
    from airflow.sdk.exceptions import TaskDeferred
except ImportError:  # Airflow 3.1
    from airflow.exceptions import TaskDeferred

RETRIES = 3
OURS, THEIRS, OLD = (1_900_000_000, 1_900_003_600), (1_900_003_600, 1_900_007_200), (1, 2)
STORES = pytest.mark.parametrize("stored", [True, False], ids=["store", "no store"])


@pytest.fixture
def client(aep):
    return AepHook().get_conn()


@pytest.fixture
def flow_id(client):
    return Provisioning(client).build().flow


@pytest.fixture
def attempt(aep, flow_id):
    """One try of the task: an operator of its own, whose pauses move the emulator's clock."""

    def attempt(number=1, *, store=None, max_tries=RETRIES, run_id=None, resume=("execute", {}), **arguments):
        arguments = {"task_id": "run", "retries": RETRIES, "poll_interval": 0.01, "wait": False, **arguments}
        if run_id is not None:
            operator = AepRetryFlowRunOperator(run_id=run_id, **arguments)
        else:
            window = {"window_start": OURS[0], "window_end": OURS[1]}
            operator = AepRunFlowOperator(flow_id=flow_id, **{"delta_column": DELTA_COLUMN, **window, **arguments})
        operator.hook.get_conn().sleep = aep.advance
        context = make_context()
        context["ti"].try_number, context["ti"].max_tries = number, max_tries
        if store is not None:
            context["task_state_store"] = store
        return leg(operator, resume, context)

    return attempt


def start(client, flow_id, window):
    params = {"startTime": int(client.now()), "windowStartTime": window[0], "windowEndTime": window[1]}
    return client.send(flow_service.create_run(flow_id, {**params, "deltaColumn": DELTA_COLUMN})).id


def failed_run(aep, client, flow_id, window):
    aep.script_run("failed_copy", flow_id=flow_id)
    run_id = start(client, flow_id, window)
    aep.advance(600)
    return run_id


def repetitions(aep):
    return [one for one in aep.requests if one.method == "POST" and one.path.endswith("/action")]


def runs(aep):
    return aep.state()["runs"]


def report(aep, run_id, flow_id, path="*/runs/*", **metrics):
    """Let the platform say this of the run from now on."""
    created_at = runs(aep)[run_id]["createdAt"]
    run = {"id": run_id, "flowId": flow_id, "createdAt": created_at, "createdClient": aep.client_id, "metrics": metrics}
    aep.fault("GET", path, kind="status", status=200, body={"items": [run]}, times=None)


# What is run again


@pytest.mark.parametrize("status", ["success", "partialSuccess", "of a new kind"])
def test_what_the_platform_does_not_call_failed_ends_the_task_for_good(aep, flow_id, attempt, status):
    store = TaskState()
    run_id = attempt(store=store)["run_id"]
    counts = {"inputRecordCount": -1, "outputRecordCount": -1, "failedRecordCount": -1}
    summary = {"status": status, "errors": [{"code": "CONNECTOR-2001-500", "message": "?"}]}
    report(
        aep, run_id, flow_id, statusSummary=summary, recordSummary=counts, durationSummary={"completedAtUTC": 1.9e12}
    )

    with pytest.raises(AepFlowRunFailedError) as refusal:
        attempt(2, store=store, wait=True)

    assert not refusal.value.retryable
    assert not repetitions(aep)


@STORES
def test_a_failed_run_that_was_attached_to_is_not_run_again(aep, client, flow_id, attempt, stored, caplog):
    store = TaskState() if stored else None
    aep.script_run("failed_copy", flow_id=flow_id)
    theirs = start(client, flow_id, THEIRS)
    aep.advance(10)
    assert attempt(store=store, if_running="attach")["run_id"] == theirs
    aep.advance(600)

    ours = attempt(2, store=store, if_running="attach")["run_id"]

    assert ours != theirs
    assert not repetitions(aep)
    assert f"{theirs}, which an earlier try of this task started" not in caplog.text


def test_a_retry_goes_on_with_a_run_that_was_attached_to(client, aep, flow_id, attempt):
    store = TaskState()
    theirs = start(client, flow_id, THEIRS)
    attempt(store=store, if_running="attach")
    aep.advance(600)

    assert attempt(2, store=store, if_running="attach")["run_id"] == theirs


@pytest.mark.parametrize("delivered", [True, False])
def test_the_failed_run_is_not_taken_for_its_repetition(aep, flow_id, attempt, delivered):
    """The repetition is asked for within seconds of the failure, and its answer is lost."""
    store = TaskState()
    aep.script_run("failed_copy", flow_id=flow_id, duration=1, queue_time=0)
    failed = attempt(store=store)["run_id"]
    aep.advance(2)
    aep.fault("POST", "*/action", kind="drop_after" if delivered else "drop_before")

    assert attempt(2, store=store)["run_id"] != failed
    assert len(runs(aep)) == 2


# Repeating a run by its id


@STORES
def test_another_window_is_not_taken_for_the_repetition(aep, client, flow_id, attempt, stored):
    old = failed_run(aep, client, flow_id, OLD)
    neighbour = attempt()["run_id"]
    aep.advance(600)

    ours = attempt(2, store=TaskState() if stored else None, run_id=old)["run_id"]

    assert ours not in (old, neighbour)
    assert len(runs(aep)) == 3


def test_a_lost_repetition_is_found_beside_another_one(aep, client, flow_id, attempt):
    first, second = (failed_run(aep, client, flow_id, window) for window in (OLD, THEIRS))
    others = attempt(run_id=second, store=TaskState())["run_id"]
    aep.fault("POST", f"*/runs/{first}/action", kind="drop_after")

    ours = attempt(run_id=first, store=TaskState(), if_running="start")["run_id"]

    assert ours not in (first, second, others)
    assert len(runs(aep)) == 4


def test_what_is_remembered_is_of_the_run_that_is_repeated(aep, client, flow_id, attempt):
    first, second = (failed_run(aep, client, flow_id, window) for window in (OLD, THEIRS))
    store = TaskState()
    before = attempt(run_id=first, store=store)["run_id"]
    aep.advance(10)

    after = attempt(2, max_tries=1 + RETRIES, run_id=second, store=store, if_running="start")["run_id"]

    assert after != before


def test_a_repetition_of_a_run_without_a_window_is_not_guessed(aep, client, flow_id, attempt):
    old = failed_run(aep, client, flow_id, OLD)
    attempt()
    report(aep, old, flow_id, statusSummary={"status": "failed"})

    with pytest.raises(AepConflictError, match="Nothing was started"):
        attempt(2, run_id=old, if_running="start")


# Going on with one's own


@STORES
def test_a_retry_goes_on_with_its_run_though_the_dataflow_is_disabled(aep, client, flow_id, attempt, stored):
    store = TaskState() if stored else None
    run_id = attempt(store=store)["run_id"]
    aep.advance(600)
    client.send(flow_service.disable_flow(flow_id))

    assert attempt(2, store=store)["run_id"] == run_id


def test_a_clear_counts_for_the_first_try_after_it(aep, flow_id, attempt):
    aep.script_run("failed_copy", flow_id=flow_id)
    attempt()
    aep.advance(600)
    # A person clears the task after one try: Airflow allows as many retries again.
    second = attempt(2, max_tries=1 + RETRIES)["run_id"]
    aep.advance(600)

    assert attempt(3, max_tries=1 + RETRIES)["run_id"] == second


def test_a_run_is_found_though_its_record_is_gone(aep, attempt):
    run_id = attempt(store=TaskState())["run_id"]
    aep.advance(20)

    assert attempt(2, store=TaskState(), if_running="start")["run_id"] == run_id


@STORES
def test_an_ended_run_that_never_told_its_window_is_not_guessed(aep, client, flow_id, attempt, stored):
    theirs = start(client, flow_id, THEIRS)
    ended = {"startedAtUTC": 1_900_000_000_000, "completedAtUTC": 1_900_000_001_000}
    report(aep, theirs, flow_id, "*/runs", statusSummary={"status": "success"}, durationSummary=ended)

    with pytest.raises(AepConflictError, match=f"its window is not told.*{theirs}.*Nothing was started"):
        attempt(2, store=TaskState() if stored else None)


@pytest.mark.parametrize("lag", [10, 16, 28])
def test_a_run_that_shows_late_is_not_started_again_after_a_lost_answer(aep, attempt, lag):
    aep.switches.run_visibility_lag = lag
    aep.fault("POST", "*/runs", kind="drop_after")

    attempt(store=TaskState())

    assert len(runs(aep)) == 1


# The deadline, and outages before the start


def deferred(attempt, **arguments):
    with pytest.raises(TaskDeferred) as deferral:
        attempt(deferrable=True, **arguments)
    return deferral.value


def resume_of(deferral):
    event = run_trigger(build_trigger(*deferral.trigger.serialize()))
    return deferral.method_name, {**(deferral.kwargs or {}), "event": event}


def test_no_run_is_started_after_the_deadline(aep, client, flow_id, attempt):
    start(client, flow_id, THEIRS)
    method, kwargs = deferred(attempt).method_name, deferred(attempt).kwargs
    aep.advance(600)
    long_ago = {**kwargs, "begun": kwargs["begun"] - 2 * 24 * 3600, "event": {"run": None, "timeout": False}}

    with pytest.raises(AirflowTaskTimeout, match="No run was started"):
        attempt(deferrable=True, resume=(method, long_ago))

    assert len(runs(aep)) == 1


@pytest.mark.parametrize("handed_over", [True, False], ids=["after another run", "from the start"])
def test_an_outage_before_the_start_is_waited_out_in_the_triggerer(aep, client, flow_id, attempt, handed_over):
    resume = ("execute", {})
    if handed_over:
        start(client, flow_id, THEIRS)
        waiting = deferred(attempt)
        aep.advance(600)
        resume = resume_of(waiting)
    aep.fault("*", "*", kind="status", status=503, times=None)
    out = deferred(attempt, resume=resume)
    aep.clear_faults()

    summary = attempt(deferrable=True, resume=resume_of(out))

    assert summary["run_id"] in runs(aep)
    assert len(runs(aep)) == 1 + handed_over


# The window


MIDNIGHT = datetime(2030, 1, 31, tzinfo=UTC)


def default_window(aep, flow_id, number=1, **context):
    operator = AepRunFlowOperator(task_id="run", flow_id=flow_id, delta_column=DELTA_COLUMN, wait=False, retries=1)
    operator.hook.get_conn().sleep = aep.advance
    empty = {"data_interval_start": MIDNIGHT, "data_interval_end": MIDNIGHT}
    context = make_context() | empty | {"dag": DAG("daily", schedule="@daily")} | context
    context["ti"].try_number = number
    return execute(operator, context)[0]


def test_the_window_is_said_once_in_a_try(aep, client, flow_id, attempt, capsys):
    start(client, flow_id, THEIRS)
    waiting = deferred(attempt)
    aep.advance(600)
    attempt(deferrable=True, resume=resume_of(waiting))

    assert "".join(capsys.readouterr()).count("The window of data is") == 1


def test_a_run_is_found_again_though_another_dag_run_has_succeeded_meanwhile(aep, flow_id):
    first = default_window(aep, flow_id, prev_data_interval_end_success=MIDNIGHT - timedelta(days=2))
    aep.advance(600)

    second = default_window(aep, flow_id, 2, prev_data_interval_end_success=MIDNIGHT - timedelta(days=1))

    assert second["run_id"] == first["run_id"]
    assert second["window"] == {"start": "2030-01-30T00:00:00+00:00", "end": "2030-01-31T00:00:00+00:00"}


def test_an_empty_window_of_the_authors_is_refused(aep, attempt):
    with pytest.raises(AepConfigError, match="window_end is 1900000000, as is window_start"):
        attempt(window_start=1_900_000_000, window_end=1_900_000_000)


# Arguments and contexts as they come


def test_arguments_may_come_as_text(aep, client, flow_id, attempt):
    start(client, flow_id, THEIRS)

    summary = attempt(wait="False", if_running="start", poll_interval="0.5", timeout="60")

    assert summary["run_id"] in runs(aep)


def test_every_unreadable_argument_is_named_before_anything_is_asked(aep, client, flow_id, attempt):
    before = len(aep.requests)

    with pytest.raises(AepConfigError) as refusal:
        attempt(wait="perhaps", if_running="maybe", poll_interval="often", timeout="long")

    for told in ("wait is 'perhaps'", "if_running is 'maybe'", "poll_interval is 'often'", "timeout is 'long'"):
        assert told in str(refusal.value)
    assert len(aep.requests) == before


@pytest.mark.parametrize("context", [{}, {"ti": MagicMock()}], ids=["empty", "mock"])
def test_an_operator_can_be_executed_with_a_context_made_by_hand(aep, flow_id, context):
    window = {"window_start": OURS[0], "window_end": OURS[1]}
    operator = AepRunFlowOperator(task_id="run", flow_id=flow_id, delta_column=DELTA_COLUMN, wait=False, **window)

    assert operator.execute(context)["run_id"] in runs(aep)

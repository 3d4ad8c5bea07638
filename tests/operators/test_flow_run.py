"""Running a dataflow on demand: once, whatever happens, and judged."""

import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from airflow.sdk import DAG
from operators.execution import execute, make_context, wait
from provisioning import DELTA_COLUMN, Provisioning

from airflow_provider_aep.exceptions import AepConfigError, AepFlowRunFailedError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.operators.flow_service import AepRetryFlowRunOperator, AepRunFlowOperator

WINDOW = {"window_start": 1_900_000_000, "window_end": 1_900_003_600}
MODES = pytest.mark.parametrize("deferrable", [False, True], ids=["sync", "deferrable"])


@pytest.fixture
def flow_id(aep):
    """A dataflow that is run on demand."""
    return Provisioning(AepHook().get_conn()).build().flow


def dag_of(operator, retries=0, **arguments):
    with DAG(
        dag_id="run", schedule=None, default_args={"retries": retries, "retry_delay": timedelta(seconds=0)}
    ) as dag:
        operator(task_id="run", poll_interval=0.01, **arguments)
    return dag


@pytest.mark.aep(auto_advance=30)
@MODES
def test_a_run_is_started_waited_for_and_told_about(aep, run_dag, flow_id, deferrable):
    result = run_dag(
        dag_of(AepRunFlowOperator, flow_id=flow_id, delta_column=DELTA_COLUMN, deferrable=deferrable, **WINDOW)
    )

    assert result.run.state == "success"
    summary = result.xcom("run")
    (run,) = aep.state()["runs"].values()
    assert summary["run_id"] == run["id"] == result.xcom("run", "run_id")
    assert summary["status"] == "success"
    assert summary["records"]["input"] > 0
    assert run["id"] in result.xcom("run", "aep_run_url")
    (post,) = [request for request in aep.requests if request.method == "POST" and request.path.endswith("/runs")]
    assert post.body["flowId"] == flow_id
    assert post.body["params"]["windowStartTime"] == WINDOW["window_start"]
    assert post.body["params"]["windowEndTime"] == WINDOW["window_end"]
    assert post.body["params"]["deltaColumn"] == DELTA_COLUMN


@pytest.mark.parametrize(("state", "remedy"), [("disabled", "enable"), ("draft", "publish")])
def test_a_dataflow_that_is_idle_is_not_run(aep, flow_id, state, remedy):
    aep._platform.sandboxes["dev"]["flows"][flow_id]["state"] = state
    operator = AepRunFlowOperator(task_id="run", flow_id=flow_id, delta_column=DELTA_COLUMN, **WINDOW)

    with pytest.raises(AepConfigError, match=f"flow_id is .*{state}: {remedy} it first, with AepSetFlowStateOperator"):
        execute(operator)

    assert windows_asked_for(aep) == []


def windows_asked_for(aep):
    posts = [one.body["params"] for one in aep.requests if one.path.endswith("/runs") and one.body]
    return [(params["windowStartTime"], params["windowEndTime"]) for params in posts]


def scheduled_dag(flow_id, schedule, **arguments):
    with DAG("scheduled", schedule=schedule) as dag:
        AepRunFlowOperator(task_id="run", poll_interval=0.01, flow_id=flow_id, delta_column=DELTA_COLUMN, **arguments)
    return dag


@pytest.mark.aep(auto_advance=30)
def test_the_window_is_the_data_interval_of_the_dag_run(aep, run_dag, flow_id):
    from airflow.timetables.interval import CronDataIntervalTimetable

    logical_date = datetime(2030, 1, 31, 6, tzinfo=UTC)

    run_dag(scheduled_dag(flow_id, CronDataIntervalTimetable("0 6 * * *", "UTC")), logical_date=logical_date)

    assert windows_asked_for(aep) == [((logical_date - timedelta(days=1)).timestamp(), logical_date.timestamp())]


@pytest.mark.aep(auto_advance=30)
def test_with_airflows_default_timetable_each_day_begins_at_the_tick_before(aep, run_dag, flow_id):
    days = [datetime(2030, 1, day, tzinfo=UTC) for day in (28, 29, 30)]
    dag = scheduled_dag(flow_id, "@daily")

    for day in days[1:]:
        run_dag(dag, logical_date=day)

    before, first, second = (day.timestamp() for day in days)
    assert windows_asked_for(aep) == [(before, first), (first, second)]


@pytest.mark.aep(auto_advance=30)
def test_a_skipped_day_is_not_loaded_by_the_next_one_and_can_be_loaded_after_it(aep, run_dag, flow_id):
    days = [datetime(2030, 1, day, tzinfo=UTC) for day in (27, 28, 29, 30)]
    dag = scheduled_dag(flow_id, "@daily")

    for day in (days[1], days[3], days[2]):
        run_dag(dag, logical_date=day)

    start, first, skipped, last = (day.timestamp() for day in days)
    assert windows_asked_for(aep) == [(start, first), (skipped, last), (first, skipped)]


@pytest.mark.aep(auto_advance=30)
def test_the_window_is_in_the_log_the_summary_and_an_xcom(aep, run_dag, flow_id, capsys):
    dag = scheduled_dag(flow_id, "@daily", window_start="", window_end="{{ none }}")

    result = run_dag(dag, logical_date=datetime(2030, 1, 30, tzinfo=UTC))

    window = {"start": "2030-01-29T00:00:00+00:00", "end": "2030-01-30T00:00:00+00:00"}
    assert result.xcom("run", "window") == result.xcom("run")["window"] == window
    log = "".join(capsys.readouterr())
    assert f"The window of data is {window['start']} to {window['end']} (from the schedule's tick before" in log


@pytest.mark.aep(auto_advance=30)
def test_the_window_is_in_the_summary_of_a_deferred_task_too(flow_id):
    # dag.test() drops what a deferred task hands to its next leg.
    window = {"window_start": "2030-01-29T00:00:00+00:00", "window_end": "2030-01-30T00:00:00+00:00"}
    arguments = {"flow_id": flow_id, "delta_column": DELTA_COLUMN, "poll_interval": 0.01, **window}
    context = make_context()

    summary = wait("serialised", lambda **mode: AepRunFlowOperator(task_id="run", **arguments, **mode), context)

    assert (
        summary["window"] == context["ti"].xcoms["window"] == dict(zip(("start", "end"), window.values(), strict=True))
    )


def test_a_dag_run_without_a_slot_fails_before_any_request(aep, run_dag, flow_id):
    before = len(aep.requests)

    result = run_dag(dag_of(AepRunFlowOperator, flow_id=flow_id, delta_column=DELTA_COLUMN))

    assert result.states["run"] == "failed"
    assert len(aep.requests) == before


@pytest.mark.aep(auto_advance=30)
@MODES
def test_a_failed_run_is_run_again_by_the_retry_of_the_task(aep, run_dag, flow_id, deferrable):
    aep.script_run("failed_copy", flow_id=flow_id)

    result = run_dag(
        dag_of(AepRunFlowOperator, 1, flow_id=flow_id, delta_column=DELTA_COLUMN, deferrable=deferrable, **WINDOW)
    )

    assert result.run.state == "success"
    assert len(aep.state()["runs"]) == 2
    posts = [request.path.rsplit("/", 1)[1] for request in aep.requests if request.method == "POST"]
    assert posts[-2:] == ["runs", "action"], "the second run repeats the window of the first"


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("fault", ["drop_after", "status", "malformed"])
def test_a_lost_answer_starts_no_second_run(aep, run_dag, flow_id, fault, mocker):
    mocker.patch("time.sleep")
    aep.fault("POST", "*/runs", kind="drop_after" if fault == "status" else fault)

    result = run_dag(dag_of(AepRunFlowOperator, flow_id=flow_id, delta_column=DELTA_COLUMN, **WINDOW))

    assert result.run.state == "success"
    assert len(aep.state()["runs"]) == 1


@pytest.mark.aep(auto_advance=40)
def test_a_run_that_ends_after_the_last_look_but_one_is_not_late(aep, airflow_db, flow_id):
    """There is a look right after the start, and one more before `execution_timeout` ends the task."""
    operator = AepRunFlowOperator(
        task_id="run",
        flow_id=flow_id,
        delta_column=DELTA_COLUMN,
        poll_interval=3600,
        execution_timeout=timedelta(seconds=0.5),
        **WINDOW,
    )
    assert execute(operator)[0]["status"] == "success"
    assert operator._deadline(1.0).in_worker - 1.0 < 0.5


@pytest.mark.aep(auto_advance=30)
def test_records_that_were_dropped_fail_the_task_for_good(aep, run_dag, flow_id):
    aep.script_run("partial", flow_id=flow_id)

    result = run_dag(dag_of(AepRunFlowOperator, 2, flow_id=flow_id, delta_column=DELTA_COLUMN, **WINDOW))

    assert result.run.state == "failed"
    assert len(aep.state()["runs"]) == 1, "the records will not come back, so nothing is run again"


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize(("sample_rows", "logged"), [(0, 0), ("2", 2)])
def test_rejected_rows_are_in_the_task_log_only(aep, airflow_db, caplog, flow_id, sample_rows, logged):
    aep.script_run("failed_promotion", flow_id=flow_id, records=20)
    operator = AepRunFlowOperator(
        task_id="run",
        flow_id=flow_id,
        delta_column=DELTA_COLUMN,
        sample_rows=sample_rows,
        poll_interval=0.01,
        deferrable=False,
        **WINDOW,
    )
    with pytest.raises(AepFlowRunFailedError) as raised:
        execute(operator)
    rows = [message.split(": ", 1)[1] for message in caplog.messages if message.startswith("Rejected row")]
    assert len(rows) == logged
    assert not any(row in f"{raised.value} {raised.value.summary}" for row in rows)


@pytest.mark.aep(auto_advance=30)
@MODES
@pytest.mark.parametrize("if_running", ["wait", "attach", "fail", "start"])
def test_another_run_is_under_way(aep, run_dag, flow_id, if_running, deferrable):
    client = AepHook().get_conn()
    other = start_run(client, flow_id)
    arguments = {"flow_id": flow_id, "delta_column": DELTA_COLUMN, "deferrable": deferrable, "if_running": if_running}

    result = run_dag(dag_of(AepRunFlowOperator, 1, **arguments, **WINDOW))

    expected = {"wait": ("success", 2), "attach": ("success", 1), "fail": ("failed", 1), "start": ("success", 2)}
    assert (result.run.state, len(aep.state()["runs"])) == expected[if_running]
    if if_running == "attach":
        assert result.xcom("run")["run_id"] == other


@pytest.mark.aep(auto_advance=30)
def test_a_run_that_tells_neither_its_status_nor_its_age_is_not_waited_for(aep, run_dag, flow_id):
    odd = {"id": "6aa37cd1-1be5-4dfd-9f9b-ac1b1d3c3f30", "flowId": flow_id, "metrics": None, "createdAt": None}
    aep.fault("GET", "*/runs", kind="status", status=200, body={"items": [odd]})

    result = run_dag(dag_of(AepRunFlowOperator, 1, flow_id=flow_id, delta_column=DELTA_COLUMN, **WINDOW))

    assert (result.run.state, len(aep.state()["runs"])) == ("success", 1)


@pytest.mark.aep(auto_advance=30)
def test_a_failed_run_is_repeated_by_its_id(aep, run_dag, flow_id):
    aep.script_run("failed_copy", flow_id=flow_id)
    failed = start_run(AepHook().get_conn(), flow_id)
    aep.advance(600)

    result = run_dag(dag_of(AepRetryFlowRunOperator, run_id=failed))

    assert result.run.state == "success"
    assert result.xcom("run")["run_id"] != failed


def start_run(client, flow_id):
    from airflow_provider_aep.api import flow_service

    params = {"startTime": int(client.now()), "windowStartTime": 1, "windowEndTime": 2, "deltaColumn": DELTA_COLUMN}
    return client.send(flow_service.create_run(flow_id, params)).id


@pytest.mark.aep(auto_advance=30)
def test_the_example_runs_a_day(aep, run_dag, flow_id):
    path = Path(__file__).parents[2] / "example_dags" / "example_on_demand_run.py"
    dag = runpy.run_path(str(path))["dag"]
    dag.get_task("run").poll_interval = 0.01
    day = {"window_start": "2030-01-31T00:00:00+00:00", "window_end": "2030-02-01T00:00:00+00:00"}

    result = run_dag(dag, run_conf={"flow_id": flow_id, **day})

    assert result.run.state == "success"
    assert result.xcom("run")["status"] == "success"


def test_a_streaming_dataflow_is_not_run_on_demand():
    operator = AepRunFlowOperator(task_id="run", flow_id="6b6e6f77-0000-4166-8465-726170706c79", **WINDOW)
    streaming = {"id": operator.flow_id, "state": "enabled", "flowSpec": {"id": "x"}}
    with pytest.raises(AepConfigError, match="has no schedule, as streaming dataflows have none") as problem:
        operator._delta_column(Flow.model_validate(streaming))
    assert "None" not in str(problem.value)

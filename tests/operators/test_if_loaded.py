"""What a task does about a window that its dataflow has loaded already, and about another task that starts with it."""

import multiprocessing

import pytest
from direct import TaskState
from operators.execution import execute, make_context
from provisioning import DELTA_COLUMN, Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepConfigError, AepConflictError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.operators.flow_service import AepRunFlowOperator
from airflow_provider_aep.task.compat import AirflowSkipException

HOUR = 3600
START = 1_699_999_200
WINDOW = (START, START + HOUR)
RETRIES = 2
fork = multiprocessing.get_context("fork")


@pytest.fixture
def client(aep):
    return AepHook().get_conn()


@pytest.fixture
def flow_id(client):
    return Provisioning(client).build().flow


@pytest.fixture
def run(aep, flow_id):
    """One try of the task; it does not wait for its run. Pauses move the emulator's clock."""

    def run(if_loaded="load", number=1, *, max_tries=RETRIES, store=None, window=WINDOW, **arguments):
        operator = AepRunFlowOperator(
            task_id="run",
            flow_id=flow_id,
            delta_column=DELTA_COLUMN,
            window_start=window[0],
            window_end=window[1],
            if_loaded=if_loaded,
            wait=False,
            retries=RETRIES,
            poll_interval=0.01,
            **arguments,
        )
        operator.hook.get_conn().sleep = aep.advance
        context = make_context()
        context["ti"].try_number, context["ti"].max_tries = number, max_tries
        if store is not None:
            context["task_state_store"] = store
        return execute(operator, context)[0]

    return run


@pytest.fixture
def loaded(aep, client, flow_id):
    """Loads a window by a run that is nobody's; returns the run's id."""

    def load(window=WINDOW, outcome="success"):
        aep.script_run(outcome, flow_id=flow_id)
        params = {"startTime": int(client.now()), "windowStartTime": window[0], "windowEndTime": window[1]}
        run_id = client.send(flow_service.create_run(flow_id, {**params, "deltaColumn": DELTA_COLUMN})).id
        aep.advance(600)
        return run_id

    return load


def runs(aep):
    return aep.state()["runs"]


def test_load_warns_and_names_the_run(aep, run, loaded, caplog):
    earlier = loaded((START - HOUR, START + 1))

    assert run()["run_id"] != earlier
    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert f"Flow run {earlier} of dataflow " in warning
    assert "has loaded 2023-11-14T21:00:00+00:00 to 2023-11-14T22:00:01+00:00" in warning
    assert "the window 2023-11-14T22:00:00+00:00 to 2023-11-14T23:00:00+00:00 is there already" in warning


def test_skip_skips_the_task(aep, run, loaded):
    earlier = loaded()

    with pytest.raises(AirflowSkipException, match=earlier):
        run("skip")
    assert set(runs(aep)) == {earlier}


@pytest.mark.aep(auto_advance=30)
def test_a_skipped_task_is_skipped_in_airflow(aep, run_dag, flow_id, loaded):
    from airflow.sdk import DAG

    loaded()
    arguments = {"flow_id": flow_id, "delta_column": DELTA_COLUMN, "window_start": WINDOW[0], "window_end": WINDOW[1]}
    with DAG("loaded", schedule=None) as dag:
        AepRunFlowOperator(task_id="run", if_loaded="{{ 'skip' }}", **arguments)

    assert run_dag(dag).states == {"run": "skipped"}


def test_fail_fails_for_good_and_says_what_helps(aep, run, loaded):
    earlier = loaded()

    with pytest.raises(AepConflictError, match=f"{earlier}.*Pass if_loaded='load' to load it again") as failed:
        run("fail")
    assert not failed.value.retryable
    assert set(runs(aep)) == {earlier}


@pytest.mark.parametrize("if_loaded", ["load", "skip", "fail"])
@pytest.mark.parametrize(
    ("window", "outcome"),
    [
        ((START - HOUR, START), "success"),
        ((START + HOUR, START + 2 * HOUR), "success"),
        (WINDOW, "failed_copy"),
        (WINDOW, "failed_promotion"),
    ],
    ids=["the hour before", "the hour after", "failed at once", "failed at the end"],
)
def test_what_is_not_loaded_is_loaded(aep, run, loaded, caplog, if_loaded, window, outcome):
    earlier = loaded(window, outcome)

    assert run(if_loaded)["run_id"] != earlier
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


@pytest.mark.parametrize("stored", [True, False], ids=["store", "no store"])
def test_a_retry_goes_on_with_its_own_run_though_that_has_loaded_the_window(aep, run, stored):
    store = TaskState() if stored else None
    own = run("fail", store=store)["run_id"]
    aep.advance(600)

    assert run("fail", 2, store=store)["run_id"] == own


def test_a_person_who_clears_the_task_gets_another_run_of_its_own_window(aep, run):
    store = TaskState()
    own = run("skip", store=store)["run_id"]
    aep.advance(600)

    assert run("skip", 2, max_tries=1 + RETRIES, store=store)["run_id"] != own


def test_a_failed_hour_that_another_run_has_loaded_meanwhile_is_not_run_again(aep, run, loaded, flow_id):
    store = TaskState()
    aep.script_run("failed_promotion", flow_id=flow_id)
    own = run("skip", store=store)["run_id"]
    aep.advance(600)
    another = loaded()

    with pytest.raises(AirflowSkipException, match=another):
        run("skip", 2, store=store)
    assert set(runs(aep)) == {own, another}


@pytest.mark.parametrize(("if_loaded", "noticed"), [("load", False), ("skip", True)])
def test_how_far_a_look_goes_back(aep, run, loaded, if_loaded, noticed):
    """`load` reads the pages that are read anyway, `skip` and `fail` all that may have loaded the window."""
    earlier = loaded()
    aep.advance(30 * 86_400)
    for _ in range(100):  # a page of them
        loaded((START - HOUR, START))

    if noticed:
        with pytest.raises(AirflowSkipException, match=earlier):
            run(if_loaded)
    else:
        run(if_loaded)


@pytest.mark.parametrize(("if_running", "lists"), [("wait", 1), ("start", 1)])
def test_one_list_tells_what_is_under_way_and_what_is_loaded(aep, run, if_running, lists):
    run("skip", if_running=if_running)

    assert len([one for one in aep.requests if one.method == "GET" and one.path.endswith("/runs")]) == lists


def test_a_misspelt_word_is_refused_before_any_request(aep, run, flow_id):
    before = len(aep.requests)

    with pytest.raises(AepConfigError, match="if_loaded is 'overwrite'; it is one of load, skip, fail"):
        run("overwrite")
    assert len(aep.requests) == before


# Other runs, which only the same look tells of


def test_a_run_that_was_just_started_on_this_machine_is_under_way_before_any_list_shows_it(aep, run):
    aep.switches.run_visibility_lag = 20
    just_started = run()["run_id"]

    with pytest.raises(AepConflictError, match=f"is running already: {just_started}"):
        run(if_running="fail")


def test_a_run_that_has_not_ended_for_more_than_a_week_is_in_nobodys_way(aep, run, loaded):
    stuck = loaded(outcome="never_ending")
    aep.advance(8 * 86_400)

    assert run("skip", if_running="fail")["run_id"] != stuck


# Two tasks that start together


def start_together(flow_id, number=2):
    """Tasks of one dataflow in processes of their own; each runs an hour of its own."""

    def child(which):
        begin.wait(30)
        arguments = {"window_start": START + which * HOUR, "window_end": START + (which + 1) * HOUR}
        operator = AepRunFlowOperator(
            task_id="run", flow_id=flow_id, delta_column=DELTA_COLUMN, poll_interval=0.05, timeout=60, **arguments
        )
        execute(operator)

    begin = fork.Barrier(number)
    tasks = [fork.Process(target=child, args=(which,)) for which in range(number)]
    for task in tasks:
        task.start()
    for task in tasks:
        task.join(60)
    return [task.exitcode for task in tasks]


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("lag", [0, 5], ids=["lists are up to date", "lists lag behind"])
def test_tasks_that_start_together_run_one_after_the_other(aep, flow_id, lag):
    aep.fault("GET", "*/runs", kind="delay", delay=0.5, times=None)
    aep.switches.run_visibility_lag = lag

    assert start_together(flow_id) == [0, 0]

    first, second = sorted(runs(aep).values(), key=lambda run: run["createdAt"])
    assert second["createdAt"] >= first["metrics"]["durationSummary"]["completedAtUTC"]

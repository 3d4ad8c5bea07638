"""One table of verdicts, and every way of waiting agrees with it (F1, F2, F5)."""

import logging
import re

import pytest
from emulator.caller import Caller
from models.reports import BATCHES, RUNS
from operators.execution import MODES, make_context, wait

from airflow_provider_aep.exceptions import AepConfigError, AepFlowRunFailedError, AepNotFoundError
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.runs import pacing
from airflow_provider_aep.sensors.flow_run import AepDatasetBatchSensor, AepFlowRunSensor
from airflow_provider_aep.task.compat import AirflowFailException, AirflowSensorTimeout, AirflowSkipException

SUCCESS, FAILURE, SKIP, TIMEOUT, GONE = "success", "failure", "skip", "timeout", "gone"

# outcome of the run, policy, verdict, what the message says
TABLE = [
    ({"outcome": "success"}, None, SUCCESS, ""),
    ({"outcome": "success", "status": "SUCCESS"}, None, SUCCESS, ""),
    ({"outcome": "success", "status": "Success"}, None, SUCCESS, ""),
    ({"outcome": "success", "status": "completed"}, None, SUCCESS, ""),
    ({"outcome": "success", "status": "COMPLETED"}, None, SUCCESS, ""),
    ({"outcome": "success", "status": "failed"}, None, FAILURE, "status 'failed'"),
    ({"outcome": "success", "status": "FAILED"}, None, FAILURE, "status 'FAILED'"),
    ({"outcome": "success", "status": "partialFailure"}, None, FAILURE, "status 'partialFailure'"),
    ({"outcome": "success", "status": "PARTIAL_FAILURE"}, None, FAILURE, "status 'PARTIAL_FAILURE'"),
    ({"outcome": "success", "status": "partialSuccess"}, None, FAILURE, "does not say which records failed"),
    ({"outcome": "success", "status": ""}, None, FAILURE, "status ''"),
    ({"outcome": "unknown_status"}, None, FAILURE, "'brand_new_state'"),
    ({"outcome": "unknown_status"}, {"max_failed_percent": 100}, FAILURE, "'brand_new_state'"),
    ({"outcome": "missing_status"}, None, FAILURE, "status None"),
    ({"outcome": "failed_copy"}, None, FAILURE, "CONNECTOR-1001-500"),
    ({"outcome": "failed_promotion"}, None, FAILURE, "CONNECTOR-2001-500"),
    ({"outcome": "failed_copy"}, {"max_failed_percent": 100, "on_empty": "skip"}, FAILURE, "CONNECTOR-1001-500"),
    ({"outcome": "partial"}, None, FAILURE, "dropped 1 of 100 records (1.00 %)"),
    ({"outcome": "partial"}, {"max_failed_records": 1}, SUCCESS, ""),
    ({"outcome": "partial", "failed_records": 2}, {"max_failed_records": 1}, FAILURE, "dropped 2 of 100"),
    ({"outcome": "partial", "failed_records": 2}, {"max_failed_percent": 2}, SUCCESS, ""),
    ({"outcome": "partial", "failed_records": 2}, {"max_failed_percent": 1.9}, FAILURE, "dropped 2 of 100"),
    ({"outcome": "partial_success"}, None, FAILURE, "'PARTIAL_SUCCESS' but dropped 1 of 100"),
    ({"outcome": "partial_success"}, {"max_failed_records": 5}, SUCCESS, ""),
    ({"outcome": "empty"}, None, SUCCESS, ""),
    ({"outcome": "empty"}, {"on_empty": "succeed"}, SUCCESS, ""),
    ({"outcome": "empty"}, {"on_empty": "skip"}, SKIP, "moved no records"),
    ({"outcome": "empty"}, {"on_empty": "fail"}, FAILURE, "moved no records"),
    ({"outcome": "never_ending"}, None, TIMEOUT, ""),
    ({"outcome": "disappears"}, None, GONE, ""),
]


@pytest.fixture
def api(aep):
    with Caller(aep) as api:
        yield api


def name_of(row):
    script, policy, *_ = row
    return "-".join([*map(str, script.values()), *(f"{key}={value}" for key, value in (policy or {}).items())])


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("script", "policy", "verdict", "said"), TABLE, ids=map(name_of, TABLE))
def test_every_way_of_waiting_comes_to_the_same_verdict(
    aep, api, airflow_db, mocker, mode, script, policy, verdict, said
):
    mocker.patch.object(pacing, "NOT_FOUND_GRACE", 0.3)
    aep.script_run(**script)
    flow_id = api.once_flow()
    run_id = api.run(flow_id)
    context = make_context()
    asked_before = len(aep.requests)

    def make(**how):
        patience = 0.5 if verdict == TIMEOUT else 60
        return AepFlowRunSensor(
            task_id="task", run_id=run_id, policy=policy, poll_interval=0.01, timeout=patience, **how
        )

    if verdict == SUCCESS:
        summary = wait(mode, make, context)
        assert summary["run_id"] == run_id
        assert summary["flow_id"] == flow_id
    else:
        error_class = {
            FAILURE: AepFlowRunFailedError,
            SKIP: AirflowSkipException,
            TIMEOUT: AirflowSensorTimeout,
            GONE: AepNotFoundError,
        }[verdict]
        with pytest.raises(error_class, match=re.escape(said) or None) as raised:
            wait(mode, make, context)
        if verdict in (FAILURE, GONE):
            assert isinstance(raised.value, AirflowFailException), "no retry can mend it"
        if verdict == FAILURE:
            assert raised.value.summary["run_id"] == run_id
    if verdict in (SUCCESS, FAILURE, SKIP):
        assert run_id in context["ti"].xcoms["aep_run_url"]
    questions = aep.requests[asked_before:]
    assert {(request.method, request.path) for request in questions if request.method != "GET"} == {
        ("POST", "/ims/token/v3")
    }


def summary_or_loss(mode, make, outcome, said):
    """The summary, of a failure that of its error. What is only odd about a success is among its warnings."""
    if outcome != FAILURE:
        summary = wait(mode, make)
        assert said in "; ".join(summary["warnings"])
        return summary
    with pytest.raises(AepFlowRunFailedError, match=re.escape(said)) as raised:
        wait(mode, make)
    assert isinstance(raised.value, AirflowFailException), "no retry can mend it"
    return raised.value.summary


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", RUNS)
def test_every_way_of_waiting_sees_all_that_a_run_reports(aep, api, airflow_db, caplog, mode, name):
    body, policy, outcome, said = RUNS[name]
    flow_id = api.once_flow()
    run_id = api.run(flow_id)
    answer = {"items": [{"id": run_id, "flowId": flow_id, **body}]}
    aep.fault("GET", "/runs*", kind="status", status=200, body=answer, times=None)

    def make(**how):
        return AepFlowRunSensor(task_id="task", run_id=run_id, policy=policy, poll_interval=0.01, timeout=60, **how)

    summary = summary_or_loss(mode, make, outcome, said)
    assert summary["run_id"] == run_id
    if outcome != FAILURE and said:
        assert said in "".join(record.getMessage() for record in caplog.records if record.levelno == logging.WARNING)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", BATCHES)
def test_every_way_of_waiting_sees_all_that_a_batch_reports(aep, airflow_db, mode, name):
    body, policy, outcome, said = BATCHES[name]
    batch_id = "01EF01X41KJD82Y9ZX6ET54PCZ"
    answer = {batch_id: {"created": 1_900_000_000_000, **body}}
    aep.fault("GET", "/catalog/batches*", kind="status", status=200, body=answer, times=None)

    def make(**how):
        return AepDatasetBatchSensor(
            task_id="task",
            dataset_id="5c8c3c555033b814b69f947f",
            since=1_800_000_000,
            policy=policy,
            poll_interval=0.01,
            timeout=60,
            **how,
        )

    assert summary_or_loss(mode, make, outcome, said)["batch_ids"] == [batch_id]


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("policy", [{"max_failed_records": 1}, RunPolicy(max_failed_records=1)], ids=["dict", "model"])
def test_a_policy_is_a_dict_or_a_model(aep, api, airflow_db, mode, policy):
    aep.script_run("partial")
    run_id = api.run(api.once_flow())
    summary = wait(
        mode, lambda **how: AepFlowRunSensor(task_id="task", run_id=run_id, policy=policy, poll_interval=0.01, **how)
    )
    assert summary["records"]["failed"] == 1


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("mode", MODES)
def test_a_failure_says_what_a_person_needs(aep, api, airflow_db, caplog, mode):
    """F28: code, counts, activity, where the diagnostics are, the page in the UI, what mends it; rejected rows, which
    are data of customers, are in the task log only.
    """
    aep.script_run("failed_promotion", records=20)
    run_id = api.run(api.once_flow())
    with pytest.raises(AepFlowRunFailedError) as raised:
        wait(mode, lambda **how: AepFlowRunSensor(task_id="task", run_id=run_id, poll_interval=0.01, **how))
    text = str(raised.value)
    (batch_id,) = raised.value.summary["batch_ids"]
    assert text.startswith(f"The flow run {run_id} ended with status 'failed'.")
    assert "records input 20, output 0" in text
    assert re.search(r"CONNECTOR-2001-500 .*promotion activity", text)
    assert "compare the mapping set with the schema" in text
    assert f"{aep.url}/data/foundation/export/batches/{batch_id}/meta?path=row_errors" in text
    assert "rejected rows in the task log: 5" in text
    rows = [message for message in caplog.messages if message.startswith(f"Rejected row of batch {batch_id}: ")]
    assert len(rows) == 5
    assert not any(row.partition(": ")[2] in text for row in rows)
    assert f"/activity/{run_id}" in text


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("sample_rows", "logged"), [(0, 0), ("2", 2), (20, 20)])
def test_how_many_rejected_rows_are_in_the_task_log(aep, api, airflow_db, caplog, mode, sample_rows, logged):
    aep.script_run("failed_promotion", records=20)
    run_id = api.run(api.once_flow())

    def make(**how):
        return AepFlowRunSensor(
            task_id="task", run_id=run_id, sample_rows=sample_rows, poll_interval=0.01, timeout=60, **how
        )

    context = make_context()
    with pytest.raises(AepFlowRunFailedError) as raised:
        wait(mode, make, context)
    rows = [record.getMessage().split(": ", 1)[1] for record in caplog.records if "Rejected row" in record.getMessage()]
    assert len(rows) == logged
    elsewhere = "".join(map(str, [raised.value, raised.value.summary, context["ti"].xcoms]))
    assert not any(row in elsewhere for row in rows)
    assert sum("row_error_samples" in str(request.query) for request in aep.requests) == (1 if logged else 0)


@pytest.mark.parametrize("sample_rows", [-1, 2.5, True, None, "", "five"])
def test_a_wrong_number_of_rejected_rows_is_refused_before_any_request(aep, airflow_db, sample_rows):
    sensor = AepFlowRunSensor(task_id="task", run_id="11111111-2222-4333-8444-555555555555", sample_rows=sample_rows)
    with pytest.raises(AepConfigError, match=re.escape(f"sample_rows is {sample_rows!r}")):
        sensor.execute(make_context())
    assert aep.requests == []

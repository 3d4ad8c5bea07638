"""runs/judge.py: from a run that has ended to what a task does about it."""

import json
import logging
from pathlib import Path

import pytest

from airflow_provider_aep.api.export import get_row_error_samples
from airflow_provider_aep.exceptions import AepFlowRunFailedError, AepNotFoundError, AepUnreachableError
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.runs.judge import EmptyRunError, summary_or_fail

SAMPLES = Path(__file__).parent.parent / "samples"
HOST = "https://platform.adobe.io"
URL = "https://experience.adobe.com/#/@org/sname:dev/platform/source/dataflows/f/activity/r"
BATCH_ID = "01EF01X41KJD82Y9ZX6ET54PCZ"
OTHER_BATCH_ID = "01EF01X41KJD82Y9ZX6ET54PD0"
ROWS = [{"_errors": [{"code": "MAPPER-3700-400"}], "row": number} for number in range(4)]


def sample(name):
    body = json.loads((SAMPLES / f"{name}.json").read_text())
    return FlowRun.model_validate(body["items"][0] if "items" in body else body)


def run(status="success", *, batch_ids=(), errors=(), **records):
    target = {"reference": {"type": "Batch", "ids": list(batch_ids)}}
    metrics = {"statusSummary": {"status": status, "errors": list(errors)}, "recordSummary": records}
    return FlowRun.model_validate({"id": "r", "metrics": metrics, "activities": [{"targetInfo": [target]}]})


def nothing_is_asked(call):
    raise AssertionError(f"{call} was asked")


class Asked:
    """Answers with rows or an error, and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = []

    def __call__(self, call):
        self.calls.append(call)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_flawless_run_is_its_summary(caplog):
    caplog.set_level(logging.INFO)
    flawless = run(inputRecordCount=3, outputRecordCount=3, failedRecordCount=0)
    assert summary_or_fail(flawless, RunPolicy(), send=nothing_is_asked) == {
        **flawless.summary(),
        "warnings": [],
    }
    assert caplog.messages == [
        "The flow run r ended: status success; records input 3, output 3, failed 0",
    ]


def test_a_success_with_warnings_only_logs_them(caplog):
    summary = summary_or_fail(
        sample("run_success_with_failed_records"), RunPolicy(max_failed_percent=5), send=nothing_is_asked
    )
    assert summary["records"]["failed"] == 1
    assert summary["warnings"] == ["dropped 1 of 100 records (1.00 %), which its policy allows"]
    id_ = "9830305a-985f-47d0-b030-5a985fd7d004"
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        f"The flow run {id_} dropped 1 of 100 records (1.00 %), which its policy allows.",
        f"The flow run {id_} succeeded, with CONNECTOR-2001-500: Error occurred at promotion activity.",
        f"The flow run {id_} succeeded, with INGEST-1212-400: Encountered 1 errors in the data. Successfully ingested "
        "99 rows.",
        f"The flow run {id_} succeeded, with MAPPER-3700-400: Mapper Transform Error",
    ]


def test_an_error_without_a_code_is_logged(caplog):
    summary_or_fail(run(errors=[{"message": "odd"}], failedRecordCount=0), RunPolicy(), send=nothing_is_asked)
    assert "The flow run r succeeded, with no code: odd" in caplog.messages


# Empty runs


def test_a_run_that_moved_no_records_succeeds_by_default(caplog):
    assert summary_or_fail(run(inputRecordCount=0), RunPolicy(), send=nothing_is_asked)["records"]["input"] == 0
    assert "The flow run r moved no records." in caplog.messages


def test_a_run_that_moved_no_records_may_skip():
    with pytest.raises(EmptyRunError, match=r"^The flow run r moved no records\.$"):
        summary_or_fail(run(inputRecordCount=0), RunPolicy(on_empty="skip"), send=nothing_is_asked)


def test_a_run_that_moved_no_records_may_fail():
    with pytest.raises(AepFlowRunFailedError, match=r"^The flow run r moved no records\.\n"):
        summary_or_fail(run(inputRecordCount=0), RunPolicy(on_empty="fail"), send=nothing_is_asked)


@pytest.mark.parametrize("on_empty", ["succeed", "skip", "fail"])
def test_a_failure_is_one_whatever_is_to_become_of_empty_runs(on_empty):
    with pytest.raises(AepFlowRunFailedError):
        summary_or_fail(run("failed", inputRecordCount=0), RunPolicy(on_empty=on_empty), send=nothing_is_asked)


# Failures


def test_the_documented_failure_tells_all_that_helps():
    failed = sample("run_success_with_failed_records")
    asked = Asked(ROWS)
    with pytest.raises(AepFlowRunFailedError) as refused:
        summary_or_fail(failed, RunPolicy(), send=asked, host=HOST, url=URL)
    assert asked.calls == [get_row_error_samples(BATCH_ID)]
    assert refused.value.summary == failed.summary()
    assert str(refused.value).splitlines() == [
        "The flow run 9830305a-985f-47d0-b030-5a985fd7d004 reports 'success' but dropped 1 of 100 records (1.00 %); to "
        'allow that, pass policy={"max_failed_records": 1} or {"max_failed_percent": ...}.',
        "  status success; 55 s; records input 100, output 99, failed 1; bytes input 24012, output 17128; "
        f"batches {BATCH_ID}",
        "  CONNECTOR-2001-500 in promotionActivity: Error occurred at promotion activity.",
        "    Rows did not fit: compare the mapping set with the schema, and see the rejected rows in the task log.",
        "  INGEST-1212-400 in promotionActivity: Encountered 1 errors in the data. Successfully ingested 99 rows.",
        "    Rows were dropped: see the diagnostics.",
        "  MAPPER-3700-400 in promotionActivity: Mapper Transform Error",
        "    A mapping could not be applied: check its expression against the data.",
        "  rejected rows in the task log: 4",
        f"  diagnostics (kept for 30 days): {HOST}/data/foundation/export/batches/{BATCH_ID}/meta?path=row_errors",
        f"  {URL}",
    ]


def test_a_run_that_failed_in_the_copy_has_no_batch_to_ask_for():
    with pytest.raises(AepFlowRunFailedError) as refused:
        summary_or_fail(sample("run_failed_in_copy"), RunPolicy(), send=nothing_is_asked)
    assert str(refused.value).splitlines() == [
        "The flow run 5a1c8a5e-93a9-4a4f-9d19-3a4d3b0f5f10 ended with status 'failed'.",
        "  status failed; 60 s; bytes input 0",
        "  CONNECTOR-1001-500 in Salesforce Copy Activity: Error in copying the data from Source.",
        "    The source could not be read: test its credentials and that the table or path still exists.",
        "  2200 in Salesforce Copy Activity: ErrorCode=UserErrorInvalidCredential",
    ]


# Rejected rows: customer data


def rejected_rows(caplog):
    return [message for message in caplog.messages if message.startswith("Rejected row")]


def test_rejected_rows_are_in_the_task_log_and_nowhere_else(caplog):
    with pytest.raises(AepFlowRunFailedError) as refused:
        summary_or_fail(run("failed", batch_ids=[BATCH_ID]), RunPolicy(), send=Asked([{"email": "ada@example.com"}]))
    assert rejected_rows(caplog) == [f'Rejected row of batch {BATCH_ID}: {{"email": "ada@example.com"}}']
    assert "rejected rows in the task log: 1" in str(refused.value)
    assert "ada@example.com" not in "".join(
        [str(refused.value), repr(refused.value), json.dumps(refused.value.summary)]
    )


def test_rejected_rows_of_several_batches_are_fetched_until_there_are_enough(caplog):
    asked = Asked(ROWS, ROWS)
    third = "01EF01X41KJD82Y9ZX6ET54PD1"
    with pytest.raises(AepFlowRunFailedError) as refused:
        summary_or_fail(run("failed", batch_ids=[BATCH_ID, OTHER_BATCH_ID, third]), RunPolicy(), send=asked)
    assert len(asked.calls) == 2
    assert len(rejected_rows(caplog)) == 5
    assert "rejected rows in the task log: 5" in str(refused.value)
    assert str(refused.value).count("diagnostics") == 3


@pytest.mark.parametrize(("sample_rows", "logged", "requests"), [(0, 0, 0), (1, 1, 1), (7, 7, 2), (100, 8, 2)])
def test_how_many_rejected_rows_are_logged_is_for_the_caller_to_say(sample_rows, logged, requests, caplog):
    asked = Asked(ROWS, ROWS)
    ended = run("failed", batch_ids=[BATCH_ID, OTHER_BATCH_ID])
    with pytest.raises(AepFlowRunFailedError) as refused:
        summary_or_fail(ended, RunPolicy(), send=asked, sample_rows=sample_rows)
    assert (len(rejected_rows(caplog)), len(asked.calls)) == (logged, requests)
    assert ("rejected rows" in str(refused.value)) is bool(logged)


def test_a_long_rejected_row_is_cut(caplog):
    with pytest.raises(AepFlowRunFailedError):
        summary_or_fail(run("failed", batch_ids=[BATCH_ID]), RunPolicy(), send=Asked([{"text": "x" * 10_000}]))
    (row,) = rejected_rows(caplog)
    assert len(row) <= 560


@pytest.mark.parametrize(
    "problem", [AepNotFoundError("GET /x was answered 404", status=404), AepUnreachableError("no answer")]
)
def test_rows_that_cannot_be_fetched_change_nothing(problem, caplog):
    caplog.set_level(logging.INFO)
    with pytest.raises(AepFlowRunFailedError) as refused:
        summary_or_fail(run("failed", batch_ids=[BATCH_ID, OTHER_BATCH_ID]), RunPolicy(), send=Asked(problem, ROWS[:1]))
    assert "rejected rows in the task log: 1" in str(refused.value)
    assert len(rejected_rows(caplog)) == 1
    assert f"No sample rows of batch {BATCH_ID}: {problem}" in caplog.messages


# Everything that a run says


def test_all_that_a_run_lost_is_in_the_message():
    lossy = FlowRun.model_validate(
        {
            "id": "r",
            "metrics": {
                "statusSummary": {"status": "success"},
                "recordSummary": {"inputRecordCount": 100, "failedRecordCount": 5, "warningRecordCount": 50},
                "fileSummary": {"inputFileCount": 5, "failedFileCount": 3},
            },
        }
    )
    with pytest.raises(AepFlowRunFailedError) as refused:
        summary_or_fail(lossy, RunPolicy(), send=nothing_is_asked)
    assert str(refused.value).splitlines()[:3] == [
        "The flow run r reports 'success' but dropped 5 of 100 records (5.00 %); to allow that, pass "
        'policy={"max_failed_records": 5} or {"max_failed_percent": ...}.',
        "  It also reports 'success' but lost 3 of 5 files; to allow that, pass policy={\"max_failed_files\": 3}.",
        "  It also has warnings for 50 records.",
    ]


def test_what_is_odd_about_a_success_is_logged_and_in_the_summary(caplog):
    odd = run(inputRecordCount=1000, outputRecordCount=0, failedRecordCount=0, warningRecordCount=50)
    warnings = ["wrote 0 of 1000 records and says that 0 failed", "has warnings for 50 records"]
    summary = summary_or_fail(odd, RunPolicy(), send=nothing_is_asked)
    assert summary == {**odd.summary(), "warnings": warnings}
    logged = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert logged == [f"The flow run r {warning}." for warning in warnings]
    assert json.loads(json.dumps(summary)) == summary


# Batches and bad places


def test_a_batch_with_an_odd_id_is_not_asked_for(caplog):
    with pytest.raises(AepFlowRunFailedError) as refused:
        summary_or_fail(run("failed", batch_ids=["../admin"]), RunPolicy(), send=nothing_is_asked)
    assert "diagnostics" not in str(refused.value)
    assert caplog.messages == [
        "No diagnostics: batch_id is '../admin', which is not 26 letters and digits, or a UUID.",
    ]


def test_a_batch_is_judged_as_a_run_is():
    batch = Batch.model_validate(
        {
            "id": BATCH_ID,
            "status": "failed",
            "errors": [{"code": "118", "description": "Empty header."}],
        }
    )
    with pytest.raises(AepFlowRunFailedError) as refused:
        summary_or_fail(batch, RunPolicy(), send=Asked(ROWS[:1]), host=HOST)
    assert str(refused.value).splitlines() == [
        f"The batch {BATCH_ID} ended with status 'failed'.",
        f"  status failed; batches {BATCH_ID}",
        "  118: Empty header.",
        "    The header of the delimited file is empty.",
        "  rejected rows in the task log: 1",
        f"  diagnostics (kept for 30 days): {HOST}/data/foundation/export/batches/{BATCH_ID}/meta?path=row_errors",
    ]


@pytest.mark.parametrize(
    ("ended", "rerun", "retryable"),
    [
        (run("failed"), True, True),
        (run("failed"), False, False),
        # What was dropped once is dropped again.
        (run("success", inputRecordCount=2, failedRecordCount=1), True, False),
        (Batch(id=BATCH_ID, status="failed"), True, True),
        (Batch(id=BATCH_ID, status="success", metrics={"failed_record_count": 1}), True, False),
    ],
)
def test_only_a_run_that_failed_is_worth_another(ended, rerun, retryable):
    with pytest.raises(AepFlowRunFailedError) as refused:
        summary_or_fail(ended, RunPolicy(), send=Asked([], []), rerun=rerun)
    assert refused.value.retryable is retryable

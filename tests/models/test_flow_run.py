"""models/flow_run.py: what a run says, and the one place where it is judged."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.flow_run import FlowRun, first_run
from airflow_provider_aep.models.policy import Report, RunPolicy, Verdict, judge_report
from airflow_provider_aep.models.run_metrics import unknown_to_none

from .reports import RUNS as REPORTS

ID = "9830305a-985f-47d0-b030-5a985fd7d004"
STARTED, COMPLETED = 1596656058198, 1596656113306
MISSING = object()


def run(status=MISSING, *, completed=True, errors=(), activities=None, **records):
    """A run with that status; counts as Adobe spells them."""
    duration = {"startedAtUTC": STARTED, **({"completedAtUTC": COMPLETED} if completed else {})}
    summary = {"errors": list(errors), **({} if status is MISSING else {"status": status})}
    metrics = {"durationSummary": duration, "statusSummary": summary, "recordSummary": records}
    return FlowRun.model_validate({"id": ID, "metrics": metrics, "activities": activities})


# The verdict: every documented status in every spelling, unknown ones and none

RUNNING = ["scheduled", "queued", "inProgress", "in-progress", "SCHEDULED", "QUEUED", "IN_PROGRESS", "In Progress"]
SUCCEEDED = ["success", "Success", "SUCCESS", " success ", "completed", "COMPLETED"]
PARTIAL = ["partialSuccess", "partialsuccess", "PARTIAL_SUCCESS", "partial-success", "PARTIAL SUCCESS"]
FAILED = ["failed", "Failed", "FAILED", "partialFailure", "PARTIAL_FAILURE", "Partial Failure"]
UNKNOWN = ["started", "aborted", "cancelled", "brand_new_state", "succes", "", "success!", None, MISSING]

BY_STATUS = [
    *((status, ended, {}, "running") for status in RUNNING for ended in (True, False)),
    *((status, ended, {}, "success") for status in SUCCEEDED for ended in (True, False)),
    *((status, ended, {"inputRecordCount": 0}, "empty") for status in SUCCEEDED for ended in (True, False)),
    *((status, ended, {}, "failure") for status in [*PARTIAL, *FAILED] for ended in (True, False)),
    *((status, ended, {"failedRecordCount": 0}, "failure") for status in PARTIAL for ended in (True, False)),
    *((status, ended, {"failedRecordCount": 1}, "failure") for status in PARTIAL for ended in (True, False)),
    *((status, True, {"inputRecordCount": 1, "outputRecordCount": 1}, "failure") for status in UNKNOWN),
    *((status, False, {"inputRecordCount": 1, "outputRecordCount": 1}, "running") for status in UNKNOWN),
]


@pytest.mark.parametrize(("status", "ended", "records", "outcome"), BY_STATUS)
def test_the_verdict_by_status(status, ended, records, outcome):
    flow_run = run(status, completed=ended, **records)
    assert flow_run.verdict(RunPolicy()).outcome == outcome
    assert flow_run.finished is (outcome != "running")


@pytest.mark.parametrize(
    ("status", "failed"),
    [
        *((status, False) for status in [*RUNNING, *SUCCEEDED, *PARTIAL, *UNKNOWN]),
        *((status, True) for status in FAILED),
    ],
)
def test_whether_a_run_failed_is_told_by_its_status_alone(status, failed):
    """Whatever else went wrong: what it did not call failed must not be run again, as its records may have landed."""
    assert run(status, inputRecordCount=10, failedRecordCount=1).failed is failed
    assert run(status, inputRecordCount=-1, failedRecordCount=-1).failed is failed


@given(st.text())
def test_no_unknown_status_is_ever_a_success(status):
    normal = "".join(letter for letter in status.lower() if letter not in "_-" and not letter.isspace())
    outcome = run(status).verdict(RunPolicy()).outcome
    assert outcome not in ("success", "empty") or normal in ("success", "completed")


# The verdict on what calls itself a success, by its counts and the policy

LOST_1 = {"inputRecordCount": 100, "outputRecordCount": 99, "failedRecordCount": 1}
LOST_5 = {"inputRecordCount": 100, "outputRecordCount": 95, "failedRecordCount": 5}
ALL_LOST = {"inputRecordCount": 5, "outputRecordCount": 0, "failedRecordCount": 5}
FLAWLESS = {"inputRecordCount": 100, "outputRecordCount": 100, "failedRecordCount": 0}
LOST_SOME = {"outputRecordCount": 1, "failedRecordCount": 3}
EMPTY = {"inputRecordCount": 0, "outputRecordCount": 0, "failedRecordCount": 0}
UNKNOWN_COUNTS = {"inputRecordCount": -1, "outputRecordCount": -1, "failedRecordCount": -1}

BY_POLICY = [
    # (records, policy, outcome, reason)
    (FLAWLESS, {}, "success", ""),
    ({}, {}, "success", ""),
    (UNKNOWN_COUNTS, {}, "success", ""),
    (
        LOST_1,
        {},
        "failure",
        "reports 'success' but dropped 1 of 100 records (1.00 %); to allow that, pass "
        'policy={"max_failed_records": 1} or {"max_failed_percent": ...}',
    ),
    (LOST_1, {"max_failed_records": 1}, "success", "dropped 1 of 100 records (1.00 %), which its policy allows"),
    (LOST_5, {"max_failed_records": 4}, "failure", None),
    (LOST_5, {"max_failed_percent": 5}, "success", "dropped 5 of 100 records (5.00 %), which its policy allows"),
    (LOST_5, {"max_failed_percent": 4.99}, "failure", None),
    # Either of the two allowances is enough.
    (LOST_5, {"max_failed_records": 5, "max_failed_percent": 1}, "success", None),
    (LOST_5, {"max_failed_records": 1, "max_failed_percent": 5}, "success", None),
    (LOST_5, {"max_failed_records": 4, "max_failed_percent": 4}, "failure", None),
    (ALL_LOST, {"max_failed_percent": 99}, "failure", None),
    (ALL_LOST, {"max_failed_percent": 100}, "success", None),
    # Of an unknown number, any loss may be all of it.
    (
        LOST_SOME,
        {},
        "failure",
        "reports 'success' but dropped 3 records; to allow that, pass "
        'policy={"max_failed_records": 3} or {"max_failed_percent": ...}',
    ),
    (LOST_SOME, {"max_failed_percent": 99.9}, "failure", None),
    (LOST_SOME, {"max_failed_records": 3}, "success", "dropped 3 records, which its policy allows"),
    ({"inputRecordCount": 0, "failedRecordCount": 1}, {"max_failed_percent": 50}, "failure", None),
    (EMPTY, {}, "empty", "moved no records"),
    (EMPTY, {"on_empty": "fail"}, "empty", "moved no records"),
    ({"outputRecordCount": 0}, {}, "empty", "moved no records"),
    (
        {"inputRecordCount": 100, "outputRecordCount": 70},
        {},
        "success",
        "wrote 70 of 100 records and does not say what became of the others",
    ),
    ({"inputRecordCount": 100, "outputRecordCount": 70, "skippedRecordCount": 30}, {}, "success", ""),
    ({"inputRecordCount": 100, "outputRecordCount": 70, "failedRecordCount": 0}, {}, "success", ""),
    ({"inputRecordCount": 10, "outputRecordCount": 12}, {}, "success", ""),
]


@pytest.mark.parametrize(("records", "policy", "outcome", "reason"), BY_POLICY)
@pytest.mark.parametrize("status", ["success", "COMPLETED"])
def test_the_verdict_by_counts_and_policy(status, records, policy, outcome, reason):
    verdict = run(status, **records).verdict(RunPolicy(**policy))
    assert verdict.outcome == outcome
    assert reason is None or verdict.reason == reason.replace("'success'", repr(status))


@pytest.mark.parametrize(
    ("status", "records", "reason"),
    [
        (
            "PARTIAL_SUCCESS",
            {},
            "reports 'PARTIAL_SUCCESS' with errors, and does not say how many records failed",
        ),
        (
            "partialSuccess",
            {"failedRecordCount": 0},
            "reports 'partialSuccess' and does not say which records failed",
        ),
        ("failed", FLAWLESS, "ended with status 'failed'"),
        ("brand_new_state", FLAWLESS, "ended with status 'brand_new_state', which nobody published"),
        (None, FLAWLESS, "ended with status None, which nobody published"),
    ],
)
def test_no_policy_makes_a_success_of_what_did_not_end_in_one(status, records, reason):
    generous = RunPolicy(max_failed_records=10**9, max_failed_percent=100)
    assert run(status, **records).verdict(generous) == Verdict("failure", reason)


@pytest.mark.parametrize("name", REPORTS)
def test_the_verdict_sees_all_that_a_run_reports(name):
    body, policy, outcome, said = REPORTS[name]
    verdict = FlowRun.model_validate({"id": ID, **body}).verdict(RunPolicy(**policy))
    assert verdict.outcome == outcome
    assert said in verdict.reason
    assert bool(verdict.reason) is bool(said)


@pytest.mark.parametrize("name", REPORTS)
def test_what_a_failed_run_reports_changes_nothing(name):
    body, policy, *_ = REPORTS[name]
    metrics = {**body["metrics"], "statusSummary": {"status": "failed"}}
    failed = FlowRun.model_validate({"id": ID, **body, "metrics": metrics})
    assert failed.verdict(RunPolicy(**policy)) == Verdict("failure", "ended with status 'failed'")


def test_a_failure_names_all_that_was_lost_and_then_what_is_odd():
    metrics = {
        "recordSummary": {"inputRecordCount": 100, "failedRecordCount": 5, "warningRecordCount": 50},
        "fileSummary": {"inputFileCount": 5, "failedFileCount": 3},
        "statusSummary": {"status": "success"},
    }
    activities = [{"name": "Copy", "statusSummary": {"status": "failed"}}]
    lossy = FlowRun.model_validate({"id": ID, "metrics": metrics, "activities": activities})
    records, files, activity, warnings = lossy.verdict(RunPolicy()).reasons
    assert (records[:46], files[:38]) == (
        "reports 'success' but dropped 5 of 100 records",
        "reports 'success' but lost 3 of 5 file",
    )
    assert activity.startswith("reports 'success' although its activity 'Copy' failed")
    assert warnings == "has warnings for 50 records"


def test_what_a_failed_activity_of_a_success_says_is_told():
    summary = {"status": "failed", "extensions": {"errorDetail": "ErrorCode=AdlsGen2Forbidden"}}
    errors = run("success", activities=[{"id": "copyActivity", "statusSummary": summary}]).errors
    assert errors == [{"code": None, "message": "ErrorCode=AdlsGen2Forbidden", "activity": "copyActivity"}]


def test_the_counts_of_activities_are_in_the_summary():
    activities = [{"recordSummary": {"failedRecordCount": 5}, "fileSummary": {"failedFileCount": 2}}]
    summary = run("success", activities=activities, failedRecordCount=0).summary()
    assert (summary["records"]["failed"], summary["files"]["failed"]) == (5, 2)


def test_a_partial_success_is_one_where_the_policy_allows_the_loss():
    verdict = run("PARTIAL_SUCCESS", **LOST_1).verdict(RunPolicy(max_failed_percent=5))
    assert verdict == Verdict("success", "dropped 1 of 100 records (1.00 %), which its policy allows")


def test_an_unknown_status_says_so_while_it_is_waited_on():
    assert run("brand_new_state", completed=False).verdict(RunPolicy()) == Verdict(
        "running", "has status 'brand_new_state', which nobody published"
    )
    assert run("inProgress", completed=False).verdict(RunPolicy()) == Verdict("running")


def test_a_success_with_errors_must_say_how_many_records_failed():
    errors = [{"code": "CONNECTOR-2001-500", "message": "Error occurred at promotion activity."}]
    assert run("success", errors=errors).verdict(RunPolicy()) == Verdict(
        "failure",
        "reports 'success' with errors, and does not say how many records failed; to allow any loss, pass "
        'policy={"max_failed_percent": 100}',
    )
    assert run("success", errors=errors).verdict(RunPolicy(max_failed_percent=100)).outcome == "success"
    assert run("success", errors=errors, failedRecordCount=0).verdict(RunPolicy()) == Verdict(
        "success", "lists 1 error and says that 0 records failed"
    )


@pytest.mark.parametrize("told", [{}, {"failedRecordCount": None}, {"failedRecordCount": -1}])
def test_the_activities_tell_what_the_run_does_not(told):
    activities = [
        {"id": "copyActivity", "recordSummary": {}},
        {"id": "promotionActivity", "recordSummary": {"failedRecordCount": 2}},
        {"id": "other", "recordSummary": {"failedRecordCount": -1}},
        {"id": "other"},
    ]
    lossy = run("success", activities=activities, inputRecordCount=100, **told)
    assert lossy.records["failed"] == 2
    assert lossy.verdict(RunPolicy()).outcome == "failure"


def test_no_files_are_no_records():
    metrics = {"statusSummary": {"status": "success"}, "fileSummary": {"inputFileCount": 0}}
    assert FlowRun(id=ID, metrics=metrics).verdict(RunPolicy()).outcome == "empty"


def test_a_run_that_says_nothing_is_waited_on():
    for body in ({"id": ID}, {"id": ID, "metrics": None}, {"id": ID, "metrics": {"statusSummary": None}}):
        assert FlowRun.model_validate(body).verdict(RunPolicy()) == Verdict(
            "running", "has status None, which nobody published"
        )


def test_minus_one_is_no_time_of_completion():
    metrics = {"durationSummary": {"completedAtUTC": -1}}
    assert FlowRun(id=ID, metrics=metrics).finished is False


@pytest.mark.parametrize(
    ("counts", "found"), [({"a": 1, "b": 0}, {"a": 1, "b": 0}), ({"a": -1, "b": None}, {"a": None, "b": None})]
)
def test_counts_that_are_not_known(counts, found):
    assert unknown_to_none(counts) == found


def test_the_judgement_of_counts_is_one_for_runs_and_batches():
    assert judge_report(RunPolicy(), Report("success", read=10, written=10, failed=0)) == Verdict("success")


# The policy


@pytest.mark.parametrize("given", [None, {}, RunPolicy(), {"max_failed_records": 0}])
def test_the_default_policy_allows_no_loss(given):
    assert RunPolicy.of(given) == RunPolicy(max_failed_records=0, max_failed_percent=None, on_empty="succeed")


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        (
            {"max_failed_records": -1, "max_failed_percent": 101, "on_empty": "ignore", "fail_fast": True},
            "policy.max_failed_records: Input should be greater than or equal to 0; "
            "policy.max_failed_percent: Input should be less than or equal to 100; "
            "policy.on_empty: Input should be 'succeed', 'skip' or 'fail'; "
            "policy.fail_fast: Extra inputs are not permitted.",
        ),
        ("strict", "policy: Input should be a valid dictionary or instance of RunPolicy."),
    ],
)
def test_a_policy_names_every_wrong_key_and_value(given, problems):
    with pytest.raises(AepConfigError) as refused:
        RunPolicy.of(given)
    assert str(refused.value) == (
        f"policy is {given!r}, which cannot be used (known keys: max_failed_records, max_failed_percent, on_empty, "
        f"max_failed_files): {problems}"
    )


# The summary


def test_the_summary_of_a_run_that_has_just_begun():
    begun = FlowRun.model_validate({"id": ID, "flowId": "f", "metrics": {"statusSummary": {"status": "inProgress"}}})
    assert begun.summary() == {
        "run_id": ID,
        "flow_id": "f",
        "status": "inProgress",
        "started_at": None,
        "completed_at": None,
        "duration_seconds": None,
        "records": dict.fromkeys(("input", "output", "created", "updated", "skipped", "failed", "warning")),
        "files": {"input": None, "output": None, "failed": None},
        "bytes": {"input": None, "output": None},
        "batch_ids": [],
        "errors": [],
    }


def test_every_error_is_told_once_with_the_activity_it_comes_from():
    connector = {"code": "CONNECTOR-2001-500", "message": "Processing failed."}
    flow_run = run(
        "failed",
        errors=[connector, {"code": "X"}],
        failedInfo=[{"code": "INGEST-1401-400", "message": "Corrupted row", "details": "row 3"}],
        activities=[
            {
                "id": "4f008a00-3a04-11eb-adc1-0242ac120002",
                "name": "Salesforce Copy Activity",
                "statusSummary": {"errors": [connector], "extensions": {"errors": [{"code": 2200}, "odd", None]}},
            },
            {"id": "promotionActivity", "statusSummary": {"extensions": {"errors": {"code": "no list"}}}},
            {"id": "idle"},
        ],
    )
    copy = "Salesforce Copy Activity"
    assert flow_run.errors == [
        {"code": "CONNECTOR-2001-500", "message": "Processing failed.", "activity": copy},
        {"code": "2200", "message": None, "activity": copy},
        {"code": "X", "message": None, "activity": None},
        {"code": "INGEST-1401-400", "message": "Corrupted row", "activity": None},
    ]


def test_the_activity_that_failed_is_named_though_the_run_alone_tells_the_error():
    activities = [
        {"id": "copyActivity", "name": "Copy Activity", "statusSummary": {"status": "failed", "errors": []}},
        {"id": "promotionActivity", "statusSummary": {"status": "scheduled"}},
    ]
    connector = {"code": "CONNECTOR-1001-500", "message": "Copying failed."}
    assert run("failed", errors=[connector], activities=activities).errors == [
        {**connector, "activity": None},
        {"code": None, "message": "ended with status 'failed' and names no error", "activity": "Copy Activity"},
    ]
    assert run("success", errors=[connector], activities=activities).errors == [{**connector, "activity": None}]


@pytest.mark.parametrize("errors", [[], [{"code": "2200", "message": "UserError"}]])
def test_what_the_copying_service_said_is_told_besides(errors):
    summary = {"status": "failed", "errors": errors, "extensions": {"errorDetail": "ErrorCode=AdlsGen2Forbidden"}}
    told = run("failed", activities=[{"id": "copyActivity", "statusSummary": summary}]).errors
    assert told[-1] == {"code": None, "message": "ErrorCode=AdlsGen2Forbidden", "activity": "copyActivity"}
    assert len(told) == len(errors) + 1


def test_of_thousands_of_errors_the_first_fifty_are_told_in_short():
    errors = [{"code": f"C{number}", "message": "m" * 100_000} for number in range(5000)]
    summary = run("failed", errors=errors).summary()
    assert [error["code"] for error in summary["errors"]] == [f"C{number}" for number in range(50)]
    assert summary["errors_left_out"] == 4950
    assert len(json.dumps(summary)) < 200_000
    assert "errors_left_out" not in run("failed", errors=errors[:50]).summary()


def test_batches_are_told_once():
    targets = [
        {"id": "t", "reference": {"type": "Batch", "ids": ["b1", "b2"]}},
        {"id": "t", "reference": {"type": "batch", "ids": ["b2", "b3"]}},
        {"id": "t", "reference": {"type": "AdfRunId", "ids": ["no batch"]}},
        {"id": "t", "reference": {"ids": ["no type"]}},
        {"id": "t", "reference": None},
    ]
    assert run("success", activities=[{"targetInfo": targets}, {}]).batch_ids == ["b1", "b2", "b3"]


def test_the_window_is_told_by_the_first_activity_that_knows_it():
    activities = [
        {"id": "a"},
        {"id": "b", "durationSummary": {"extensions": {"windowStart": 1}}},
        {"id": "c", "durationSummary": {"extensions": {"windowStart": 0, "windowEnd": "1651585956"}}},
    ]
    assert run("success", activities=activities).window == ("0", "1651585956")
    assert run("success", activities=activities[:2]).window is None


# The first run since


@given(st.lists(st.tuples(st.none() | st.integers(0, 9), st.text("abc", max_size=2))), st.integers(0, 9))
def test_the_first_run_is_the_oldest_that_is_not_too_old(made, since):
    runs = [FlowRun(id=id_, created_at=created_at) for created_at, id_ in made]
    found = first_run(runs, since)
    eligible = sorted((created_at, id_) for created_at, id_ in made if created_at is not None and created_at >= since)
    assert (found and (found.created_at, found.id)) == (eligible[0] if eligible else None)


@pytest.mark.parametrize("started", [STARTED, STARTED // 1000, str(STARTED), "2020-08-05T19:34:18.198Z"])
def test_a_run_that_does_not_tell_when_it_was_made_is_found_by_its_start(started):
    silent = FlowRun.model_validate({"id": ID, "metrics": {"durationSummary": {"startedAtUTC": started}}})
    later = FlowRun(id="later", created_at=STARTED + 5000)
    assert first_run([later, silent], STARTED - 1000) is silent
    assert first_run([later, silent], STARTED + 1000) is later
    assert first_run([FlowRun(id=ID)], 0) is None


# Whatever comes


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (COMPLETED, "2020-08-05T19:35:13.306000+00:00"),
        ("2020-08-05T19:35:13.306Z", "2020-08-05T19:35:13.306000+00:00"),
        ("2020-08-05T21:35:13.306+02:00", "2020-08-05T19:35:13.306000+00:00"),
        ("2020-08-05T19:35:13.306", "2020-08-05T19:35:13.306000+00:00"),
        ("soon", None),
        ({"at": 1}, None),
    ],
)
@pytest.mark.parametrize("status", ["failed", "brand_new_state"])
def test_a_time_in_another_form_does_not_hide_how_a_run_ended(told, read, status):
    metrics = {"statusSummary": {"status": status}, "durationSummary": {"completedAtUTC": told}}
    ended = FlowRun.model_validate({"id": ID, "createdAt": told, "metrics": metrics})
    assert ended.summary()["completed_at"] == read
    assert ended.verdict(RunPolicy()).outcome == ("failure" if read or status == "failed" else "running")


@pytest.mark.parametrize(
    ("errors", "read"),
    [
        ({"code": "X", "message": "m"}, [("X", "m")]),
        ("no list", [(None, "no list")]),
        (["only a text", None, {"code": {"nested": 1}}], [(None, "only a text"), ("{'nested': 1}", None)]),
        ({}, []),
    ],
)
def test_errors_in_another_form_do_not_hide_how_a_run_ended(errors, read):
    metrics = {"statusSummary": {"status": "failed", "errors": errors}, "recordSummary": {"failedInfo": errors}}
    ended = FlowRun.model_validate({"id": ID, "metrics": metrics})
    assert ended.verdict(RunPolicy()).outcome == "failure"
    assert [(error["code"], error["message"]) for error in ended.errors] == read


NAMES = st.sampled_from(
    "id flowId flowSpec etag eTag createdAt metrics activities activites name status errors code message extensions "
    "durationSummary startedAtUTC completedAtUTC windowStart windowEnd sizeSummary inputBytes recordSummary "
    "inputRecordCount failedRecordCount failedInfo fileSummary inputFileCount statusSummary targetInfo reference type "
    "ids version".split()
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(["success", "PARTIAL_SUCCESS", "failed", "batch", "12", "-1", "x"])
)
GARBAGE = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
COUNTS = st.dictionaries(st.sampled_from(["inputRecordCount", "outputRecordCount", "failedRecordCount"]), LEAVES)
TIMES = st.dictionaries(st.sampled_from(["startedAtUTC", "completedAtUTC", "extensions"]), LEAVES | GARBAGE)
ERRORS = st.lists(st.dictionaries(st.sampled_from(["code", "message", "recordCount"]), LEAVES | GARBAGE), max_size=2)
STATUS = st.fixed_dictionaries(
    {}, optional={"status": LEAVES, "errors": ERRORS | LEAVES, "extensions": st.fixed_dictionaries({"errors": ERRORS})}
)
METRICS = st.fixed_dictionaries(
    {}, optional={"durationSummary": TIMES, "recordSummary": COUNTS, "statusSummary": STATUS, "sizeSummary": GARBAGE}
)
RUNS = st.fixed_dictionaries(
    {"id": st.just(ID) | LEAVES}, optional={"metrics": METRICS, "activities": st.lists(METRICS, max_size=2)}
)


@given(GARBAGE | RUNS)
def test_garbage_is_refused_or_understood(body):
    try:
        flow_run = FlowRun.model_validate(body)
    except ValidationError:
        return
    assert flow_run.verdict(RunPolicy()).outcome in ("running", "success", "empty", "failure")
    assert flow_run.summary()["run_id"] == flow_run.id
    assert flow_run.window is None or len(flow_run.window) == 2
    assert FlowRun.model_validate(flow_run.to_wire()).summary() == flow_run.summary()

"""models/batch.py: what landed in a dataset, judged as a run is."""

import pytest

from airflow_provider_aep.models.batch import Batch, first_batch
from airflow_provider_aep.models.policy import RunPolicy, Verdict

from .reports import BATCHES as REPORTS

ID = "01EF01X41KJD82Y9ZX6ET54PCZ"
LOST_1 = {"inputRecordCount": 100, "failedRecordCount": 1}


def batch(status, *, errors=None, **metrics):
    return Batch.model_validate({"id": ID, "status": status, "metrics": metrics, "errors": errors})


@pytest.mark.parametrize(
    ("status", "outcome", "failed"),
    [
        *((status, "running", False) for status in ("processing", "queued", "retrying", "stalled", "loading")),
        *((status, "running", False) for status in ("loaded", "staged", "staging", "PROCESSING")),
        *((status, "success", False) for status in ("success", "active", "Success", "ACTIVE", " success ")),
        *((status, "failure", True) for status in ("failed", "failure", "aborted", "abandoned", "inactive")),
        *((status, "failure", True) for status in ("deleted", "FAILED")),
        *((status, "running", False) for status in ("archived", "brand_new_state", "", None)),
    ],
)
def test_the_verdict_by_status(status, outcome, failed):
    assert batch(status).verdict(RunPolicy()).outcome == outcome
    assert batch(status).failed is failed


def test_a_status_that_nobody_published_is_named():
    assert batch("archived").verdict(RunPolicy()).reason == "has status 'archived', which nobody published"
    assert batch("stalled").verdict(RunPolicy()).reason == ""
    assert batch("aborted").verdict(RunPolicy()).reason == "ended with status 'aborted'"


@pytest.mark.parametrize(
    ("metrics", "policy", "outcome"),
    [
        ({"inputRecordCount": 100, "failedRecordCount": 0}, {}, "success"),
        ({}, {}, "success"),
        (LOST_1, {}, "failure"),
        (LOST_1, {"max_failed_records": 1}, "success"),
        (LOST_1, {"max_failed_percent": 1}, "success"),
        (LOST_1, {"max_failed_percent": 0.5}, "failure"),
        ({"inputRecordCount": -1, "failedRecordCount": 5}, {"max_failed_percent": 1}, "failure"),
        ({"inputRecordCount": 0}, {}, "empty"),
        ({"inputRecordCount": -1, "outputRecordCount": 0}, {}, "empty"),
        ({"outputRecordCount": 0}, {}, "empty"),
    ],
)
def test_the_verdict_by_counts_and_policy(metrics, policy, outcome):
    assert batch("success", **metrics).verdict(RunPolicy(**policy)).outcome == outcome


@pytest.mark.parametrize("name", REPORTS)
def test_the_verdict_sees_all_that_a_batch_reports(name):
    body, policy, outcome, said = REPORTS[name]
    verdict = Batch.model_validate({"id": ID, **body}).verdict(RunPolicy(**policy))
    assert verdict.outcome == outcome
    assert said in verdict.reason


def test_a_loss_is_told_with_what_allows_it():
    assert batch("active", **LOST_1).verdict(RunPolicy()) == Verdict(
        "failure",
        "reports 'active' but dropped 1 of 100 records (1.00 %); to allow that, pass "
        'policy={"max_failed_records": 1} or {"max_failed_percent": ...}',
    )


def test_a_success_with_errors_must_say_how_many_records_failed():
    errors = [{"code": "INGEST-1212-400", "description": "Encountered 1 errors in the data."}]
    assert batch("success", errors=errors).verdict(RunPolicy()).outcome == "failure"
    assert batch("success", errors=errors, failedRecordCount=0).verdict(RunPolicy()).outcome == "success"


def test_the_summary_of_a_batch():
    landed = Batch.model_validate(
        {
            "id": ID,
            "status": "success",
            "created": 1596656095333,
            "started": None,
            "completed": 1596656113306,
            "metrics": {"inputByteSize": "24012", "inputRecordCount": 100, "outputRecordCount": -1},
            "errors": [{"code": 118, "description": "The header is empty."}],
            "relatedObjects": [{"type": "batch", "id": "x"}, {"type": "dataSet", "id": "5c8c3c555033b814b69f947f"}],
        }
    )
    assert landed.summary() == {
        "run_id": None,
        "flow_id": None,
        "batch_ids": [ID],
        "dataset_id": "5c8c3c555033b814b69f947f",
        "status": "success",
        "started_at": "2020-08-05T19:34:55.333000+00:00",
        "completed_at": "2020-08-05T19:35:13.306000+00:00",
        "records": {"input": 100, "output": None, "failed": None},
        "bytes": {"input": 24012},
        "errors": [{"code": "118", "message": "The header is empty."}],
    }


def test_the_summary_of_a_batch_that_says_nothing():
    summary = Batch.model_validate({"id": ID, "metrics": None, "relatedObjects": [{"type": None}]}).summary()
    assert summary["dataset_id"] is None
    assert summary["errors"] == []
    assert summary["started_at"] is None


def test_a_batch_that_does_not_tell_when_it_was_made_is_found_by_its_start():
    silent = Batch.model_validate({"id": ID, "status": "success", "started": 1596656095})
    other = Batch(id="other", status="success", created=1596656099000)
    assert first_batch([other, silent], 1596656090000) is silent
    assert first_batch([other, silent], 1596656096000) is other
    assert first_batch([Batch(id=ID, status="success")], 1) is None


def test_what_nobody_published_does_not_hide_how_a_batch_ended():
    odd = {"id": ID, "status": "failed", "created": "soon", "completed": "2020-08-05T19:35:13Z"}
    for errors, told in ({"code": 1, "description": "d"}, ("1", "d")), ("a text", (None, "a text")):
        ended = Batch.model_validate({**odd, "errors": errors})
        assert ended.failed
        assert ended.summary()["completed_at"] == "2020-08-05T19:35:13+00:00"
        assert [(error["code"], error["message"]) for error in ended.summary()["errors"]] == [told]


def test_of_many_errors_the_first_fifty_are_told():
    summary = batch("failed", errors=[{"code": str(number)} for number in range(60)]).summary()
    assert (len(summary["errors"]), summary["errors_left_out"]) == (50, 10)

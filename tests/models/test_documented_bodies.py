"""Every flow run and batch that Adobe's pages show is judged as it always was, whatever else the verdict looks at."""

import json

import pytest
from api.reading import sample

from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.policy import RunPolicy

from .documented_bodies import BATCHES, RUNS

LOST_1 = (
    "reports 'success' but dropped 1 of 100 records (1.00 %); to allow that, pass policy={\"max_failed_records\": 1}"
)
LOST_2 = "reports 'PARTIAL_SUCCESS' but dropped 2 of 10 records (20.00 %); to allow that, pass policy={\"max_failed_re"
LOST_5 = (
    "reports 'success' but dropped 5 of 519 records (0.96 %); to allow that, pass policy={\"max_failed_records\": 5}"
)
NO_STATUS = "has status None, which nobody published"

# name -> outcome and the beginning of the first reason
VERDICTS = {
    "run_as_in_the_specification": ("failure", LOST_2),
    "run_created_full": ("running", ""),
    "run_created_full_bare": ("running", ""),
    "run_created_items": ("running", NO_STATUS),
    "run_created_plain": ("running", NO_STATUS),
    "run_failed_in_copy": ("failure", "ended with status 'failed'"),
    "run_failed_without_end": ("failure", "ended with status 'failed'"),
    "run_started": ("running", ""),
    "run_success_in_seconds": ("success", "wrote 70 of 100 records and does not say what became of the others"),
    "run_success_with_failed_records": ("failure", LOST_1),
    "runs_page": ("success", ""),
    "notification_of_a_success_without_records": ("success", "read 1 file and wrote 0"),
    "notification_of_a_failure_with_counts": ("failure", "ended with status 'failed'"),
    "monitored_run_of_eleven_files": ("success", ""),
    "example_of_the_flow_service_specification": ("success", ""),
    "01EF01X41KJD82Y9ZX6ET54PCZ of batch": ("failure", LOST_1),
    "01EF01X41KJD82Y9ZX6ET54PCZ of batches": ("success", ""),
    "6f6a900f-e40d-4f0e-9bb9-b614436c3465 of batches": ("running", ""),
    "batch_without_errors": ("success", ""),
    "batch_with_errors": ("failure", LOST_5),
    "batch_in_staging": ("running", ""),
    "batch_of_scores": ("success", ""),
}


def documented():
    """Name -> flow run or batch."""
    found = {name: FlowRun.model_validate(body) for name, body in RUNS.items()}
    found |= {name: Batch.model_validate(body) for name, body in BATCHES.items()}
    for name in VERDICTS:
        if name.startswith("run"):
            answer = json.loads(sample(name))
            (found[name],) = map(FlowRun.model_validate, answer.get("items", [answer]))
    for name in ("batch", "batches"):
        for id_, body in json.loads(sample(name)).items():
            found[f"{id_} of {name}"] = Batch.model_validate({"id": id_, **body})
    return found


@pytest.mark.parametrize("name", VERDICTS)
def test_the_22_documented_bodies_are_judged_as_before(name):
    outcome, reason = VERDICTS[name]
    verdict = documented()[name].verdict(RunPolicy())
    assert verdict.outcome == outcome
    assert next(iter(verdict.reasons), "").startswith(reason)
    assert bool(verdict.reasons) is bool(reason)


def test_no_documented_body_is_left_out():
    assert len(VERDICTS) == 22
    assert set(documented()) == set(VERDICTS)

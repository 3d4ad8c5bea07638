"""runs/under_way.py: which of the listed runs another task has to consider."""

import pytest

from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.under_way import LONGEST_RUN_MS, runs_under_way

NOW = 1_900_000_000_000
MINUTE = 60_000


def run(id_="r", made=NOW - MINUTE, status="inProgress", started=None):
    metrics = {"statusSummary": {"status": status}, "durationSummary": {"startedAtUTC": started}}
    return FlowRun.model_validate({"id": id_, "flowId": "f", "createdAt": made, "metrics": metrics})


@pytest.mark.parametrize(
    ("listed", "under_way"),
    [
        (run(), True),
        (run(status="success"), False),
        (run(status="failed"), False),
        (run(made=NOW - LONGEST_RUN_MS - 1), False),
        (run(made=None), True),
        (run(started=NOW - 1), True),
        (run(started=NOW + 5 * MINUTE), False),
    ],
)
def test_a_run_is_under_way(listed, under_way):
    assert bool(runs_under_way([listed], NOW)) is under_way


def test_the_oldest_comes_first():
    assert [each.id for each in runs_under_way([run("young", NOW), run("old", NOW - MINUTE)], NOW)] == ["old", "young"]

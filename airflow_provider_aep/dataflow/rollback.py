"""Rolling back what an apply created, if anything of it failed. What it changed or replaced is not rolled back."""

from __future__ import annotations

from dataclasses import replace

from airflow_provider_aep.dataflow.destroy import remove_unless_used
from airflow_provider_aep.dataflow.report import Outcome, Report
from airflow_provider_aep.dataflow.resources import TYPES
from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.reconcile.ensure import Ensurer


def roll_back(ensurer: Ensurer, report: Report) -> None:
    """Delete each resource that was created, before those that it refers to. The report says what became of it."""
    gone: list[str] = []
    for step in reversed(list(TYPES)):
        for number, outcome in enumerate(report.outcomes):
            if outcome.step == step and outcome.done == "created" and outcome.id:
                report.outcomes[number] = _rolled_back(ensurer, outcome, outcome.id, gone)
                report.ids[outcome.dataflow].pop(step, None)


def _rolled_back(ensurer: Ensurer, outcome: Outcome, id_: str, gone: list[str]) -> Outcome:
    if not TYPES[outcome.step].deletable:
        return replace(outcome, done="left", said="because the platform cannot delete it, or others may use it by now")
    gone.append(id_)
    try:
        done, said = remove_unless_used(ensurer, outcome.step, id_, gone)
    except AepError as problem:
        return replace(outcome, done="left", said=f"because it could not be deleted: {problem}")
    return replace(outcome, done=done, said=said or "rolled back")

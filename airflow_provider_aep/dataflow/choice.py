"""What becomes of the data in a replacement: how that is chosen, and what the old dataflow records of it, so that an
apply that goes on with it does what was chosen.

Its name says that it is being replaced (`resources.REPLACED`). Where the file leaves open what becomes of the data, the
end of its description says what `allow_replace` chose: without a declared backfill the platform reads everything again.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from airflow_provider_aep.dataflow.planned import PlannedDataflow
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.models.flow import Flow

Choice = Literal["reload", "continue"]
AllowReplace = Literal[False, "reload", "continue"]
"""What was chosen for the data; False: nothing, so that nothing is replaced."""

_RECORD = re.compile(r"\s*\(being replaced: (reload|continue)\)$")


def ways_to_replace(spec: DataflowSpec) -> tuple[Choice, ...]:
    """What `allow_replace` may be: the one way that the file declares, or else both. A stream reads on in any case."""
    schedule = spec.schedule
    if schedule is not None and schedule.frequency == "once":
        return ("reload",)
    if schedule is None or schedule.backfill is None:
        return ("reload", "continue")
    return ("reload",) if schedule.backfill else ("continue",)


def leaves_choice_open(spec: DataflowSpec) -> bool:
    """Whether it is `allow_replace` alone that says if a new dataflow reads everything again."""
    return spec.schedule is not None and len(ways_to_replace(spec)) > 1


def with_choice(description: str | None, choice: Choice) -> str:
    """A description that records the choice."""
    return f"{without_choice(description)} (being replaced: {choice})".strip()


def without_choice(description: str | None) -> str:
    """The description as it was before."""
    return _RECORD.sub("", description or "")


def recorded_choice(old: Flow) -> Choice | None:
    """The choice that an interrupted apply recorded; None if it recorded none."""
    found = _RECORD.search(old.description or "")
    if found is None:
        return None
    return "reload" if found[1] == "reload" else "continue"


def has_lost_its_choice(dataflow: PlannedDataflow) -> bool:
    """Whether the new dataflow of an interrupted replacement has yet to be made, and nothing says what it reads."""
    old, flow = dataflow.replaced, dataflow.resource("flow")
    if old is None or flow is None or flow.decision.action != "create":
        return False
    return leaves_choice_open(dataflow.spec) and recorded_choice(old) is None


def why_not(dataflow: PlannedDataflow, allow_replace: AllowReplace) -> str | None:
    """Why a dataflow cannot be replaced so, in a sentence; None if it can.

    What a new dataflow does about the data that is there is its `backfill`, which a file may declare: after the
    replacement it must still be what is live, or the next plan would replace it again.
    """
    schedule = dataflow.spec.schedule
    if schedule is None or not allow_replace or allow_replace in ways_to_replace(dataflow.spec):
        return None
    named = f"The dataflow {dataflow.spec.name!r}"
    if schedule.frequency == "once":
        return f'{named} runs once, and reads everything that is there: replace it with allow_replace="reload".'
    declared = schedule.backfill
    other = "continue" if allow_replace == "reload" else "reload"
    return (
        f'{named} declares schedule.backfill {declared}, and allow_replace="{allow_replace}" means the contrary: '
        f'declare schedule.backfill {not declared}, or replace it with allow_replace="{other}".'
    )


def beginning(declared: Flow, allow_replace: AllowReplace, now: float) -> Flow:
    """The dataflow that takes the place of another one, with a start of its own.

    :param now: the platform's time in epoch seconds. A declared start that has passed was that of the old one.
    """
    schedule = declared.schedule_params
    if schedule is None:
        return declared
    update: dict[str, Any] = {}
    if schedule.start_time is not None and schedule.start_time <= now:
        update["start_time"] = None
    if allow_replace and schedule.frequency != "once" and schedule.backfill is None:
        update["backfill"] = allow_replace == "reload"
    return declared.model_copy(update={"schedule_params": schedule.model_copy(update=update)})

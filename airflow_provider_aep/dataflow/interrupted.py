"""What becomes of the data in a replacement: how that is chosen, and what the old dataflow records of it, so that an
apply that goes on with it does what was chosen.

Its name says that it is being replaced (`resources.REPLACED`). Where the file leaves open what becomes of the data, the
end of its description says what `allow_replace` chose: without a declared backfill the platform reads everything again.
"""

from __future__ import annotations

import re
from typing import Literal

from airflow_provider_aep.dataflow.planned import PlannedDataflow
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.models.flow import Flow

Choice = Literal["reload", "continue"]

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

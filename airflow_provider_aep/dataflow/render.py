"""A plan as text: symbols before colours, so that a task log and a pull request say the same as a terminal.

+    is created          ~    is changed in place          =    stays as it is
-/+  is replaced         -    is deleted                   x    is refused
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from airflow_provider_aep.dataflow.choice import AllowReplace, has_lost_its_choice, recorded_choice, ways_to_replace
from airflow_provider_aep.dataflow.consequences import NOT_POSSIBLE
from airflow_provider_aep.dataflow.document import changed_by, name_of
from airflow_provider_aep.dataflow.plan import Consequence, Plan, PlannedDataflow, PlannedResource
from airflow_provider_aep.dataflow.resources import TYPES
from airflow_provider_aep.reconcile.diff import Change

_SYMBOLS: Final = {
    ("create",): "  +",
    ("update",): "  ~",
    ("create", "delete"): "-/+",
    ("delete",): "  -",
    ("refuse",): "  x",
    ("no-op",): "  =",
}
# The client by which Adobe's UI writes.
_UI: Final = "exc_app"
# Pointer of the platform -> key of the file.
_KEYS: Final = (
    ("transformations.Copy.deltaColumn", "delta_column"),
    ("scheduleParams", "schedule"),
    ("allOf", "field_groups"),
)
_WAYS: Final = ("reload", "continue")
# What was chosen for the data before a replacement was interrupted.
_INTERRUPTED: Final = {
    None: "",
    "reload": ", which reads everything again (reload)",
    "continue": ", which reads only what appears from its start on (continue)",
}
_STATES: Final = {"enabled": "is enabled", "disabled": "is disabled"}


def render(plan: Plan) -> str:
    """The whole plan as plain text."""
    return "\n".join(line for line, _ in lines(plan))


def as_markdown(text: str) -> str:
    """A plan for a page that shows Markdown, such as the one on which a person approves it in Airflow.

    Airflow's page runs the lines of a block of code together, so each line is code of its own, its columns kept by
    blanks that are not collapsed.
    """
    return "  \n".join(_code(line) for line in text.splitlines())


def _code(line: str) -> str:
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    apart = " " if longest else ""
    kept = re.sub(" (?= )|^ ", "\N{NO-BREAK SPACE}", line) or "\N{NO-BREAK SPACE}"
    return f"{fence}{apart}{kept}{apart}{fence}"


def lines(plan: Plan, note: str = "") -> Iterator[tuple[str, str]]:
    """The lines of a plan, each with what it means: ``create``, ``update``, ``replace``, ``delete``, ``refuse``,
    ``warning``, ``title`` or nothing; so that a terminal can colour them.

    :param note: what the first line ends with, such as what the plan has cost.
    """
    resources = sum(len(dataflow.resources) for dataflow in plan.dataflows)
    counted = [_number(len(plan.dataflows), "dataflow"), _number(resources, "resource"), *([note] if note else [])]
    yield " · ".join([f"{plan.sandbox} of {plan.org}", *counted]), ""
    for dataflow in plan.dataflows:
        yield "", ""
        yield from _dataflow(dataflow, plan.allow_replace)
    if plan.unmanaged:
        yield "", ""
        yield f"{_number(len(plan.unmanaged), 'source dataflow')} that no file names:", "title"
        yield from ((f"  ? {name}  {id_}", "") for name, id_ in plan.unmanaged)
    yield "", ""
    yield _last_line(plan), "title"


def _dataflow(planned: PlannedDataflow, consent: AllowReplace) -> Iterator[tuple[str, str]]:
    place = planned.spec.file or ""
    yield f"{planned.spec.name:<{64 if place else 0}}  {place}".rstrip(), "title"
    if planned.resources and all(each.actions == ("create",) for each in planned.resources):
        nouns = ", ".join(each.type_.noun for each in planned.resources)
        yield f"  + {nouns}", "create"
        for each in planned.resources:
            yield from _consequences(each, consent)
    else:
        for each in planned.changing:
            yield from _resource(each, consent)
    yield from _beside(planned)
    unchanged = sum(each.actions == ("no-op",) for each in planned.resources)
    if unchanged:
        yield f"  = {unchanged} unchanged", ""
    elif not planned.resources:
        yield "  = is absent", ""


def _beside(planned: PlannedDataflow) -> Iterator[tuple[str, str]]:
    """What is to be done about the dataflow besides its resources."""
    flow = planned.resource("flow")
    live = flow.decision.live if flow else None
    if planned.state == "enabled" and live is not None and live.state == "draft":
        yield "  ~ is published, after what it stands on", "update"
    elif planned.state in _STATES:
        yield f"  ~ {_STATES[planned.state]}", "update"
    if planned.replaced is not None:
        goes = live is not None
        choice = _INTERRUPTED[None if goes else recorded_choice(planned.replaced)]
        what = "is deleted" if goes else f"gives way to the new one{choice}"
        yield f"  - {planned.replaced.name!r} of an interrupted replacement {what}", "delete"
    for step, ids in planned.remains.items():
        for id_ in ids:
            yield f"  - {TYPES[step].noun} {id_} of an interrupted replacement is deleted, if nothing uses it", "delete"


def _resource(planned: PlannedResource, consent: AllowReplace) -> Iterator[tuple[str, str]]:
    meaning = "replace" if planned.actions == ("create", "delete") else planned.actions[0]
    # Of a connection the dataflow's own lines say why.
    told = planned.reason and planned.step == "flow" and meaning != "refuse"
    remarks = [planned.reason] if told else []
    remark = "; ".join([*(f"because {reason}" for reason in remarks), *_last_change(planned, meaning)])
    name = name_of(planned) or "(named by its content)"
    yield f"{_SYMBOLS[planned.actions]} {planned.type_.noun:<18}{name:<45} {remark}".rstrip(), meaning
    if meaning == "refuse":
        yield f"      x {planned.reason}", "refuse"
    if meaning != "create":
        yield from ((f"      {_difference(change)}", meaning) for change in planned.differences)
    yield from _consequences(planned, consent)


def _consequences(planned: PlannedResource, consent: AllowReplace) -> Iterator[tuple[str, str]]:
    for each in planned.consequences:
        said = f"{each.code + ':':<10} {each.text}" if each.code in _WAYS else each.text
        yield f"      ! {said}", "warning"
    possible = [each.code for each in planned.consequences if _is_possible(each)]
    # What was interrupted goes on as it was chosen, if that is known.
    is_open = planned.decision.action == "replace" or len(possible) > 1
    if is_open and possible and consent not in possible:
        yield f"      choose with --allow-replace {'|'.join(possible)}", "warning"


def _is_possible(way: Consequence) -> bool:
    return way.code in _WAYS and not way.text.startswith(NOT_POSSIBLE)


def _last_change(planned: PlannedResource, meaning: str) -> Iterator[str]:
    """Who changed a live resource last, where that may be why it differs."""
    said = changed_by(planned.decision.live) if meaning in ("update", "replace", "refuse") else None
    if said:
        at = datetime.fromisoformat(said["at"]).strftime("%Y-%m-%d %H:%M UTC")
        where = "in the UI" if said.get("client") == _UI else f"by {said.get('client') or said.get('by') or 'somebody'}"
        yield f"last changed {where}, {at}"


def _difference(change: Change) -> str:
    path = change.path.strip("/").replace("/", ".")
    for theirs, ours in _KEYS:
        if path == theirs or path.startswith(f"{theirs}."):
            path = ours + path.removeprefix(theirs)
    return f"{path:<28} {_value(change.live)} -> {_value(change.declared)}"


def _value(value: Any) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "(none)"
    return str(value)


def _last_line(plan: Plan) -> str:
    if plan.is_empty:
        return f"No changes: {_number(len(plan.dataflows), 'dataflow')} as declared."
    counts = plan.summary
    done = ("create", "update", "replace", "destroy", "refuse")
    named = [f"{counts[what]} to {what}" for what in done if counts[what]]
    if counts["states"]:
        named.append(f"{_number(counts['states'], 'dataflow')} to bring to another state")
    named.append(f"{counts['unchanged']} unchanged")
    return "  ".join([f"Plan: {', '.join(named)}.  Fingerprint {plan.fingerprint}.", *_hints(plan, counts)])


def _hints(plan: Plan, counts: dict[str, int]) -> Iterable[str]:
    """What stands between this plan and its being applied: a refusal, or a consent that was not given."""
    if counts["refuse"]:
        yield "Apply refuses this."
    elif not plan.allow_replace and (counts["replace"] or any(map(has_lost_its_choice, plan.dataflows))):
        yield "Apply refuses this without --allow-replace."
    elif any(_is_replaced(each) and plan.allow_replace not in ways_to_replace(each.spec) for each in plan.dataflows):
        yield f"Apply refuses this with --allow-replace {plan.allow_replace}."
    if counts["destroy"] and not plan.allow_destroy:
        yield "Nothing is destroyed without --allow-destroy."


def _is_replaced(planned: PlannedDataflow) -> bool:
    return any(each.decision.action == "replace" for each in planned.resources)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

"""How a decision is shown to people: its differences without placeholder ids, and why something is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow_provider_aep.reconcile.decide import Decision
from airflow_provider_aep.reconcile.diff import Change, Diff
from airflow_provider_aep.reconcile.resource_type import ResourceType
from airflow_provider_aep.validation import holds_unknown_id

_MAPPING = "/transformations/Mapping"
_REPLACED = {
    "/sourceConnectionIds": "its source connection is replaced",
    "/targetConnectionIds": "its target connection is replaced",
}
# Path -> what to do about a shared resource that cannot be changed in place: it is not replaced.
_REMEDIES = {
    "/auth/specName": "an account keeps its way of signing in: declare a second account, and let the dataflow refer to "
    "it",
    "/class": "a schema keeps its class, because schemas only grow: declare another schema under another title",
    "/schemaRef": "a dataset keeps its schema for life: declare another dataset under another name; the data stays in "
    "the old one",
}


def shown_differences(step: str, decision: Decision[Any], mapping_changes: Diff) -> Diff:
    """The differences of a decision for people: of a changed mapping set the fields."""
    found = [change for change in decision.differences if not holds_unknown_id(change.declared)]
    if step == "schema":
        return tuple(shown for change in found for shown in _of_schema(change))
    if step != "flow" or not any(change.is_within(_MAPPING) for change in decision.differences):
        return tuple(found)
    kept = [change for change in found if not change.is_within(_MAPPING)]
    known = [change for change in mapping_changes if not holds_unknown_id(change.declared)]
    return (*kept, *(Change(each.path, _source(each.declared), _source(each.live)) for each in known))


def _of_schema(change: Change) -> Iterator[Change]:
    """The difference of a schema: each field group that is added by itself, because those that are live stay."""
    if change.path == "/allOf":
        yield from (Change(f"/allOf/{group.rsplit('/', 1)[-1]}", group, None) for group in change.declared)
    else:
        yield change


def _source(meaning: Any) -> Any:
    """The source of a mapped field as one line of text."""
    if not isinstance(meaning, tuple):
        return meaning
    kind, source, *identity = meaning
    text = str(source) if kind == "ATTRIBUTE" else f"{str(kind).lower()}: {source}"
    return f"{text} (identity {identity[1] or ''})".replace(" )", ")") if identity else text


def replace_reason(type_: ResourceType[Any], declared: Any, decision: Decision[Any], now: float) -> str:
    """Why a resource is replaced, as the rest of a sentence."""
    rules = {**type_.requires_replace(declared, decision.live, now)}
    rules |= {path: reason for path, reason in _REPLACED.items() if path in rules}
    known = [rule for change in decision.differences for path, rule in rules.items() if change.is_within(path)]
    return "; ".join(dict.fromkeys(known)) or "; ".join(decision.reasons)


def refuse_several(type_: ResourceType[Any], found: list[Any]) -> Decision[Any]:
    """The decision where several live resources have the name."""
    ids = ", ".join(type_.id_of(live) for live in found)
    said = f"exists {len(found)} times: {ids}. Name one by its id in the file, or delete or rename all but one."
    return Decision("refuse", reasons=(said,))


def refuse_replacement(decision: Decision[Any]) -> Decision[Any]:
    """The decision to refuse the replacement of a shared resource.

    :param decision: that to replace it.
    """
    known = [remedy for change in decision.differences for path, remedy in _REMEDIES.items() if change.is_within(path)]
    said = "; ".join(dict.fromkeys(known)) or "; ".join(decision.reasons)
    return Decision("refuse", decision.live, decision.differences, (f"cannot be changed in place: {said}.",))

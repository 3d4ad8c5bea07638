"""A plan as JSON, and its fingerprint, by which an apply knows the plan that was approved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from airflow_provider_aep.dataflow.planned import PlannedDataflow, PlannedResource
from airflow_provider_aep.dataflow.resources import NEEDS, steps_of
from airflow_provider_aep.models.base import AepModel, Resource
from airflow_provider_aep.models.times import iso_time
from airflow_provider_aep.models.tolerant import read_time
from airflow_provider_aep.reconcile.diff import Change
from airflow_provider_aep.validation import holds_unknown_id, known_after_apply

# What a summary counts -> the actions that are meant.
_COUNTED: Final = {
    "create": ("create",),
    "update": ("update",),
    "replace": ("create", "delete"),
    "destroy": ("delete",),
    "refuse": ("refuse",),
    "unchanged": ("no-op",),
}
_AUTH = "/auth/params"


def summary(dataflows: Sequence[PlannedDataflow]) -> dict[str, int]:
    """How many resources there are of each action; what several dataflows share is counted once."""
    actions = {each.key: each.actions for dataflow in dataflows for each in dataflow.resources}
    counts = {name: sum(each == meant for each in actions.values()) for name, meant in _COUNTED.items()}
    states = sum(bool(dataflow.state or dataflow.replaced or dataflow.remains) for dataflow in dataflows)
    return {"dataflows": len(dataflows), **counts, "states": states}


def fingerprint(org: str, sandbox: str, dataflows: Sequence[PlannedDataflow]) -> str:
    """Eight hexadecimal digits of what would be done."""
    done = [
        [each.address, each.actions, sorted((change.path, _text(change)) for change in _changes(each))]
        for dataflow in dataflows
        for each in dataflow.changing
    ]
    states = [
        [dataflow.spec.name, dataflow.state, dataflow.replaced and dataflow.replaced.id, *dataflow.remains.values()]
        for dataflow in dataflows
        if not dataflow.is_empty
    ]
    text = json.dumps([org, sandbox, sorted(done), sorted(states, key=str)], default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def name_of(planned: PlannedResource) -> str | None:
    """The name of a resource; None for a mapping set whose name is made of an id that is not known yet."""
    unknown = planned.step == "mapping_set" and planned.declared.schema_id == known_after_apply("schema")
    called: str | None = planned.type_.natural_key(planned.declared)[0]
    return None if unknown else called


def changed_by(live: Any) -> dict[str, str] | None:
    """Who changed a live object of Flow Service since it was made: when (ISO), which user, which client; ``exc_app`` is
    the UI. None if nobody did, or nothing tells.
    """
    extras = (live.model_extra or {}) if isinstance(live, Resource) else {}
    changed = read_time(extras.get("updatedAt"))
    at = iso_time(changed)
    if changed is None or at is None or (live.created_at or 0) >= changed:
        return None
    said = {"by": extras.get("updatedBy"), "client": extras.get("updatedClient")}
    return {"at": at, **{key: str(value) for key, value in said.items() if value}}


def dataflow_json(planned: PlannedDataflow) -> dict[str, Any]:
    replaced = planned.replaced
    return {
        "name": planned.spec.name,
        "state": planned.state,
        "replaced": {"name": replaced.name, "id": replaced.id} if replaced else None,
        "remains": {step: list(ids) for step, ids in planned.remains.items()},
        "source": {"file": planned.spec.file, "line": planned.spec.line},
    }


def resource_json(dataflow: PlannedDataflow, planned: PlannedResource) -> dict[str, Any]:
    live, type_ = planned.decision.live, planned.type_
    return {
        "address": planned.address,
        "kind": planned.step,
        "name": name_of(planned),
        "id": None if live is None else type_.id_of(live),
        "actions": list(planned.actions),
        "reason": planned.reason or None,
        "changes": [_change(change) for change in _changes(planned)],
        "consequences": [{"code": each.code, "text": each.text} for each in planned.consequences],
        "depends_on": [f"{planned.dataflow}/{step}" for step in NEEDS[planned.step] if step in steps_of(dataflow.spec)],
        "live_changed_by": changed_by(live),
        "source": {"file": dataflow.spec.file, "line": dataflow.spec.line},
    }


def _changes(planned: PlannedResource) -> list[Change]:
    """The differences; of a new resource, all that is declared."""
    if planned.decision.action == "create":
        leaves = [Change(path, value, None) for path, value in _leaves(planned.declared.to_wire(), "")]
        return [change for change in leaves if change.path != "/name" or name_of(planned) is not None]
    unknown = [change for change in planned.decision.differences if holds_unknown_id(change.declared)]
    return [*planned.differences, *(change for change in unknown if not change.is_within("/transformations/Mapping"))]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}/{key}")
    else:
        yield path, value


def _change(change: Change) -> dict[str, Any]:
    unknown, sensitive = holds_unknown_id(change.declared), _is_sensitive(change)
    hidden = unknown or sensitive
    return {
        "path": change.path,
        "before": None if sensitive else _plain(change.live),
        "after": None if hidden else _plain(change.declared),
        "unknown": unknown,
        "sensitive": sensitive,
    }


def _is_sensitive(change: Change) -> bool:
    """Whether a value may be a secret. Of a live account only plain parameters are compared; of a new one all that the
    file says are there.
    """
    return change.is_within(_AUTH) and change.live is None


def _text(change: Change) -> str:
    shown = _change(change)
    return json.dumps([shown["before"], shown["after"], shown["unknown"]], sort_keys=True, default=str)


def _plain(value: Any) -> Any:
    return value.to_wire() if isinstance(value, AepModel) else value

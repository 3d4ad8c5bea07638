"""JSON Patch: how Flow Service and Schema Registry are told what to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_aep.models.base import AepModel
from airflow_provider_aep.reconcile.diff import Change

Patch = list[dict[str, Any]]


def patch_operation(change: Change) -> dict[str, Any]:
    """The operation that makes one place of a live resource what was declared."""
    return {"op": "add" if change.live is None else "replace", "path": change.path, "value": change.declared}


def merged(live: Any, declared: Any) -> Any:
    """What was declared, with what is live beside it: objects by their keys, at every depth, anything else whole."""
    if isinstance(live, Mapping) and isinstance(declared, Mapping):
        return {**live, **{key: merged(live.get(key), value) for key, value in declared.items()}}
    return declared


def declared_part(resource: AepModel, *fields: str) -> dict[str, Any]:
    """These fields of a resource as they are on the wire, without those that were not declared."""
    return {key: value for key, value in resource.to_wire(*fields).items() if value != []}

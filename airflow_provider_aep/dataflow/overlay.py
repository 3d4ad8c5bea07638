"""What a document says for one sandbox: JSON Merge Patch of its entry in `sandboxes`.

https://www.rfc-editor.org/rfc/rfc7396
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_aep.validation import nearest


def merge_patch(target: Any, patch: Any) -> Any:
    """The target after a JSON Merge Patch; both stay as they are. A null takes a key away, a list replaces a list."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def unlisted(sandboxes: Mapping[str, Any], sandbox: str | None) -> str | None:
    """Why a document that lists these sandboxes says nothing for a sandbox; None if it lists that one."""
    if not sandboxes:
        return "is empty: list each sandbox, or leave it out"
    listed = ", ".join(map(str, sandboxes))
    if sandbox is None:
        return f"are {listed}; say which one is meant"
    if sandbox in sandboxes:
        return None
    return f"are {listed}, and {sandbox!r} is none of them{nearest(sandbox, map(str, sandboxes))}"


def for_sandbox(data: Mapping[str, Any], sandbox: str | None) -> dict[str, Any]:
    """What a document says for a sandbox that it lists. A name alone counts as an object that has this name."""
    base = {key: value for key, value in data.items() if key != "sandboxes"}
    patch = (data.get("sandboxes") or {}).get(sandbox)
    if not isinstance(patch, Mapping):
        return base
    for key, field in NAMED.items():
        if isinstance(base.get(key), str) and isinstance(patch.get(key), Mapping):
            base[key] = {field: base[key]}
    merged: dict[str, Any] = merge_patch(base, patch)
    return merged


# Key -> the field that a text alone stands for.
NAMED: Mapping[str, str] = {"base_connection": "name", "schema": "title", "dataset": "name"}

"""Where a live value is not what was declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_aep.models.media_types import media_type


def differences(declared: Any, live: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """Where a live value is not what was declared: path -> (declared, live). What was not declared is not looked at.

    Numbers and booleans are equal to their spelling as a string, because the platform echoes them so; media types are
    equal in any spacing. Lists are compared place by place; callers turn lists with an identity into mappings first.
    """
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        found: dict[str, tuple[Any, Any]] = {}
        for key, value in declared.items():
            found |= differences(value, live.get(key), f"{path}/{key}")
        return found
    if isinstance(declared, list | tuple) and isinstance(live, list | tuple) and len(declared) == len(live):
        found = {}
        for index, (wanted, got) in enumerate(zip(declared, live, strict=True)):
            found |= differences(wanted, got, f"{path}/{index}")
        return found
    return {} if _same(declared, live) else {path or "/": (declared, live)}


def _same(declared: Any, live: Any) -> bool:
    if isinstance(declared, str) and isinstance(live, str):
        kind = media_type if declared.startswith("application/") else str
        return kind(declared) == kind(live)
    if isinstance(declared, str):
        return _says(declared, live)
    if isinstance(live, str):
        return _says(live, declared)
    # To Python True is 1; to the platform it is not.
    return bool(declared == live) and isinstance(declared, bool) == isinstance(live, bool)


def _says(text: str, value: Any) -> bool:
    """Whether the text is a spelling of the number or boolean."""
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if not isinstance(value, int | float):
        return False
    try:
        return text == str(value) or float(text) == value
    except ValueError:
        return False

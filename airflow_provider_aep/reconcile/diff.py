"""Where a live value is not what was declared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_aep.models.media_types import media_type

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Change:
    """One place at which a live resource is not what was declared.

    :param path: a JSON pointer into the resource, or to the name of an item where a list is compared by names.
    """

    path: str
    declared: Any
    live: Any

    def __str__(self) -> str:
        return f"{self.path}: declared {self.declared!r}, live {self.live!r}"

    def is_within(self, path: str) -> bool:
        """Whether this change is at that path or below it."""
        return self.path == path or self.path.startswith(f"{path}/")


Diff = tuple[Change, ...]


def differences(declared: Any, live: Any) -> Diff:
    """Where a live value is not what was declared. What was not declared is not compared.

    Numbers and booleans are equal to their spelling as a string, because the platform echoes them so; media types are
    equal in any spacing, and UUIDs in upper and lower case. Lists are compared place by place; callers turn lists with
    an identity into mappings first.
    """
    return tuple(_changes(declared, live, ""))


def _changes(declared: Any, live: Any, path: str) -> Iterator[Change]:
    if isinstance(declared, str) and declared == live:
        # Most of what is compared.
        return
    if isinstance(declared, (dict, Mapping)) and isinstance(live, (dict, Mapping)):
        for key, value in declared.items():
            yield from _changes(value, live.get(key), f"{path}/{key}")
    elif isinstance(declared, list | tuple) and isinstance(live, list | tuple) and len(declared) == len(live):
        for index, pair in enumerate(zip(declared, live, strict=True)):
            yield from _changes(*pair, f"{path}/{index}")
    elif not _same(declared, live):
        yield Change(path or "/", declared, live)


def _same(declared: Any, live: Any) -> bool:
    if isinstance(declared, str) and isinstance(live, str):
        return _normal(declared) == _normal(live)
    if isinstance(declared, str):
        return _spells(declared, live)
    if isinstance(live, str):
        return _spells(live, declared)
    # To Python True is 1; to the platform it is not.
    return bool(declared == live) and isinstance(declared, bool) == isinstance(live, bool)


def _normal(text: str) -> str:
    if text.startswith("application/"):
        return media_type(text)
    return text.lower() if _UUID.fullmatch(text) else text


def _spells(text: str, value: Any) -> bool:
    """Whether the text is a spelling of the number or boolean."""
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if not isinstance(value, int | float):
        return False
    try:
        return text == str(value) or float(text) == value
    except ValueError:
        return False

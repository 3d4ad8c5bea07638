"""The tags of a dataset: lists of ``key:value``, to which the platform and people add entries of their own.

What somebody else wrote is neither different nor removed: only entries of one key contradict each other.

https://experienceleague.adobe.com/en/docs/experience-platform/catalog/datasets/enable-upsert
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

# The colon of a URL separates no key.
_KEYED = re.compile(r"\s*([^:]*?)\s*:(?!//)\s*(.*?)\s*", re.DOTALL)


def key_of(entry: Any) -> str | None:
    """``enabled:`` of ``enabled: true``; of an entry without a key the entry itself; None of what is no text."""
    text = _normal(entry)
    match = _KEYED.fullmatch(text) if text is not None else None
    return f"{match[1]}:" if match else text


def different_keys(declared: Iterable[Any], live: Iterable[Any]) -> dict[str, tuple[list[Any], list[Any]]]:
    """Key -> its declared and its live entries, for each key of which not all declared entries are live.

    Order, repetition and blanks at the colon make no difference.
    """
    wanted, found = _by_key(declared), _by_key(live)
    both = {key: (entries, found.get(key, [])) for key, entries in wanted.items()}
    return {key: pair for key, pair in both.items() if not _texts(pair[0]) <= _texts(pair[1])}


def merged(declared: Iterable[Any], live: Iterable[Any]) -> list[Any]:
    """What is live, in its order and spelling, with the declared entries in place of others of the same key."""
    declared, live = list(declared), list(live)
    changed = different_keys(declared, live)
    kept = [entry for entry in live if key_of(entry) not in changed]
    return kept + list(dict.fromkeys(entry for entry in declared if key_of(entry) in changed))


def _by_key(entries: Iterable[Any]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = {}
    for entry in entries:
        key = key_of(entry)
        if key is not None:
            grouped.setdefault(key, []).append(entry)
    return grouped


def _texts(entries: Iterable[Any]) -> set[str | None]:
    return {_normal(entry) for entry in entries}


def _normal(entry: Any) -> str | None:
    """An entry in one spelling: Adobe writes both ``enabled:true`` and ``enabled: true``."""
    if isinstance(entry, bool) or not isinstance(entry, str | int | float):
        return None
    match = _KEYED.fullmatch(text := str(entry))
    return f"{match[1]}:{match[2]}" if match else text.strip()

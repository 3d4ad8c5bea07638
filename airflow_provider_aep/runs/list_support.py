"""Whether one list of the things of several ids can be relied on: Adobe documents it in part only."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from airflow_provider_aep.exceptions import AepApiError, AepError
from airflow_provider_aep.runs.lookup import Lookup
from airflow_provider_aep.runs.pacing import Pacer

log = logging.getLogger(__name__)

T = TypeVar("T")

# One that does not exist, or may not be read, must not hide the others of its list.
ABOUT_ONE = (400, 403, 404)
# So many keys are asked for alone in a round while it is not sure that lists are answered in full.
_CHECKED = 4


class ListSupport(Generic[T]):
    """What is known of the lists of one lookup. All groups of a watcher share it.

    :ivar refused: lists are refused, or show only a part of what was asked for.
    :ivar proven: a list has shown things of two keys.
    """

    def __init__(self, lookup: Lookup[T]) -> None:
        self._lookup = lookup
        self.refused = False
        self.proven = lookup.lists_every_key
        self._checked = 0

    def are_for(self, keys: Sequence[str]) -> bool:
        """Whether one list is to be asked for, instead of each key alone."""
        return not self.refused and len(keys) > 1

    def failed(self, problem: AepError) -> bool:
        """Take note of why a list could not be had. Returns whether its keys are to be asked for alone now."""
        status = problem.status if isinstance(problem, AepApiError) else None
        if status == 400:
            self._use_none(f"The platform refuses lists of {self._lookup.plural}: {problem}")
        return status in ABOUT_ONE

    def _use_none(self, reason: str) -> None:
        """Use no lists any more, and say so once."""
        if not self.refused:
            log.warning("%s; asking for each one alone from now on.", reason.rstrip("."))
        self.refused = True

    def accept(self, listed: Sequence[T], keys: Sequence[str]) -> bool:
        """Whether a list shows only what belongs to the keys that were asked for; otherwise no further list is used."""
        asked = set(keys)
        shown = [asked.intersection(self._lookup.keys_of(item)) for item in listed]
        if not all(shown):
            self._use_none(f"A list of {self._lookup.plural} shows what was not asked for")
            return False
        self.proven = self.proven or len(set().union(*shown)) > 1
        return True

    def to_check(self, keys: Sequence[str]) -> Sequence[str]:
        """The keys that are to be asked for alone in this round: few, and in turn."""
        if self.proven or self.refused or len(keys) < 2:
            return []
        count = min(_CHECKED, len(keys))
        chosen = [keys[(self._checked + number) % len(keys)] for number in range(count)]
        self._checked += count
        return chosen

    async def check(self, pacer: Pacer, first: str, last: str, shown: Sequence[Any]) -> None:
        """Ask for two keys at once, and see whether the last one counts. The caller holds one of the pacer's slots.

        :param shown: what the platform showed when it was asked for the last one alone.
        """
        if self.proven or self.refused or pacer.pause_left > 0:
            return
        newest = max(int(item.created_at_or_started or 0) for item in shown)
        try:
            listed = await pacer.attempt(self._lookup.together([first, last], newest))
        except AepError as problem:
            self.failed(problem)
            return
        if any(last in self._lookup.keys_of(item) for item in listed):
            self.proven = True
        else:
            self._use_none(f"A list of {self._lookup.plural} left out those of {last}")

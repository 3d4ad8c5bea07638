"""Which runs of a dataflow have ended since somebody was told last: nothing missed, nothing twice.

A run that was made earlier may end later. So what is remembered is not a time alone, but a `Mark`: a time before which
nothing is open, and the runs since then that were told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from airflow_provider_aep.models.flow_run import FlowRun

_MINUTE_MS = 60_000
# Lists show runs late, and not always in the order in which they were made.
_OVERLAP_MS = 10 * _MINUTE_MS
# A run that goes on for longer is not waited for: it would keep every later one in the mark.
LONGEST_RUN_MS = 7 * 24 * 60 * _MINUTE_MS
# Runs that were made so long before the first look are told, if they end after it.
_BEFORE_FIRST_LOOK_MS = 24 * 60 * _MINUTE_MS


@dataclass(frozen=True)
class Mark:
    """What has been told of the runs of a dataflow.

    :param since: epoch milliseconds; of the runs made before it none is open.
    :param told: those made since then that have been told, or had ended before anybody asked: id -> when it was made,
        in epoch milliseconds.
    """

    since: int
    told: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def at_first(cls, runs: Collection[FlowRun], now: int) -> Self:
        """The mark of somebody who wants to know of all runs that end from now on.

        :param runs: those made since `first_since`.
        :param now: the platform's time in epoch milliseconds.
        """
        return cls(first_since(now)).after(runs, now)

    @classmethod
    def from_json(cls, stored: Any) -> Self | None:
        """The mark that `to_json` wrote; None if there is none, or none that can be read."""
        if not isinstance(stored, Mapping) or not isinstance(stored.get("since"), int):
            return None
        return cls(stored["since"], dict(stored.get("told") or {}))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"since": self.since, "told": dict(self.told)}

    def is_news(self, run: FlowRun) -> bool:
        """Whether this run is to be told, once it has ended."""
        return run.id not in self.told and _made(run, self.since) >= self.since

    def untold(self, runs: Collection[FlowRun]) -> list[FlowRun]:
        """The runs that have ended and have not been told, the oldest first."""
        ended = {run.id: run for run in runs if run.finished and self.is_news(run)}
        return sorted(ended.values(), key=lambda run: (_made(run, self.since), run.id))

    def after(self, runs: Collection[FlowRun], now: int) -> Self:
        """The mark once all that have ended are told.

        :param runs: those of the dataflow that were made since `since`; others do not matter.
        :param now: the platform's time in epoch milliseconds.
        """
        made = {run.id: _made(run, now) for run in runs}
        open_since = [made[run.id] for run in runs if not run.finished]
        settled = min([*open_since, max([*made.values(), self.since])]) - _OVERLAP_MS
        since = max(self.since, settled, now - LONGEST_RUN_MS)
        told = {**self.told, **{run.id: made[run.id] for run in runs if run.finished}}
        return type(self)(since, {id_: then for id_, then in told.items() if then >= since})


def first_since(now: int) -> int:
    """From when on runs are listed at the first look, in epoch milliseconds."""
    return now - _BEFORE_FIRST_LOOK_MS


def _made(run: FlowRun, otherwise: int) -> int:
    """When a run was made, in epoch milliseconds."""
    made = run.created_at_or_started
    return otherwise if made is None else int(made)

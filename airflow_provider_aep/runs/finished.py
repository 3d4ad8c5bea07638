"""Which ended runs of a dataflow have yet to be delivered as events: each run once, and none left out.

A run that was made earlier may end later. So what is remembered is not a time alone, but a `Watermark`: a time before
which no run is open, and the runs made since then that have been delivered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.under_way import LONGEST_RUN_MS

_MINUTE_MS = 60_000
# Lists show runs late, and not always in the order in which they were made.
_OVERLAP_MS = 10 * _MINUTE_MS
# Runs that were made so long before the first poll are delivered, if they end after it.
_BEFORE_FIRST_POLL_MS = 24 * 60 * _MINUTE_MS


@dataclass(frozen=True)
class Watermark:
    """Which runs of a dataflow have been delivered.

    :param since: epoch milliseconds; of the runs made before it none is open.
    :param delivered: the runs made since then that have been delivered, or had ended before the first poll: id -> when
        the run was made, in epoch milliseconds.
    """

    since: int
    delivered: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def initial(cls, runs: Collection[FlowRun], now: int) -> Self:
        """The watermark after which all runs are delivered that end from now on.

        :param runs: those made since `first_since`.
        :param now: the platform's time in epoch milliseconds.
        """
        return cls(first_since(now)).after(runs, now)

    @classmethod
    def from_json(cls, stored: Any) -> Self | None:
        """The watermark that `to_json` wrote; None if there is none, or none that can be read."""
        if not isinstance(stored, Mapping) or not isinstance(stored.get("since"), int):
            return None
        return cls(stored["since"], dict(stored.get("told") or {}))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON. It lies in Airflow's database, so its keys stay as they are."""
        return {"since": self.since, "told": dict(self.delivered)}

    def is_undelivered(self, run: FlowRun) -> bool:
        """Whether this run is to be delivered, once it has ended."""
        return run.id not in self.delivered and _made(run, self.since) >= self.since

    def undelivered(self, runs: Collection[FlowRun]) -> list[FlowRun]:
        """The runs that have ended and have not been delivered, the oldest first."""
        ended = {run.id: run for run in runs if run.finished and self.is_undelivered(run)}
        return sorted(ended.values(), key=lambda run: (_made(run, self.since), run.id))

    def after(self, runs: Collection[FlowRun], now: int) -> Self:
        """The watermark once all runs that have ended are delivered.

        :param runs: those of the dataflow that were made since `since`; others do not matter.
        :param now: the platform's time in epoch milliseconds.
        """
        made = {run.id: _made(run, now) for run in runs}
        open_since = [made[run.id] for run in runs if not run.finished]
        settled = min([*open_since, max([*made.values(), self.since])]) - _OVERLAP_MS
        # A run that goes on for longer is not waited for: it would keep every later one in the watermark.
        since = max(self.since, settled, now - LONGEST_RUN_MS)
        delivered = {**self.delivered, **{run.id: made[run.id] for run in runs if run.finished}}
        return type(self)(since, {id_: then for id_, then in delivered.items() if then >= since})


def first_since(now: int) -> int:
    """From when on runs are listed at the first poll, in epoch milliseconds."""
    return now - _BEFORE_FIRST_POLL_MS


def _made(run: FlowRun, otherwise: int) -> int:
    """When a run was made, in epoch milliseconds."""
    made = run.created_at_or_started
    return otherwise if made is None else int(made)

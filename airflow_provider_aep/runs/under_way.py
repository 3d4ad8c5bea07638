"""Which of a dataflow's runs are under way: decided from what is listed, without any request."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.request import run_ref

# Milliseconds after which a run that has not ended is no longer taken to be under way.
LONGEST_RUN_MS = 7 * 24 * 3600 * 1000
# A run that begins later than this is to begin in the future.
_BEGINS_SOON_MS = 60_000


def runs_under_way(listed: Iterable[FlowRun], now_ms: int) -> list[FlowRun]:
    """The runs that are under way, oldest first. A run that is to begin in the future is not.

    :param now_ms: the platform's time in epoch milliseconds.
    """
    under_way = [
        run for run in listed if not run.finished and _is_recent(run, now_ms) and not _begins_later(run, now_ms)
    ]
    return sorted(under_way, key=lambda run: run_ref(run).created_at)


def _is_recent(run: FlowRun, now_ms: int) -> bool:
    return (run.created_at or now_ms) >= now_ms - LONGEST_RUN_MS


def _begins_later(run: FlowRun, now_ms: int) -> bool:
    duration = run.metrics.duration_summary
    return bool(duration and duration.started_at_utc and duration.started_at_utc > now_ms + _BEGINS_SOON_MS)

"""The window of data that a DAG run loads: what its author says, or else the DAG run's own slot.

The slot is the same at every try, clear and backfill, whatever became of other DAG runs. It is the data interval or,
where a trigger timetable leaves that empty, from the schedule's tick before to this one, or the period of a partition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.times import epoch_seconds
from airflow_provider_aep.task.slots import (
    is_a,
    is_trigger,
    no_slot,
    period_end,
    slot_start,
    why_without_ticks,
    without_assets,
)
from airflow_provider_aep.validation import Problems

if TYPE_CHECKING:
    from airflow.sdk import Context

_PASS_WINDOW = "Pass window_start and window_end"


@dataclass(frozen=True)
class Window:
    """The window of data that one run of a dataflow loads.

    :param start: epoch seconds; the first second of the data.
    :param end: epoch seconds; the first second that is no longer part of it.
    :param origin: where the window comes from, for the log.
    """

    start: int
    end: int
    origin: str

    def __str__(self) -> str:
        return f"{_iso(self.start)} to {_iso(self.end)} ({self.origin})"


def window_to_json(window: tuple[int, int]) -> dict[str, str]:
    """``start`` and ``end`` as ISO texts in UTC: what stands in a run's summary and in the XCom ``window``.

    :param window: start and end, epoch seconds.
    """
    start, end = window
    return {"start": _iso(start), "end": _iso(end)}


def window_from_json(window: Mapping[str, str]) -> tuple[int, int]:
    """Start and end in epoch seconds, of what `window_to_json` made."""
    return epoch_seconds(window["start"]), epoch_seconds(window["end"])


def window_of(context: Context, window_start: Any, window_end: Any, *, now: float, log: Any) -> Window:
    """The window that a task of a DAG run is to load.

    :param window_start: as the author wrote it; None, ``""`` and ``"None"`` (what a template makes of None) mean that
        it is not given.
    :param window_end: likewise; both are given, or neither.
    :param now: the platform's time, epoch seconds: a partition's period must have ended by then.
    :param log: the task's logger.
    :raises AepConfigError: what is given is no window; or it is not given and this DAG run has no slot.
    """
    problems = Problems("window of the run")
    given = given_window(window_start, window_end, problems)
    problems.raise_if_any()
    return given or _slot(context, now, log)


def given_window(window_start: Any, window_end: Any, problems: Problems) -> Window | None:
    """The window that the author wrote; None if neither end is given, or if `problems` says what is wrong with them."""
    given = {"window_start": window_start, "window_end": window_end}
    missing = [field for field, value in given.items() if _is_missing(value)]
    if len(missing) == len(given):
        return None
    for field in missing:
        problems.add(field, "is missing: give both ends of the window, or neither")
    start, end = (
        None if field in missing else problems.attempt(epoch_seconds, value, field) for field, value in given.items()
    )
    if start is None or end is None:
        return None
    if end < start:
        problems.add("window_end", f"is {end}, before window_start, {start}")
    elif end == start:
        problems.add("window_end", f"is {end}, as is window_start, so the run would move nothing; write a later time")
    return Window(start, end, "window_start and window_end")


def _slot(context: Context, now: float, log: Any) -> Window:
    run_type = getattr(context.get("dag_run"), "run_type", None)
    timetable = getattr(context.get("dag"), "timetable", None)
    if run_type in ("asset_triggered", "asset_materialization"):
        raise no_slot(
            "the DAG run was triggered by assets", f"{_PASS_WINDOW}, such as from the events that triggered it."
        )
    if context.get("partition_key") is not None or is_a(without_assets(timetable), "CronPartitionTimetable"):
        return _period(context, timetable, now)
    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    manual = run_type not in ("scheduled", "backfill")
    if start is None or end is None:
        reason = why_without_ticks(without_assets(timetable))
        if reason:
            raise no_slot(reason, f"{_PASS_WINDOW}, such as '{{{{ params.window_start }}}}'.")
        raise no_slot(
            "it was triggered without a logical date",
            "Trigger it with the logical date of a tick of the DAG's schedule, or pass window_start and window_end.",
        )
    if start < end:
        _note_interval(context, start, end, manual, log)
        return _whole_seconds(start, end, "the data interval of the DAG run")
    begin = slot_start(context.get("dag"), end, manual=manual)
    return _whole_seconds(begin, end, "from the schedule's tick before to the one of the DAG run")


def _period(context: Context, timetable: Any, now: float) -> Window:
    key, start = context.get("partition_key"), context.get("partition_date")
    if start is None or not is_a(without_assets(timetable), "CronPartitionTimetable"):
        reason = f"the length of its partition, {key!r}, is not known" if key else "it has no partition"
        raise no_slot(reason, f"{_PASS_WINDOW}.")
    end = period_end(timetable, start)
    if end.timestamp() > now:
        raise no_slot(
            f"the period of its partition, {key!r}, ends at {end.isoformat()}, and now it is {_iso(int(now))}",
            "Give the CronPartitionTimetable run_offset=-1, so that a DAG run loads the period that has just ended, or "
            "pass window_start and window_end.",
        )
    return _whole_seconds(start, end, f"the period of partition {key!r}")


def _note_interval(context: Context, start: datetime, end: datetime, manual: bool, log: Any) -> None:
    """Say in the log what is not to be seen from a data interval."""
    dag: Any = context.get("dag")
    if manual:
        log.info(
            "A manual DAG run takes the data interval that Airflow gives it. If a scheduled one has loaded it already, "
            "if_loaded says what happens."
        )
    if dag is None or not is_trigger(without_assets(dag.timetable)):
        return
    length = timedelta(seconds=end.timestamp() - start.timestamp())
    try:
        distance = timedelta(seconds=end.timestamp() - slot_start(dag, end, manual=manual).timestamp())
    except AepConfigError:
        log.info("The window is the interval of the DAG's timetable, %s, as written; it ends on no known tick.", length)
        return
    if distance != length:
        log.info(
            "The window is the interval of the DAG's timetable, %s, as written; from the schedule's tick before it is "
            "%s. Windows of successive DAG runs leave time out or overlap.",
            length,
            distance,
        )


def _whole_seconds(start: datetime, end: datetime, origin: str) -> Window:
    window = Window(epoch_seconds(start), epoch_seconds(end), origin)
    if window.start >= window.end:
        raise no_slot(f"{start.isoformat()} to {end.isoformat()} is less than a second", f"{_PASS_WINDOW}.")
    return window


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip() in ("", "None"))


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()

"""The slot of a DAG run by its timetable: from one tick of the schedule to the next.

A tick is an instant at which a trigger timetable fires. The tick before another is found by walking the timetable
forward, as the scheduler does: the timetable's own way back (`_get_prev`, and so `infer_manual_data_interval`) is wrong
around a change of the clock.

https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/timetable.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk.timezone import coerce_datetime, convert_to_utc

from airflow_provider_aep.exceptions import AepConfigError

# Days before a tick from which a walk begins, each time twice as far: 29 February may be eight years back.
_REACHES = tuple(3 * 2**step for step in range(11))
_LENGTHS = {"days", "hours", "minutes", "seconds", "microseconds"}
_WITHOUT_TICKS = {
    "OnceTimetable": "the DAG is scheduled '@once'",
    "ContinuousTimetable": "the DAG is scheduled '@continuous', and the data interval of this DAG run is empty",
    "DeltaDataIntervalTimetable": "the data interval of this DAG run is empty",
    "AssetTriggeredTimetable": "the DAG is scheduled by assets",
    "NullTimetable": "the DAG has no schedule",
}


def no_slot(reason: str, remedy: str) -> AepConfigError:
    """The error for a DAG run whose slot is not known."""
    return AepConfigError(
        f"window_start and window_end are not given, and this DAG run has no slot to take them from: {reason}. {remedy}"
    )


def is_a(timetable: Any, name: str) -> bool:
    """Whether a timetable is of that class or of one made from it.

    Airflow 3.3 has two classes of each name: what a DAG file declares (`airflow.sdk`), which computes nothing, and
    what the scheduler computes with (`airflow.timetables`). A DAG file may hold either.
    """
    return any(each.__name__ == name for each in type(timetable).__mro__)


def is_trigger(timetable: Any) -> bool:
    """Whether the data interval is apart from the schedule: empty, or of the `interval` that the author wrote."""
    return any(
        is_a(timetable, name)
        for name in ("CronTriggerTimetable", "MultipleCronTriggerTimetable", "DeltaTriggerTimetable")
    )


def without_assets(timetable: Any) -> Any:
    """The timetable of an `AssetOrTimeSchedule`; any other as it is."""
    return timetable.timetable if is_a(timetable, "AssetOrTimeSchedule") else timetable


def why_without_ticks(timetable: Any) -> str | None:
    """Why the schedule has no ticks, or None if it may have some."""
    return next((reason for name, reason in _WITHOUT_TICKS.items() if is_a(timetable, name)), None)


def slot_start(dag: Any, tick: datetime, *, manual: bool) -> datetime:
    """Where the slot begins that ends with `tick`.

    :param manual: whether a person or another DAG chose the tick, and not the DAG's own schedule.
    :raises AepConfigError: `tick` is no tick of the DAG's timetable, or the timetable has none before it.
    """
    timetable = without_assets(getattr(dag, "timetable", None))
    reason = why_without_ticks(timetable)
    if reason:
        raise no_slot(reason, "Pass window_start and window_end.")
    tick = convert_to_utc(tick)
    core = _core(timetable)
    if is_a(core, "DeltaTriggerTimetable"):
        return tick - _delta(dag, core, tick, manual)
    before = _tick_before(core, tick, manual)
    if before is None:
        raise no_slot(
            f"{tick.isoformat()} is the first event of the DAG's timetable",
            "Pass window_start and window_end, or add an event at which the data begins.",
        )
    return before


def period_end(timetable: Any, start: datetime) -> datetime:
    """Where the period ends that begins with a tick of a `CronPartitionTimetable` (Airflow 3.3).

    :raises AepConfigError: `start` is no tick.
    """
    core = _core(without_assets(timetable))
    _tick_before(core, convert_to_utc(start), manual=False)
    return next(_ticks(core, convert_to_utc(start)))


def _core(timetable: Any) -> Any:
    """The timetable that computes: Airflow's own class for what a DAG file declares, without a data interval."""
    # Imported here because Airflow's timetables are slow to import, and every DAG file imports the operators.
    from airflow.timetables.events import EventsTimetable
    from airflow.timetables.interval import CronDataIntervalTimetable
    from airflow.timetables.trigger import CronTriggerTimetable, DeltaTriggerTimetable, MultipleCronTriggerTimetable

    if hasattr(timetable, "next_dagrun_info"):
        if type(timetable) is CronDataIntervalTimetable:
            return CronTriggerTimetable.deserialize({**timetable.serialize(), "interval": 0})
        return timetable
    match timetable:
        case object(expression=cron, timezone=timezone):
            return CronTriggerTimetable(cron, timezone=timezone)
        case object(timetables=[first, *_] as crons):
            return MultipleCronTriggerTimetable(*(each.expression for each in crons), timezone=first.timezone)
        case object(delta=delta) if is_trigger(timetable):
            return DeltaTriggerTimetable(delta)
        case object(event_dates=dates):
            return EventsTimetable(dates)
    raise no_slot(f"the ticks of a {type(timetable).__name__} are not known", "Pass window_start and window_end.")


def _ticks(core: Any, after: datetime) -> Iterator[datetime]:
    """The ticks after an instant, in order: the timetable is asked as by a scheduler that leaves none out."""
    from airflow.timetables.base import DataInterval, TimeRestriction

    every = TimeRestriction(earliest=None, latest=None, catchup=True)
    tick = coerce_datetime(after)
    while True:
        info = core.next_dagrun_info(last_automated_data_interval=DataInterval.exact(tick), restriction=every)
        if info is None or info.run_after <= tick:
            return
        tick = info.run_after
        yield tick


def _tick_before(core: Any, tick: datetime, manual: bool) -> datetime | None:
    """The last tick before `tick`; None if that is the first.

    :raises AepConfigError: it is no tick at all.
    """
    for days in _REACHES:
        before = met = None
        for each in _ticks(core, tick - timedelta(days=days)):
            if each >= tick:
                met = each
                break
            before = each
        if met != tick:
            raise _off_tick(tick, before, met, manual)
        if before is not None:
            return before
    return None


def _off_tick(tick: datetime, before: datetime | None, after: datetime | None, manual: bool) -> AepConfigError:
    around = " and ".join(each.isoformat() for each in (before, after) if each is not None)
    ticks = f" (the ticks beside it: {around})" if around else ""
    if manual:
        return no_slot(
            f"the DAG run was triggered for {tick.isoformat()}, which is no tick of the DAG's schedule{ticks}",
            "Trigger it with the logical date of a tick, or pass window_start and window_end.",
        )
    return no_slot(
        f"{tick.isoformat()} is no tick of the DAG's schedule as the DAG file has it now{ticks}",
        "Pass window_start and window_end, or give the DAG its former schedule until this run is done.",
    )


def _delta(dag: Any, core: Any, tick: datetime, manual: bool) -> timedelta:
    """The length of a delta; the ticks of a delta lie on a grid only where the DAG catches up from its start date."""
    written = core.serialize()["delta"]
    if not isinstance(written, dict):
        delta = timedelta(seconds=written)
    elif written.keys() <= _LENGTHS:
        delta = timedelta(**written)
    else:
        raise no_slot(
            f"the schedule is a delta with {', '.join(sorted(written.keys() - _LENGTHS))}, whose length varies, so "
            "there is no way back to the tick before",
            "Write the schedule as cron, such as '0 0 1 * *', or pass window_start and window_end.",
        )
    start = dag.start_date
    on_grid = dag.catchup and start and (tick - start).total_seconds() % delta.total_seconds() == 0
    if manual and not on_grid:
        raise _off_tick(tick, None, None, manual)
    return delta

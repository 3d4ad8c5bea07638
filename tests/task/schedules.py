"""DAG runs as Airflow's scheduler decides on them, and the context in which a task of one is executed."""

import itertools
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pendulum
from airflow.sdk import DAG
from airflow.timetables.base import DataInterval, TimeRestriction

try:
    from airflow.sdk import (
        AssetOrTimeSchedule,
        CronDataIntervalTimetable,
        CronTriggerTimetable,
        DeltaDataIntervalTimetable,
        DeltaTriggerTimetable,
        EventsTimetable,
        MultipleCronTriggerTimetable,
    )
    from airflow.serialization.encoders import coerce_to_core_timetable
except ImportError:  # Airflow 3.1: a DAG file has the scheduler's own timetables
    from airflow.timetables.assets import AssetOrTimeSchedule
    from airflow.timetables.events import EventsTimetable
    from airflow.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
    from airflow.timetables.trigger import (
        CronTriggerTimetable,
        DeltaTriggerTimetable,
        MultipleCronTriggerTimetable,
    )

    def coerce_to_core_timetable(timetable):
        return timetable


__all__ = [
    "AssetOrTimeSchedule",
    "CronDataIntervalTimetable",
    "CronTriggerTimetable",
    "DeltaDataIntervalTimetable",
    "DeltaTriggerTimetable",
    "EventsTimetable",
    "MultipleCronTriggerTimetable",
]


def dag_of(schedule, **arguments):
    return DAG(dag_id="orders", schedule=schedule, max_active_runs=1, **arguments)


def scheduled_runs(dag, start, count):
    """The first `DagRunInfo`s of a DAG that catches up from `start`, as the scheduler asks for them."""
    timetable = coerce_to_core_timetable(dag.timetable)
    restriction = TimeRestriction(earliest=pendulum.instance(start), latest=None, catchup=True)
    last = None
    for _ in range(count):
        info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
        yield info
        last = info.data_interval


def context_of(dag, interval=None, run_type="scheduled", **partition):
    """The context of a task: without a logical date there is no key for it, nor for the data interval."""
    context = {"dag": dag, "dag_run": SimpleNamespace(run_type=run_type), **partition}
    if interval is not None:
        start, end = (pendulum.instance(each) for each in interval)
        context |= {"logical_date": start, "data_interval_start": start, "data_interval_end": end}
    return context


def manual_context(dag, logical_date):
    """What Airflow makes of a manual run with a logical date."""
    timetable = coerce_to_core_timetable(dag.timetable)
    interval = timetable.infer_manual_data_interval(run_after=pendulum.instance(logical_date))
    return context_of(dag, interval, "manual")


def exact(tick):
    return DataInterval.exact(pendulum.instance(tick))


def clock_changes(zone, year):
    """The instants at which the clock of a zone is changed in a year."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    instants = [start + timedelta(minutes=30) * step for step in range(366 * 48)]
    offsets = [instant.astimezone(ZoneInfo(zone)).utcoffset() for instant in instants]
    return [
        instant
        for instant, (before, after) in zip(instants[1:], itertools.pairwise(offsets), strict=True)
        if before != after
    ]

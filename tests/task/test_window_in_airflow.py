"""The window of DAG runs that real Airflow executes, on the timetable that the task finds in its DAG file."""

import itertools
import logging
from datetime import UTC, datetime, timedelta

import pendulum
import pytest
from airflow import __version__
from airflow.sdk import DAG, Asset, get_current_context, task
from packaging.version import Version

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.task.window import window_of, window_to_json
from task.schedules import AssetOrTimeSchedule, CronDataIntervalTimetable, CronTriggerTimetable

numbers = itertools.count()
log = logging.getLogger(__name__)
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
DAY = timedelta(days=1)
with_partitions = pytest.mark.skipif(
    Version(__version__) < Version("3.3"), reason="Airflow has CronPartitionTimetable since 3.3"
)


def dag_of(schedule, **arguments):
    with DAG(dag_id=f"window_{next(numbers)}", schedule=schedule, **arguments) as dag:

        @task
        def window():
            context = get_current_context()
            try:
                found = window_of(context, "None", "", now=NOW.timestamp(), log=log)
            except AepConfigError as problem:
                return str(problem)
            return window_to_json((found.start, found.end))

        window()
    return dag


def iso(start, end):
    return {"start": start.isoformat(), "end": end.isoformat()}


@pytest.fixture
def run_as(run_dag, monkeypatch):
    """Runs a DAG with a DAG run as the scheduler, a backfill or an asset makes it; returns the task's value."""
    from airflow.models import dagrun
    from airflow.utils.state import DagRunState

    def run(dag, run_type, run_after, **fields):
        def create(*, dag, run_id, triggered_by, start_date, session, **_):
            return dag.create_dagrun(
                run_id=f"{run_type}__{run_after.isoformat()}",
                run_type=run_type,
                run_after=run_after,
                state=DagRunState.RUNNING,
                triggered_by=triggered_by,
                start_date=start_date,
                session=session,
                **fields,
            )

        with monkeypatch.context() as patch:
            patch.setattr(dagrun, "get_or_create_dagrun", create)
            result = run_dag(dag, logical_date=None)
        return result.xcom("window")

    return run


@pytest.mark.parametrize("schedule", ["@daily", CronTriggerTimetable("@daily", timezone="UTC")], ids=["text", "object"])
def test_a_manual_run_on_a_tick_has_the_slot_of_the_scheduled_one(run_dag, schedule):
    assert run_dag(dag_of(schedule), logical_date=MIDNIGHT).xcom("window") == iso(MIDNIGHT - DAY, MIDNIGHT)


def test_a_manual_run_off_a_tick_or_without_a_logical_date_has_none(run_dag):
    dag = dag_of("@daily")

    assert "which is no tick" in run_dag(dag, logical_date=MIDNIGHT + timedelta(hours=5)).xcom("window")
    assert "triggered without a logical date" in run_dag(dag, logical_date=None).xcom("window")


def test_a_manual_run_of_a_data_interval_timetable_has_the_last_whole_interval(run_dag):
    dag = dag_of(CronDataIntervalTimetable("@daily", timezone="UTC"))

    assert run_dag(dag, logical_date=MIDNIGHT + timedelta(hours=5)).xcom("window") == iso(MIDNIGHT - DAY, MIDNIGHT)


@pytest.mark.parametrize("run_type", ["scheduled", "backfill"])
def test_a_scheduled_run_and_a_backfill_have_the_same_slot(run_as, run_type):
    for tick in (MIDNIGHT, MIDNIGHT - 3 * DAY):
        found = run_as(
            dag_of("@daily", start_date=MIDNIGHT - 9 * DAY),
            run_type,
            run_after=tick if run_type == "scheduled" else NOW,
            logical_date=tick,
            data_interval=(tick, tick),
        )
        assert found == iso(tick - DAY, tick)


def test_a_run_triggered_by_assets_has_none(run_as):
    timetable = CronTriggerTimetable("@daily", timezone="UTC")
    either = dag_of(AssetOrTimeSchedule(timetable=timetable, assets=[Asset("orders")]))

    assert "triggered by assets" in run_as(dag_of([Asset("orders")]), "asset_triggered", run_after=NOW)
    assert "triggered by assets" in run_as(either, "asset_triggered", run_after=NOW)
    assert run_as(
        either, "scheduled", run_after=MIDNIGHT, logical_date=MIDNIGHT, data_interval=(MIDNIGHT, MIDNIGHT)
    ) == iso(MIDNIGHT - DAY, MIDNIGHT)


def partitioned(tick, run_offset=0, zone="UTC"):
    """A DAG with partitions, and the DAG run that its scheduler makes at a tick."""
    from airflow.sdk import CronPartitionTimetable
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction

    dag = dag_of(CronPartitionTimetable("@daily", timezone=zone, run_offset=run_offset))
    info = coerce_to_core_timetable(dag.timetable).next_dagrun_info_v2(
        last_dagrun_info=None, restriction=TimeRestriction(earliest=pendulum.instance(tick), latest=None, catchup=True)
    )
    assert info.run_after == tick
    return dag, {"partition_key": info.partition_key, "partition_date": info.partition_date}


@with_partitions
def test_a_partitioned_run_with_offset_minus_one_loads_the_period_that_has_just_ended(run_as):
    dag, partition = partitioned(MIDNIGHT + DAY, run_offset=-1)

    assert partition["partition_key"] == "2026-11-21T00:00:00"
    assert run_as(dag, "scheduled", run_after=MIDNIGHT + DAY, **partition) == iso(MIDNIGHT, MIDNIGHT + DAY)


@with_partitions
def test_a_partitioned_run_without_an_offset_comes_before_its_period(run_as):
    dag, partition = partitioned(MIDNIGHT + DAY)

    found = run_as(dag, "scheduled", run_after=MIDNIGHT + DAY, **partition)
    assert "'2026-11-22T00:00:00', ends at 2026-11-23T00:00:00+00:00" in found
    assert "Give the CronPartitionTimetable run_offset=-1" in found


@with_partitions
@pytest.mark.parametrize("day", [20, 21])
def test_a_backfill_of_partitions_loads_each_period(run_as, day):
    from airflow.serialization.encoders import coerce_to_core_timetable

    dag, _ = partitioned(MIDNIGHT)
    (info,) = coerce_to_core_timetable(dag.timetable).iter_partition_dagrun_infos(
        earliest=MIDNIGHT.replace(day=day), latest=MIDNIGHT.replace(day=day)
    )
    partition = {"partition_key": info.partition_key, "partition_date": info.partition_date}

    found = run_as(dag, "backfill", run_after=info.run_after, **partition)
    assert found == iso(MIDNIGHT.replace(day=day), MIDNIGHT.replace(day=day) + DAY)


@with_partitions
def test_a_partition_is_a_day_of_its_own_time_zone(run_as):
    tick = datetime(2026, 10, 25, 23, tzinfo=UTC)  # the day before had 25 hours
    dag, partition = partitioned(tick, run_offset=-1, zone="Europe/Berlin")

    assert run_as(dag, "scheduled", run_after=tick, **partition) == iso(tick - timedelta(hours=25), tick)


@with_partitions
def test_other_partitioned_runs_have_no_slot(run_as, run_dag):
    from airflow.sdk import PartitionedAssetTimetable

    dag, _ = partitioned(MIDNIGHT)
    by_assets = dag_of(PartitionedAssetTimetable(assets=Asset("orders")))

    assert "it has no partition" in run_dag(dag, logical_date=MIDNIGHT).xcom("window")
    assert "the length of its partition, 'eu', is not known" in run_as(by_assets, "manual", NOW, partition_key="eu")
    assert "no tick" in run_as(dag, "manual", NOW, partition_key="odd", partition_date=MIDNIGHT + timedelta(hours=1))

"""The window of a DAG run: what the author gave, or the run's own slot."""

import itertools
import logging
from datetime import UTC, datetime, timedelta

import pendulum
import pytest
from airflow.sdk import Asset
from airflow.timetables.base import DagRunInfo, Timetable
from dateutil.relativedelta import relativedelta
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.task.window import Window, window_of, window_to_json
from task.schedules import (
    AssetOrTimeSchedule,
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    DeltaDataIntervalTimetable,
    DeltaTriggerTimetable,
    EventsTimetable,
    MultipleCronTriggerTimetable,
    clock_changes,
    context_of,
    dag_of,
    exact,
    manual_context,
    scheduled_runs,
)

log = logging.getLogger(__name__)
NOW = datetime(2026, 11, 26, tzinfo=UTC).timestamp()
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = {
    "UTC": 2026,
    "Europe/Berlin": 2026,
    "Europe/Dublin": 2026,
    "America/New_York": 2026,
    "Australia/Lord_Howe": 2026,  # half an hour
    "Asia/Kathmandu": 1986,  # moved by a quarter of an hour
    "Pacific/Apia": 2011,  # left out a day
    "Africa/Casablanca": 2026,
    "Africa/Cairo": 2026,  # changes at midnight
}
CRONS = (
    "0 * * * *",
    "*/20 * * * *",
    "0 0 * * *",
    "30 2 * * *",
    "45 1 * * *",
    "15 0 * * *",
    "0 */2 * * *",
    "*/30 0-5 * * *",
    "0 6 * * 1-5",
    "0 0 1 * *",
    "0 0 29 2 *",
)
CHANGES = {zone: clock_changes(zone, year) or [MIDNIGHT] for zone, year in ZONES.items()}

# Airflow's own data intervals leave time out at a change of the clock, or its scheduler makes no further run at all:
# 3.3 raises "did not advance", 3.1 makes the same interval again. The trigger timetables have no such fault.
FAULTY_DATA_INTERVALS = {(zone, "*/30 0-5 * * *") for zone in ZONES} | {
    ("Australia/Lord_Howe", "0 * * * *"),
    ("Australia/Lord_Howe", "*/20 * * * *"),
    ("Pacific/Apia", "0 */2 * * *"),
}

crons = st.sampled_from(CRONS)
moments = st.sampled_from([(zone, change) for zone, changes in CHANGES.items() for change in changes])
deltas = st.integers(60, 4_000_000).map(lambda seconds: timedelta(seconds=seconds))
leads = st.integers(1, 36).map(lambda hours: timedelta(hours=hours, minutes=7))


def window(context, start=None, end=None, now=NOW):
    return window_of(context, start, end, now=now, log=log)


def slot(context, now=NOW):
    found = window(context, now=now)
    return tuple(window_to_json((found.start, found.end)).values())


def iso(*times):
    return tuple(each.astimezone(UTC).isoformat() for each in times)


def assert_slots_tile_time(dag, start, count=8):
    """Successive scheduled runs load everything once: each window begins where the one before ended."""
    runs = list(scheduled_runs(dag, start, count))
    windows = [window(context_of(dag, run.data_interval)) for run in runs]
    assert [each.end for each in windows] == [run.run_after.timestamp() for run in runs]
    assert all(each.start < each.end for each in windows)
    for one, two in itertools.pairwise(windows):
        assert one.end == two.start


@settings(max_examples=60)
@given(cron=crons, moment=moments, lead=leads)
def test_slots_of_a_cron_tile_time(cron, moment, lead):
    zone, change = moment
    assert_slots_tile_time(dag_of(CronTriggerTimetable(cron, timezone=zone)), change - lead)


@settings(max_examples=25)
@given(several=st.lists(st.sampled_from(CRONS[:-2]), min_size=1, max_size=3, unique=True), moment=moments, lead=leads)
def test_slots_of_several_crons_tile_time(several, moment, lead):
    zone, change = moment
    assert_slots_tile_time(dag_of(MultipleCronTriggerTimetable(*several, timezone=zone)), change - lead, count=5)


@settings(max_examples=40)
@given(cron=crons, moment=moments, lead=leads)
def test_slots_of_data_intervals_tile_time(cron, moment, lead):
    zone, change = moment
    assume((zone, cron) not in FAULTY_DATA_INTERVALS)
    assert_slots_tile_time(dag_of(CronDataIntervalTimetable(cron, timezone=zone)), change - lead)


@given(delta=deltas, moment=moments, lead=leads)
def test_slots_of_a_delta_with_catchup_tile_time(delta, moment, lead):
    _, change = moment
    start = change - lead
    for schedule in (delta, DeltaTriggerTimetable(delta), relativedelta(seconds=int(delta.total_seconds()))):
        assert_slots_tile_time(dag_of(schedule, catchup=True, start_date=start), start, count=4)


@given(delta=deltas, moment=moments, lead=leads)
def test_slots_of_data_intervals_of_a_delta_tile_time(delta, moment, lead):
    _, change = moment
    assert_slots_tile_time(dag_of(DeltaDataIntervalTimetable(delta)), change - lead, count=4)


@settings(max_examples=20)
@given(moment=moments, lead=leads)
def test_slots_under_assets_or_time_tile_time(moment, lead):
    zone, change = moment
    timetable = CronTriggerTimetable("30 2 * * *", timezone=zone)
    assert_slots_tile_time(dag_of(AssetOrTimeSchedule(timetable=timetable, assets=[Asset("a")])), change - lead)


@pytest.mark.parametrize(
    ("schedule", "tick", "start"),
    [
        ("@hourly", MIDNIGHT, MIDNIGHT - HOUR),
        ("0 6 * * MON-FRI", datetime(2026, 11, 23, 6, tzinfo=UTC), datetime(2026, 11, 20, 6, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2104, 2, 29, tzinfo=UTC), datetime(2096, 2, 29, tzinfo=UTC)),
        (timedelta(minutes=90), MIDNIGHT, MIDNIGHT - timedelta(minutes=90)),
        (relativedelta(days=2), MIDNIGHT, MIDNIGHT - 2 * DAY),
        (EventsTimetable([MIDNIGHT, MIDNIGHT - 500 * DAY, MIDNIGHT + DAY]), MIDNIGHT, MIDNIGHT - 500 * DAY),
        # The data interval of a day on which Airflow's own way back finds the same tick again.
        (
            CronDataIntervalTimetable("30 2 * * *", timezone="Europe/Berlin"),
            datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        ),
    ],
    ids=["hourly", "working days", "leap days", "a delta", "a relative delta", "events", "a change of the clock"],
)
def test_an_empty_data_interval_begins_at_the_tick_before(schedule, tick, start):
    assert slot(context_of(dag_of(schedule), exact(tick))) == iso(start, tick)


@pytest.mark.parametrize("run_type", ["scheduled", "backfill", "manual", "operator_triggered"])
def test_every_run_of_a_tick_has_the_same_slot(run_type):
    assert slot(context_of(dag_of("@daily"), exact(MIDNIGHT), run_type)) == iso(MIDNIGHT - DAY, MIDNIGHT)


def test_ticks_of_the_scheduler_s_own_timetables_are_known_too():
    from airflow.timetables import interval, trigger

    for timetable in (
        trigger.CronTriggerTimetable("@daily", timezone="UTC"),
        trigger.MultipleCronTriggerTimetable("@daily", "@monthly", timezone="UTC"),
        trigger.DeltaTriggerTimetable(DAY),
        interval.CronDataIntervalTimetable("@daily", timezone="UTC"),
    ):
        assert slot(context_of(dag_of(timetable), exact(MIDNIGHT))) == iso(MIDNIGHT - DAY, MIDNIGHT)


class Noon(Timetable):
    """A timetable of the author's own."""

    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        noon = last_automated_data_interval.end.at(12)
        return DagRunInfo.exact(noon if noon > last_automated_data_interval.end else noon.add(days=1))


class Stuck(Timetable):
    """A timetable that does not come beyond its first tick."""

    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        return DagRunInfo.exact(pendulum.instance(MIDNIGHT - DAY))


def test_a_timetable_of_the_author_is_walked_like_airflow_s():
    noon = MIDNIGHT + 12 * HOUR

    assert slot(context_of(dag_of(Noon()), exact(noon))) == iso(noon - DAY, noon)
    with pytest.raises(AepConfigError, match="no tick"):
        window(context_of(dag_of(Noon()), exact(MIDNIGHT)))
    with pytest.raises(AepConfigError, match="no tick"):
        window(context_of(dag_of(Stuck()), exact(MIDNIGHT)))


def test_a_delta_counts_from_the_start_date_of_a_dag_that_catches_up():
    dag = dag_of(timedelta(hours=6), catchup=True, start_date=MIDNIGHT - DAY)

    assert slot(manual_context(dag, MIDNIGHT)) == iso(MIDNIGHT - 6 * HOUR, MIDNIGHT)
    with pytest.raises(AepConfigError, match="no tick of the DAG's schedule"):
        window(manual_context(dag, MIDNIGHT + HOUR))


def test_a_window_is_floored_to_seconds():
    start, end = MIDNIGHT - timedelta(milliseconds=1), MIDNIGHT + timedelta(milliseconds=999)

    found = window(context_of(dag_of("@continuous"), (start, end)))
    assert window_to_json((found.start, found.end)) == {
        "start": "2026-11-20T23:59:59+00:00",
        "end": "2026-11-21T00:00:00+00:00",
    }
    with pytest.raises(AepConfigError, match="is less than a second"):
        window(context_of(dag_of("@continuous"), (MIDNIGHT, end)))


def test_an_interval_of_the_author_is_taken_as_written(caplog):
    timetable = CronTriggerTimetable("0 0 * * MON-FRI", timezone="UTC", interval=DAY)
    dag = dag_of(timetable)
    monday, tuesday = (datetime(2026, 11, day, tzinfo=UTC) for day in (23, 24))

    with caplog.at_level(logging.INFO):
        assert slot(context_of(dag, (tuesday - DAY, tuesday))) == iso(tuesday - DAY, tuesday)
        assert not caplog.messages
        assert slot(context_of(dag, (monday - DAY, monday))) == iso(monday - DAY, monday)
    (message,) = caplog.messages
    assert "1 day, 0:00:00, as written; from the schedule's tick before it is 3 days, 0:00:00" in message


def test_an_interval_of_the_author_that_ends_on_no_tick_is_taken_as_written(caplog):
    dag = dag_of(CronTriggerTimetable("@daily", timezone="UTC", interval=DAY))

    with caplog.at_level(logging.INFO):
        assert slot(manual_context(dag, MIDNIGHT + HOUR)) == iso(MIDNIGHT + HOUR - DAY, MIDNIGHT + HOUR)
    assert "1 day, 0:00:00, as written; it ends on no known tick" in caplog.text


def test_a_manual_run_takes_its_data_interval_and_the_log_says_so(caplog):
    dag = dag_of(CronDataIntervalTimetable("@daily", timezone="UTC"))

    with caplog.at_level(logging.INFO):
        assert slot(manual_context(dag, MIDNIGHT + 5 * HOUR)) == iso(MIDNIGHT - DAY, MIDNIGHT)
    assert "If a scheduled one has loaded it already, if_loaded says what happens" in caplog.text


NO_SLOT = "window_start and window_end are not given, and this DAG run has no slot to take them from: "


@pytest.mark.parametrize(
    ("schedule", "tick", "run_type", "reason"),
    [
        ("@daily", MIDNIGHT + HOUR, "manual", "which is no tick .*2026-11-21T00:.* and 2026-11-22T00:.* Trigger it"),
        ("@daily", MIDNIGHT + HOUR, "scheduled", "no tick of the DAG's schedule as the DAG file has it now.*former"),
        ("@daily", None, "manual", "triggered without a logical date. Trigger it with the logical date of a tick"),
        ("@daily", None, "asset_triggered", "triggered by assets. Pass window_start and window_end"),
        (DAY, MIDNIGHT, "manual", "which is no tick of the DAG's schedule"),
        (relativedelta(months=1), MIDNIGHT, "scheduled", "a delta with months, .*as cron, such as '0 0 1"),
        (relativedelta(years=1), MIDNIGHT, "scheduled", "a delta with years"),
        (None, MIDNIGHT, "manual", "the DAG has no schedule. Pass window_start and window_end"),
        (None, None, "manual", "the DAG has no schedule. Pass window_start and window_end, such as '{{ params"),
        ("@once", MIDNIGHT, "scheduled", "scheduled '@once'"),
        ("@continuous", MIDNIGHT, "scheduled", "scheduled '@continuous', and the data interval .* is empty"),
        ([Asset("a")], None, "asset_triggered", "triggered by assets"),
        ([Asset("a")], MIDNIGHT, "manual", "scheduled by assets"),
        (EventsTimetable([MIDNIGHT]), MIDNIGHT, "scheduled", "first event .*add an event at which the data begins"),
        (EventsTimetable([MIDNIGHT]), MIDNIGHT - HOUR, "manual", "which is no tick"),
        (EventsTimetable([MIDNIGHT]), MIDNIGHT + HOUR, "scheduled", "no tick"),
    ],
    ids=str,
)
def test_a_run_without_a_slot_fails_with_the_remedy(schedule, tick, run_type, reason):
    context = context_of(dag_of(schedule), None if tick is None else exact(tick), run_type)

    with pytest.raises(AepConfigError, match=NO_SLOT + f".*{reason}"):
        window(context)


@pytest.mark.parametrize("run_type", ["asset_triggered", "asset_materialization"])
def test_assets_or_time_has_a_slot_only_by_time(run_type):
    timetable = CronTriggerTimetable("@daily", timezone="UTC")
    dag = dag_of(AssetOrTimeSchedule(timetable=timetable, assets=[Asset("a")]))

    assert slot(context_of(dag, exact(MIDNIGHT))) == iso(MIDNIGHT - DAY, MIDNIGHT)
    with pytest.raises(AepConfigError, match="triggered by assets"):
        window(context_of(dag, run_type=run_type))


def test_where_there_is_no_dag_there_is_no_slot():
    with pytest.raises(AepConfigError, match=NO_SLOT):
        window({"data_interval_start": MIDNIGHT, "data_interval_end": MIDNIGHT})


# What the author gives


@pytest.mark.parametrize("missing", [(None, None), ("", ""), (" ", None), ("None", "None"), ("None", "")], ids=repr)
def test_what_a_template_makes_of_nothing_is_not_given(missing):
    assert slot(context_of(dag_of("@daily"), exact(MIDNIGHT))) == iso(MIDNIGHT - DAY, MIDNIGHT)
    assert window(context_of(dag_of("@daily"), exact(MIDNIGHT)), *missing).start == (MIDNIGHT - DAY).timestamp()


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (1_900_000_000, 1_900_003_600),
        ("1900000000", "2030-03-17T18:46:40+00:00"),
        (datetime.fromtimestamp(1_900_000_000.9, UTC), 1_900_003_600.2),
    ],
    ids=repr,
)
def test_a_given_window_is_taken_whatever_the_dag_run_is(start, end):
    found = window({}, start, end)

    assert found == Window(1_900_000_000, 1_900_003_600, "window_start and window_end")
    assert str(found) == "2030-03-17T17:46:40+00:00 to 2030-03-17T18:46:40+00:00 (window_start and window_end)"


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        (1_900_000_000, None, "window_end is missing: give both ends of the window, or neither"),
        ("None", 1_900_000_000, "window_start is missing: give both ends of the window, or neither"),
        (1_900_000_000, 1_900_000_000, "window_end is 1900000000, as is window_start"),
        (1_900_000_000, 1_800_000_000, "window_end is 1800000000, before window_start, 1900000000"),
        (
            "yesterday",
            1_900_000_000_000,
            r"window_start is 'yesterday'; .*\n  window_end is 1900000000000, which looks",
        ),
        (MIDNIGHT.replace(tzinfo=None), 1_900_000_000, "window_start is .*a time without an offset"),
    ],
    ids=repr,
)
def test_half_a_window_or_a_wrong_one_is_refused(start, end, problem):
    with pytest.raises(AepConfigError, match=problem):
        window(context_of(dag_of("@daily"), exact(MIDNIGHT)), start, end)


def test_the_dag_run_of_a_dag_file_that_changed_is_no_tick_any_more():
    hourly = context_of(dag_of("@hourly"), exact(MIDNIGHT + HOUR))
    assert slot(hourly) == iso(MIDNIGHT, MIDNIGHT + HOUR)

    hourly["dag"] = dag_of("@daily")
    with pytest.raises(AepConfigError, match="give the DAG its former schedule until this run is done"):
        window(hourly)

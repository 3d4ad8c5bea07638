"""models/schedule.py: what a live schedule tells. Which one an author may declare stands with the dataflow."""

import pytest

from airflow_provider_aep.models.schedule import Schedule


@pytest.mark.parametrize(
    ("wire", "seconds", "described"),
    [
        ({"frequency": "minute", "interval": "15"}, 900, "every 15 minutes"),
        ({"frequency": "hour", "interval": 1}, 3_600, "every hour"),
        ({"frequency": "day", "interval": 2}, 172_800, "every 2 days"),
        ({"frequency": "week", "interval": "1"}, 604_800, "every week"),
        ({"frequency": "once"}, None, "once"),
        ({"frequency": "once", "interval": 1}, None, "once"),
        ({"frequency": "hour"}, None, "hour"),
        ({"frequency": "hour", "interval": "0"}, None, "hour"),
        ({"frequency": "hour", "interval": "often"}, None, "hour"),
        ({"frequency": "fortnight", "interval": 1}, None, "fortnight"),
        ({}, None, "unknown"),
    ],
)
def test_a_schedule_is_told_in_seconds_and_in_words(wire, seconds, described):
    schedule = Schedule.model_validate(wire)
    assert (schedule.seconds, schedule.describe()) == (seconds, described)


@pytest.mark.parametrize(
    ("end_time", "read"), [(1_900_000_000, 1_900_000_000), ("1900000000", 1_900_000_000), ("soon", None), (None, None)]
)
def test_the_end_of_a_schedule_is_read_where_an_older_flow_spec_allows_one(end_time, read):
    schedule = Schedule.model_validate({"frequency": "hour", "interval": 1, "endTime": end_time})
    assert schedule.end_time == read


def test_most_schedules_do_not_end():
    assert Schedule.model_validate({"frequency": "once"}).end_time is None

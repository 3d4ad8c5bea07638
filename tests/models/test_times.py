"""models/times.py: times in one form."""

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_aep.models.times import epoch_seconds, iso_time, wire_seconds

LAST = 99_999_999_999  # the last count of seconds that no count of milliseconds looks like
SECONDS = st.integers(0, LAST)
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
# Around the hours that summer time skips and repeats.
DST_EDGES = st.datetimes(datetime(2026, 3, 29), datetime(2026, 3, 30)) | st.datetimes(
    datetime(2026, 10, 25), datetime(2026, 11, 2)
)
AWARE = st.builds(
    lambda time, zone, fold: time.replace(tzinfo=ZoneInfo(zone), fold=fold),
    st.datetimes(datetime(1970, 1, 3), datetime(2100, 1, 1)) | DST_EDGES,
    ZONES,
    st.integers(0, 1),
)


@given(SECONDS)
def test_seconds_are_seconds_as_number_and_as_digits(seconds):
    assert epoch_seconds(seconds) == epoch_seconds(str(seconds)) == epoch_seconds(f" {seconds}.25 ") == seconds
    assert epoch_seconds(seconds + 0.5) == seconds


@given(AWARE)
@example(datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=0))
@example(datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1))
@example(datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")))
def test_a_moment_is_the_same_as_datetime_and_as_text(moment):
    seconds = math.floor((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    assert epoch_seconds(moment) == seconds
    assert epoch_seconds(moment.isoformat()) == seconds
    assert epoch_seconds(moment.astimezone(UTC).isoformat().replace("+00:00", "Z")) == seconds


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), st.integers(-1439, 1439))
def test_any_offset_counts(local, minutes):
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert epoch_seconds(moment.isoformat()) == epoch_seconds(moment.astimezone(UTC))


@given(st.datetimes())
def test_a_time_without_an_offset_is_always_refused(naive):
    for value in (naive, naive.isoformat(), naive.isoformat(" ")):
        with pytest.raises(ValueError, match="a time without an offset; add one, such as"):
            epoch_seconds(value)


@given(st.integers(LAST + 1) | st.floats(LAST + 1, allow_infinity=False))
def test_milliseconds_are_always_refused(milliseconds):
    for value in (milliseconds, str(int(milliseconds))):
        with pytest.raises(ValueError, match="looks like milliseconds; write epoch seconds"):
            epoch_seconds(value)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (1567411548000, "is 1567411548000, which looks like milliseconds; write epoch seconds"),
        ("1567411548000", "is 1567411548000, which looks like milliseconds; write epoch seconds"),
        ("2030-01-31T06:00:00", "is '2030-01-31T06:00:00', a time without an offset; add one, such as +00:00"),
        ("2030-01-31", "is '2030-01-31T00:00:00', a time without an offset; add one, such as +00:00"),
        (
            "tomorrow",
            "is 'tomorrow'; write epoch seconds or an ISO time with an offset, 2030-01-31T06:00:00+00:00",
        ),
        ("", "is ''; write epoch seconds or an ISO time with an offset, 2030-01-31T06:00:00+00:00"),
        (True, "must be a time, not True"),
        (None, "must be a time, not None"),
        ([], "must be a time, not []"),
        (math.nan, "must be a time, not nan"),
        (math.inf, "must be a time, not inf"),
        (-math.inf, "must be a time, not -inf"),
    ],
)
def test_what_is_no_time_is_refused_in_words(value, problem):
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"):
        epoch_seconds(value)


@given(st.text() | st.floats() | st.integers() | st.booleans() | st.none() | st.datetimes() | AWARE)
@example("9" * 400)
@example(10**400)
def test_anything_else_is_refused_and_nothing_breaks(value):
    try:
        assert isinstance(epoch_seconds(value), int)
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("value", "seconds", "text"),
    [
        (1596656058198, 1596656058.198, "2020-08-05T19:34:18.198000+00:00"),
        # The notification of a success has seconds.
        (1590512053, 1590512053.0, "2020-05-26T16:54:13+00:00"),
        (None, None, None),
        (0, None, None),
        (-1, None, None),
        (10**18, None, None),
    ],
)
def test_times_of_the_wire_are_milliseconds_or_seconds(value, seconds, text):
    assert wire_seconds(value) == seconds
    assert iso_time(value) == text


@given(st.integers())
def test_every_number_of_the_wire_is_a_time_or_none(value):
    assert iso_time(value) is None or datetime.fromisoformat(iso_time(value)).tzinfo == UTC


@pytest.mark.parametrize("value", [-5, "-5", -0.5e9, datetime(1969, 12, 31, tzinfo=UTC), "1969-12-31T00:00:00+00:00"])
def test_a_time_before_1970_is_refused(value):
    with pytest.raises(ValueError, match=r"write epoch seconds or an ISO time with an offset"):
        epoch_seconds(value)

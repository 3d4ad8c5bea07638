"""arguments.py: durations and moments as people write them on a command line."""

from argparse import ArgumentTypeError
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.cli.arguments import duration, moment


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90m", 5400), ("36h", 129_600), ("2d", 172_800), ("1w", 604_800), ("30s", 30), ("1.5H", 5400)],
)
def test_a_duration_is_a_number_and_a_unit(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "36", "h", "0h", "-1h", "1 fortnight", "1e3s", "99999999w"])
def test_what_is_no_duration_is_refused_with_examples(text):
    with pytest.raises(ArgumentTypeError, match="such as 90m, 36h or 2d"):
        duration(text)


def test_a_moment_is_how_long_ago_or_a_time_with_its_offset():
    assert moment("2d") == timedelta(days=2)
    assert moment("2030-01-31T06:00:00Z") == datetime(2030, 1, 31, 6, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "2030-01-31", "2030-01-31T06:00:00"])
def test_what_is_no_moment_is_refused_with_examples(text):
    with pytest.raises(ArgumentTypeError, match="a time with its offset"):
        moment(text)


@given(st.text())
def test_no_text_is_a_traceback(text):
    with suppress(ArgumentTypeError):
        assert isinstance(moment(text), timedelta | datetime)

"""How a try came about, by what Airflow's context says."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from airflow_provider_aep.runs.next_step import Attempt
from airflow_provider_aep.task.attempt import attempt_by_number, earliest_start_ms, seconds_since_start, try_numbers


@pytest.mark.parametrize(
    ("try_number", "max_tries", "attempt"),
    [
        (1, 3, Attempt.FIRST),
        (2, 3, Attempt.RETRIED),
        (4, 3, Attempt.RETRIED),
        # A person clears the task after its first try: Airflow allows three retries more.
        (2, 4, Attempt.CLEARED),
        (3, 4, Attempt.RETRIED),
        # And again after the third one.
        (4, 6, Attempt.CLEARED),
        (5, 6, Attempt.RETRIED),
    ],
)
def test_airflows_numbers(try_number, max_tries, attempt):
    assert attempt_by_number(try_number, max_tries, retries=3) is attempt


def test_without_retries_every_further_try_was_a_clear():
    assert attempt_by_number(2, 1, retries=0) is Attempt.CLEARED


def test_a_context_made_by_hand_is_a_first_try(mocker):
    assert try_numbers({}, 3) == (1, 3)
    assert try_numbers({"ti": mocker.MagicMock()}, 3) == (1, 3)


@pytest.mark.parametrize(
    ("ahead", "expected"), [(0, 1_900_000_000_000), (60, 1_900_000_000_000), (-60, 1_899_999_940_000)]
)
def test_the_earlier_of_both_clocks_counts(mocker, ahead, expected):
    """Of the platform's and Airflow's: `ahead` is by how many seconds the platform's is."""
    mocker.patch("time.time", return_value=1_900_000_100.0)
    started = SimpleNamespace(start_date=datetime.fromtimestamp(1_900_000_000, UTC))
    client = SimpleNamespace(now=lambda: 1_900_000_100.0 + ahead)
    assert earliest_start_ms({"dag_run": started}, client) == expected


def test_without_a_dag_run_everything_counts():
    client = SimpleNamespace(now=lambda: 1_900_000_100.0)
    assert earliest_start_ms({}, client) == 0
    assert earliest_start_ms({"dag_run": SimpleNamespace(start_date=None)}, client) == 0


def test_a_try_has_taken_the_time_since_airflow_started_it():
    context = {"ti": SimpleNamespace(start_date=datetime.now(UTC) - timedelta(seconds=90))}
    assert 90 <= seconds_since_start(context) < 100
    assert seconds_since_start({}) == 0.0

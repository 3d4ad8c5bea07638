"""The one retry loop: how often, after which pauses, and what ends it. Nothing sleeps here."""

import itertools
import math

import pytest
from direct import Naps
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.client import backoff
from airflow_provider_aep.client.backoff import Exponential, poll, retry, retry_after_or
from airflow_provider_aep.exceptions import AepApiError, AepConfigError, AepUnreachableError

PAUSES = st.lists(st.floats(0.1, 60), max_size=8)


def failure(number=1, **arguments):
    return AepApiError(f"failure {number}", status=503, retryable=True, **arguments)


class Attempts:
    """Fails with each of these errors in turn, and then succeeds."""

    def __init__(self, *failures):
        self.count = 0
        self._failures = iter(failures)

    def __call__(self):
        self.count += 1
        if failure := next(self._failures, None):
            raise failure
        return "done"


def always(failure):
    return True


# How often, and how long


def test_what_succeeds_at_once_is_done_once():
    attempt, sleep = Attempts(), Naps()
    assert retry(attempt, (1, 2), retry_if=always, sleep=sleep) == "done"
    assert (attempt.count, sleep) == (1, [])


@given(PAUSES, st.integers(0, 10))
def test_there_is_one_attempt_more_than_there_are_pauses(pauses, failures):
    attempt, sleep = Attempts(*(failure(number) for number in range(failures))), Naps()
    if failures <= len(pauses):
        assert retry(attempt, pauses, retry_if=always, sleep=sleep) == "done"
        assert (attempt.count, sleep) == (failures + 1, pauses[:failures])
    else:
        with pytest.raises(AepApiError, match=f"^failure {len(pauses)}$"):
            retry(attempt, pauses, retry_if=always, sleep=sleep)
        assert (attempt.count, sleep) == (len(pauses) + 1, pauses)


def test_a_pause_of_nothing_is_not_slept():
    attempt, sleep = Attempts(failure(), failure()), Naps()
    assert retry(attempt, (0, 0), retry_if=always, sleep=sleep) == "done"
    assert (attempt.count, sleep) == (3, [])


@given(st.lists(st.floats(1, 60), min_size=1, max_size=8), st.integers(0, 200))
def test_pauses_are_within_patience_and_no_pause_is_made_in_vain(pauses, patience):
    attempt, sleep = Attempts(*(failure() for _ in pauses)), Naps()
    try:
        retry(attempt, pauses, retry_if=always, sleep=sleep, patience=patience + 0.5)
    except AepApiError:
        # The attempts themselves take a moment too, so the half second is not exact.
        assert sum(sleep) + pauses[len(sleep)] > patience
    assert sum(sleep) <= patience + 0.5
    assert attempt.count == len(sleep) + 1


@pytest.mark.parametrize("pauses", [(1, 2), (0, 0), Exponential(0.5, 20)])
def test_without_patience_there_is_one_attempt(pauses):
    attempt, sleep = Attempts(failure()), Naps()
    with pytest.raises(AepApiError):
        retry(attempt, pauses, retry_if=always, sleep=sleep, patience=0)
    assert (attempt.count, sleep) == (1, [])


def test_the_seconds_of_an_attempt_count_too(mocker):
    """Two attempts of 4 seconds and a pause of 1 are 9: there is no room for the second pause."""
    mocker.patch.object(backoff.time, "monotonic", side_effect=itertools.count(step=4))
    attempt, sleep = Attempts(failure(), failure(), failure()), Naps()
    with pytest.raises(AepApiError):
        retry(attempt, (1, 1.5), retry_if=always, sleep=sleep, patience=10)
    assert (attempt.count, sleep) == (2, [1])


# What is retried


def test_an_error_that_nobody_can_mend_by_waiting_ends_it():
    attempt, sleep = Attempts(failure(1), AepUnreachableError("gone", sent=True), failure(3)), Naps()
    with pytest.raises(AepUnreachableError, match=r"^gone$"):
        retry(attempt, (1, 2, 3), retry_if=lambda failure: isinstance(failure, AepApiError), sleep=sleep)
    assert (attempt.count, sleep) == (2, [1])


@pytest.mark.parametrize("error", [AepConfigError("sandbox is missing"), KeyError("body")])
def test_what_is_no_failure_of_the_platform_is_never_retried(error):
    attempt = Attempts(error)
    with pytest.raises(type(error)):
        retry(attempt, (1, 2), retry_if=always, sleep=Naps())
    assert attempt.count == 1


def test_the_platform_may_ask_for_another_pause():
    attempt, sleep = Attempts(failure(retry_after=7), failure(), AepUnreachableError("gone")), Naps()
    retry(attempt, (1, 2, 3), retry_if=always, pause_after=retry_after_or, sleep=sleep)
    assert sleep == [7, 2, 3]


def test_a_pause_that_was_asked_for_counts_against_patience():
    attempt, sleep = Attempts(failure(retry_after=3600)), Naps()
    with pytest.raises(AepApiError):
        retry(attempt, (1,), retry_if=always, pause_after=retry_after_or, sleep=sleep, patience=120)
    assert sleep == []


# Between two attempts


def test_the_live_state_may_be_read_between_two_attempts():
    """As an update whose etag was stale: it is written again with what is live by then."""
    order = []
    etags = iter(["new"])
    sent = []
    live = "old"

    def update():
        sent.append(live)
        if live == "old":
            raise failure()
        return "updated"

    def read_again(failure):
        nonlocal live
        order.append(str(failure))
        live = next(etags)

    assert retry(update, (1,), retry_if=always, between=read_again, sleep=order.append) == "updated"
    assert (sent, order) == (["old", "new"], [1, "failure 1"])


def test_what_was_made_after_all_is_the_result():
    """As a create whose answer was lost: a look at the list finds the resource, and no second one is made."""
    attempt, found = Attempts(failure(), failure(), failure()), iter([None, "found"])
    assert retry(attempt, (1, 2, 3), retry_if=always, between=lambda failure: next(found), sleep=Naps()) == "found"
    assert attempt.count == 2


def test_after_the_last_attempt_there_is_nothing_between():
    looks = []
    with pytest.raises(AepApiError):
        retry(Attempts(failure(1), failure(2)), (1,), retry_if=always, between=looks.append, sleep=Naps())
    assert [str(failure) for failure in looks] == ["failure 1"]


def test_the_look_between_may_object():
    def objects(failure):
        raise AepConfigError("not so")

    attempt = Attempts(failure())
    with pytest.raises(AepConfigError, match="not so"):
        retry(attempt, (1,), retry_if=always, between=objects, sleep=Naps())
    assert attempt.count == 1


def test_the_log_says_what_is_waited_for(caplog):
    with caplog.at_level("INFO", backoff.__name__):
        retry(Attempts(failure()), (2,), retry_if=always, sleep=Naps())
    assert caplog.messages == ["failure 1. Asking again in 2.0 s."]


# Exponential


def test_a_pause_doubles_up_to_the_longest_one():
    assert list(Exponential(2.0, 15.0, attempts=6)) == [2, 4, 8, 15, 15]


@given(
    first=st.floats(0.01, 10),
    longest=st.floats(0.01, 100),
    jitter=st.floats(0, 1),
    attempts=st.integers(1, 12) | st.none(),
)
def test_a_pause_is_at_most_the_longest_and_at_least_what_jitter_leaves(first, longest, jitter, attempts):
    pauses = list(itertools.islice(Exponential(first, longest, jitter, attempts), 2000))
    assert len(pauses) == (2000 if attempts is None else attempts - 1)
    for number, pause in enumerate(pauses):
        whole = min(longest, first * 2.0 ** min(number, 100))
        assert whole * (1 - jitter) * 0.999 <= pause <= whole * 1.001


def test_pauses_may_be_walked_twice():
    table = Exponential(1, 8, attempts=3)
    assert list(table) == list(table) == [1, 2]


# Looking until it is settled


@given(PAUSES, st.integers(0, 10))
def test_looking_ends_when_it_is_settled_or_the_pauses_are_used_up(pauses, settled_at):
    looks, sleep = itertools.count(), Naps()
    seen = poll(lambda: next(looks), pauses, until=lambda number: number >= settled_at, sleep=sleep)
    assert seen == min(settled_at, len(pauses))
    assert sleep == pauses[:seen]


def test_the_last_look_counts_whatever_it_shows():
    assert poll(lambda: "not yet", (), until=lambda seen: False, sleep=Naps()) == "not yet"


@pytest.mark.parametrize(("asked", "pause"), [(None, 3.0), (0, 0.0), (17, 17.0)])
def test_what_the_platform_asks_for_comes_before_the_table(asked, pause):
    assert retry_after_or(failure(retry_after=asked), 3.0) == pause


def test_a_table_that_only_patience_ends_is_not_walked_without_patience():
    assert next(iter(Exponential(0.5, 20.0))) == 0.5
    assert math.isfinite(sum(itertools.islice(Exponential(0.5, 20.0), 5000)))

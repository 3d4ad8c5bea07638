"""The loop of all triggers: it ends when something is done, when time is up, or with a lasting refusal."""

import asyncio
import logging
import time

import pytest

from airflow_provider_aep.api.sandbox import list_sandboxes
from airflow_provider_aep.exceptions import AepApiError, AepAuthError, AepNotFoundError, AepUnreachableError
from airflow_provider_aep.runs.pacing import OutagePolicy, Pacer
from airflow_provider_aep.triggers.poll import poll_until

MISSING = AepNotFoundError("GET /x answered 404", status=404)


def poll(answers, deadline=None, poll_interval=0.001, minutes=0):
    """Poll a platform that gives these answers in turn, and the last one ever after.

    :param minutes: that pass before each response, for the grace period.
    """
    answers = list(answers)
    now = 0.0

    async def send(call):
        nonlocal now
        now += 60 * minutes
        response = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(response, Exception):
            raise response
        return response

    async def wait():
        return await poll_until(
            Pacer(send),
            list_sandboxes(),
            lambda response: response or None,
            lambda found: found == "ended",
            what="the end",
            poll_interval=poll_interval,
            deadline=deadline,
            outage=OutagePolicy(lambda: now),
        )

    polled = asyncio.run(asyncio.wait_for(wait(), 10))
    return polled.found, polled.timed_out


def test_the_wait_ends_with_what_is_waited_for():
    assert poll(["", "running", "ended"]) == ("ended", False)


def test_at_the_deadline_there_is_one_more_poll():
    assert poll(["running", "ended"], deadline=time.time() + 0.1, poll_interval=60) == ("ended", False)
    assert poll(["ended"], deadline=time.time() - 1) == ("ended", False)


def test_after_the_deadline_what_was_seen_last_is_handed_back():
    assert poll(["running"], deadline=time.time() - 1) == ("running", True)
    assert poll([""], deadline=time.time() + 0.05) == (None, True)
    outage = AepUnreachableError("GET /x got no response")
    assert poll(["running", outage], deadline=time.time() + 0.05) == ("running", True)


def test_an_outage_is_waited_out_and_logged(caplog):
    caplog.set_level(logging.INFO)
    busy = AepApiError("GET /x answered 503", status=503, retryable=True)
    assert poll([AepUnreachableError("GET /x got no response"), busy, MISSING, "ended"]) == ("ended", False)
    assert "Still waiting for the end: GET /x answered 503" in caplog.text


def test_a_lasting_refusal_ends_the_wait():
    with pytest.raises(AepAuthError):
        poll(["running", AepAuthError("no", status=403)])


def test_the_grace_period_begins_anew_when_something_was_found():
    minutes_between_polls = 4
    assert poll([MISSING, MISSING, "running", MISSING, MISSING, "ended"], minutes=minutes_between_polls)[0] == "ended"
    with pytest.raises(AepNotFoundError):
        poll([MISSING, MISSING, MISSING, "ended"], minutes=minutes_between_polls)

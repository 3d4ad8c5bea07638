"""The trigger that waits for an answer: it ends with the first one, a lasting refusal included, or when time is up."""

import asyncio
import logging
import time

import pytest

from airflow_provider_aep.exceptions import AepApiError, AepAuthError, AepNotFoundError, AepUnreachableError
from airflow_provider_aep.runs.watch import RunWatcher
from airflow_provider_aep.triggers.flow_run import AepAnswerTrigger

OUTAGE = AepUnreachableError("GET /x got no response")


def event(responses, deadline=None, poll_interval=0.001):
    """The event on a platform that responds so in turn, and as the last one ever after; and how often it was asked."""
    responses = list(responses)
    polls = 0

    async def send(call):
        nonlocal polls
        polls += 1
        response = responses.pop(0) if len(responses) > 1 else responses[0]
        if isinstance(response, Exception):
            raise response
        return response

    async def wait():
        trigger = AepAnswerTrigger(poll_interval=poll_interval, deadline=deadline)
        return await asyncio.wait_for(trigger.wait(RunWatcher(send)), 10)

    return asyncio.run(wait()), polls


def answered(deadline=None):
    return {"answered": True, "timeout": False, "deadline": deadline}


def test_the_wait_ends_with_the_first_answer():
    assert event([OUTAGE, OUTAGE, []]) == (answered(), 3)


def test_at_the_deadline_there_is_one_more_poll():
    soon, past = time.time() + 0.1, time.time() - 1
    assert event([OUTAGE, []], soon, poll_interval=60) == (answered(soon), 2)
    assert event([[]], past) == (answered(past), 1)


def test_after_the_deadline_the_event_says_why_the_last_poll_failed():
    assert event([OUTAGE], time.time() - 1)[0] == {"answered": False, "timeout": True, "problem": str(OUTAGE)}
    assert event([OUTAGE], time.time() + 0.05)[0]["timeout"] is True


def test_an_outage_is_waited_out_and_logged(caplog):
    caplog.set_level(logging.INFO)
    busy = AepApiError("GET /x answered 503", status=503, retryable=True)
    assert event([OUTAGE, busy, []])[0] == answered()
    assert "Still waiting for the platform to answer: GET /x answered 503" in caplog.text


@pytest.mark.parametrize("error", [AepAuthError("no", status=403), AepNotFoundError("GET /x answered 404", status=404)])
def test_a_lasting_refusal_is_an_answer(error):
    assert event([OUTAGE, error]) == (answered(), 2)

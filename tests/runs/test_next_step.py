"""What a task that runs a dataflow does next, for everything it can know."""

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest

from airflow_provider_aep.runs.match import RunMatch
from airflow_provider_aep.runs.next_step import (
    AttachTo,
    Attempt,
    Decision,
    FindEarlierRun,
    IfRunning,
    Known,
    ListRunsUnderWay,
    Refuse,
    ResumeWith,
    RunAgain,
    Start,
    WaitFor,
    attempt_by_record,
    next_step,
    why_not_resumed,
)
from airflow_provider_aep.runs.record import RunRecord

from .listed import listed_run

UNDER_WAY, ENDED, FAILED = (listed_run(status, status) for status in ("inProgress", "success", "failed"))
OTHER, ANOTHER = listed_run("other"), listed_run("another")
LATER = [attempt for attempt in Attempt if attempt is not Attempt.FIRST]
EARLIER = [None, RunMatch(UNDER_WAY, confirmed=False), *(RunMatch(run) for run in (UNDER_WAY, ENDED, FAILED))]
OTHERS = [None, [], [OTHER], [OTHER, ANOTHER]]


def everything():
    """Everything an attempt can know."""
    for attempt, if_running, attached, others in product(Attempt, get_args(IfRunning), [False, True], OTHERS):
        yield Known(attempt, if_running, attached=attached, others=others)
        for earlier in EARLIER:
            yield Known(attempt, if_running, attached, searched=True, earlier=earlier, others=others)


def later(attempt=Attempt.RETRIED, earlier=None, **more):
    return Known(attempt, more.pop("if_running", "wait"), searched=True, earlier=earlier, **more)


# The table of runs/next_step.py, row by row


@pytest.mark.parametrize("attempt", LATER)
def test_a_later_attempt_searches_first(attempt):
    assert next_step(Known(attempt, "wait")) == FindEarlierRun()
    assert next_step(Known(attempt, "start", others=[OTHER])) == FindEarlierRun()


def test_a_first_attempt_has_nothing_to_search_for():
    assert next_step(Known(Attempt.FIRST, "start")) == Start()
    assert next_step(Known(Attempt.FIRST, "wait")) == ListRunsUnderWay()


@pytest.mark.parametrize(
    ("attempt", "run", "step"),
    [
        (Attempt.RETRIED, UNDER_WAY, ResumeWith(UNDER_WAY)),
        (Attempt.RETRIED, ENDED, ResumeWith(ENDED)),
        (Attempt.RETRIED, FAILED, RunAgain(FAILED)),
        (Attempt.CLEARED, UNDER_WAY, ResumeWith(UNDER_WAY)),
        (Attempt.CLEARED, ENDED, Start()),
        (Attempt.CLEARED, FAILED, Start()),
        (Attempt.CONFIRMING, UNDER_WAY, ResumeWith(UNDER_WAY)),
        (Attempt.CONFIRMING, ENDED, ResumeWith(ENDED)),
        (Attempt.CONFIRMING, FAILED, RunAgain(FAILED)),
    ],
)
def test_the_run_of_an_earlier_attempt(attempt, run, step):
    assert next_step(later(attempt, RunMatch(run), if_running="start")) == step


@pytest.mark.parametrize("attempt", LATER)
def test_a_run_that_is_not_confirmed_is_waited_for(attempt):
    assert next_step(later(attempt, RunMatch(UNDER_WAY, confirmed=False))) == WaitFor(UNDER_WAY, may_be_own=True)


def test_a_run_that_was_attached_to_is_resumed_and_never_repeated():
    attached = {"attached": True, "if_running": "start"}
    assert next_step(later(earlier=RunMatch(UNDER_WAY), **attached)) == ResumeWith(UNDER_WAY)
    assert next_step(later(earlier=RunMatch(ENDED), **attached)) == ResumeWith(ENDED)
    assert next_step(later(earlier=RunMatch(FAILED), **attached)) == Start()


@pytest.mark.parametrize(
    ("if_running", "others", "step"),
    [
        ("start", None, Start()),
        ("wait", None, ListRunsUnderWay()),
        ("attach", None, ListRunsUnderWay()),
        ("fail", None, ListRunsUnderWay()),
        ("wait", [], Start()),
        ("attach", [], Start()),
        ("fail", [], Start()),
        ("wait", [OTHER], WaitFor(OTHER)),
        ("wait", [OTHER, ANOTHER], WaitFor(OTHER)),
        ("attach", [OTHER], AttachTo(OTHER)),
        ("attach", [OTHER, ANOTHER], Refuse([OTHER, ANOTHER])),
        ("fail", [OTHER], Refuse([OTHER])),
    ],
)
@pytest.mark.parametrize("attempt", Attempt)
def test_other_runs_under_way(attempt, if_running, others, step):
    assert next_step(later(attempt, if_running=if_running, others=others)) == step


# Whatever is known


@pytest.mark.parametrize("if_running", get_args(IfRunning))
def test_a_run_is_started_only_where_none_is_to_be_gone_on_with(if_running):
    for known in everything():
        if isinstance(next_step(known), Start):
            assert known.attempt is Attempt.FIRST or known.searched
            assert known.earlier is None or why_not_resumed(known)
            assert known.if_running == "start" or known.others == []


def test_only_a_confirmed_failure_of_ones_own_is_run_again():
    for known in everything():
        step = next_step(known)
        if isinstance(step, RunAgain):
            assert (step.failed, known.earlier) == (FAILED, RunMatch(FAILED))
            assert not known.attached
            assert known.attempt is not Attempt.CLEARED


def test_each_question_is_asked_once_and_then_there_is_a_decision():
    for known in everything():
        steps = []
        for _ in range(3):
            step = next_step(known)
            steps.append(step)
            if isinstance(step, FindEarlierRun):
                known = replace(known, searched=True)
            elif isinstance(step, ListRunsUnderWay):
                known = replace(known, others=[])
        assert isinstance(steps[-1], Decision | Refuse)


def test_other_runs_do_not_matter_where_there_is_one_to_go_on_with():
    for known in everything():
        if known.searched and known.earlier and not why_not_resumed(known):
            assert next_step(known) == next_step(replace(known, others=None, if_running="start"))


# How the attempt came about


@pytest.mark.parametrize("attempt", Attempt)
def test_a_record_knows_better_than_the_number_of_the_try(attempt):
    record = RunRecord(at_ms=0, run_id="a", generation=3)
    confirming = attempt is Attempt.CONFIRMING
    assert attempt_by_record(attempt, None, 3) is attempt
    assert attempt_by_record(attempt, record, 3) is (attempt if confirming else Attempt.RETRIED)
    assert attempt_by_record(attempt, record, 7) is (attempt if confirming else Attempt.CLEARED)

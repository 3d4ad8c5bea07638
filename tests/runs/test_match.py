"""Which of the listed runs is the one that a task asked for: no server, no clock."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.exceptions import AepConflictError
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.match import RunMatch, RunSearch
from airflow_provider_aep.runs.request import RunRef, RunRequest

from .listed import CLIENT_ID, FLOW_ID, listed_run

NOW = 1_900_000_000_000
OURS, THEIRS = (1_900_000_000, 1_900_003_600), (1_900_003_600, 1_900_007_200)
SEARCH = RunSearch(RunRequest(FLOW_ID, OURS), CLIENT_ID, since_ms=NOW, until_ms=NOW)
UNDER_WAY, ENDED_WELL, FAILED = "inProgress", "success", "failed"
STATES = (UNDER_WAY, ENDED_WELL, FAILED)


def outcome(runs, search=SEARCH):
    """(id, confirmed) of the match, the ids of an ambiguous one, or None."""
    try:
        found = search.match(runs)
    except AepConflictError as problem:
        return {run.id for run in runs if run.id in str(problem)}
    return found and (found.run.id, found.confirmed)


def runs_of(*rows):
    """A list of runs from (status, window), each a second younger than the one before; their ids are their places."""
    return [
        listed_run(f"run-{place}", status, window, created_at=NOW + 1000 * place)
        for place, (status, window) in enumerate(rows)
    ]


# The table of runs/match.py, row by row


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([(UNDER_WAY, OURS)], ("run-0", True)),
        ([(UNDER_WAY, OURS), (UNDER_WAY, OURS)], {"run-0", "run-1"}),
        ([(ENDED_WELL, OURS)], ("run-0", True)),
        ([(ENDED_WELL, OURS), (UNDER_WAY, OURS)], ("run-1", True)),
        ([(ENDED_WELL, OURS), (ENDED_WELL, OURS)], {"run-0", "run-1"}),
        ([(ENDED_WELL, OURS), (ENDED_WELL, OURS), (UNDER_WAY, OURS)], {"run-0", "run-1"}),
        ([("of a new kind", OURS)], ("run-0", True)),
        ([(FAILED, OURS)], ("run-0", True)),
        ([(FAILED, OURS), (FAILED, OURS)], ("run-1", True)),
        ([(FAILED, OURS), (ENDED_WELL, OURS)], ("run-1", True)),
        ([(UNDER_WAY, None)], ("run-0", False)),
        ([(UNDER_WAY, None), (UNDER_WAY, None)], ("run-0", False)),
        ([(FAILED, OURS), (UNDER_WAY, None)], ("run-1", False)),
        ([(UNDER_WAY, None), (UNDER_WAY, OURS)], ("run-1", True)),
        ([(ENDED_WELL, None)], {"run-0"}),
        ([(ENDED_WELL, None), (UNDER_WAY, OURS)], ("run-1", True)),
        ([(FAILED, None)], None),
        ([(UNDER_WAY, THEIRS), (ENDED_WELL, THEIRS), (FAILED, THEIRS)], None),
    ],
)
def test_which_run_is_the_one(rows, expected):
    assert outcome(runs_of(*rows)) == expected


def test_the_error_names_the_runs_and_what_to_do():
    with pytest.raises(AepConflictError, match=r"\(several fit\): run-0, run-1. Nothing was started. Wait for"):
        SEARCH.match(runs_of((UNDER_WAY, OURS), (UNDER_WAY, OURS)))
    with pytest.raises(AepConflictError, match=r"\(its window is not told\): run-0. Nothing was started"):
        SEARCH.match(runs_of((ENDED_WELL, None)))


@pytest.mark.parametrize("state", [UNDER_WAY, ENDED_WELL])
@pytest.mark.parametrize("window", [OURS, None])
def test_a_request_without_a_window_is_never_guessed(state, window):
    search = replace(SEARCH, request=RunRequest(FLOW_ID, None))
    assert outcome(runs_of((state, window)), search) == {"run-0"}
    assert outcome(runs_of((FAILED, window)), search) is None


@pytest.mark.parametrize("where", ["request", "search"])
def test_a_repetition_is_younger_than_the_run_it_repeats(where):
    failed, again = runs_of((FAILED, OURS), (UNDER_WAY, OURS))
    ref = RunRef(failed.id, failed.created_at)
    search = replace(SEARCH, repeats=ref)
    if where == "request":
        search = replace(SEARCH, request=RunRequest(FLOW_ID, OURS, repeats=ref))
    assert outcome([failed], search) is None
    assert outcome([failed, again], search) == ("run-1", True)
    older = listed_run("older", ENDED_WELL, OURS, created_at=failed.created_at - 1)
    assert outcome([older, failed], search) is None


# Whatever is listed


RUNS = st.builds(
    lambda status, window, age, client: (status, window, age, client),
    st.sampled_from(STATES),
    st.sampled_from([OURS, THEIRS, None]),
    st.integers(-60, 60),
    st.sampled_from([CLIENT_ID, None, "their api key"]),
)


@st.composite
def listings(draw, runs=RUNS):
    """A list of runs, no two of which were created at the same time."""
    rows = draw(st.lists(runs, max_size=6, unique_by=lambda row: row[2]))
    return [
        listed_run(f"run-{place}", status, window, created_at=NOW + age * 1000, client_id=client)
        for place, (status, window, age, client) in enumerate(rows)
    ]


def is_others(run: FlowRun):
    """Whether another client created it, or too early, or over another window."""
    return (
        run.created_client == "their api key"
        or run.created_at < NOW - 5000
        or (run.window is not None and run.window[0] == str(THEIRS[0]))
    )


@given(listings(), st.randoms())
def test_the_order_of_the_list_does_not_matter(runs, random):
    before = outcome(runs)
    random.shuffle(runs)
    assert outcome(runs) == before


@given(listings())
def test_runs_of_others_change_nothing(runs):
    assert outcome(runs) == outcome([run for run in runs if not is_others(run)])


@given(listings())
def test_a_match_is_never_a_run_of_others(runs):
    result = outcome(runs)
    if result is None:
        return
    ids = result if isinstance(result, set) else {result[0]}
    assert not any(is_others(run) for run in runs if run.id in ids)


@given(listings())
def test_a_confirmed_run_has_the_window_and_another_one_may_still_get_it(runs):
    result = outcome(runs)
    if not isinstance(result, tuple):
        return
    (run,) = [run for run in runs if run.id == result[0]]
    if result[1]:
        assert run.window == (str(OURS[0]), str(OURS[1]))
    else:
        assert run.window is None
        assert not run.finished


@given(listings())
def test_a_run_under_way_over_the_window_is_the_one(runs):
    ours = listed_run("ours", UNDER_WAY, OURS, created_at=NOW + 500)
    same_window = [run for run in runs if not is_others(run) and run.window]
    without = [run for run in runs if run not in same_window or run.failed]
    assert outcome([ours, *without]) == ("ours", True)
    under_way = {run.id for run in same_window if not run.finished}
    if under_way:
        assert outcome([ours, *runs]) == {"ours", *under_way}


@given(listings())
def test_a_failed_run_is_the_one_only_if_no_other_can_be(runs):
    result = outcome(runs)
    if result in [(run.id, True) for run in runs if run.failed]:
        assert all(other.failed for other in runs if not is_others(other))


@given(listings())
def test_where_nothing_is_found_a_run_can_be_started(runs):
    """None means: no run of this client, since then, moves or has moved this window's data."""
    if outcome(runs) is None:
        assert all(is_others(run) or (run.failed and run.window is None) for run in runs)


# Whether another list would say more


def test_an_empty_list_says_something_only_after_half_a_minute():
    assert not SEARCH.is_conclusive([], NOW)
    assert not SEARCH.is_conclusive([], NOW + 29_999)
    assert SEARCH.is_conclusive([], NOW + 30_000)


@pytest.mark.parametrize(
    ("row", "conclusive"),
    [
        ((UNDER_WAY, OURS), True),
        ((ENDED_WELL, OURS), True),
        ((ENDED_WELL, None), True),
        ((UNDER_WAY, None), False),
        ((FAILED, OURS), False),
        ((UNDER_WAY, THEIRS), False),
    ],
)
def test_a_run_that_counts_need_not_be_waited_for(row, conclusive):
    assert SEARCH.is_conclusive(runs_of(row), NOW) is conclusive


@given(listings(), st.integers(0, 60_000))
def test_a_conclusive_list_stays_conclusive(runs, later):
    if SEARCH.is_conclusive(runs, NOW):
        assert SEARCH.is_conclusive(runs, NOW + later)


@given(listings())
def test_after_the_time_only_windows_are_waited_for(runs):
    if not SEARCH.is_conclusive(runs, NOW + 30_000):
        assert any(not run.finished and run.window is None for run in runs)


def test_a_match_is_confirmed_unless_said_otherwise():
    assert RunMatch(listed_run("a")).confirmed

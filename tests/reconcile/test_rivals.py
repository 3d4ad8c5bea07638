"""Rival tasks on a platform whose lists show each object at a time of its own, in thousands of schedules.

Whatever the schedule: what was handed out to anybody is never removed, one is left where the platform can delete, and
all tasks hold it. The protocol is drawn in `reconcile/rivals.py`.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_aep.exceptions import AepConflictError

from .simulation import LAG_MS, Schedule, Simulation
from .things import LASTING_THING, THING, UNIQUE_THING, Thing

THOROUGH = settings(max_examples=500, deadline=None)
WORKERS = st.integers(2, 6)
SUMMARIES = st.booleans()


def sequences(elements, most):
    return st.lists(elements, max_size=most)


def schedules(longest_lag=LAG_MS, *, deaths=False, troubles=True):
    """At most four lost writes a task: after six it gives up, and says so.

    :param troubles: whether writes are lost, and tasks held up.
    """
    dying = st.dictionaries(st.integers(0, 5), st.tuples(st.integers(1, 8), st.booleans()), max_size=4)
    return st.builds(
        Schedule,
        order=sequences(st.integers(0, 5), 60) if troubles else st.just([]),
        steps=sequences(st.sampled_from([0, 0, 1, 40, *([700, 2500] if troubles else [])]), 60),
        lags=sequences(st.one_of(st.sampled_from([0, longest_lag]), st.integers(0, longest_lag)), 12),
        ids=sequences(st.integers(0, 9), 12),
        faults=st.dictionaries(
            st.integers(0, 5),
            st.lists(st.sampled_from([None, "before", "after"]), max_size=4),
            max_size=6 if troubles else 0,
        ),
        deaths=dying if deaths else st.just({}),
    )


def oldest(things):
    return min(things, key=lambda thing: (thing.created_at, thing.id)).id


@THOROUGH
@given(WORKERS, SUMMARIES, schedules())
def test_of_equal_ones_one_is_left_and_all_tasks_hold_it(workers, summaries, schedule):
    outcome = Simulation(schedule, summaries=summaries).run(THING, [Thing("x")] * workers)
    assert outcome.platform.removed_though_handed == []
    (left,) = outcome.platform.things
    assert [result.id for result in outcome.results] == [left] * workers
    assert any(result.change == "created" for result in outcome.results)


@THOROUGH
@given(st.lists(st.sampled_from("xy"), min_size=2, max_size=6), SUMMARIES, schedules())
def test_of_different_ones_one_is_left_and_the_others_are_refused(contents, summaries, schedule):
    outcome = Simulation(schedule, summaries=summaries).run(THING, [Thing(content) for content in contents])
    assert outcome.platform.removed_though_handed == []
    (left,) = outcome.platform.things.values()
    for content, result in zip(contents, outcome.results, strict=True):
        if content == left.content:
            assert result.id == left.id
        else:
            assert isinstance(result, AepConflictError)


@THOROUGH
@given(st.lists(st.sampled_from("xy"), min_size=2, max_size=6), SUMMARIES, schedules())
def test_of_those_who_may_update_all_hold_the_same(contents, summaries, schedule):
    outcome = Simulation(schedule, summaries=summaries).run(THING, [Thing(content) for content in contents], "update")
    assert outcome.platform.removed_though_handed == []
    (left,) = outcome.platform.things
    assert {result.id for result in outcome.handed} == {left}
    assert all(isinstance(error, AepConflictError) for error in outcome.errors)


@THOROUGH
@given(st.lists(st.sampled_from("xy"), min_size=2, max_size=6), SUMMARIES, schedules())
def test_what_nobody_can_delete_is_the_same_for_all_who_want_the_same(contents, summaries, schedule):
    outcome = Simulation(schedule, summaries=summaries).run(LASTING_THING, [Thing(content) for content in contents])
    got = {
        (content, result.id)
        for content, result in zip(contents, outcome.results, strict=True)
        if result in outcome.handed
    }
    assert 1 <= len(got) <= len(set(contents))
    assert all(isinstance(error, AepConflictError) for error in outcome.errors)
    if len(set(contents)) == 1:
        assert got == {(contents[0], oldest(outcome.platform.things.values()))}


@THOROUGH
@given(WORKERS, SUMMARIES, schedules())
def test_what_the_platform_lets_exist_once_is_held_by_all(workers, summaries, schedule):
    outcome = Simulation(schedule, unique=True, summaries=summaries).run(UNIQUE_THING, [Thing("x")] * workers)
    (left,) = outcome.platform.things
    assert [result.id for result in outcome.results] == [left] * workers


@THOROUGH
@given(WORKERS, st.sampled_from([THING, LASTING_THING]), SUMMARIES, schedules(deaths=True))
def test_whenever_tasks_die_the_next_one_gets_what_the_others_hold(workers, type_, summaries, schedule):
    simulation = Simulation(schedule, summaries=summaries)
    outcome = simulation.run(type_, [Thing("x")] * workers)
    next_one = simulation.run_later(type_, Thing("x"))
    assert outcome.platform.removed_though_handed == []
    assert {result.id for result in outcome.handed} <= {next_one.id}
    assert next_one.id == oldest(outcome.platform.things.values())
    assert outcome.errors == []


# Lists that lag for longer than is assumed


@THOROUGH
@given(WORKERS, schedules(longest_lag=30_000))
def test_however_late_the_lists_are_the_oldest_is_never_removed(workers, schedule):
    """Two may be left, but never none. Whoever is left without one, because another task took it for its own and no
    list shows the older one, is told to try again.
    """
    outcome = Simulation(schedule).run(THING, [Thing("x")] * workers)
    assert outcome.platform.first.id in outcome.platform.things
    assert all("somebody else deleted it at once; a retry looks again" in str(error) for error in outcome.errors)
    assert all(error.retryable for error in outcome.errors)


@THOROUGH
@given(WORKERS, schedules(longest_lag=30_000, troubles=False))
def test_however_late_the_lists_are_tasks_that_are_not_held_up_remove_nothing_that_was_handed_out(workers, schedule):
    simulation = Simulation(schedule)
    outcome = simulation.run(THING, [Thing("x")] * workers)
    assert outcome.platform.removed_though_handed == []
    assert {result.id for result in outcome.handed} <= set(outcome.platform.things)
    outcome.platform.now_ms += 60_000
    assert simulation.run_later(THING, Thing("x")).id == outcome.platform.first.id


@pytest.mark.parametrize("type_", [THING, LASTING_THING])
def test_a_name_that_the_platform_stores_otherwise_is_noticed(type_):
    """What a list never shows would be made again by every DAG run."""
    simulation = Simulation(Schedule(), stored=lambda name: name[:2])
    (error,) = simulation.run(type_, [Thing("x")]).errors
    assert isinstance(error, AepConflictError)
    assert not error.retryable
    assert "is stored by the platform under another name, 'ou'" in str(error)
    assert simulation.asked.count("POST") == 1
    assert list(simulation.platform.things) == ([] if type_.deletable else ["id 00"])


def test_ones_own_that_no_list_shows_is_handed_out_with_a_warning(caplog):
    """Then nobody can tell whether there is another one; the name is what was declared."""
    (made,) = Simulation(Schedule(lags=[60_000])).run(THING, [Thing("x")]).results
    assert (made.id, made.change) == ("id 00", "created")
    assert "No list shows thing of ours (id 00) 4 s after it was made" in caplog.text

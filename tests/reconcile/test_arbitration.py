"""Rivals in every order: hypothesis decides who goes on at each request and whose response is lost.

A platform in memory answers one request at a time. However the tasks interleave, however long one of them sleeps in
between, one resource is left, and everybody who got one got that one.
"""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_aep.exceptions import AepApiError, AepConflictError, AepNotFoundError
from airflow_provider_aep.reconcile.ensure import Ensurer

from .things import LASTING_THING, THING, Thing


class Platform:
    """Knows things of one name, and loses answers before or after their effect."""

    def __init__(self):
        self.things: list[Thing] = []
        self._made = 0

    def response(self, call, fault):
        if fault == "before":
            raise AepApiError("lost", status=503, retryable=True)
        found = self._effect(call)
        if fault == "after":
            raise AepApiError("lost", status=500, retryable=True)
        return found

    def _effect(self, call):
        if call.path == "/things" and call.method == "GET":
            return list(self.things)
        if call.method == "POST":
            self._made += 1
            made = Thing(call.body, f"id {self._made}", self._made)
            self.things.append(made)
            return made
        found = [thing for thing in self.things if thing.id == call.path]
        if not found:
            raise AepNotFoundError("gone", status=404)
        if call.method == "GET":
            return found[0]
        self.things.remove(found[0])
        if call.method == "PATCH":
            self.things.append(Thing(call.body, found[0].id, found[0].created_at))
        return found[0]


class Turns:
    """Lets one of several threads go on at a time; `choose` says which of those that are ready."""

    def __init__(self, workers, choose):
        self._working, self._choose = workers, choose
        self._ready: set[int] = set()
        self._turn: int | None = None
        self._changed = threading.Condition()

    def take(self, who):
        with self._changed:
            self._ready.add(who)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._turn == who)
            self._turn = None
            self._ready.discard(who)

    def leave(self):
        with self._changed:
            self._working -= 1
            self._changed.notify_all()

    def give(self):
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._turn is None and len(self._ready) == self._working)
                if not self._working:
                    return
                self._turn = self._choose(sorted(self._ready))
                self._changed.notify_all()


def race(type_, contents, order, faults, if_exists="reuse"):
    """All tasks at once, each declares one content; returns the platform, and what each got: an Ensured or an error."""
    platform, choices = Platform(), iter(order)
    turns = Turns(len(contents), lambda ready: ready[next(choices, 0) % len(ready)])
    results = {}

    def work(who, content):
        troubles = iter(faults.get(who, ()))

        def send(call):
            turns.take(who)
            # Reads are repeated by the client, so an ensurer sees lost writes only.
            return platform.response(call, None if call.method == "GET" else next(troubles, None))

        try:
            # All happens in the seconds after the platform's first thing was made.
            ensurer = Ensurer(send, pause=lambda seconds: turns.take(who), now=lambda: 2.0)
            results[who] = ensurer.ensure(type_, Thing(content), if_exists)
        except AepApiError as problem:
            results[who] = problem
        finally:
            turns.leave()

    threads = [threading.Thread(target=work, args=each, daemon=True) for each in enumerate(contents)]
    for thread in threads:
        thread.start()
    turns.give()
    for thread in threads:
        thread.join()
    return platform, [results[who] for who in range(len(contents))]


ORDER = st.lists(st.integers(0, 3), max_size=80)
# At most four lost writes a task: after six it gives up, and says so.
FAULTS = st.dictionaries(st.integers(0, 3), st.lists(st.sampled_from([None, "before", "after"]), max_size=4))
THOROUGH = settings(max_examples=150, deadline=None)


@THOROUGH
@given(st.integers(2, 4), ORDER, FAULTS)
def test_of_equal_ones_one_is_left_and_all_get_it(workers, order, faults):
    platform, results = race(THING, ["x"] * workers, order, faults)
    (left,) = platform.things
    for result in results:
        if isinstance(result, AepApiError):
            # Another one slept for too long in the middle of it.
            assert isinstance(result, AepConflictError)
            assert "exists" in str(result)
        else:
            assert result.id == left.id
    assert any(not isinstance(result, AepApiError) for result in results)


@THOROUGH
@given(st.lists(st.sampled_from("xy"), min_size=2, max_size=4), ORDER, FAULTS)
def test_of_different_ones_one_wins_and_the_others_are_told(contents, order, faults):
    platform, results = race(THING, contents, order, faults)
    (left,) = platform.things
    for content, result in zip(contents, results, strict=True):
        if isinstance(result, AepApiError):
            assert isinstance(result, AepConflictError)
        else:
            assert (result.id, content) == (left.id, left.content)


@THOROUGH
@given(st.integers(2, 4), ORDER, FAULTS)
def test_what_nobody_can_delete_is_the_same_for_all(workers, order, faults):
    platform, results = race(LASTING_THING, ["x"] * workers, order, faults)
    assert {result.id for result in results} == {platform.things[0].id}


@THOROUGH
@given(st.lists(st.sampled_from("xy"), min_size=2, max_size=4), ORDER, FAULTS)
def test_what_nobody_can_delete_is_the_same_for_all_who_want_the_same(contents, order, faults):
    _, results = race(LASTING_THING, contents, order, faults)
    got = {
        (content, result.id)
        for content, result in zip(contents, results, strict=True)
        if not isinstance(result, AepApiError)
    }
    assert len(got) <= len(set(contents))
    assert all(isinstance(result, AepConflictError) for result in results if isinstance(result, AepApiError))


@THOROUGH
@given(st.integers(2, 4), ORDER)
def test_of_those_who_insist_on_a_new_one_one_gets_it(workers, order):
    platform, results = race(THING, ["x"] * workers, order, {}, "fail")
    made = [result.id for result in results if not isinstance(result, AepApiError)]
    assert made == [thing.id for thing in platform.things]
    assert all(isinstance(result, AepConflictError) for result in results if isinstance(result, AepApiError))


@THOROUGH
@given(st.lists(st.sampled_from("xy"), min_size=2, max_size=4), ORDER)
def test_of_those_who_may_update_the_last_one_wins(contents, order):
    platform, results = race(THING, contents, order, {}, "update")
    (left,) = platform.things
    assert {result.id for result in results if not isinstance(result, AepApiError)} <= {left.id}
    assert left.content in contents


@pytest.mark.parametrize("fault", ["before", "after"])
def test_the_harness_loses_what_it_is_told_to(fault):
    platform, (result,) = race(THING, ["x"], [], {0: [fault]})
    assert (result.change, [thing.id for thing in platform.things]) == ("created", [result.id])


def test_one_that_somebody_deletes_at_once_is_not_handed_out():
    def send(call):
        if call.method == "POST":
            return Thing("ours", id="1")
        if call.path == "1":
            raise AepNotFoundError("gone", status=404)
        return []

    with pytest.raises(AepConflictError, match="was made as 1, and somebody else deleted it at once") as refused:
        Ensurer(send, pause=lambda seconds: None, now=lambda: 2.0).ensure(THING, Thing("ours"))
    assert refused.value.retryable

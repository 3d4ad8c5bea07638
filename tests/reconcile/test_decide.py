"""What is to be done is a pure function of what was declared and what is live: no server anywhere."""

import random
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from airflow_provider_aep.exceptions import AepConfigError, AepConflictError
from airflow_provider_aep.reconcile.decide import (
    Decision,
    changed_by_others,
    check_if_exists,
    contenders,
    decide,
    refused,
    survivor,
)
from airflow_provider_aep.reconcile.diff import Change
from airflow_provider_aep.reconcile.resource_type import ResourceType

from .things import LASTING_THING, THING, Thing

NOW = 1_900_000_000.0
TYPES = st.sampled_from([THING, LASTING_THING])
CONTENTS = st.sampled_from(["x", "y", "fixed", "x secret"])
DECLARED = st.builds(Thing, CONTENTS)
IF_EXISTS = st.sampled_from(["reuse", "update", "fail", "create"])
# Some are made in the same millisecond; ids never repeat.
LIVE = st.lists(
    st.builds(
        Thing, CONTENTS, id=st.text("abc", min_size=1, max_size=3), created_at=st.integers(0, 3), idle=st.booleans()
    ),
    unique_by=lambda live: live.id,
    max_size=5,
)


@st.composite
def one_equal_of_several(draw):
    """What is declared, and at least two live ones of which exactly one is equal."""
    declared, live = draw(DECLARED), draw(LIVE.filter(lambda found: len(found) > 1))
    equal = draw(st.integers(0, len(live) - 1))
    different = CONTENTS.filter(lambda content: content != declared.content)
    contents = [declared.content if place == equal else draw(different) for place in range(len(live))]
    return declared, [replace(thing, content=content) for thing, content in zip(live, contents, strict=True)]


def decided(declared, *live, if_exists="reuse", type_=THING):
    return decide(type_, declared, live, if_exists=if_exists, now=NOW)


def error_of(declared, *live, if_exists="reuse", type_=THING):
    return str(refused(type_, declared, decided(declared, *live, if_exists=if_exists, type_=type_)))


@pytest.mark.parametrize(
    ("live", "if_exists", "action"),
    [
        ([], "reuse", "create"),
        ([], "update", "create"),
        ([], "fail", "create"),
        ([], "create", "create"),
        (["x"], "reuse", "reuse"),
        (["x"], "update", "reuse"),
        (["x"], "fail", "refuse"),
        (["x"], "create", "create"),
        (["y"], "reuse", "refuse"),
        (["y"], "update", "update"),
        (["y"], "fail", "refuse"),
        (["y"], "create", "create"),
        (["fixed"], "reuse", "refuse"),
        (["fixed"], "update", "replace"),
        (["x", "x"], "reuse", "reuse"),
        (["x", "x"], "update", "refuse"),
        (["x", "y"], "reuse", "reuse"),
        (["x", "y"], "update", "reuse"),
        (["x", "y"], "fail", "refuse"),
        (["y", "x"], "reuse", "reuse"),
        (["y", "x", "x"], "reuse", "refuse"),
        (["y", "fixed"], "update", "refuse"),
        (["x", "x"], "create", "create"),
    ],
)
def test_the_table_of_actions(live, if_exists, action):
    found = [Thing(content, f"id {number}", number) for number, content in enumerate(live)]
    assert decided(Thing("x"), *found, if_exists=if_exists).action == action


# Properties


@given(TYPES, DECLARED, LIVE, IF_EXISTS, st.randoms())
def test_the_order_in_which_the_live_ones_are_listed_decides_nothing(type_, declared, live, if_exists, chance):
    shuffled = random.Random(chance.random()).sample(live, len(live))
    one, other = (decided(declared, *each, if_exists=if_exists, type_=type_) for each in (live, shuffled))
    assert (one.action, one.live, one.differences, one.reasons, one.warnings) == (
        other.action,
        other.live,
        other.differences,
        other.reasons,
        other.warnings,
    )
    assert set(one.beside) == set(other.beside)


@given(TYPES, DECLARED, LIVE, IF_EXISTS)
def test_a_decision_holds_what_its_action_needs(type_, declared, live, if_exists):
    decision = decided(declared, *live, if_exists=if_exists, type_=type_)
    if decision.action == "create":
        assert not live or if_exists == "create"
        assert set(decision.beside) == {each.id for each in live}
        assert decision.live is None
    if decision.action in ("reuse", "update", "replace"):
        assert decision.live in live
        assert decision.differences == type_.diff(declared, decision.live)
    if decision.action == "reuse":
        assert decision.differences == ()
    if decision.action == "update":
        assert if_exists == "update"
        assert decision.differences or type_.sends_secrets(declared, decision.live)
    if decision.action in ("refuse", "replace"):
        assert decision.reasons
        assert isinstance(refused(type_, declared, decision), AepConflictError)
    else:
        assert decision.reasons == ()


@given(TYPES, DECLARED, LIVE, IF_EXISTS)
def test_what_cannot_be_changed_in_place_is_never_updated(type_, declared, live, if_exists):
    decision = decided(declared, *live, if_exists=if_exists, type_=type_)
    if decision.action == "update" and decision.differences:
        assert type_.requires_replace(declared, decision.live, NOW) == {}


@given(TYPES, DECLARED, LIVE)
def test_after_the_update_there_is_nothing_left_to_decide(type_, declared, live):
    """As `apply` leaves it: a second plan is empty but for secrets, which the platform does not show."""
    decision = decided(declared, *live, if_exists="update", type_=type_)
    assume(decision.action in ("create", "update", "reuse"))
    done = Thing(declared.content, id="id", created_at=1)
    again = decided(declared, done, if_exists="update", type_=type_)
    assert again.differences == ()
    assert again.action == ("update" if type_.sends_secrets(declared, done) else "reuse")


@given(TYPES, DECLARED, LIVE)
def test_several_of_which_not_exactly_one_is_equal_are_refused_with_their_ids(type_, declared, live):
    found = contenders(type_, declared, live)
    assume(len(found) > 1)
    assume([each.content for each in found].count(declared.content) != 1)
    message = error_of(declared, *live, if_exists="update", type_=type_)
    listed = ", ".join(each.id for each in found)
    assert message == f"The thing of ours exists {len(found)} times: {listed}. Delete or rename all but one."


@given(one_equal_of_several(), st.sampled_from(["reuse", "update"]))
def test_b7_the_only_equal_one_of_several_is_used_and_the_others_are_named(found, if_exists):
    """A second one of a name was made on purpose."""
    declared, live = found
    equal = [each for each in live if each.content == declared.content]
    decision = decided(declared, *live, if_exists=if_exists)
    assert (decision.live, decision.differences) == (equal[0], ())
    others = [each.id for each in contenders(THING, declared, live) if each is not equal[0]]
    assert decision.warnings[-1] == (
        f"Thing of ours ({equal[0].id}) is the one of {len(live)} with this name that is as declared, so it is used; "
        f"the others are {', '.join(others)}."
    )


@given(DECLARED, LIVE, st.sampled_from(["reuse", "update"]))
def test_b7_a_younger_equal_one_may_be_about_to_go(declared, live, if_exists):
    """Of several that tasks make at the same moment the oldest stays, and the others are removed by their makers."""
    decision = decide(THING, declared, live, if_exists=if_exists, now=1.0)
    if decision.action in ("reuse", "update") and len(live) > 1:
        assert decision.live == contenders(THING, declared, live)[0]


@given(
    TYPES, DECLARED, LIVE, IF_EXISTS, st.lists(st.builds(Thing, CONTENTS, id=st.just("other"), purpose=st.just(True)))
)
def test_b4_what_serves_another_purpose_does_not_count(type_, declared, live, if_exists, others):
    """A dataflow to a destination may have the name of one from a source."""
    alone = decided(declared, *live, if_exists=if_exists, type_=type_)
    beside = decided(declared, *live, *others, if_exists=if_exists, type_=type_)
    assert (alone.action, alone.live, alone.reasons) == (beside.action, beside.live, beside.reasons)


def test_a_type_that_names_no_fixed_path_can_be_changed_everywhere():
    assert ResourceType.requires_replace(THING, Thing("x"), Thing("fixed"), NOW) == {}


# Sentences


def test_a_different_one_is_refused_with_every_difference():
    assert error_of(Thing("x"), Thing("y", "id 1")) == (
        "The thing of ours exists as id 1 and is different: /content: declared 'x', live 'y'. "
        'Declare what is live, choose another name, or pass if_exists="update".'
    )


def test_an_update_is_offered_only_where_nothing_needs_a_new_one():
    assert error_of(Thing("x"), Thing("fixed", "id 1")) == (
        "The thing of ours exists as id 1 and is different: /content: declared 'x', live 'fixed'. "
        "Declare what is live or choose another name: it is for life."
    )


def test_what_needs_a_new_one_is_refused_with_the_reason():
    assert error_of(Thing("x"), Thing("fixed", "id 1"), if_exists="update") == (
        "The thing of ours cannot be changed in place: /content (declared 'x', live 'fixed'): it is for life. "
        "It needs a new one."
    )


def test_somebody_who_uses_a_live_one_is_warned():
    idle = Thing("x", "id 1", idle=True)
    assert decided(Thing("x"), idle).warnings == ("Thing of ours (id 1) is idle.",)
    assert decided(Thing("y"), idle, if_exists="update").warnings == ("Thing of ours (id 1) is idle.",)


def test_of_several_equal_ones_the_oldest_is_reused_with_a_warning():
    younger, oldest = Thing("x", "id 2", 2), Thing("x", "id 1", 1)
    decision = decided(Thing("x"), younger, oldest)
    assert decision.live == oldest
    assert decision.warnings == (
        "Thing of ours (id 1) is the oldest of 2 with this name and is as declared, so it is used; "
        "the others are id 2.",
    )


def test_secrets_are_a_reason_to_update_only_where_an_update_is_wanted():
    declared = Thing("a secret")
    live = Thing("a secret", "id 1")
    assert decided(declared, live).action == "reuse"
    assert decided(declared, live, if_exists="update") == Decision("update", live)


@pytest.mark.parametrize("if_exists", ["replace", "", None, "Update"])
def test_a_misspelt_if_exists_is_named(if_exists):
    with pytest.raises(AepConfigError, match="it is one of reuse, update, fail, create"):
        check_if_exists(if_exists)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([("/a", 1, 0)], [("/a", 1, 0)], None),
        ([("/a", 1, 0)], [], None),
        ([("/a", 1, 0)], [("/a", 1, 2)], "/a: declared 1, was 0 when read, somebody else made it 2"),
        ([], [("/a", 1, 2)], "/a: declared 1, was 1 when read, somebody else made it 2"),
    ],
    ids=["untouched", "done by somebody else", "the same field", "what was right"],
)
def test_a_person_decides_where_two_wrote_the_same_field(before, after, said):
    one, other = (tuple(Change(*change) for change in changes) for changes in (before, after))
    error = changed_by_others(THING, Thing("x"), one, other)
    expected = said and f"The thing of ours was changed by somebody else meanwhile: {said}. Decide which one holds."
    assert (error and str(error)) == expected


# Several of one name


@given(TYPES, DECLARED, LIVE, st.lists(st.sets(st.text("abc", min_size=1, max_size=3)), min_size=1, max_size=4))
def test_all_tasks_that_see_the_same_keep_the_same_one_and_nobody_removes_it(type_, declared, live, owned):
    assume(live)
    verdicts = [survivor(type_, declared, live, own) for own in owned]
    assert len({verdict.keep for verdict in verdicts}) == 1
    for verdict, own in zip(verdicts, owned, strict=True):
        assert verdict.keep.id not in verdict.remove
        assert set(verdict.remove) <= own & {each.id for each in live}
        assert type_.deletable or verdict.remove == ()


@given(DECLARED, LIVE)
def test_if_everybody_removes_their_own_one_is_left(declared, live):
    assume(live)
    makers = [{each.id} for each in live]
    removed = {id_ for own in makers for id_ in survivor(THING, declared, live, own).remove}
    (left,) = [each for each in live if each.id not in removed]
    assert left == min(live, key=lambda each: (each.created_at, each.id))


@given(DECLARED, LIVE)
def test_of_those_that_nobody_can_delete_the_oldest_equal_one_counts(declared, live):
    found = contenders(LASTING_THING, declared, live)
    equal = [each for each in live if each.content == declared.content]
    if equal:
        assert found == [min(equal, key=lambda each: (each.created_at, each.id))]
    else:
        assert sorted(found, key=lambda each: each.id) == sorted(live, key=lambda each: each.id)

"""F6 and F8: whatever becomes of an response, there is one resource in the end, and no request is repeated blindly."""

import time

import pytest

from airflow_provider_aep.client.backoff import LIST_LAG
from airflow_provider_aep.exceptions import AepApiError, AepConfigError, AepConflictError, AepError, AepUnreachableError
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.resources.flow import FLOW
from airflow_provider_aep.resources.mapping_set import MAPPING_SET
from airflow_provider_aep.resources.schema import SCHEMA

from .cases import CASES, DELETABLE, EVERY_TYPE, NAMES_REPEAT, LateLists, Sender, cases, long_after, server_error

AFTER_EFFECT = ["drop_after", "malformed", "empty"]
BEFORE_EFFECT = ["drop_before", "status", "html"]


@EVERY_TYPE
@pytest.mark.parametrize("fault", AFTER_EFFECT)
def test_a_create_whose_answer_was_lost_is_found_again(world, case, fault):
    case.declared(world)
    posts = len(case.asked(world, "POST"))
    world.aep.fault("POST", f"*{case.route.rstrip('/')}", kind=fault)

    made = case.ensure(world)

    assert (made.change, list(case.live(world))) == ("created", [made.id])
    assert len(case.asked(world, "POST")) == posts + 1
    assert case.ensure(world).id == made.id


@EVERY_TYPE
def test_a_create_that_was_answered_500_after_its_effect_is_found_again(world, case):
    made = case.ensure(world, send=Sender(world, response=server_error))
    assert (made.change, list(case.live(world))) == ("created", [made.id])


@EVERY_TYPE
@pytest.mark.parametrize("fault", BEFORE_EFFECT)
def test_a_create_that_had_no_effect_is_asked_again_after_a_look(world, case, fault):
    case.declared(world)
    posts = len(case.asked(world, "POST"))
    world.aep.fault("POST", f"*{case.route.rstrip('/')}", kind=fault, times=2)

    made = case.ensure(world)

    assert (made.change, list(case.live(world))) == ("created", [made.id])
    assert len(case.asked(world, "POST")) == posts + 3
    methods = [record.method for record in world.aep.requests if case.route in f"{record.path}/"]
    assert not world.lists_are_whole or methods[-8:-1] == ["POST", "GET", "GET", "POST", "GET", "GET", "POST"]


@EVERY_TYPE
def test_answers_lost_again_and_again_make_no_second_one(world, case):
    """The list does not show what was made until the third attempt."""
    case.declared(world)
    posts = len(case.asked(world, "POST"))
    world.aep.fault("POST", f"*{case.route.rstrip('/')}", kind="drop_after", times=2)
    late = Sender(world, "GET", response=lambda found: [], times=5)

    made = case.ensure(world, send=late)

    if case.type_ is MAPPING_SET:
        # The platform cannot delete one, so two are left over; everybody uses the oldest.
        assert next(iter(case.live(world))) == made.id
    else:
        assert list(case.live(world)) == [made.id]
    assert len(case.asked(world, "POST")) == posts + 3
    assert case.ensure(world).id == made.id


@EVERY_TYPE
def test_an_outage_that_lasts_ends_the_task_and_says_what_is_not_known(world, case):
    case.declared(world)
    posts = len(case.asked(world, "POST"))
    world.aep.fault("POST", f"*{case.route.rstrip('/')}", kind="drop_before", times=None)
    with pytest.raises(AepUnreachableError) as problem:
        case.ensure(world)
    sentence = f"Whether the {case.type_.noun} 'CRM' was made is not known; a retry looks first."
    assert str(problem.value).endswith(sentence)
    assert problem.value.retryable
    assert len(case.asked(world, "POST")) == posts + 6
    assert case.live(world) == {}


@EVERY_TYPE
@pytest.mark.parametrize("body", ['{"items": []}', '{"id": 17}', "made it"])
def test_a_second_answer_that_cannot_be_read_is_a_fault(world, case, body):
    """D2: what answers 2xx twice, and not with what was made, will do so again, and may have made something."""
    case.declared(world)
    posts = len(case.asked(world, "POST"))
    world.aep.fault("POST", f"*{case.route.rstrip('/')}", kind="status", status=201, body=body, times=None)
    with pytest.raises(AepApiError, match="cannot be read") as problem:
        case.ensure(world)
    sentence = f"Whether the {case.type_.noun} 'CRM' was made is not known; a retry looks first."
    assert str(problem.value).endswith(sentence)
    assert len(case.asked(world, "POST")) == posts + 2
    methods = [record.method for record in world.aep.requests if case.route in f"{record.path}/"]
    assert methods[-2:] == ["GET", "GET"]


@EVERY_TYPE
def test_a_refusal_is_final(world, case):
    case.declared(world)
    world.naps.clear()
    world.aep.fault("POST", f"*{case.route.rstrip('/')}", kind="status", status=403)
    with pytest.raises(AepApiError, match="403") as refused:
        case.ensure(world)
    assert "is not known" not in str(refused.value)
    assert (world.naps, case.live(world)) == ([], {})


@cases(*DELETABLE)
def test_after_a_lost_answer_a_different_one_is_not_taken_for_ones_own(world, case):
    """Another task made it between the look and the create, which had no effect."""
    rival = []
    call = case.create_call(world)
    send = Sender(world, before=lambda: rival.append(case.make_rival(world, call)))
    world.aep.fault("POST", f"*{case.route.rstrip('/')}", kind="status", nth=2)
    with pytest.raises(AepConflictError, match=f"exists as .* and is different: {case.changed}"):
        case.ensure(world, send=send, **case.change)
    assert list(case.live(world)) == rival


@cases(*DELETABLE)
def test_after_a_lost_answer_ones_own_gives_way_to_a_different_one(world, case):
    rival = []
    call = case.create_call(world)
    send = Sender(world, before=lambda: rival.append(case.make_rival(world, call)), response=server_error)
    with pytest.raises(AepConflictError, match=f"exists as .* and is different: {case.changed}"):
        case.ensure(world, send=send, **case.change)
    assert list(case.live(world)) == rival


@cases(*DELETABLE)
def test_after_a_lost_answer_two_equal_ones_become_one(world, case):
    """Another task's response was lost as well, and that task is gone."""
    call = case.create_call(world)
    send = Sender(world, before=lambda: case.make_rival(world, call), response=server_error)
    made = case.ensure(world, send=send)
    assert list(case.live(world)) == [made.id]


@cases(*DELETABLE)
@pytest.mark.assumes("names-repeat")
def test_ones_own_that_was_first_stays_and_a_different_one_is_for_its_maker_to_remove(world, case):
    call = case.create_call(world)
    send = Sender(world, response=lambda response: world.client.send(call) and server_error())
    made = case.ensure(world, send=send, **case.change)
    assert len(case.live(world)) == 2
    assert next(iter(case.live(world))) == made.id


def busy(world, method, code, times):
    """The resource, or what it stands on, is between two states."""
    body = {"type": f"https://ns.adobe.com/aep/errors/FLOW-{code}", "title": "Invalid state", "status": 400}
    world.aep.fault(method, kind="status", status=400, body=body, times=times)


def test_what_it_stands_on_is_still_initializing(world):
    """1456-400: refused, and it passes by itself."""
    case = CASES["source connection"]
    case.declared(world)
    busy(world, "POST", "1456-400", times=2)
    assert case.ensure(world).change == "created"
    assert world.naps == [2, 4, LIST_LAG]


def test_what_it_stands_on_does_not_come_to_be(world):
    case = CASES["source connection"]
    case.declared(world)
    busy(world, "POST", "1456-400", times=None)
    with pytest.raises(AepApiError, match="1456-400") as refused:
        case.ensure(world)
    assert "is not known" not in str(refused.value)


# Always another one


@cases(*NAMES_REPEAT)
@pytest.mark.parametrize("fault", AFTER_EFFECT)
@pytest.mark.assumes("names-repeat")
def test_another_one_whose_answer_was_lost_is_not_made_twice(world, case, fault):
    first = case.ensure(world)
    world.aep.fault("POST", f"*{case.route.rstrip('/')}", kind=fault)
    second = case.ensure(world, "create")
    assert second.change == "created"
    assert set(case.live(world)) == {first.id, second.id}
    assert first.id != second.id


@cases(*NAMES_REPEAT)
@pytest.mark.assumes("names-repeat")
def test_of_two_others_nobody_knows_which_is_ones_own(world, case):
    """Guessing might hand the same one to two tasks, so it is said instead, and not retried."""
    elsewhere = Sender(world, before=lambda: case.ensure(world, "create"), response=server_error)
    with pytest.raises(AepError, match=r"was made is not known.*if_exists=\"create\" would make another") as problem:
        case.ensure(world, "create", send=elsewhere)
    assert not problem.value.retryable
    assert len(case.live(world)) == 2


# Titles are unique among schemas


def test_a_schema_that_another_task_makes_first_is_used(world):
    case = CASES["schema"]
    rival = Sender(world, before=lambda: case.ensure(world))
    assert case.ensure(world, send=rival).change == "reused"
    assert len(case.live(world)) == 1


def test_a_title_that_a_field_group_has_is_refused(world):
    case = CASES["schema"]
    made = case.ensure(world)
    hidden = Sender(world, "GET", response=lambda found: [], times=9)
    with pytest.raises(AepApiError, match=r"XDM-1521-400.*Titles are unique among schemas, field groups") as refused:
        case.ensure(world, send=hidden)
    assert not refused.value.retryable
    assert list(case.live(world)) == [made.id]


def test_a_schema_that_is_taken_and_different_is_refused(world):
    case = CASES["schema"]
    rival = Sender(world, before=lambda: case.ensure(world, **case.change))
    with pytest.raises(AepConflictError, match="is different: /class"):
        case.ensure(world, send=rival, schema_class="https://ns.adobe.com/xdm/context/experienceevent")


# Deleting


@cases(*DELETABLE)
@pytest.mark.assumes("dataset-delete-repeatable")
def test_what_was_there_is_removed_and_what_is_gone_is_fine(world, case):
    made = case.ensure(world)
    assert world.ensurer.remove(case.type_, made.id) is True
    assert case.live(world) == {}
    gone = world.ensurer.remove(case.type_, made.id)
    # Catalog answers 200 for a dataset that is gone.
    assert gone is (case.type_.noun == "dataset")


@cases(*DELETABLE)
@pytest.mark.parametrize("fault", [*AFTER_EFFECT, *BEFORE_EFFECT])
def test_a_lost_delete_is_asked_again(world, case, fault):
    made = case.ensure(world)
    world.aep.fault("DELETE", kind=fault)
    assert world.ensurer.remove(case.type_, made.id) is True
    assert case.live(world) == {}


def test_a_delete_that_is_refused_is_not_asked_again(world):
    """1447: a dataflow uses it."""
    CASES["dataflow"].ensure(world)
    with pytest.raises(AepApiError, match="1447-400"):
        world.ensurer.remove(CASES["source connection"].type_, world.source_id)
    assert len(CASES["source connection"].asked(world, "DELETE")) == 1


def test_a_delete_during_an_outage_gives_up(world):
    made = CASES["base connection"].ensure(world)
    world.aep.fault("DELETE", kind="drop_before", times=None)
    with pytest.raises(AepUnreachableError):
        world.ensurer.remove(CASES["base connection"].type_, made.id)
    assert len(CASES["base connection"].asked(world, "DELETE")) == 6


def test_a_dataflow_that_is_between_two_states_is_deleted_when_it_has_settled(world):
    case = CASES["dataflow"]
    made = case.ensure(world)
    world.aep.switches.flow_transition = 10
    case.ensure(world, "update", **case.change)
    assert world.ensurer.remove(FLOW, made.id) is True
    assert case.live(world) == {}


@pytest.mark.parametrize("type_", [SCHEMA, MAPPING_SET], ids=lambda type_: type_.noun)
def test_what_is_never_deleted_is_refused_before_any_request(world, type_):
    with pytest.raises(AepConfigError, match=f"A {type_.noun} cannot be deleted"):
        world.ensurer.remove(type_, "any")
    assert world.aep.requests == []


# Two at the same moment


@cases(*DELETABLE)
def test_who_comes_second_removes_its_own(world, case):
    """The other one is made between the look and the create."""
    rival = []
    send = Sender(world, before=lambda: rival.append(case.make_rival(world)))
    made = case.ensure(world, send=send)
    assert (made.id, made.change) == (rival[0], "reused")
    assert list(case.live(world)) == rival


@cases(*DELETABLE)
def test_who_comes_second_and_wants_something_else_is_refused_as_if_it_had_come_later(world, case):
    rival = []
    call = case.create_call(world)
    send = Sender(world, before=lambda: rival.append(case.make_rival(world, call)))
    with pytest.raises(AepConflictError, match=f"exists as .* and is different: {case.changed}"):
        case.ensure(world, send=send, **case.change)
    assert list(case.live(world)) == rival


@cases(*DELETABLE)
def test_who_comes_second_and_may_update_updates(world, case):
    rival = []
    send = Sender(world, before=lambda: rival.append(case.make_rival(world)))
    made = case.ensure(world, "update", send=send, **case.change)
    assert (made.id, made.change) == (rival[0], "updated")
    assert list(case.live(world)) == rival
    assert case.ensure(world, **case.change).change == "reused"


@cases(*DELETABLE)
def test_who_comes_second_and_wants_the_only_one_is_refused(world, case):
    send = Sender(world, before=lambda: case.make_rival(world))
    with pytest.raises(AepConflictError, match="exists already"):
        case.ensure(world, "fail", send=send)
    assert len(case.live(world)) == 1


def test_of_mapping_sets_made_at_the_same_moment_both_use_the_oldest(world):
    case = CASES["mapping set"]
    rival = []
    send = Sender(world, before=lambda: (rival.append(case.ensure(world).id), world.aep.advance(1)))
    made = case.ensure(world, send=send)
    assert (made.id, made.change) == (rival[0], "reused")
    assert len(case.live(world)) == 2


def test_mapping_sets_of_one_name_and_two_contents_do_not_disturb_each_other(world):
    case = CASES["mapping set"]
    send = Sender(world, before=lambda: (case.ensure(world, **case.change), world.aep.advance(1)))
    made = case.ensure(world, send=send)
    assert made.change == "created"
    assert case.ensure(world).id == made.id
    assert case.ensure(world, **case.change).id != made.id


@cases(*DELETABLE)
def test_while_ones_own_is_not_to_be_seen_one_waits(world, case):
    """How soon a list shows what was just made is not published."""
    case.declared(world)
    made = case.ensure(world, send=Sender(world, "GET", response=lambda found: [], times=2))
    assert (made.change, list(case.live(world))) == ("created", [made.id])


LAGS = pytest.mark.parametrize("lag", [0.5, 2])


@cases(*NAMES_REPEAT)
@LAGS
def test_who_comes_second_waits_until_the_list_shows_both(world, case, lag):
    call = case.create_call(world)
    world.aep.advance(10)
    rival = []

    def make_an_older_one():
        rival.append(case.make_rival(world, call))

    made = case.ensure(world, send=LateLists(world.aep, case.type_, Sender(world, before=make_an_older_one), lag))

    assert (made.id, made.change) == (rival[0], "reused")
    # The platform cannot delete a mapping set; everybody uses the oldest.
    assert list(case.live(world))[: None if case.type_.deletable else 1] == rival


@cases(*NAMES_REPEAT)
@LAGS
@pytest.mark.assumes("names-repeat")
def test_who_comes_first_stays_however_late_the_list_shows_it(world, case, lag):
    call = case.create_call(world)
    world.aep.advance(10)

    def make_a_younger_one(response):
        world.aep.advance(0.1)
        world.client.send(call)
        return response

    send = LateLists(world.aep, case.type_, Sender(world, response=make_a_younger_one), lag)
    made = case.ensure(world, send=send)
    assert made.change == "created"
    assert [record.method for record in case.asked(world, "DELETE")] == []
    assert next(iter(case.live(world))) == made.id


@cases(*DELETABLE)
def test_of_two_of_ones_own_the_later_shown_one_is_not_left_over(world, case):
    """The response to the first was lost, and the list showed it only after the second was made."""
    case.declared(world)
    world.aep.advance(10)
    lost = Sender(world, response=server_error)
    made = case.ensure(world, send=LateLists(world.aep, case.type_, lost, lag=4.5))
    assert len(case.asked(world, "POST")) >= 2
    assert list(case.live(world)) == [made.id]


@EVERY_TYPE
@pytest.mark.assumes("flow-service-lists-whole", "mapping-set-lists-whole", "name-filters", "schema-lists-whole")
def test_one_look_is_enough_where_the_list_shows_ones_own(world, case):
    case.declared(world)
    case.ensure(world)
    methods = [record.method for record in world.aep.requests if case.route in f"{record.path}/"]
    assert methods[-2:] == ["POST", "GET"]
    assert world.naps == ([LIST_LAG] if case.type_.names_repeat else [])


@cases(*DELETABLE)
@pytest.mark.assumes("names-repeat")
def test_ones_own_that_another_has_removed_is_not_handed_on(world, case):
    """After a lost response another task may have taken one's own for its."""
    case.declared(world)
    rival = []

    def make_an_older_one_and_remove_ones_own(response):
        rival.append(world.client.send(case.create_call(world)).id)
        world.ensurer.remove(case.type_, case.type_.id_of(response))
        return response

    made = case.ensure(world, send=Sender(world, response=make_an_older_one_and_remove_ones_own))
    assert (made.id, made.change) == (rival[0], "reused")


@cases(*NAMES_REPEAT)
@pytest.mark.parametrize("older", ["own", "rival"])
@pytest.mark.assumes("names-repeat")
def test_ones_own_that_is_not_to_be_seen_for_long_is_read_because_its_age_decides(world, case, older):
    call = case.create_call(world)
    rival = []

    def make(response=None):
        world.aep.advance(0.1)
        rival.append(str(case.type_.id_of(world.client.send(call))))
        world.aep.advance(0.1)
        return response

    class Hiding(Sender):
        def __call__(self, call):
            response = super().__call__(call)
            shown = isinstance(response, list) and [live for live in response if case.type_.id_of(live) in rival]
            return response if shown is False else shown

    send = Hiding(world, before=make) if older == "rival" else Hiding(world, response=make)
    made = case.ensure(world, send=send)

    assert made.change == ("reused" if older == "rival" else "created")
    oldest, *others = case.live(world)
    assert made.id == oldest
    # The other task removes its own when it comes to look; nobody can remove a mapping set.
    assert bool(others) == (older == "own" or not case.type_.deletable)


@cases(*DELETABLE)
@pytest.mark.parametrize("left", [1, 0])
@pytest.mark.assumes("names-repeat")
def test_what_the_look_after_the_last_pause_shows_counts(world, case, left):
    """Others remove theirs slowly: until the last pause there are two that are equal, and an older one that is not."""
    equal = case.create_call(world, **case.change)
    duplicates = [case.make_rival(world, call) for call in (case.create_call(world), equal, equal)]

    def pause(seconds):
        world.naps(seconds)
        if sum(world.naps) == 27:
            for duplicate in duplicates[: 3 - left]:
                world.ensurer.remove(case.type_, duplicate)

    declared = case.declared(world, **case.change)
    found = Ensurer(world.client.send, pause, long_after).ensure(case.type_, declared, "reuse")

    assert world.naps == [1, 3, 8, 15, *([] if left else [LIST_LAG])]
    assert found.change == ("reused" if left else "created")
    assert list(case.live(world)) == [found.id]


@cases(*NAMES_REPEAT)
def test_one_that_was_made_a_moment_ago_may_have_to_give_way(world, case):
    """Two were made in one millisecond: then the ids decide, and a third task may see the loser alone."""
    loser = case.ensure(world).id
    winner = []

    def resolve(seconds):
        sandbox = world.aep._platform.sandboxes["dev"]
        live = sandbox[case.collection]
        stamps = {key: live[loser][key] for key in ("created", "createdAt", "createdDate") if key in live[loser]}
        winner.append("0" * 8 + loser[8:])
        live[winner[0]] = {**live[loser], "id": winner[0], **stamps}
        if case.type_ is MAPPING_SET:
            sandbox["mappingSetVersions"][winner[0]] = {"0": live[winner[0]]}
        if case in [CASES[name] for name in DELETABLE]:
            del live[loser]

    ensurer = Ensurer(world.client.send, resolve, world.aep.now)
    assert ensurer.ensure(case.type_, case.declared(world)).id == winner[0]


@EVERY_TYPE
def test_one_that_was_made_some_time_ago_is_trusted_at_once(world, case):
    case.ensure(world)
    world.aep.advance(6)
    world.naps.clear()
    ensurer = Ensurer(world.client.send, world.naps, world.aep.now)
    assert ensurer.ensure(case.type_, case.declared(world)).change == "reused"
    assert world.naps == []


def test_an_ensurer_keeps_real_time_unless_told_otherwise(world):
    ensurer = Ensurer(world.client.send)
    assert (ensurer.pause, ensurer.now) == (time.sleep, time.time)

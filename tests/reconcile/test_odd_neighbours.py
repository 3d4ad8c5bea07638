"""Beside the declared resource a list shows odd ones: the task's result is the same. Over real sockets."""

import pytest
from direct import asked, direct_client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_items import OddLists, odd_items, text_of

from airflow_provider_aep.api import catalog, flow_service
from airflow_provider_aep.client.reading import read_page
from airflow_provider_aep.exceptions import AepApiError
from airflow_provider_aep.reconcile.lookup import Index, OneByOne

from .cases import CASES, EVERY_TYPE, cases

FEW = settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
ID = "9830305a-985f-47d0-b030-5a985fd7d004"


def item_of(response):
    """An item of a list, as the platform answers it."""
    for key in ("items", "results", "data"):
        if key in response:
            return response[key][0]
    return next(iter(response.values()))


@EVERY_TYPE
@FEW
@given(data=st.data())
def test_what_is_there_is_reused_whatever_stands_beside_it(world, case, data):
    declared = case.declared(world)
    made = case.ensure(world)
    lists = OddLists(case.route.rstrip("/"))
    send = direct_client(world.aep, session=lists.session).send
    case.ensure(world, send=send)
    lists.odd = data.draw(st.lists(odd_items(item_of(lists.last)), min_size=1, max_size=4))
    writes = len(world.writes())

    again = case.ensure(world, send=send)

    assert (again.change, again.id, len(world.writes())) == ("reused", made.id, writes)
    assert [case.type_.id_of(live) for live in Index(send)(case.type_, declared)] == [made.id]


@EVERY_TYPE
def test_what_is_not_there_is_made_once_whatever_is_listed(world, case):
    case.declared(world)
    lists = OddLists(case.route.rstrip("/"))
    lists.odd = [None, 17, "x", [], {}, {"name": None, "title": None}, {"name": "CRM 2", "title": "CRM 2", "id": ""}]
    send = direct_client(world.aep, session=lists.session).send

    made = case.ensure(world, send=send)

    assert (made.change, list(case.live(world))) == ("created", [made.id])
    assert case.ensure(world, send=send).change == "reused"


UNREADABLE = {
    "base connection": ({"name": "CRM", "id": ID, "connectionSpec": None}, "answer.connectionSpec: Field required"),
    "source connection": ({"name": "CRM", "id": ID, "connectionSpec": 17}, "answer.connectionSpec"),
    "target connection": ({"name": "CRM", "id": ID, "params": "x"}, "answer.params"),
    "schema": ({"title": "CRM", "$id": "None"}, "answer.id is 'None'"),
    "dataset": ({"name": "CRM", "schemaRef": "x"}, "answer.schemaRef"),
    "mapping set": ({"name": "CRM", "id": ""}, "answer.id is ''"),
    "dataflow": ({"name": "CRM", "id": ID}, "answer.flowSpec: Field required"),
}


@EVERY_TYPE
@pytest.mark.parametrize("lookup", [OneByOne, Index])
def test_the_one_that_is_looked_for_fails_at_once_by_name(world, case, lookup):
    declared = case.declared(world)
    lists = OddLists(case.route.rstrip("/"))
    item, problem = UNREADABLE[case.type_.noun]
    lists.odd = [item]
    client = direct_client(world.aep, session=lists.session)
    requests = len(asked(world.aep, "GET"))

    with pytest.raises(AepApiError) as failed:
        lookup(client.send)(case.type_, declared)

    assert str(failed.value).startswith(f"The {case.type_.noun} 'CRM' exists")
    assert problem in str(failed.value)
    assert str(failed.value).endswith("Mend or rename it in the UI, or choose another name.")
    assert (failed.value.retryable, client.sleep) == (False, [])
    if not world.aep.switches.refuse_end_name_filters:
        assert len(asked(world.aep, "GET")) == requests + 1
    if item.get("id") == ID:
        assert f"exists with id {ID}, " in str(failed.value)


@cases("base connection", "source connection")
def test_one_of_the_same_name_at_another_source_is_not_the_one(world, case):
    lists = OddLists(case.route.rstrip("/"))
    lists.odd = [{"name": "CRM", "connectionSpec": {"id": "another"}, "id": None}]
    send = direct_client(world.aep, session=lists.session).send
    assert OneByOne(send)(case.type_, case.declared(world)) == []


# A create that is not answered as it should be

ODD_ANSWERS = [
    {},
    {"type": "http://ns.adobe.com/x", "title": "Internal Error", "status": 500},
    {"id": "../../x", "$id": "../../x"},
]


@EVERY_TYPE
@pytest.mark.parametrize("body", ODD_ANSWERS, ids=["empty", "problem", "no id"])
def test_a_create_without_an_id_in_its_answer_is_looked_for(world, case, body):
    """What was made counts, not what was answered."""
    case.declared(world)
    posts = len(case.asked(world, "POST"))

    def answered_so(call):
        result = world.client.send(call)
        if call.method == "POST" and len(case.asked(world, "POST")) == posts + 1:
            return unread(call, body)
        return result

    made = case.ensure(world, send=answered_so)

    assert (made.change, list(case.live(world))) == ("created", [made.id])
    assert len(case.asked(world, "POST")) == posts + 1


@EVERY_TYPE
def test_a_create_that_made_nothing_says_so(world, case):
    case.declared(world)
    route = f"*{case.route.rstrip('/')}"
    world.aep.fault("POST", route, kind="status", status=201, body={"title": "Internal Error"}, times=None)

    with pytest.raises(AepApiError, match=r"was answered 201 with a body that cannot be read.*is not known") as failed:
        case.ensure(world)

    assert case.live(world) == {}
    assert "None" not in str(failed.value)


def unread(call, body):
    """As the client does with a response of another shape."""
    try:
        return read_page(call, call.params, text_of(body))[0]
    except ValueError as problem:
        raise AepApiError(f"{call} cannot be read: {problem}", status=201, retryable=True) from None


# Lists that no resource is looked for in


def test_lists_of_which_nothing_is_made_are_read_whatever_stands_there(world):
    """Runs, flow specs, the dataflows of a connection and batches."""
    once = {"schedule_params": {"frequency": "once"}, "delta_column": None}
    made = world.client.send(CASES["dataflow"].create_call(world, **once))
    window = {"startTime": int(world.client.now()), "windowStartTime": 1, "windowEndTime": 2}
    world.client.send(flow_service.create_run(made.id, {**window, "deltaColumn": {"name": "LastModifiedDate"}}))
    world.aep.advance(600)
    lists = {
        "/runs": flow_service.list_runs(made.id),
        "/flowSpecs": flow_service.list_flow_specs(),
        "/flows": flow_service.list_flows_using("source", world.source_id),
        "/batches": catalog.list_batches(world.dataset_id, created_since=0),
    }
    sessions = {path: OddLists(path) for path in lists}
    clients = {path: direct_client(world.aep, session=odd.session) for path, odd in sessions.items()}
    plain = {path: clients[path].send(call) for path, call in lists.items()}
    assert all(plain.values())

    @FEW
    @given(path=st.sampled_from(list(lists)), data=st.data())
    def found_again(path, data):
        sessions[path].odd = data.draw(st.lists(odd_items(items_of[path]), min_size=1, max_size=3))
        found = {one.id: one for one in clients[path].send(lists[path])}
        assert [found[one.id] for one in plain[path]] == plain[path]

    items_of = {path: item_of(odd.last) for path, odd in sessions.items()}
    found_again()


@cases("source connection", "target connection")
def test_where_a_filter_is_refused_without_a_reason_the_whole_list_is_read(world, case):
    """A proxy in between may swallow what the platform says."""
    made = case.make_rival(world)
    world.aep.fault("GET", case.route.rstrip("/"), kind="status", status=400, body={})
    found = OneByOne(direct_client(world.aep).send)(case.type_, case.declared(world))
    assert [live.id for live in found] == [made]

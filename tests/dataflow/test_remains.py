"""The connections of a dataflow that was replaced go after it, whatever ends the apply in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.dataflow.destroy import destroy
from airflow_provider_aep.dataflow.remains import (
    connections_of,
    forget_remains,
    recorded_remains,
    with_remains,
    without_remains,
)
from airflow_provider_aep.dataflow.render import render
from airflow_provider_aep.dataflow.replace import REPLACED
from airflow_provider_aep.models.flow import Flow

from .applied import Death, apply_to, client_of, dying, flows, named, plan_of, writes
from .world import CRM, spec_of

NAME = "CRM accounts"
CHANGED = spec_of(CRM, source={"table": "Contacts"})
# The writes of a replacement after which its process may end.
MADE, DELETED, FREED = "made", "deleted", "freed"
DEATHS = {
    MADE: {"number": 1, "method": "POST", "path": "/flows$"},
    DELETED: {"number": 1, "method": "DELETE"},
    FREED: {"number": 2, "method": "DELETE"},
}


def interrupted(aep, moment, spec=CHANGED, **before):
    """What a replacement leaves whose process ends after a write. Returns the ids of the old dataflow."""
    old = apply_to(aep, spec_of(CRM, **before)).ids[NAME]
    with pytest.raises(Death):
        apply_to(aep, spec, client=dying(aep, after=True, **DEATHS[moment]), allow_replace="reload")
    return old


def tables(aep):
    return sorted(source["params"]["tableName"] for source in aep.state()["sourceConnections"].values())


def test_the_plan_names_them_and_the_next_apply_deletes_them(aep):
    old = interrupted(aep, DELETED)
    assert tables(aep) == ["Accounts", "Contacts"]
    planned = plan_of(aep, CHANGED)
    assert not planned.is_empty
    said = (
        f"  - source connection {old['source_connection']} of an interrupted replacement is deleted, if nothing uses it"
    )
    assert said in render(planned).splitlines()
    assert planned.to_json()["dataflows"][0]["remains"] == {"source_connection": [old["source_connection"]]}
    before = len(aep.requests)
    assert apply_to(aep, CHANGED, expect=planned.fingerprint).counts() == {"reused": 7}
    assert [method for method, _ in writes(aep, before)] == ["DELETE", "PATCH"]
    assert tables(aep) == ["Contacts"]
    assert plan_of(aep, CHANGED).is_empty


@pytest.mark.parametrize("moment", [MADE, DELETED, FREED])
@pytest.mark.parametrize("description", [None, "of the sales team"])
def test_the_description_is_again_what_the_file_says(aep, moment, description):
    spec = spec_of(CRM, source={"table": "Contacts"}, description=description)
    interrupted(aep, moment, spec, description=description)
    assert "/description" not in {
        change.path for each in plan_of(aep, spec).dataflows for change in each.resource("flow").differences
    }
    assert apply_to(aep, spec).ok
    assert [flow.get("description") for flow in aep.state()["flows"].values()] == [description]
    assert tables(aep) == ["Contacts"]


@pytest.mark.parametrize("moment", [MADE, DELETED, FREED])
def test_what_has_changed_meanwhile_is_done_as_well(aep, moment):
    interrupted(aep, moment)
    changed = spec_of(CRM, source={"table": "Contacts"}, schedule={"interval": 6}, description="every six hours")
    report = apply_to(aep, changed)
    assert report.counts() == {"updated": 1, "reused": 6}, report
    assert (tables(aep), flows(aep)) == (["Contacts"], {NAME: "enabled"})
    assert plan_of(aep, changed).is_empty


@pytest.mark.parametrize("moment", [MADE, DELETED, FREED])
@pytest.mark.parametrize("table", ["Accounts", "Leads"])
def test_the_next_change_may_replace_it_once_more(aep, moment, table):
    """Also back to the table of before, whose source connection is still there."""
    interrupted(aep, moment)
    another = spec_of(CRM, source={"table": table})
    report = apply_to(aep, another, allow_replace="reload")
    assert report.ok, report
    assert (tables(aep), flows(aep)) == ([table], {NAME: "enabled"})
    assert plan_of(aep, another).is_empty


@pytest.mark.parametrize("moment", [MADE, DELETED, FREED])
@pytest.mark.parametrize("way", ["absent", "destroy"])
def test_what_is_deleted_takes_them_along(aep, moment, way):
    interrupted(aep, moment)
    if way == "absent":
        assert apply_to(aep, spec_of(CRM, state="absent"), allow_destroy=True).ok
    else:
        assert not destroy(client_of(aep), [CHANGED], dry_run=True).failures
        assert tables(aep) == ["Accounts", "Contacts"][moment == FREED :]
        assert destroy(client_of(aep), [CHANGED]).ok
    assert (tables(aep), named(aep, "target_connection"), flows(aep)) == ([], [], {})


def test_what_another_dataflow_uses_by_now_stays(aep):
    old = interrupted(aep, DELETED)
    live = dict(next(iter(aep.state()["flows"].values())))
    body = {key: live[key] for key in ("flowSpec", "targetConnectionIds", "transformations", "scheduleParams")}
    body |= {"name": "Somebody else's", "sourceConnectionIds": [old["source_connection"]]}
    client_of(aep).send(any_call("POST", "/data/foundation/flowservice/flows", body=body))
    assert apply_to(aep, CHANGED).ok
    assert tables(aep) == ["Accounts", "Contacts"]
    assert plan_of(aep, CHANGED).is_empty


def test_one_that_was_just_made_is_looked_for_again_without_the_record(aep):
    interrupted(aep, DELETED, spec_of(CRM, source={"table": "Contacts"}, description="d"), description="d")
    report = apply_to(
        aep, spec_of(CRM, source={"table": "Contacts"}, description="d"), client=client_of(aep, list_lag=4)
    )
    assert report.counts() == {"reused": 7}, report
    assert tables(aep) == ["Contacts"]


def test_where_the_connections_stay_nothing_is_recorded(aep):
    """The mapping of a dataflow that runs once: a new dataflow takes over both connections."""
    once = {"schedule": {"frequency": "once", "interval": None}, "delta_column": None}
    apply_to(aep, spec_of(CRM, **once))
    changed = spec_of(CRM, **once, mappings={"person.name.lastName": "last_name"})
    before = len(aep.requests)
    assert apply_to(aep, changed, allow_replace="reload").ok
    flow_writes = [method for method, path in writes(aep, before) if "/flows" in path]
    assert flow_writes == ["PATCH", "POST", "POST", "DELETE"]


def test_a_record_that_cannot_be_taken_out_is_left_to_the_next_apply(aep):
    apply_to(aep, spec_of(CRM))
    # The first PATCH renames the old one.
    aep.fault("PATCH", "/flows/*", kind="status", status=400, nth=2)
    report = apply_to(aep, CHANGED, allow_replace="reload")
    assert NAME in report.failures
    assert report.of("replaced")
    assert flows(aep) == {NAME: "enabled"}
    assert apply_to(aep, CHANGED).ok
    assert plan_of(aep, CHANGED).is_empty


def test_an_answer_that_is_lost_is_no_harm(aep):
    interrupted(aep, DELETED)
    aep.fault("PATCH", "/flows/*", kind="drop_after")
    assert apply_to(aep, CHANGED).ok
    assert plan_of(aep, CHANGED).is_empty


# The record

IDS = st.uuids().map(str)
REMAINS = st.fixed_dictionaries(
    {},
    optional={
        step: st.lists(IDS, min_size=1, max_size=3).map(tuple) for step in ("source_connection", "target_connection")
    },
)


def flow_with(description, **held):
    return Flow(flow_spec={"id": NAME}, description=description, **held)


@given(st.none() | st.text(), REMAINS)
def test_what_is_recorded_is_read_again(description, remains):
    recorded = with_remains(description, remains)
    assert recorded_remains(flow_with(recorded)) == remains
    assert without_remains(recorded) == (description or None)
    assert remains or recorded == description


@given(st.text())
def test_any_other_description_records_nothing(text):
    assert recorded_remains(flow_with(text)) == {}
    assert without_remains(text) == (text or None)


def test_connections_that_are_used_are_no_remains():
    flow = flow_with("", source_connection_ids=["a"], target_connection_ids=["b"])
    assert connections_of(flow, used={"b"}) == {"source_connection": ("a",)}


def test_without_a_record_nothing_is_written(aep):
    ids = apply_to(aep, spec_of(CRM)).ids[NAME]
    before = len(writes(aep))
    assert forget_remains(client_of(aep).send, aep.advance, ids["flow"]).name == NAME
    assert len(writes(aep)) == before
    assert REPLACED not in named(aep, "flow")

"""A plan says what is to be done about each resource, and writes nothing."""

import pytest

from .world import CRM, KINESIS, actions, changes, spec_of

SEVEN = {"base_connection", "schema", "source_connection", "dataset", "mapping_set", "target_connection", "flow"}


@pytest.mark.parametrize("document", [CRM, KINESIS])
def test_where_nothing_is_all_seven_are_to_be_created(world, document):
    planned = world.plan_of(spec_of(document))
    assert actions(planned) == dict.fromkeys(SEVEN, ("create",))


@pytest.mark.parametrize("document", [CRM, KINESIS])
def test_what_was_made_is_left_as_it_is(world, document):
    world.make(spec_of(document))
    plan = world.plan(spec_of(document))
    assert plan.is_empty
    assert actions(plan.dataflows[0]) == {}


@pytest.mark.assumes("flow-service-lists-whole")
@pytest.mark.parametrize("document", [CRM, KINESIS])
def test_the_plan_of_one_takes_eight_requests(world, document):
    world.make(spec_of(document))
    before = len(world.aep.requests)
    world.plan(spec_of(document))
    assert len(world.aep.requests) - before == 8


def test_a_schedule_and_a_mapping_are_changed_in_place(world):
    world.make(spec_of())
    planned = world.plan_of(spec_of(schedule={"interval": 2}, mappings={"person.name.lastName": "last_name"}))
    assert actions(planned) == {"mapping_set": ("create",), "flow": ("update",)}
    assert changes(planned, "flow") == {
        "/scheduleParams/interval": ("1", "2"),
        "/mappings/person.name.lastName": (None, "last_name"),
    }


def test_another_table_replaces_source_connection_and_dataflow(world):
    world.make(spec_of())
    planned = world.plan_of(spec_of(source={"table": "Contacts"}))
    assert actions(planned) == {"source_connection": ("create", "delete"), "flow": ("create", "delete")}
    assert planned.resource("flow").reason == "its source connection is replaced"

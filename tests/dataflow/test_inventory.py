"""Many dataflows are planned with few requests, beside whatever else there is."""

import copy

import pytest

from airflow_provider_aep.exceptions import AepApiError
from airflow_provider_aep.resources.dataset import DATASET

from .copies import copy_dataflows
from .world import CRM, KINESIS, actions, spec_of


def crm(number="0", **changes):
    """One of many dataflows, each with its own of everything."""
    named = {
        "name": f"CRM {number}",
        "base_connection": {"name": f"Account {number}"},
        "source": {"name": f"Source {number}", "table": f"Table{number}"},
        "schema": {"title": f"Schema {number}"},
        "dataset": {"name": f"Dataset {number}"},
        "target": {"name": f"Target {number}"},
    }
    return spec_of(copy.deepcopy(CRM), **{**named, **changes})


def spent(world, act):
    """The requests of a plan, and the plan."""
    before = len(world.aep.requests)
    found = act()
    made = world.aep.requests[before:]
    assert {(record.method, record.path.rpartition("/")[2]) for record in made if record.method != "GET"} == set()
    return len(made), found


def make(world, *specs):
    for spec in specs:
        world.make(spec)


def hundred(world, others=0):
    """100 dataflows, and others beside them, in an order of no meaning."""
    world.make(crm("number"))
    names = [f"no{number:03}" for number in range(99 + others)]
    copy_dataflows(world.aep, "number", names[1::2] + names[::2])
    return [crm("number"), *(crm(name) for name in names[:99])]


class TestOneByOne:
    @pytest.mark.assumes("flow-service-lists-whole")
    def test_three_cost_eight_requests_each(self, world):
        specs = [crm(number) for number in range(3)]
        make(world, *specs)
        count, plan = spent(world, lambda: world.plan(*specs))
        assert (count, plan.is_empty) == (24, True)

    @pytest.mark.assumes("flow-service-lists-whole")
    def test_what_is_shared_is_asked_for_once(self, world):
        shared = {"base_connection": {"name": "One"}, "schema": {"title": "One"}, "dataset": {"name": "One"}}
        specs = [crm(number, **shared) for number in range(3)]
        make(world, *specs)
        count, plan = spent(world, lambda: world.plan(*specs))
        assert (count, plan.is_empty) == (16, True)


class TestLists:
    @pytest.mark.aep(refuse_connection_id_lists=True)
    def test_where_no_list_takes_several_ids_pages_are_read(self, world):
        plan = world.plan(*hundred(world, others=300))
        assert (len(plan.dataflows), plan.is_empty) == (100, True)

    def test_another_refusal_is_for_the_caller(self, world):
        specs = hundred(world, others=300)
        world.aep.fault("GET", "/connections", kind="status", status=403, times=None)
        with pytest.raises(AepApiError, match="403"):
            world.plan(*specs)

    @pytest.mark.assumes("flow-service-lists-whole", "connection-id-lists", "largest-page", "pages-are-filled")
    def test_a_hundred_unchanged_ones_cost_ten(self, world):
        specs = hundred(world)
        count, plan = spent(world, lambda: world.plan(*specs))
        assert (len(plan.dataflows), plan.is_empty) == (100, True)
        assert count <= 10

    @pytest.mark.assumes("flow-service-lists-whole", "connection-id-lists", "largest-page", "pages-are-filled")
    def test_beside_four_hundred_others_they_cost_at_most_forty(self, world):
        """Also those that stand on late pages of the lists are found."""
        specs = hundred(world, others=400)
        count, plan = spent(world, lambda: world.plan(*specs))
        assert (len(plan.dataflows), plan.is_empty) == (100, True)
        assert count <= 40

    def test_no_hit_is_said_only_after_the_last_page(self, world):
        hundred(world, others=100)
        specs = [crm("number"), *(crm(f"new{number}") for number in range(10)), crm("no150")]
        _, plan = spent(world, lambda: world.plan(*specs))
        assert [actions(each) for each in plan.dataflows[::11]] == [{}, {}]
        assert {tuple(set(actions(each).values())) for each in plan.dataflows[1:11]} == {(("create",),)}
        second_pages = {record.path for record in world.aep.requests if record.query.get("start") == ["100"]}
        assert {path.rpartition("/")[2] for path in second_pages} == {"dataSets"}

    def test_a_change_among_many_is_seen(self, world):
        specs = [crm(number) for number in range(5)]
        make(world, *specs)
        changed = [crm(0, schedule={"interval": 2}, mappings={"person.name.lastName": "last_name"}), *specs[1:]]
        plan = world.plan(*changed)
        assert [actions(each) for each in plan.dataflows] == [
            {"mapping_set": ("create",), "flow": ("update",)},
            {},
            {},
            {},
            {},
        ]

    def test_what_a_list_no_longer_shows_is_asked_for_by_itself(self, world):
        specs = [crm(number) for number in range(5)]
        make(world, *specs)
        dataset = world.ensurer.look_up(
            DATASET, DATASET.declare(name="Dataset 3", schema_id="https://ns.adobe.com/a/b/c")
        )
        world.ensurer.remove(DATASET, DATASET.id_of(dataset[0]))
        plan = world.plan(*specs)
        assert actions(plan.dataflows[3]) == {
            "dataset": ("create",),
            "target_connection": ("create", "delete"),
            "flow": ("create", "delete"),
        }

    def test_unmanaged_ones_are_named(self, world):
        specs = [crm(number) for number in range(5)]
        make(world, *specs, spec_of(KINESIS))
        plan = world.plan(*specs, unmanaged=True)
        assert [name for name, _ in plan.unmanaged] == ["Web events"]
        assert world.plan(*specs).unmanaged == ()

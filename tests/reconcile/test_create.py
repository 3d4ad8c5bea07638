"""Look up, compare, then create, reuse or refuse: each of the seven types."""

import pytest

from airflow_provider_aep.api import catalog, data_prep
from airflow_provider_aep.exceptions import AepConfigError, AepConflictError
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.reconcile.decide import exactly_one
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.resources.schema import SCHEMA

from .cases import (
    CASES,
    COLUMNS,
    DELETABLE,
    EVERY_TYPE,
    NAMES_REPEAT,
    PROFILE,
    SECRETS,
    WITH_ETAG,
    Sender,
    UncheckedFlowType,
    cases,
    declare_flow,
    long_after,
)


@EVERY_TYPE
def test_what_is_not_there_is_created(world, case):
    made = case.ensure(world)
    assert made.change == "created"
    assert list(case.live(world)) == [made.id]
    assert made.etag == case.live(world)[made.id].get("etag")
    assert [record.method for record in case.asked(world, "POST")] == ["POST"]


@EVERY_TYPE
def test_what_is_there_is_reused_without_a_write(world, case):
    made = case.ensure(world)
    writes = world.writes()
    world.naps.clear()

    again = case.ensure(world)

    assert (again.id, again.change, again.etag) == (made.id, "reused", made.etag)
    assert world.writes() == writes
    assert world.naps == []


@cases(*WITH_ETAG)
def test_what_was_not_declared_is_nobodys_business(world, case):
    """F21: fields that somebody else keeps are neither compared nor touched, not even by an update."""
    made = case.ensure(world)
    case.edit(world, made.id, case.unmanaged)
    assert case.ensure(world).change == "reused"

    change = {"schedule_params": {"frequency": "hour", "interval": 6}} if case is CASES["dataflow"] else {}
    before = case.live(world)[made.id]
    case.ensure(world, "update", **change)
    after = case.live(world)[made.id]
    assert {part["path"]: after[part["path"][1:]] for part in case.unmanaged} == {
        part["path"]: before[part["path"][1:]] for part in case.unmanaged
    }


@EVERY_TYPE
def test_what_is_there_and_different_is_refused_with_the_difference(world, case):
    made = case.ensure(world)
    writes = world.writes()
    with pytest.raises(AepConflictError) as refused:
        case.ensure(world, **case.change)
    message = str(refused.value)
    assert f"The {case.type_.noun} 'CRM' exists as {made.id} and is different: {case.changed}: declared " in message
    assert 'choose another name, or pass if_exists="update"' in message
    assert not refused.value.retryable
    assert world.writes() == writes


def test_a_secret_is_neither_compared_nor_told(world):
    case = CASES["base connection"]
    case.ensure(world)
    case.ensure(world, credentials={**SECRETS, "password": "canary-of-another"})
    with pytest.raises(AepConflictError) as refused:
        case.ensure(world, credentials={**SECRETS, "password": "canary-of-another"}, description="new")
    assert "canary" not in str(refused.value)


@EVERY_TYPE
def test_one_who_insists_on_a_new_one_is_refused(world, case):
    made = case.ensure(world)
    with pytest.raises(AepConflictError, match=f"exists already, as {made.id}. Choose another name."):
        case.ensure(world, "fail")


@EVERY_TYPE
def test_one_who_insists_on_a_new_one_gets_it(world, case):
    assert case.ensure(world, "fail").change == "created"


@cases(*NAMES_REPEAT)
@pytest.mark.assumes("names-repeat")
def test_another_one_is_made_on_demand(world, case):
    ids = {case.ensure(world, "create").id for _ in range(3)}
    assert set(case.live(world)) == ids
    assert len(ids) == 3


@cases(*DELETABLE)
@pytest.mark.assumes("names-repeat")
def test_a_name_that_is_taken_several_times_is_refused_with_the_ids(world, case):
    ids = {case.ensure(world, "create").id for _ in range(2)}
    writes = world.writes()
    with pytest.raises(AepConflictError, match=r"exists 2 times: .* Delete or rename all but one\.") as refused:
        case.ensure(world, "update")
    assert all(id_ in str(refused.value) for id_ in ids)
    assert world.writes() == writes
    assert sum(world.naps) == 27


@cases(*DELETABLE)
@pytest.mark.assumes("names-repeat")
def test_two_who_are_about_to_become_one_get_the_time(world, case):
    """Another task has made a second one and is about to remove it."""
    first, second = (case.ensure(world, "create").id for _ in range(2))
    ensurer = Ensurer(world.client.send, lambda seconds: world.ensurer.remove(case.type_, second), long_after)
    assert ensurer.ensure(case.type_, case.declared(world)).id == first


@cases(*DELETABLE)
@pytest.mark.assumes("names-repeat")
def test_beside_a_second_one_made_on_purpose_the_oldest_is_used(world, case, caplog):
    first = case.ensure(world).id
    world.aep.advance(1)
    second = case.ensure(world, "create").id
    world.naps.clear()
    reused = case.ensure(world)
    assert (reused.id, reused.change, world.naps) == (first, "reused", [])
    assert f"({first}) is the oldest of 2 with this name and is as declared, so it is used" in caplog.text
    assert f"the others are {second}." in caplog.text


@EVERY_TYPE
@pytest.mark.parametrize("name", [" CRM", "CRM ", "CRM\n", "\u00a0CRM"])
def test_a_name_with_outer_blanks_is_refused_before_any_request(world, case, name):
    case.declared(world)
    requests = len(world.aep.requests)
    field = "title" if case.type_.noun == "schema" else "name"
    with pytest.raises(AepConfigError, match=f"{field} begins or ends with a blank"):
        case.declared(world, **{field: name})
    assert len(world.aep.requests) == requests


def test_of_equal_mapping_sets_which_nobody_can_delete_the_oldest_is_used(world):
    case = CASES["mapping set"]
    first = case.ensure(world, "create").id
    for _ in range(2):
        world.aep.advance(1)
        case.ensure(world, "create")
    reused = case.ensure(world)
    assert (reused.id, reused.change, world.naps) == (first, "reused", [])


def test_a_different_mapping_set_beside_an_equal_one_is_no_obstacle(world):
    case = CASES["mapping set"]
    case.ensure(world, "create", **case.change)
    world.aep.advance(1)
    equal = case.ensure(world, "create").id
    assert case.ensure(world).id == equal


def test_several_mapping_sets_of_which_none_is_equal_are_refused(world):
    case = CASES["mapping set"]
    for _ in range(2):
        case.ensure(world, "create")
    with pytest.raises(AepConflictError, match="exists 2 times"):
        case.ensure(world, "update", **case.change)


def test_prepare_is_for_new_ones_only(world):
    prepared = []

    class Recorded(UncheckedFlowType):
        def prepare(self, send, declared, now):
            prepared.append(declared.name)
            return super().prepare(send, declared, now)

    for change in ("created", "reused"):
        assert world.ensurer.ensure(Recorded(), declare_flow(world)).change == change
    assert prepared == ["CRM"]


def test_where_prepare_objects_nothing_is_made(world):
    class Objecting(UncheckedFlowType):
        def prepare(self, send, declared, now):
            raise AepConfigError("schedule_params.start_time is in the past.")

    declared = declare_flow(world)
    for if_exists in ("reuse", "create"):
        with pytest.raises(AepConfigError, match="in the past"):
            world.ensurer.ensure(Objecting(), declared, if_exists)
    assert world.aep.state()["flows"] == {}


def test_a_misspelt_if_exists_is_refused_before_any_request(world):
    with pytest.raises(AepConfigError, match="if_exists is 'replace'; it is one of reuse, update, fail, create"):
        world.ensurer.ensure(SCHEMA, Schema.declare(title="CRM", schema_class=PROFILE), "replace")
    assert world.aep.requests == []


# The last page


@cases("base connection", "source connection", "target connection", "dataflow")
@pytest.mark.parametrize("empty_pages", [False, True])
def test_the_one_on_the_last_page_is_found(world, case, empty_pages):
    """F4: a comma cannot be written in a filter, so everything is listed, the newest first."""
    name = 'CRM, "all" of it'
    made = case.ensure(world, name=name)
    for number in range(6):
        world.aep.advance(1)
        case.ensure(world, name=f"other {number}")
    world.aep.switches.max_page_size = 1
    world.aep.switches.empty_pages = empty_pages
    pages = len(case.asked(world, "GET"))

    assert case.ensure(world, name=name).id == made.id

    assert len(case.asked(world, "GET")) - pages >= 7


@cases("dataset", "mapping set")
@pytest.mark.assumes("names-repeat")
def test_all_pages_are_read_before_anything_is_said(world, case, mocker):
    for api in (catalog, data_prep):
        mocker.patch.object(api, "_PAGE", 2)
    ids = {case.ensure(world, "create").id for _ in range(5)}
    with pytest.raises(AepConflictError, match="exists 5 times") as refused:
        case.ensure(world, "update", **case.change)
    assert all(id_ in str(refused.value) for id_ in ids)


def test_a_schema_whose_title_fits_no_filter_is_found_on_the_second_page(world):
    case = CASES["schema"]
    title = "Zürich, Kunden (neu)"
    made = case.ensure(world, title=title)
    schemas = world.aep._platform.sandboxes["dev"]["schemas"]
    template = schemas[made.id]
    for number in range(310):
        id_ = f"{made.id[:-3]}{number:03x}"
        if id_ != made.id:
            schemas[id_] = {**template, "$id": id_, "title": f"schema {number:03}"}
    assert case.ensure(world, title=title).change == "reused"
    assert not world.lists_are_whole or len(case.asked(world, "GET")) == 4


# Choosing from a list


def test_the_only_one_is_taken_and_nothing_is_guessed():
    assert exactly_one(["a"], "flow spec", "named 'x'", ["a"]) == "a"
    with pytest.raises(AepConflictError, match="There is no flow spec named 'x'"):
        exactly_one([], "flow spec", "named 'x'", [])
    with pytest.raises(AepConflictError, match=r"There are 2 flow specs named 'x': a, b\. Name one by its id\."):
        exactly_one(["a", "b"], "flow spec", "named 'x'", ["a", "b"])


def test_the_types_that_are_never_deleted_are_known():
    assert set(CASES) - set(DELETABLE) == {"schema", "mapping set"}


# Source connections: columns are known by their name


def test_columns_in_another_order_are_the_same(world):
    case = CASES["source connection"]
    made = case.ensure(world)
    again = case.ensure(world, source_params={"tableName": "Accounts", "columns": COLUMNS[::-1]})
    assert (again.id, again.change) == (made.id, "reused")


@pytest.mark.parametrize(
    ("columns", "difference"),
    [
        ([*COLUMNS[:1], {"name": "email", "type": "integer"}], "/params/columns/email/type: declared 'integer', live"),
        ([*COLUMNS, {"name": "age", "type": "integer"}], "/params/columns/age: declared {.*}, live None"),
        (COLUMNS[:1], "/params/columns/email: declared None, live {"),
    ],
    ids=["another type", "one more", "one less"],
)
def test_another_column_is_named(world, columns, difference):
    case = CASES["source connection"]
    case.ensure(world)
    with pytest.raises(AepConflictError, match=difference):
        case.ensure(world, source_params={"tableName": "Accounts", "columns": columns})


@pytest.mark.parametrize("columns", [None, ["email"], [COLUMNS[0], COLUMNS[0]]], ids=["none", "bare", "twice"])
def test_columns_without_a_name_of_their_own_are_compared_as_they_are(world, columns):
    case = CASES["source connection"]
    declared = case.declared(world)
    live = declared.model_copy(update={"params": {"tableName": "Accounts", "columns": columns}})
    assert [change.path.split("/")[1:3] for change in case.type_.diff(declared, live)][:1] == [["params", "columns"]]
    assert case.type_.diff(live, live) == ()


def test_a_target_connection_that_does_not_show_its_format_has_no_other(world):
    """The format is optional, and Adobe's tutorial has none."""
    case = CASES["target connection"]
    declared = case.declared(world)
    live = declared.model_copy(deep=True)
    live.data.format = None
    assert case.type_.diff(declared, live) == ()
    live.data.format = "json"
    assert [change.path for change in case.type_.diff(declared, live)] == ["/data/format"]


@pytest.mark.parametrize("if_exists", ["reuse", "update"])
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("draft", "is a draft: nothing runs until AepSetFlowStateOperator publishes it."),
        ("disabled", "is disabled: nothing runs until AepSetFlowStateOperator enables it."),
    ],
)
def test_who_gets_a_dataflow_that_does_nothing_is_warned(world, if_exists, caplog, state, said):
    case = CASES["dataflow"]
    made = case.ensure(world)

    def idle_ones(found):
        return (
            [live.model_copy(update={"state": state}) for live in found]
            if isinstance(found, list)
            else idle_ones([found])[0]
        )

    # A list; and the dataflow by its id, where the list leaves most of it out.
    idle = Sender(world, "GET", response=idle_ones, times=2 if world.aep.switches.brief_flow_service_lists else 1)
    assert case.ensure(world, if_exists, send=idle).id == made.id
    assert f"Dataflow 'CRM' ({made.id}) {said}" in caplog.messages
    caplog.clear()
    case.ensure(world, if_exists)
    assert "nothing runs" not in caplog.text

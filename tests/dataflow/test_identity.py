"""Which live resource is meant: the dataflow is found by its name, and holds its parts."""

import pytest

from airflow_provider_aep.api import data_prep, flow_service
from airflow_provider_aep.dataflow.resources import REPLACED, TYPES, declare
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.resources.mapping_set import MAPPING_SET

from .world import COLUMNS, CRM, KINESIS, SECRETS, actions, changes, spec_of

APART = {"source": {"name": "Other source"}, "target": {"name": "Other target"}}


def rename(world, step, live_id, name):
    """In the UI."""
    get = {"flow": flow_service.get_flow, "source_connection": flow_service.get_source_connection}[step]
    update = {"flow": flow_service.update_flow, "source_connection": flow_service.update_source_connection}[step]
    live = world.client.send(get(live_id))
    patch = [{"op": "replace", "path": "/name", "value": name}]
    world.client.send(update(live_id, live.live_etag, patch))


def another(world, step, spec, ids):
    """A second one of the same name."""
    declared = declare(spec, step, ids, COLUMNS)
    if step == "base_connection":
        declared.auth.params.update(SECRETS)
    return world.ensurer.ensure(TYPES[step], declared, "create").id


class TestParts:
    def test_what_a_dataflow_holds_is_its_own_whatever_it_is_called(self, world):
        made = world.make(spec_of())
        rename(world, "source_connection", made["source_connection"].id, "Accounts, do not touch")
        assert world.plan(spec_of()).is_empty

    def test_a_dataflow_is_adopted_by_its_id(self, world):
        made = world.make(spec_of())
        rename(world, "flow", made["flow"].id, "Made in the UI")
        assert actions(world.plan_of(spec_of()))["flow"] == ("create",)
        planned = world.plan_of(spec_of(id=made["flow"].id))
        assert changes(planned, "flow") == {"/name": ("Made in the UI", "CRM accounts")}

    def test_an_id_that_is_not_there(self, world):
        with pytest.raises(AepConfigError, match="there is no dataflow with this id"):
            world.plan(spec_of(id="9a603322-19d2-4de9-89c6-c98bd54eb184"))

    def test_the_id_of_a_dataflow_to_a_destination(self, world):
        made = world.make(spec_of())
        inherited = {"properties": {"isDestinationFlow": True}}
        world.touch("flows", made["flow"].id, inheritedAttributes=inherited)
        with pytest.raises(AepConfigError, match="which is a dataflow to a destination"):
            world.plan(spec_of(id=made["flow"].id))

    def test_a_mapping_set_that_is_gone_is_made_again(self, world):
        """Nothing deletes one; but a plan must not end with a 404."""
        made = world.make(spec_of())
        world.aep.fault("GET", f"*{made['mapping_set'].id}", kind="status", status=404, body={"status": 404})
        assert "mapping_set" not in actions(world.plan_of(spec_of()))
        assert actions(world.plan_of(spec_of())) == {}

    @pytest.mark.assumes("names-repeat")
    def test_several_dataflows_of_a_name_are_refused_with_their_ids(self, world):
        made = world.make(spec_of())
        other = world.make(spec_of(name="Other", **APART))
        rename(world, "flow", other["flow"].id, "CRM accounts")
        planned = world.plan_of(spec_of())
        assert actions(planned)["flow"] == ("refuse",)
        assert all(each["flow"].id in planned.resource("flow").reason for each in (made, other))
        assert actions(world.plan_of(spec_of(state="absent")))["flow"] == ("refuse",)
        assert world.plan(spec_of(id=made["flow"].id)).is_empty


class TestForeign:
    """What somebody else has under the same name is not taken."""

    def test_a_source_connection_that_is_used_is_somebody_elses(self, world):
        world.make(spec_of(name="Theirs"))
        planned = world.plan_of(spec_of())
        assert actions(planned) == {
            "source_connection": ("create",),
            "target_connection": ("create",),
            "flow": ("create",),
        }

    def test_one_that_is_different_is_somebody_elses(self, world):
        ids = {step: made.id for step, made in world.make(spec_of(name="Theirs", **APART)).items()}
        another(world, "source_connection", spec_of(source={"table": "Contacts"}), ids)
        assert actions(world.plan_of(spec_of()))["source_connection"] == ("create",)

    @pytest.mark.assumes("names-repeat")
    def test_one_that_is_equal_and_unused_is_left_of_an_earlier_apply(self, world):
        ids = {step: made.id for step, made in world.make(spec_of(name="Theirs", **APART)).items()}
        source = another(world, "source_connection", spec_of(), ids)
        another(world, "source_connection", spec_of(), ids)
        planned = world.plan_of(spec_of())
        assert "source_connection" not in actions(planned)
        assert planned.resource("source_connection").decision.live.id == source

    @pytest.mark.assumes("names-repeat")
    def test_so_is_one_that_takes_the_place_of_a_replaced_one(self, world):
        ids = {step: made.id for step, made in world.make(spec_of()).items()}
        changed = spec_of(source={"table": "Contacts"})
        left = another(world, "source_connection", changed, ids)
        planned = world.plan_of(changed).resource("source_connection")
        assert (planned.actions, planned.replacement.id) == (("create", "delete"), left)

    def test_a_mapping_set_of_the_name_with_other_content_is_not_taken(self, world):
        ids = {step: made.id for step, made in world.make(spec_of(name="Theirs", **APART)).items()}
        changed = spec_of(mappings={"person.name.firstName": "email"}, **APART)
        name = declare(changed, "mapping_set", ids).name
        other = MAPPING_SET.declare(
            schema_id=ids["schema"], name=name, mappings=[{"source": "phone", "destination": "workPhone.number"}]
        )
        world.client.send(data_prep.create_mapping_set(other))
        assert actions(world.plan_of(changed))["mapping_set"] == ("create",)


class TestMappingSets:
    def edit(self, world, made, source):
        """In the UI: the set is put, and the dataflow is pinned to its new version."""
        edited = MappingSet.declare(
            schema_id=made["schema"].id,
            name="airflow-edited",
            mappings=[(source, "person.name.firstName"), ("email", "personalEmail.address")],
        )
        answer = world.client.send(data_prep.update_mapping_set(made["mapping_set"].id, edited))
        live = world.client.send(flow_service.get_flow(made["flow"].id))
        place = [part.name for part in live.transformations].index("Mapping")
        value = {"name": "Mapping", "params": {"mappingId": answer.id, "mappingVersion": str(answer.version)}}
        patch = [{"op": "replace", "path": f"/transformations/{place}", "value": value}]
        world.client.send(flow_service.update_flow(made["flow"].id, live.live_etag, patch))

    def test_an_edit_in_the_ui_is_named_field_by_field(self, world):
        made = world.make(spec_of())
        self.edit(world, made, "last_name")
        planned = world.plan_of(spec_of())
        assert actions(planned)["flow"] == ("update",)
        assert changes(planned, "flow") == {"/mappings/person.name.firstName": ("last_name", "first_name")}

    def test_what_is_declared_now_is_left_as_it_is(self, world):
        made = world.make(spec_of())
        self.edit(world, made, "last_name")
        planned = world.plan_of(spec_of(mappings={"person.name.firstName": "last_name"}))
        assert planned.is_empty
        assert planned.resource("flow").declared.transformation("Mapping")["mappingVersion"] == "1"

    def test_an_earlier_set_is_found_by_its_content(self, world):
        """A commit is reverted."""
        made = world.make(spec_of())
        changed = spec_of(mappings={"person.name.firstName": "last_name"})
        later = world.ensurer.ensure(MAPPING_SET, declare(changed, "mapping_set", {"schema": made["schema"].id}))
        planned = world.plan_of(changed)
        assert actions(planned) == {"flow": ("update",)}
        assert planned.resource("mapping_set").decision.live.id == later.id

    def test_a_set_that_was_edited_is_found_as_it_was_made(self, world):
        """The name says what version 0 holds."""
        made = world.make(spec_of())
        name = declare(spec_of(), "mapping_set", {"schema": made["schema"].id}).name
        edited = MappingSet.declare(schema_id=made["schema"].id, name=name, mappings=[("email", "a.b")])
        world.client.send(data_prep.update_mapping_set(made["mapping_set"].id, edited))
        planned = world.plan_of(spec_of(name="Another", **APART))
        assert planned.resource("mapping_set").decision.live.version == 0


class TestInterrupted:
    def test_alone_the_replaced_one_gives_way(self, world):
        made = world.make(spec_of())
        rename(world, "flow", made["flow"].id, "CRM accounts" + REPLACED)
        planned = world.plan_of(spec_of())
        assert planned.replaced.id == made["flow"].id
        assert actions(planned)["flow"] == ("create",)

    def test_beside_the_new_one_there_is_still_something_to_do(self, world):
        world.make(spec_of())
        other = world.make(spec_of(name="Other", **APART))
        rename(world, "flow", other["flow"].id, "CRM accounts" + REPLACED)
        planned = world.plan_of(spec_of())
        assert (actions(planned), planned.replaced.id, planned.is_empty) == ({}, other["flow"].id, False)

    def test_it_is_nobody_elses(self, world):
        made = world.make(spec_of())
        rename(world, "flow", made["flow"].id, "CRM accounts" + REPLACED)
        assert world.plan(spec_of(), unmanaged=True).unmanaged == ()


class TestShared:
    @pytest.mark.assumes("names-repeat")
    def test_of_several_the_one_that_the_dataflow_stands_on(self, world):
        made = world.make(spec_of())
        another(world, "base_connection", spec_of(), {})
        another(world, "dataset", spec_of(), {"schema": made["schema"].id})
        assert world.plan(spec_of()).is_empty

    @pytest.mark.assumes("names-repeat")
    def test_several_are_refused_and_an_id_says_which(self, world):
        world.make(spec_of(name="Theirs", **APART))
        second = another(world, "base_connection", spec_of(), {})
        planned = world.plan_of(spec_of())
        assert second in planned.resource("base_connection").reason
        chosen = world.plan_of(spec_of(base_connection={"id": second}))
        assert chosen.resource("base_connection").decision.live.id == second

    @pytest.mark.assumes("names-repeat")
    def test_a_live_dataflow_keeps_what_it_stands_on_where_several_are_refused(self, world):
        """The account is called otherwise in the file now, and there are two of that name."""
        world.make(spec_of())
        for _ in range(2):
            another(world, "base_connection", spec_of(base_connection={"name": "Second"}), {})
        planned = world.plan_of(spec_of(base_connection={"name": "Second"}))
        assert actions(planned) == {"base_connection": ("refuse",)}


class TestReferences:
    def test_what_is_referred_to_by_name_is_found(self, world):
        world.make(spec_of())
        referring = {**CRM, "base_connection": "Salesforce", "schema": "CRM schema"}
        assert world.plan(spec_of(referring)).is_empty

    def test_what_is_missing_is_an_error_with_the_nearest_names(self, world):
        world.make(spec_of())
        referring = {**CRM, "name": "New", "base_connection": "Salesforces", "schema": "CRM shema"}
        with pytest.raises(AepConfigError) as raised:
            world.plan(spec_of(referring), spec_of(KINESIS, schema="Nothing like it"))
        assert str(raised.value).splitlines() == [
            "There is no plan:",
            "  New: there is no base connection 'Salesforces', to which the file refers; the nearest are 'Salesforce'.",
            "  New: there is no schema 'CRM shema', to which the file refers; the nearest are 'CRM schema'.",
            "  Web events: there is no schema 'Nothing like it', to which the file refers.",
        ]

    def test_an_account_at_another_source_is_not_meant(self, world):
        world.make(spec_of(KINESIS))
        with pytest.raises(AepConfigError, match="there is no base connection 'Kinesis'"):
            world.plan(spec_of({**CRM, "base_connection": "Kinesis"}))

    def test_an_id_that_is_not_there(self, world):
        missing = "9a603322-19d2-4de9-89c6-c98bd54eb184"
        with pytest.raises(AepConfigError, match=f"no base connection with the id '{missing}'"):
            world.plan(spec_of(base_connection={"id": missing}))

    def test_what_another_file_of_the_folder_declares_is_made_first(self, world):
        referring = {**CRM, "name": "Other", **APART, "base_connection": "Salesforce", "schema": "CRM schema"}
        referring |= {"dataset": {"name": "Other"}, "source": {"name": "Other source", "table": "Accounts"}}
        one, other = world.plan(spec_of(), spec_of(referring)).dataflows
        assert actions(other)["schema"] == ("create",)
        assert one.resource("schema").key == other.resource("schema").key
        assert one.resource("base_connection").key == other.resource("base_connection").key
        assert one.resource("source_connection").key != other.resource("source_connection").key

"""A plan as text and as JSON: the same for a person, a program and a task log, and without secrets."""

import json

import pytest

from airflow_provider_aep.dataflow.render import render

from .world import CRM, KINESIS, SECRETS, spec_of

CHANGED = {"schedule": {"interval": 2}, "mappings": {"workPhone.number": "phone"}}


def lines(plan):
    return render(plan).splitlines()


class TestText:
    def test_what_is_changed_in_place(self, world):
        world.make(spec_of())
        assert lines(world.plan(spec_of(**CHANGED, file="crm.yaml", line=1)))[2:] == [
            "CRM accounts                                                      crm.yaml",
            "  + mapping set       airflow-" + digest(world, CHANGED),
            "  ~ dataflow          CRM accounts",
            "      schedule.interval            1 -> 2",
            "      mappings.workPhone.number    (none) -> phone",
            "      ! the schedule holds from the next run on",
            "      ! mappings hold for future runs only; what has landed stays as it is",
            "  = 5 unchanged",
            "",
            f"Plan: 1 to create, 1 to update, 5 unchanged.  Fingerprint {world.plan(spec_of(**CHANGED)).fingerprint}.",
        ]

    def test_what_is_replaced(self, world):
        world.make(spec_of())
        found = lines(world.plan(spec_of(source={"table": "Contacts"})))
        assert found[3].startswith("-/+ source connection CRM source")
        assert found[4] == "      params.tableName             Accounts -> Contacts"
        assert any("because its source connection is replaced" in line for line in found)
        assert "      choose with --allow-replace reload|continue" in found
        assert found[-1].endswith("Apply refuses this without --allow-replace.")

    def test_a_consent_that_was_given_is_not_asked_for(self, world):
        world.make(spec_of())
        found = lines(world.plan(spec_of(source={"table": "Contacts"}), allow_replace="reload"))
        assert found[-1].startswith("Plan: 2 to replace, 5 unchanged.  Fingerprint ")
        assert "--allow-replace" not in "\n".join(found)
        assert "--allow-destroy" not in render(world.plan(spec_of(state="absent"), allow_destroy=True))

    def test_a_consent_changes_no_fingerprint(self, world):
        world.make(spec_of())
        changed = spec_of(source={"table": "Contacts"})
        assert world.plan(changed).fingerprint == world.plan(changed, allow_replace="reload").fingerprint

    def test_what_is_new_is_one_line(self, world):
        assert lines(world.plan(spec_of(KINESIS)))[2:5] == [
            "Web events",
            "  + base connection, schema, source connection, dataset, mapping set, target connection, dataflow",
            "      ! runs from the moment it is made; reset: latest skips what the stream holds now",
        ]

    def test_a_draft_is_published(self, world):
        made = world.make(spec_of())
        world.touch("flows", made["flow"].id, state="draft")
        assert "  ~ is published, after what it stands on" in lines(world.plan(spec_of(state="enabled")))

    def test_what_an_interrupted_replacement_left(self, world):
        made = world.make(spec_of())
        world.touch("flows", made["flow"].id, name="CRM accounts ~replaced")
        found = lines(world.plan(spec_of()))
        assert "  - 'CRM accounts ~replaced' of an interrupted replacement gives way to the new one" in found
        world.make(spec_of())
        found = lines(world.plan(spec_of()))
        assert "  - 'CRM accounts ~replaced' of an interrupted replacement is deleted" in found

    def test_what_is_absent_already(self, world):
        assert lines(world.plan(spec_of(state="absent")))[2:4] == ["CRM accounts", "  = is absent"]

    def test_nothing_to_do(self, world):
        world.make(spec_of())
        assert lines(world.plan(spec_of()))[-1] == "No changes: 1 dataflow as declared."

    def test_what_is_refused_says_why(self, world):
        world.make(spec_of())
        found = lines(world.plan(spec_of(schema={"title": "Other"})))
        assert any(line.startswith("      x cannot be changed in place: a dataset keeps its schema") for line in found)
        assert found[-1].endswith("Apply refuses this.")

    @pytest.mark.parametrize(
        ("client", "said"), [("exc_app", "last changed in the UI, 20"), ("other", "last changed by other, 20")]
    )
    def test_who_changed_it_last(self, world, client, said):
        made = world.make(spec_of())
        assert "last changed" not in render(world.plan(spec_of(**CHANGED)))
        world.touch("flows", made["flow"].id, updatedClient=client)
        assert said in render(world.plan(spec_of(**CHANGED)))

    def test_state_and_destroying(self, world):
        world.make(spec_of())
        assert "  ~ is disabled" in lines(world.plan(spec_of(state="disabled")))
        found = lines(world.plan(spec_of(state="absent")))
        deleted = [line.split("  ")[1] for line in found if line.startswith("  - ")]
        assert deleted == ["- dataflow", "- target connection CRM target", "- source connection CRM source"]
        assert found[-1].endswith("Nothing is destroyed without --allow-destroy.")


def digest(world, changed):
    planned = world.plan_of(spec_of(**changed))
    return planned.resource("mapping_set").declared.digest


class TestJson:
    def test_of_a_change(self, world):
        made = world.make(spec_of())
        world.touch("flows", made["flow"].id, updatedClient="exc_app")
        found = world.plan(spec_of(**CHANGED, file="crm.yaml", line=3)).to_json()
        assert json.loads(json.dumps(found)) == found
        assert (found["format_version"], found["sandbox"], found["org"]) == ("1.0", world.aep.sandbox, world.aep.org_id)
        flow = next(each for each in found["resources"] if each["kind"] == "flow")
        assert flow["address"] == "CRM accounts/flow"
        assert flow["actions"] == ["update"]
        assert flow["depends_on"] == [
            f"CRM accounts/{step}" for step in ("source_connection", "target_connection", "mapping_set")
        ]
        assert flow["source"] == {"file": "crm.yaml", "line": 3}
        assert set(flow["live_changed_by"]) == {"at", "by", "client"}
        assert flow["changes"][0] == {
            "path": "/scheduleParams/interval",
            "before": "1",
            "after": "2",
            "unknown": False,
            "sensitive": False,
        }
        assert found["summary"] == {
            "dataflows": 1,
            "create": 1,
            "update": 1,
            "replace": 0,
            "destroy": 0,
            "refuse": 0,
            "unchanged": 5,
            "states": 0,
        }

    def test_ids_that_are_not_known_yet(self, world):
        found = world.plan(spec_of()).to_json()
        target = next(each for each in found["resources"] if each["kind"] == "target_connection")
        (change,) = [change for change in target["changes"] if change["path"] == "/params/dataSetId"]
        assert (change["after"], change["unknown"]) == (None, True)
        assert "known-after" not in json.dumps(found)

    @pytest.mark.parametrize("document", [CRM, KINESIS])
    def test_no_secret_is_in_a_plan(self, world, document):
        account = {"auth_params": {"secretKey": "canary-in-the-file"}}
        world.make(spec_of(document))
        other = {"name": "Other", "base_connection": {"name": "Other", **account}}
        plan = world.plan(
            spec_of(document, base_connection={"description": "x"}),
            spec_of(document, **other),
            spec_of(document, name="Third", base_connection=account),
        )
        for text in (json.dumps(plan.to_json()), render(plan)):
            assert not [secret for secret in (*SECRETS.values(), "canary-in-the-file") if secret in text]
        assert not [secret for secret in SECRETS.values() if secret in repr(plan)]


class TestFingerprint:
    def test_it_is_of_actions_and_changes(self, world):
        one, other = world.plan(spec_of()), world.plan(spec_of(**CHANGED))
        assert one.fingerprint == world.plan(spec_of()).fingerprint != other.fingerprint
        world.make(spec_of())
        world.aep.advance(60)
        assert world.plan(spec_of()).fingerprint != one.fingerprint
        assert world.plan(spec_of(**CHANGED)).fingerprint == world.plan(spec_of(**CHANGED)).fingerprint

    def test_a_change_of_a_new_dataflow_changes_it(self, world):
        assert world.plan(spec_of()).fingerprint != world.plan(spec_of(schedule={"interval": 2})).fingerprint

    def test_another_state_changes_it(self, world):
        world.make(spec_of())
        assert world.plan(spec_of()).fingerprint != world.plan(spec_of(state="disabled")).fingerprint

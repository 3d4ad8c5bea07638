"""What each difference leads to: the action, the reason, and what becomes of the data."""

import pytest

from airflow_provider_aep.dataflow.render import render
from airflow_provider_aep.dataflow.resources import TYPES
from airflow_provider_aep.exceptions import AepConfigError

from .world import COLUMNS, CRM, DETAILS, KINESIS, PROFILE, actions, changes, spec_of, texts

ONCE = {**CRM, "schedule": {"frequency": "once"}, "delta_column": None}
ONCE = {key: value for key, value in ONCE.items() if value is not None}
BUCKET = {
    **CRM,
    "name": "S3 orders",
    "connector": "amazon-s3",
    "base_connection": {"name": "Bucket", "auth_spec_name": "Access Key"},
    "source": {"path": "/exports/orders", "data_format": "delimited", "params": {"type": "folder"}},
    "delta_column": None,
}
BUCKET = {key: value for key, value in BUCKET.items() if value is not None}
UPDATE, REPLACE, CREATE, REFUSE = ("update",), ("create", "delete"), ("create",), ("refuse",)
BOTH = {"source_connection": REPLACE, "flow": REPLACE}


def planned(world, document, changed, *, hours=0, **options):
    """What is planned after a change of the spec of a dataflow that was made some hours ago."""
    world.make(spec_of(document))
    world.aep.advance(3600 * hours)
    return world.plan_of(spec_of(document, **changed), **options)


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"description": "Accounts"}, {"/description": (None, "Accounts")}),
        ({"schedule": {"interval": 3}}, {"/scheduleParams/interval": ("1", "3")}),
        ({"schedule": {"frequency": "day"}}, {"/scheduleParams/frequency": ("hour", "day")}),
        ({"options": {"errorDiagnosticsEnabled": True}}, {"/options": (None, {"errorDiagnosticsEnabled": True})}),
        (
            {"delta_column": {"name": "Other"}},
            {"/transformations/Copy/deltaColumn/name": ("LastModifiedDate", "Other")},
        ),
    ],
)
def test_what_a_live_dataflow_takes_is_updated(world, changed, shown):
    found = planned(world, CRM, changed)
    assert actions(found) == {"flow": UPDATE}
    assert changes(found, "flow") == shown


def test_a_dataflow_that_is_named_by_its_id_gets_another_name(world):
    made = world.make(spec_of())
    found = world.plan_of(spec_of(id=made["flow"].id, name="Accounts"))
    assert changes(found, "flow") == {"/name": ("CRM accounts", "Accounts")}
    assert actions(found) == {"flow": UPDATE}


def test_a_schedule_holds_from_the_next_run_on(world):
    found = planned(world, CRM, {"schedule": {"interval": 3}})
    assert texts(found, "flow") == {"next_run": "the schedule holds from the next run on"}


def test_a_change_of_the_delta_column_is_warned_of(world):
    found = planned(world, CRM, {"delta_column": {"name": "Other"}})
    assert (
        "rows between the clocks of the two columns may be missed or read twice" in texts(found, "flow")["delta_column"]
    )


def test_mappings_hold_for_future_runs(world):
    found = planned(world, CRM, {"mappings": {"personalEmail.address": {"expression": "lower(email)"}}})
    assert changes(found, "flow") == {"/mappings/personalEmail.address": ("email", "expression: lower(email)")}
    assert texts(found, "flow")["future_runs"].startswith("mappings hold for future runs only")


@pytest.mark.parametrize(
    ("document", "changed", "others", "reason"),
    [
        (CRM, {"schedule": {"frequency": "once", "interval": None}, "delta_column": None}, {}, "runs once"),
        (ONCE, {"schedule": {"frequency": "day", "interval": 1}, "delta_column": {"name": "At"}}, {}, "get a schedule"),
        (ONCE, {"mappings": {"person.name.lastName": "last_name"}}, {"mapping_set": CREATE}, "cannot be edited"),
        (CRM, {"source": {"table": "Contacts"}}, BOTH, "its source connection is replaced"),
        (CRM, {"source": {"columns": COLUMNS[:2]}}, BOTH, "its source connection is replaced"),
        (BUCKET, {"source": {"path": "/exports/orders_v2"}}, BOTH, "its source connection is replaced"),
        (BUCKET, {"source": {"data_format": "json"}}, BOTH, "its source connection is replaced"),
        (CRM, {"base_connection": {"name": "Other"}}, {"base_connection": CREATE, **BOTH}, "its source connection"),
        (
            CRM,
            {"dataset": {"name": "Other"}},
            {"dataset": CREATE, "target_connection": REPLACE},
            "its target connection is replaced",
        ),
        (CRM, {"target": {"data_format": "other"}}, {"target_connection": REPLACE}, "its target connection"),
        (CRM, {"connector": "microsoft-dynamics"}, {"base_connection": CREATE, **BOTH}, "its source connection"),
    ],
)
def test_what_a_live_dataflow_does_not_take_or_notice_replaces_it(world, document, changed, others, reason):
    found = planned(world, document, changed)
    assert actions(found) == {**others, "flow": REPLACE}
    assert reason in found.resource("flow").reason


def test_another_schema_replaces_all_that_stands_on_it_except_the_dataset(world):
    found = planned(world, CRM, {"schema": {"title": "Other"}})
    assert actions(found)["dataset"] == REFUSE
    assert "declare another dataset under another name; the data stays" in found.resource("dataset").reason


def test_backfill_is_fixed_when_the_start_has_passed(world):
    before = planned(world, CRM, {"schedule": {"backfill": True}})
    assert actions(before) == {"flow": UPDATE}
    world.aep.advance(3600)
    after = world.plan_of(spec_of(schedule={"backfill": True}))
    assert actions(after) == {"flow": REPLACE}
    assert after.resource("flow").reason == "the start time has passed and you can no longer update backfill"


@pytest.mark.parametrize("document", [CRM, ONCE, KINESIS])
def test_each_reason_for_a_replacement_reads_well_within_a_sentence(world, document):
    """ "because ..." of a plan, "(...)" of a refusal: no capital, and no full stop."""
    made, much_later = world.make(spec_of(document)), world.aep.now() + 1e9
    for step, type_ in TYPES.items():
        live = world.client.send(type_.get(made[step].id))
        for reason in type_.requires_replace(live, live, much_later).values():
            assert reason[0].islower(), reason
            assert not reason.endswith("."), reason


def test_a_start_that_lies_ahead_is_moved_if_one_is_declared(world):
    start = int(world.aep.now()) + 86_400
    found = planned(world, CRM, {"schedule": {"start_time": start}})
    assert changes(found, "flow") == {"/scheduleParams/startTime": (pytest.approx(start - 86_100, abs=60), start)}


def test_a_start_that_has_passed_stays(world):
    found = planned(world, CRM, {"schedule": {"start_time": int(world.aep.now()) + 86_400}}, hours=1)
    assert actions(found) == {}
    assert texts(found, "flow") == {"keeps_start": "keeps its own start time, which has passed"}


def test_the_mapping_of_a_connector_without_mapping_edit_is_fixed(world):
    document = {
        **KINESIS,
        "connector": "http-api",
        "base_connection": {
            "name": "Inlet",
            "auth_spec_name": "Streaming Connection",
            "auth_params": {"sourceId": "web", "dataType": "raw", "name": "Inlet"},
        },
        "source": {},
    }
    found = planned(world, document, {"mappings": {"person.name.lastName": "lastName"}})
    assert actions(found) == {"mapping_set": CREATE, "flow": REPLACE}
    assert found.resource("flow").reason == "the mapping of a dataflow from HTTP API cannot be edited"


class TestConsequencesOfReplacing:
    def test_both_ways_are_told_with_the_numbers_of_the_dataflow(self, world):
        world.aep.script_run(records=700_000, times=None)
        found = planned(world, CRM, {"source": {"table": "Contacts"}}, hours=3)
        told = texts(found, "flow")
        assert told["not_reflected"] == "a live dataflow does not notice edits of its source connection"
        assert told["reload"] == ('reads everything again; 2.1 M records of 3 runs would be in "CRM dataset" twice')
        assert "without backfill; what changed from " in told["continue"]
        assert told["continue"].endswith(" to then is not read")

    @pytest.mark.parametrize("chosen", ["reload", "continue"])
    def test_what_was_chosen_is_told_alone(self, world, chosen):
        found = planned(world, CRM, {"source": {"table": "Contacts"}}, allow_replace=chosen)
        assert {"reload", "continue"} & set(texts(found, "flow")) == {chosen}

    def test_before_the_first_run_there_are_no_numbers(self, world):
        told = texts(planned(world, CRM, {"source": {"table": "Contacts"}}), "flow")
        assert told["reload"].startswith("reads everything again; what has landed so far")
        assert "what changed since its last window to then" in told["continue"]

    def test_what_has_landed_stays_in_the_dataset_that_is_left(self, world):
        world.aep.script_run(records=700_000, times=None)
        told = texts(planned(world, CRM, {"dataset": {"name": "Another dataset"}}, hours=3), "flow")
        assert told["reload"] == (
            'reads everything again, into "Another dataset"; what has landed so far stays in "CRM dataset"'
        )
        assert told["continue"].endswith('is not read; what has landed so far stays in "CRM dataset"')

    def test_files_are_called_files(self, world):
        told = texts(planned(world, BUCKET, {"source": {"path": "/other"}}, hours=30), "flow")
        assert told["reload"].startswith("reads all files again")
        assert "files loaded from" in told["continue"]

    def test_what_runs_once_cannot_continue(self, world):
        told = texts(planned(world, ONCE, {"source": {"table": "Contacts"}}), "flow")
        assert told["continue"] == "not possible: a dataflow that runs once reads everything"
        found = render(world.plan(spec_of(ONCE, source={"table": "Contacts"})))
        assert found.splitlines().count("      choose with --allow-replace reload") == 1

    @pytest.mark.parametrize(("backfill", "way"), [(True, "reload"), (False, "continue")])
    @pytest.mark.parametrize("consent", [False, "reload", "continue"])
    def test_a_backfill_that_is_declared_leaves_one_way(self, world, backfill, way, consent):
        document = {**CRM, "schedule": {**CRM["schedule"], "backfill": backfill}}
        changed = {"source": {"table": "Contacts"}}
        told = texts(planned(world, document, changed, allow_replace=consent), "flow")
        assert {"reload", "continue"} & set(told) == {way}
        found = render(world.plan(spec_of(document, **changed), allow_replace=consent)).splitlines()
        assert found.count(f"      choose with --allow-replace {way}") == (consent != way)
        how = f"with --allow-replace {consent}" if consent else "without --allow-replace"
        assert found[-1].endswith(f"Apply refuses this {how}.") == (consent != way)
        assert ("Apply refuses" in found[-1]) == (consent != way)

    def test_events_stay_in_the_stream(self, world):
        told = texts(planned(world, KINESIS, {"source": {"params": {"stream": "other"}}}), "flow")
        assert "events stay in the stream; reset: latest skips them" in told["stream"]

    def test_a_new_stream_runs_at_once(self, world):
        told = texts(world.plan_of(spec_of(KINESIS)), "flow")
        assert told["starts_at_once"] == (
            "runs from the moment it is made; reset: latest skips what the stream holds now"
        )

    def test_true_is_no_answer(self, world):
        with pytest.raises(AepConfigError, match=r'say what becomes of the data: "reload" .* or "continue"'):
            world.plan(spec_of(), allow_replace=True)

    def test_what_is_protected_is_not_replaced(self, world):
        found = planned(world, CRM, {"source": {"table": "Contacts"}, "protect": True})
        assert actions(found)["flow"] == REFUSE
        assert "protect is true in the file" in found.resource("flow").reason


class TestShared:
    """Accounts, schemas and datasets serve others as well."""

    def test_a_description_of_an_account_reaches_all_its_dataflows(self, world):
        world.make(spec_of(name="Another", source={"name": "Another"}, target={"name": "Another"}))
        found = planned(world, CRM, {"base_connection": {"description": "The CRM"}})
        assert actions(found) == {"base_connection": UPDATE}
        assert texts(found, "base_connection") == {
            "shared_account": "reaches every dataflow of this account: 'Another', 'CRM accounts'"
        }

    def test_a_plain_parameter_takes_the_credentials_along(self, world):
        found = planned(world, KINESIS, {"base_connection": {"auth_params": {"region": "eu-west-1"}}})
        assert changes(found, "base_connection") == {"/auth/params/region": ("us-east-1", "eu-west-1")}
        assert "replaces auth parameters as a whole" in texts(found, "base_connection")["credentials_sent"]

    def test_an_account_keeps_its_way_of_signing_in(self, world):
        found = planned(world, CRM, {"base_connection": {"auth_spec_name": "OAuth2 Client Credential"}})
        assert actions(found) == {"base_connection": REFUSE}
        assert "declare a second account" in found.resource("base_connection").reason

    def test_credentials_are_sent_on_request_only(self, world):
        found = planned(world, CRM, {})
        assert found.is_empty
        rotated = world.plan_of(spec_of(), rotate_credentials=True)
        assert actions(rotated) == {"base_connection": UPDATE}
        assert texts(rotated, "base_connection")["credentials_sent"] == "the credentials are sent again"

    def test_a_field_group_is_added(self, world):
        more = "https://ns.adobe.com/xdm/context/profile-work-details"
        found = planned(world, CRM, {"schema": {"field_groups": [*DETAILS, more]}})
        assert actions(found) == {"schema": UPDATE}
        assert texts(found, "schema") == {"additive": "schemas only grow: what is added to a schema stays in it"}
        # Those that are live stay, and are no part of the difference.
        assert changes(found, "schema") == {"/allOf/profile-work-details": (None, more)}

    def test_a_field_group_that_is_not_declared_stays(self, world):
        assert planned(world, CRM, {"schema": {"field_groups": DETAILS[:1]}}).is_empty

    def test_a_schema_keeps_its_class(self, world):
        found = planned(world, CRM, {"schema": {"schema_class": "https://ns.adobe.com/xdm/context/experienceevent"}})
        assert actions(found) == {"schema": REFUSE}
        assert "schemas only grow" in found.resource("schema").reason

    def test_a_dataset_is_enabled_for_profile(self, world):
        found = planned(world, CRM, {"dataset": {"enable_profile": True}})
        assert actions(found) == {"dataset": UPDATE}
        assert "data that is in the dataset already is not profiled" in texts(found, "dataset")["profile"]

    def test_a_dataset_keeps_its_schema(self, world):
        world.make(spec_of(KINESIS))
        found = planned(world, CRM, {"schema": {"title": "Web visitors", "schema_class": PROFILE}})
        assert actions(found)["dataset"] == REFUSE
        assert found.resource("dataset").reason.startswith("cannot be changed in place: a dataset keeps its schema")


class TestState:
    @pytest.mark.parametrize(("declared", "wanted"), [(None, None), ("enabled", None), ("disabled", "disabled")])
    def test_a_state_that_is_declared(self, world, declared, wanted):
        found = planned(world, CRM, {"state": declared})
        assert (found.state, found.is_empty) == (wanted, wanted is None)

    def test_a_live_dataflow_does_not_become_a_draft(self, world):
        found = planned(world, CRM, {"state": "draft"})
        assert (actions(found), found.state) == ({"flow": REFUSE}, None)

    def test_what_is_to_be_absent_goes_with_its_connections(self, world):
        found = planned(world, CRM, {"state": "absent"})
        assert actions(found) == dict.fromkeys(["flow", "target_connection", "source_connection"], ("delete",))
        assert "stays in the dataset" in texts(found, "flow")["data_stays"]

    def test_what_is_absent_needs_nothing(self, world):
        assert world.plan(spec_of(state="absent")).is_empty

    def test_what_is_protected_is_not_destroyed(self, world):
        found = planned(world, CRM, {"state": "absent", "protect": True})
        assert set(actions(found).values()) == {REFUSE}


def test_every_difference_is_refused_where_nothing_may_be_changed(world):
    found = planned(world, CRM, {"schedule": {"interval": 3}}, if_exists="reuse")
    assert actions(found) == {"flow": REFUSE}
    assert "/scheduleParams/interval" in found.resource("flow").reason

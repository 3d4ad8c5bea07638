"""if_exists="update": in place where the platform lets it, and never over somebody else's change (F21, F22)."""

import pytest

from airflow_provider_aep.exceptions import AepApiError, AepConflictError, AepUnreachableError
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_change import changed
from airflow_provider_aep.reconcile.diff import Change
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.resources.base_connection import BASE_CONNECTION
from airflow_provider_aep.resources.flow import FLOW

from .cases import (
    CASES,
    DETAILS,
    EVERY_TYPE,
    SECRETS,
    WITH_ETAG,
    Sender,
    add,
    cases,
    declare_base_connection,
    replace,
    server_error,
)

METHOD = {"mapping set": "PUT"}


def writer(case):
    return METHOD.get(case.type_.noun, "PATCH")


@EVERY_TYPE
def test_what_may_change_is_changed_in_place_once(world, case):
    made = case.ensure(world)

    updated = case.ensure(world, "update", **case.change)

    assert (updated.id, updated.change) == (made.id, "updated")
    assert list(case.live(world)) == [made.id]
    assert len(case.asked(world, writer(case))) == 1
    assert updated.etag == case.live(world)[made.id].get("etag")
    again = case.ensure(world, **case.change)
    assert (again.id, again.change) == (made.id, "reused")


@cases(*WITH_ETAG)
def test_only_the_change_is_sent_with_the_etag_that_was_read(world, case):
    made = case.ensure(world)
    case.ensure(world, "update", **case.change)
    request = case.asked(world, "PATCH")[0]
    secrets = ["/auth/params"] if case.type_ is BASE_CONNECTION else []
    assert [part["path"] for part in request.body] == [case.changed, *secrets]
    assert request.headers["if-match"] == made.etag


@EVERY_TYPE
def test_what_may_not_change_is_refused_with_the_reason_and_nothing_is_written(world, case):
    case.ensure(world)
    changes = case.unchangeable(world)
    writes = world.writes()
    with pytest.raises(AepConflictError, match=f"cannot be changed in place.*{case.reason}.* It needs a new one"):
        case.ensure(world, "update", **changes)
    assert world.writes() == writes


@EVERY_TYPE
def test_an_update_of_what_is_not_there_creates(world, case):
    assert case.ensure(world, "update").change == "created"


@pytest.mark.aep(first_mapping_set_version=True)
@pytest.mark.parametrize("brief", [False, True])
def test_a_mapping_set_whose_first_version_is_shown_is_not_taken_for_somebody_elses_change(world, brief):
    """As the specification has it: a read without a version shows version 0."""
    case = CASES["mapping set"]
    world.aep.switches.brief_mapping_set_lists = brief
    made = case.ensure(world)
    case.ensure(world, "update", **case.change)
    world.aep.fault(writer(case), kind="drop_before", times=2)
    third = {"mappings": [{"source": "third", "destination": "personalEmail.address"}]}
    assert case.ensure(world, "update", **third).change == "updated"
    assert case.ensure(world, **third).change == "reused"
    assert case.live(world)[made.id]["version"] == 2


@EVERY_TYPE
def test_change_is_for_what_was_found_otherwise(world, case):
    """`AepUpdateFlowOperator` knows the id, not the name."""
    made = case.ensure(world)
    live = world.client.send(case.type_.get(made.id))
    same = world.ensurer.change(case.type_, case.declared(world), live)
    assert (same.id, same.change) == (case.type_.id_of(live), "reused")
    assert world.ensurer.change(case.type_, case.declared(world, **case.change), live).change == "updated"


# Somebody else at work


@cases(*WITH_ETAG)
def test_somebody_else_changed_something_else_and_both_changes_stay(world, case):
    made = case.ensure(world)
    other = [add("/name", "CRM"), *case.unmanaged] if case.changed != "/description" else [replace("/name", "CRM")]
    send = Sender(world, "PATCH", before=lambda: case.edit(world, made.id, other))

    updated = case.ensure(world, "update", send=send, **case.change)

    assert [record.status for record in case.asked(world, "PATCH")] == [200, 412, 200]
    live = case.live(world)[made.id]
    assert {part["path"]: live[part["path"][1:]] for part in other} == {part["path"]: part["value"] for part in other}
    assert updated.etag == live["etag"]
    assert case.ensure(world, **case.change).change == "reused"


@cases(*WITH_ETAG)
def test_somebody_else_changed_the_same_and_a_person_has_to_decide(world, case):
    made = case.ensure(world)
    theirs = "12" if case.changed == "/scheduleParams/interval" else "of the sales team"
    send = Sender(world, "PATCH", before=lambda: case.edit(world, made.id, [add(case.changed, theirs)]))
    with pytest.raises(AepConflictError) as conflict:
        case.ensure(world, "update", send=send, **case.change)
    declared, was = ("'6'", "'1'") if case.changed == "/scheduleParams/interval" else ("'Accounts'", "None")
    assert (
        f"was changed by somebody else meanwhile: {case.changed}: declared {declared}, was {was} when read, "
        f"somebody else made it {theirs!r}. Decide which one holds."
    ) in str(conflict.value)
    assert len(case.asked(world, "PATCH")) == 2


def test_somebody_else_changed_what_was_declared_and_was_right(world):
    case = CASES["dataflow"]
    made = case.ensure(world, description="ours")
    theirs = [add("/description", "of the sales team")]
    send = Sender(world, "PATCH", before=lambda: case.edit(world, made.id, theirs))
    with pytest.raises(
        AepConflictError,
        match=r"/description: declared 'ours', was 'ours' when read, somebody else made it 'of the sales team'",
    ):
        case.ensure(world, "update", send=send, description="ours", **case.change)


@cases(*WITH_ETAG)
def test_somebody_else_made_the_same_change(world, case):
    made = case.ensure(world)
    value = "6" if case.changed == "/scheduleParams/interval" else "Accounts"
    send = Sender(world, "PATCH", before=lambda: case.edit(world, made.id, [add(case.changed, value)]))
    changes = {"credentials": None, **case.change} if case.type_ is BASE_CONNECTION else case.change
    updated = case.ensure(world, "update", send=send, **changes)
    assert updated.change == "updated"
    assert updated.etag == case.live(world)[made.id]["etag"]
    assert [record.status for record in case.asked(world, "PATCH")] == [200, 412]


@cases(*WITH_ETAG)
def test_somebody_else_deleted_it(world, case):
    made = case.ensure(world)
    send = Sender(world, "PATCH", before=lambda: world.ensurer.remove(case.type_, made.id))
    with pytest.raises(AepApiError, match="404"):
        case.ensure(world, "update", send=send, **case.change)


@cases(*WITH_ETAG)
def test_an_answer_was_lost_and_it_is_gone(world, case):
    made = case.ensure(world)
    send = Sender(
        world, "PATCH", response=lambda response: world.ensurer.remove(case.type_, made.id) and server_error()
    )
    with pytest.raises(AepApiError, match="500"):
        case.ensure(world, "update", send=send, **case.change)


# Lost answers


@EVERY_TYPE
@pytest.mark.parametrize("fault", ["drop_after", "malformed", "empty"])
def test_an_update_whose_answer_was_lost_has_one_effect(world, case, fault):
    if case.type_ is BASE_CONNECTION:
        case = CASES["source connection"]  # Secrets cannot be looked up: see below.
    made = case.ensure(world)
    world.aep.fault(writer(case), kind=fault)
    updated = case.ensure(world, "update", **case.change)
    assert (updated.id, updated.change) == (made.id, "updated")
    assert len(case.asked(world, writer(case))) == 1
    assert case.ensure(world, **case.change).change == "reused"


@EVERY_TYPE
@pytest.mark.parametrize("fault", ["drop_before", "status", "html"])
def test_an_update_that_had_no_effect_is_asked_again_after_a_look(world, case, fault):
    case.ensure(world)
    gets = len(case.asked(world, "GET"))
    world.aep.fault(writer(case), kind=fault, times=2)
    assert case.ensure(world, "update", **case.change).change == "updated"
    assert len(case.asked(world, writer(case))) == 3
    assert not world.lists_are_whole or len(case.asked(world, "GET")) == gets + 3
    assert case.ensure(world, **case.change).change == "reused"


def test_an_outage_that_lasts_ends_the_update(world):
    case = CASES["source connection"]
    case.ensure(world)
    world.aep.fault("PATCH", kind="drop_before", times=None)
    with pytest.raises(AepUnreachableError):
        case.ensure(world, "update", **case.change)
    assert len(case.asked(world, "PATCH")) == 6


def test_an_update_that_is_refused_is_not_asked_again(world):
    case = CASES["source connection"]
    case.ensure(world)
    world.aep.fault("PATCH", kind="status", status=403)
    with pytest.raises(AepApiError, match="403"):
        case.ensure(world, "update", **case.change)
    assert len(case.asked(world, "PATCH")) == 1


# Secrets are sent, not compared


def test_secrets_are_sent_anew_with_every_update(world):
    case = CASES["base connection"]
    case.ensure(world)
    for _ in range(2):
        assert case.ensure(world, "update").change == "updated"
    assert [record.body for record in case.asked(world, "PATCH")] == [[replace("/auth/params", SECRETS)]] * 2


@pytest.mark.parametrize("fault", ["drop_before", "status", "drop_after"])
def test_secrets_whose_arrival_is_not_known_are_sent_again(world, fault):
    """Nothing that is to be seen tells whether they arrived."""
    case = CASES["base connection"]
    case.ensure(world)
    world.aep.fault("PATCH", kind=fault)
    case.ensure(world, "update", credentials={**SECRETS, "password": "rotated"})
    sent = case.asked(world, "PATCH")
    assert len(sent) == 2
    assert (sent[-1].status, sent[-1].fault, sent[-1].body[0]["value"]["password"]) == (200, None, "rotated")


def test_secrets_are_sent_although_somebody_else_wrote_meanwhile(world):
    case = CASES["base connection"]
    made = case.ensure(world)
    send = Sender(world, "PATCH", before=lambda: case.edit(world, made.id, [replace("/name", "CRM")]))
    case.ensure(world, "update", send=send)
    assert [record.status for record in case.asked(world, "PATCH")] == [200, 412, 200]


def test_a_parameter_that_is_shown_is_compared_and_one_of_the_others_is_kept(world):
    """Adobe documents replacing the parameters as a whole, so what the platform shows of the rest goes with them."""
    plain = {"environmentUrl": "https://crm.example.com"}
    case = CASES["base connection"]
    made = case.ensure(world, auth_params=plain)
    with pytest.raises(
        AepConflictError, match=r"/auth/params/environmentUrl: declared 'https://new', live 'https://crm"
    ):
        case.ensure(world, auth_params={"environmentUrl": "https://new"})

    case.ensure(world, "update")

    params = case.live(world)[made.id]["auth"]["params"]
    assert params == {**plain, "username": "crm@example.com", "password": "****", "securityToken": "****"}


def test_a_secret_within_a_plain_parameter_is_not_compared(world):
    params = {"server": {"pwd": "canary"}, "pwd": "canary"}
    declared = declare_base_connection(world, credentials=None, auth_params=params)
    live = declared.model_copy(deep=True)
    live.auth.params = {"server": {"pwd": "other"}, "pwd": "other"}
    assert BASE_CONNECTION.diff(declared, live) == ()


def test_a_connection_may_have_no_way_of_signing_in_yet(world):
    """A draft."""
    spec = declare_base_connection(world).connection_spec
    draft = BaseConnection(name="CRM", connection_spec=spec, id=world.base_id, state="draft", etag="1")
    assert BASE_CONNECTION.diff(draft, draft) == ()
    assert not BASE_CONNECTION.sends_secrets(draft, draft)
    declared = declare_base_connection(world)
    diff = BASE_CONNECTION.diff(declared, draft)
    assert diff == (Change("/auth", {"specName": "Basic Authentication", "params": {}}, None),)
    paths = [part["path"] for part in BASE_CONNECTION.update(declared, draft, diff).body]
    assert paths == ["/auth", "/auth/params"]
    assert BASE_CONNECTION.update(draft, draft, ()).body == []


# Dataflows


def test_a_transformation_is_found_by_its_name(world):
    """Adobe's own sample patches place 0, where Copy is, with a mapping."""
    case = CASES["dataflow"]
    made = case.ensure(world)
    other = world.make(CASES["mapping set"].type_, CASES["mapping set"].declared(world, name="other"))
    case.ensure(world, "update", mapping_set_id=other)
    assert case.asked(world, "PATCH")[0].body == [
        replace("/transformations/1", {"name": "Mapping", "params": {"mappingId": other, "mappingVersion": "0"}})
    ]
    assert case.live(world)[made.id]["transformations"][0]["name"] == "Copy"


def test_what_is_not_declared_stays_in_a_transformation(world):
    case = CASES["dataflow"]
    made = case.ensure(world)
    copy = case.live(world)[made.id]["transformations"][0]
    case.edit(
        world, made.id, [replace("/transformations/0", {"name": "Copy", "params": {**copy["params"], "mode": "x"}})]
    )
    case.ensure(world, "update", delta_column={"name": "CreatedDate"})
    params = case.live(world)[made.id]["transformations"][0]["params"]
    assert params == {"deltaColumn": {"name": "CreatedDate"}, "mode": "x"}


def test_a_transformation_that_is_not_there_yet_is_added(world):
    case = CASES["dataflow"]
    made = case.ensure(world, schedule_params={"frequency": "once"}, delta_column=None)
    live = world.client.send(FLOW.get(made.id))
    declared = changed(live, {"delta_column": {"name": "LastModifiedDate"}}, world.client.now())
    assert FLOW.update(declared, live, FLOW.diff(declared, live)).body == [
        add("/transformations/-", {"name": "Copy", "params": {"deltaColumn": {"name": "LastModifiedDate"}}})
    ]


def test_b7_a_dataflow_that_runs_once_does_not_get_a_schedule(world):
    """Adobe documents it for the UI: a dataflow that was scheduled for one time cannot be scheduled anew."""
    case = CASES["dataflow"]
    case.ensure(world, schedule_params={"frequency": "once"}, delta_column=None)
    with pytest.raises(AepConflictError, match=r"cannot be changed in place.*runs once cannot get a schedule"):
        case.ensure(world, "update")
    assert case.asked(world, "PATCH") == []


def test_options_are_added_where_there_are_none_and_changed_where_there_are(world):
    case = CASES["dataflow"]
    made = case.ensure(world)
    case.ensure(world, "update", options={"errorDiagnosticsEnabled": True})
    case.ensure(world, "update", options={"partialIngestionPercent": 5})
    assert [record.body for record in case.asked(world, "PATCH")] == [
        [add("/options", {"errorDiagnosticsEnabled": True})],
        [add("/options/partialIngestionPercent", 5)],
    ]
    assert case.live(world)[made.id]["options"] == {"errorDiagnosticsEnabled": True, "partialIngestionPercent": 5}


def test_a_scheduled_dataflow_does_not_become_one_that_runs_once(world):
    """1403-400 of the sources' catalogue, which shares its number with a missing If-Match."""
    case = CASES["dataflow"]
    case.ensure(world)
    with pytest.raises(AepConflictError, match=r"cannot be changed in place.*cannot become one that runs once"):
        case.ensure(world, "update", schedule_params={"frequency": "once"}, delta_column=None)
    assert case.asked(world, "PATCH") == []


def test_what_the_platform_refuses_once_a_dataflow_has_started_is_said_in_its_words(world):
    case = CASES["dataflow"]
    schedule = {"frequency": "hour", "interval": 1}
    case.ensure(world, schedule_params={**schedule, "backfill": False})
    world.aep.advance(3600)
    with pytest.raises(AepApiError, match="the start time has passed and you can no longer update backfill"):
        case.ensure(world, "update", schedule_params={**schedule, "backfill": True})


def test_what_can_no_longer_be_changed_when_it_is_read_again_is_refused(world):
    """The start time passes between the reading and the writing, and somebody else wrote another field meanwhile."""
    case = CASES["dataflow"]
    schedule = {"frequency": "hour", "interval": 1}
    made = case.ensure(world, schedule_params={**schedule, "backfill": False})

    def pass_time():
        case.edit(world, made.id, [add("/description", "of the sales team")])
        world.aep.advance(3600)

    send = Sender(world, "PATCH", before=pass_time)
    declared = case.declared(world, schedule_params={**schedule, "backfill": True})
    with pytest.raises(AepConflictError, match="cannot be changed in place: /scheduleParams/backfill"):
        Ensurer(send, world.naps, world.aep.now).ensure(case.type_, declared, "update")
    assert [record.status for record in case.asked(world, "PATCH")] == [200, 412]


def test_a_live_dataflow_keeps_its_start(world):
    case = CASES["dataflow"]
    case.ensure(world)
    world.aep.advance(86_400)
    assert case.ensure(world).change == "reused"


def test_a_start_that_has_not_come_yet_is_moved_when_a_change_says_so(world):
    case = CASES["dataflow"]
    made = case.ensure(world)
    live = world.client.send(FLOW.get(made.id))
    later = int(world.aep.now()) + 86_400
    declared = changed(live, {"schedule_params": {"start_time": later}}, world.client.now())
    assert world.ensurer.change(FLOW, declared, live).change == "updated"
    assert int(case.live(world)[made.id]["scheduleParams"]["startTime"]) == later


def test_a_dataflow_that_is_updating_is_updated_again_when_it_has_settled(world):
    """F22: 1420-400 passes by itself."""
    case = CASES["dataflow"]
    made = case.ensure(world)
    world.aep.switches.flow_transition = 10
    case.ensure(world, "update", **case.change)
    world.naps.clear()
    case.ensure(world, "update", description="Accounts", **case.change)
    assert 8 < sum(world.naps) < 20
    assert case.live(world)[made.id]["description"] == "Accounts"


def test_a_dataflow_that_does_not_settle_is_given_up(world):
    case = CASES["dataflow"]
    case.ensure(world)
    world.aep.switches.flow_transition = 86_400
    case.ensure(world, "update", **case.change)
    world.naps.clear()
    with pytest.raises(AepApiError, match="1420-400"):
        case.ensure(world, "update", description="Accounts", **case.change)
    assert 30 < sum(world.naps) < 90


def test_a_streaming_dataflow_has_no_schedule_to_compare(world):
    declared = Flow.declare(
        name="CRM",
        flow_spec_id="d69717ba-71b4-4313-b654-49f9cf126d7a",
        source_connection_id=world.source_id,
        target_connection_id=world.target_id,
    )
    assert FLOW.diff(declared, declared) == ()


# The others


def test_an_update_adds_field_groups_and_removes_none(world):
    case = CASES["schema"]
    made = case.ensure(world, field_groups=["https://ns.adobe.com/xdm/context/profile-work-details"])
    case.ensure(world, "update", **case.change)
    parts = [part["$ref"] for part in case.live(world)[made.id]["allOf"]]
    assert parts == [
        "https://ns.adobe.com/xdm/context/profile",
        "https://ns.adobe.com/xdm/context/profile-work-details",
        DETAILS,
    ]


def test_an_update_of_a_schema_changes_its_description(world):
    case = CASES["schema"]
    made = case.ensure(world)
    case.ensure(world, "update", description="Accounts")
    assert case.live(world)[made.id]["description"] == "Accounts"


def test_an_update_of_a_dataset_keeps_the_tags_of_others(world):
    case = CASES["dataset"]
    made = case.ensure(world, tags={"owner": ["sales"]}, enable_profile=True)
    case.ensure(world, "update", **case.change)
    tags = case.live(world)[made.id]["tags"]
    profile, *since = tags.pop("unifiedProfile")
    assert {"owner": ["sales"], "team": ["crm"]}.items() <= tags.items()
    # The second entry is the platform's own.
    dates = ["enabledAt"] if world.aep.switches.tag_enabled_at else []
    assert (profile, [entry.partition(":")[0] for entry in since]) == ("enabled:true", dates)


def test_both_spellings_of_a_reserved_tag_are_one(world):
    case = CASES["dataset"]
    case.ensure(world, tags={"unifiedProfile": ["enabled: true"]})
    assert case.ensure(world, enable_profile=True).change == "reused"


def test_a_dataset_without_a_schema_is_compared_by_its_tags(world):
    declared = CASES["dataset"].declared(world, tags={"team": ["crm"]})
    assert CASES["dataset"].type_.diff(declared.model_copy(update={"schema_ref": None}), declared) == ()


def test_a_mapping_set_that_is_replaced_gets_the_next_version(world):
    case = CASES["mapping set"]
    case.ensure(world)
    assert case.ensure(world, "update", **case.change).resource.version == 1

"""Dataflows: what can be changed in place depends on what is live and on the clock; checks before one is made."""

import jsonpatch
import pytest
from direct import direct_client
from hypothesis import given
from hypothesis import strategies as st
from provisioning import Provisioning

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.reconcile.decide import decide
from airflow_provider_aep.resources.flow import FLOW

CRM = "14518937-270c-4525-bdec-c2ba7cce3860"
FILES = "9753525b-82c7-4dce-8a9b-5ccfce2b9876"
ID = "9a603322-19d2-4de9-89c6-c98bd54eb184"
OTHER = "b8f3c3a2-94e9-4d4c-b4ff-1f1a0e4a3c44"
START = 1_900_000_000
HOURLY = {"frequency": "hour", "interval": 1, "start_time": START}


def flow(schedule=None, **changes):
    arguments = {
        "name": "CRM",
        "flow_spec_id": CRM,
        "source_connection_id": ID,
        "target_connection_id": ID,
        "mapping_set_id": "0" * 31 + "1",
        "delta_column": {"name": "LastModifiedDate"},
        "schedule_params": schedule or HOURLY,
    }
    return Flow.declare(**arguments | changes)


def action(declared, live, now):
    return decide(FLOW, declared, [live], if_exists="update", now=now).action


@pytest.mark.parametrize(
    ("changes", "before", "after"),
    [
        ({"description": "d"}, "update", "update"),
        ({"schedule": {**HOURLY, "interval": 6}}, "update", "update"),
        ({"schedule": {**HOURLY, "backfill": True}}, "update", "replace"),
        ({"schedule": {"frequency": "once"}, "delta_column": None}, "replace", "replace"),
        ({"source_connection_id": OTHER}, "replace", "replace"),
        ({"target_connection_id": OTHER}, "replace", "replace"),
        ({"flow_spec_id": FILES}, "replace", "replace"),
        ({"schedule": {**HOURLY, "start_time": START + 60}}, "reuse", "reuse"),
    ],
    ids=["description", "interval", "backfill", "once", "source", "target", "flow spec", "start time"],
)
def test_what_can_be_changed_in_place_before_and_after_the_start(changes, before, after):
    declared = flow(**changes)
    assert action(declared, flow(), START - 1) == before
    assert action(declared, flow(), START) == after


@pytest.mark.parametrize("now", [START - 60, START + 60])
def test_b7_a_dataflow_that_runs_once_stays_one(now):
    once = flow({"frequency": "once", "start_time": START}, delta_column=None)
    assert action(flow(), once, now) == "replace"


def test_a_live_dataflow_that_shows_no_start_is_left_to_the_platform():
    live = flow()
    live.schedule_params.start_time = None
    assert action(flow({**HOURLY, "backfill": True}), live, START) == "update"


@pytest.fixture
def client(aep):
    return direct_client(aep)


def prepared(client, chain, **changes):
    ids = {"source_connection_id": chain.source_connection, "target_connection_id": chain.target_connection}
    schedule = {"frequency": "hour", "interval": 1}
    declared = flow(schedule, **{**ids, "mapping_set_id": chain.mapping_set, **changes})
    return FLOW.prepare(client.send, declared, client.now())


def test_a_new_dataflow_gets_a_start_time(client):
    chain = Provisioning(client).build()
    now = client.now()
    assert now + 290 <= prepared(client, chain).schedule_params.start_time <= now + 310


def test_a_flow_spec_for_another_source_is_refused_before_anything_is_made(aep, client):
    chain = Provisioning(client).build()
    flows = aep.state()["flows"]
    with pytest.raises(AepConfigError, match="does not list connection spec"):
        prepared(client, chain, flow_spec_id=FILES)
    assert aep.state()["flows"] == flows


# A2: the version of a mapping set that nobody declared

VERSIONS = st.integers(0, 12)


def flow_with_latest(version):
    return flow().with_mapping_version(version)


@given(VERSIONS, VERSIONS, st.sampled_from([int, str]))
def test_a2_the_latest_version_is_an_update_and_never_an_obstacle(latest, used, spelling):
    """A list that lags behind, and shows an older version than the dataflow uses, moves nothing back."""
    declared, live = flow_with_latest(latest), flow(mapping_set_version=used)
    live.transformations[1].params["mappingVersion"] = spelling(used)
    reused = decide(FLOW, declared, [live], if_exists="reuse", now=START)
    updated = decide(FLOW, declared, [live], if_exists="update", now=START)
    assert reused.action == "reuse"
    assert updated.action == ("update" if used < latest else "reuse")
    assert len(reused.warnings) == (used < latest)
    for version in (f"live {spelling(used)!r}", f"latest '{latest}'"):
        assert not reused.warnings or version in reused.warnings[0]


@given(VERSIONS, VERSIONS)
def test_a2_a_declared_version_is_compared_as_such(declared_version, used):
    declared, live = flow(mapping_set_version=declared_version), flow(mapping_set_version=used)
    assert bool(FLOW.diff(declared, live)) == (declared_version != used)
    assert FLOW.newer(declared, live) == ()


def test_a2_another_mapping_set_is_a_difference_with_its_own_version():
    declared = flow(mapping_set_id="0" * 31 + "2").with_mapping_version(0)
    changes = FLOW.diff(declared, flow(mapping_set_version=7))
    assert [(change.path, change.declared) for change in changes] == [
        ("/transformations/Mapping/mappingId", "0" * 31 + "2"),
        ("/transformations/Mapping/mappingVersion", "0"),
    ]


def test_a2_a_live_version_that_cannot_be_read_stays():
    live = flow(mapping_set_version=0)
    del live.transformations[1].params["mappingVersion"]
    assert FLOW.newer(flow_with_latest(3), live) == ()


# B2: further transformations; B6: what is live in them

NAMES = st.sampled_from(["Encryption", "Filter", "a/b", "a~b"])
VALUES = st.recursive(
    st.text("xyz") | st.integers() | st.booleans(),
    lambda inner: st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3),
    max_leaves=6,
)
PARAMS = st.dictionaries(st.text("abc", min_size=1, max_size=2), VALUES, max_size=3)
PARTS = st.dictionaries(NAMES, PARAMS, max_size=3)


def live_flow(parts, odd):
    """A live dataflow as the platform shows it, with transformations of others among its own."""
    found = flow(transformations=[{"name": name, "params": params} for name, params in parts.items()]).to_wire()
    for place, each in odd:
        found["transformations"].insert(place, each)
    return found | {"id": ID, "etag": "1"}


def declared_flow(parts):
    return flow(transformations=[{"name": name, "params": params} for name, params in parts.items()])


SHOWN = {"id": ID, "createdAt": 1_900_000_000_000, "updatedBy": "somebody@AdobeID", "etag": "1"}


@given(PARAMS, st.sampled_from([{}, SHOWN]))
def test_an_update_sends_nothing_of_what_the_platform_shows_beside_name_and_params(params, shown):
    """FlowTransformationDTO of Adobe's specification has these two."""
    body = live_flow({"Encryption": {"zz": 1}}, [])
    body["transformations"] = [{**each, **shown} for each in body["transformations"]]
    live, declared = Flow.model_validate(body), declared_flow({"Encryption": {**params, "zz": 2}})
    (operation,) = FLOW.update(declared, live, FLOW.diff(declared, live)).body
    assert operation["value"] == {"name": "Encryption", "params": {**params, "zz": 2}}


ODD = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([None, 5, "Copy", {}, {"name": None}, {"params": []}])))


@given(PARTS, PARTS, ODD)
def test_b6_an_update_merges_transformations_by_name_and_key(wanted, before, odd):
    body = live_flow(before, odd)
    live, declared = Flow.model_validate(body), declared_flow(wanted)
    patch = FLOW.update(declared, live, FLOW.diff(declared, live)).body

    after = jsonpatch.apply_patch(body, patch)

    assert FLOW.diff(declared, Flow.model_validate(after)) == ()
    assert [each for each in after["transformations"] if each in [one for _, one in odd]] == [
        each for each in body["transformations"] if each in [one for _, one in odd]
    ]
    now = {part.name: part.params for part in Flow.model_validate(after).transformations}
    for name, params in before.items():
        kept = {key: value for key, value in params.items() if key not in wanted.get(name, {})}
        assert now[name].items() >= kept.items()


def test_b2_transformations_are_sent_as_they_are_after_those_with_arguments_of_their_own():
    encryption = {"name": "Encryption", "params": {"publicKeyId": ID, "nested": {"list": [None, 1]}}}
    wire = flow(transformations=[encryption]).to_wire()["transformations"]
    assert [part["name"] for part in wire] == ["Copy", "Mapping", "Encryption"]
    assert wire[2] == encryption


def test_a_draft_without_transformations_gets_a_list_of_them():
    declared, live = flow(mapping_set_version=0), flow()
    live.transformations, live.etag, live.id = [], "1", ID
    (operation,) = FLOW.update(declared, live, FLOW.diff(declared, live)).body
    assert (operation["op"], operation["path"]) == ("add", "/transformations")
    assert [part["name"] for part in operation["value"]] == ["Copy", "Mapping"]


@given(PARAMS, PARAMS)
def test_b6_an_update_merges_options_by_key(wanted, before):
    body = flow(options=before or None).to_wire() | {"id": ID, "etag": "1"}
    live, declared = Flow.model_validate(body), flow(options=wanted or None)
    after = jsonpatch.apply_patch(body, FLOW.update(declared, live, FLOW.diff(declared, live)).body)
    options = after.get("options", {})
    assert FLOW.diff(declared, Flow.model_validate(after)) == ()
    assert options.items() >= {key: value for key, value in before.items() if key not in wanted}.items()


# B4: a name is not an identity


@pytest.mark.parametrize(
    ("properties", "is_destination"),
    [
        ({"isDestinationFlow": True}, True),
        ({"isDestinationFlow": "true"}, True),
        ({"isSourceFlow": False}, True),
        ({"isSourceFlow": True}, False),
        ({"isDestinationFlow": False}, False),
        ({"isDestinationFlow": ["?"]}, False),
        ({}, False),
        (None, False),
        ("?", False),
    ],
)
def test_b4_a_dataflow_to_a_destination_says_so(properties, is_destination):
    live = Flow.model_validate({**flow().to_wire(), "id": ID, "inheritedAttributes": {"properties": properties}})
    assert live.is_destination is is_destination
    decision = decide(FLOW, flow(), [live], if_exists="update", now=START)
    assert decision.action == ("create" if is_destination else "reuse")
    said = (
        f"Dataflow 'CRM' ({ID}) is a dataflow to a destination: it has the same name, and is not the source dataflow "
        "that is meant."
    )
    assert decision.warnings == ((said,) if is_destination else ())


def test_the_platform_may_write_a_frequency_in_upper_case():
    live = Flow.model_validate({"id": "x", "flowSpec": {"id": CRM}, "scheduleParams": {"frequency": "Once"}})
    assert live.schedule_params.frequency == "once"


@pytest.mark.parametrize(
    ("schedule", "expected"), [({"frequency": "once", "start_time": START}, "replace"), (None, "update")]
)
def test_the_mapping_of_a_dataflow_that_runs_once_cannot_be_edited(schedule, expected):
    delta = {"delta_column": None} if schedule else {}
    declared = flow(schedule, mapping_set_id="0" * 31 + "2", mapping_set_version=0, **delta)
    assert action(declared, flow(schedule, **delta), START) == expected


@pytest.mark.parametrize(
    ("declared", "live", "expected"),
    [
        (START + 60, START, "update"),
        (None, START, "reuse"),
        (START + 60, START - 100, "reuse"),
        (START - 60, START, "reuse"),
        (START, START, "reuse"),
    ],
)
def test_a_start_that_lies_ahead_moves_where_that_is_asked_for(declared, live, expected):
    """The platform moves no start that has passed, and none to the past."""
    now = START - 50
    live = flow({**HOURLY, "start_time": live})
    asked = flow({key: value for key, value in {**HOURLY, "start_time": declared}.items() if value is not None})
    assert action(asked.changing_start(live, now), live, now) == expected


def test_a_stream_has_no_start_to_move():
    stream = flow().model_copy(update={"schedule_params": None})
    assert not stream.changing_start(stream, START).start_time_changed


def test_where_no_version_of_the_mapping_set_is_shown_it_is_the_first_one():
    live = flow()
    assert "mappingVersion" not in live.transformation("Mapping")
    assert FLOW.diff(flow(mapping_set_version=0), live) == ()
    (change,) = FLOW.diff(flow(mapping_set_version=1), live)
    assert change.path == "/transformations/Mapping/mappingVersion"

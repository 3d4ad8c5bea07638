"""models/flow.py: what a dataflow needs by its flow spec, what may be changed in a live one."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_change import changed
from airflow_provider_aep.models.flow_spec import FlowSpec, validate_against_spec
from airflow_provider_aep.models.schedule import check_delta_column
from airflow_provider_aep.validation import Problems, in_one_line

SAMPLES = Path(__file__).parent.parent / "samples"
CRM = "14518937-270c-4525-bdec-c2ba7cce3860"
FILES = "9753525b-82c7-4dce-8a9b-5ccfce2b9876"
REST = "6499120c-0b15-42dc-936e-847ea3c24d72"
STREAM = "d69717ba-71b4-4313-b654-49f9cf126d7a"
OTHER_STREAM = "c1a19761-d2c7-4702-b9fa-fe91f0613e81"
XDM_STREAM = "d8a6f005-7eaf-4153-983e-e8574508b877"
UNKNOWN = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
SOURCE_ID = "9a603322-19d2-4de9-89c6-c98bd54eb184"
TARGET_ID = "4ee890c7-519c-4291-bd20-d64186b62da8"
MAPPING_SET_ID = "500a9b747fcf4908a21917d49bd61780"
DELTA = {"name": "LastModifiedDate", "dateFormat": "yyyy-MM-dd HH:mm:ss", "timezone": "UTC"}
HOURLY = {"frequency": "hour", "interval": 1}
NOW = 1_800_000_000.75


def declare(flow_spec_id=CRM, **changes):
    declared = {
        "name": "Accounts",
        "flow_spec_id": flow_spec_id,
        "source_connection_id": SOURCE_ID,
        "target_connection_id": TARGET_ID,
        "mapping_set_id": MAPPING_SET_ID,
    }
    if flow_spec_id == CRM:
        declared |= {"schedule_params": HOURLY, "delta_column": DELTA}
    return Flow.declare(**{**declared, **changes})


def objection(flow_spec_id=CRM, **changes):
    with pytest.raises(AepConfigError) as refused:
        declare(flow_spec_id, **changes)
    start = f"The dataflow {changes.get('name', 'Accounts')!r} cannot be sent: "
    assert in_one_line(str(refused.value)).startswith(start)
    return in_one_line(str(refused.value)).removeprefix(start)


def flow_spec(name):
    body = json.loads((SAMPLES / f"{name}.json").read_text())
    return FlowSpec.model_validate(body["items"][0] if "items" in body else body)


# What is sent


def test_declare_a_scheduled_dataflow_of_a_table():
    flow = declare(
        description="CRM",
        mapping_set_version=2,
        schedule_params={"start_time": "2030-01-31T06:00:00+01:00", "backfill": "true", **HOURLY},
        options={"errorDiagnosticsEnabled": True, "partialIngestionPercent": 5},
    )
    assert flow.to_wire() == {
        "name": "Accounts",
        "description": "CRM",
        "flowSpec": {"id": CRM, "version": "1.0"},
        "sourceConnectionIds": [SOURCE_ID],
        "targetConnectionIds": [TARGET_ID],
        "transformations": [
            {"name": "Copy", "params": {"deltaColumn": DELTA}},
            {"name": "Mapping", "params": {"mappingId": MAPPING_SET_ID, "mappingVersion": "2"}},
        ],
        "scheduleParams": {"startTime": 1896066000, "frequency": "hour", "interval": "1", "backfill": True},
        "options": {"errorDiagnosticsEnabled": True, "partialIngestionPercent": 5},
    }


def test_declare_a_dataflow_of_files_that_runs_once():
    body = declare(FILES, schedule_params={"frequency": "once", "interval": None}).to_wire()
    assert body["scheduleParams"] == {"frequency": "once"}
    assert [part["name"] for part in body["transformations"]] == ["Mapping"]
    assert "options" not in body


def test_declare_a_streaming_dataflow():
    assert declare(STREAM, mapping_set_version=0).to_wire() == {
        "name": "Accounts",
        "flowSpec": {"id": STREAM, "version": "1.0"},
        "sourceConnectionIds": [SOURCE_ID],
        "targetConnectionIds": [TARGET_ID],
        "transformations": [
            {"name": "Mapping", "params": {"mappingId": MAPPING_SET_ID, "mappingVersion": "0"}},
        ],
    }


def test_a_stream_of_xdm_data_is_not_mapped():
    assert declare(STREAM, mapping_set_id=None).to_wire()["transformations"] == []


@pytest.mark.parametrize("schedule", [None, HOURLY])
def test_a_flow_spec_that_nobody_published_is_left_to_the_platform(schedule):
    flow = declare(UNKNOWN, mapping_set_id=None, schedule_params=schedule, delta_column={"name": "c"})
    assert [part.name for part in flow.transformations] == ["Copy"]
    assert (flow.schedule_params is None) == (schedule is None)


def test_the_schedule_of_such_a_flow_spec_goes_out_as_it_is():
    schedule = {"frequency": "month", "interval": 5, "endTime": 1900000000}
    wire = declare(UNKNOWN, mapping_set_id=None, schedule_params=schedule).to_wire()["scheduleParams"]
    assert wire == {"frequency": "month", "interval": "5", "endTime": 1900000000}


@pytest.mark.parametrize("interval", ["5", "often"])
def test_the_fetched_flow_spec_judges_the_schedule_that_nobody_published(interval):
    rules = {"properties": {"frequency": {"enum": ["month"]}, "interval": {"type": "integer", "maximum": 6}}}
    fetched = FlowSpec(id=UNKNOWN, source_connection_spec_ids=[SALESFORCE], schedule_spec={"spec": rules})
    flow = declare(UNKNOWN, mapping_set_id=None, schedule_params={"frequency": "month", "interval": interval})
    if interval == "5":
        validate_against_spec(flow, fetched, SALESFORCE)
    else:
        with pytest.raises(AepConfigError, match=r"schedule_params.interval does not fit"):
            validate_against_spec(flow, fetched, SALESFORCE)


@pytest.mark.parametrize(
    ("options", "wire"),
    [
        ({"partialIngestionPercent": "10", "errorDiagnosticsEnabled": "True"}, (10, True)),
        ({"partialIngestionPercent": "0.5", "errorDiagnosticsEnabled": False}, (0.5, False)),
        ({"partialIngestionPercent": 5, "errorDiagnosticsEnabled": "false"}, (5, False)),
    ],
)
def test_options_may_come_from_templates(options, wire):
    sent = declare(options={**options, "other": "1"}).to_wire()["options"]
    assert sent == {"partialIngestionPercent": wire[0], "errorDiagnosticsEnabled": wire[1], "other": "1"}


def test_options_that_cannot_be_read_are_named():
    said = objection(options={"partialIngestionPercent": "few", "errorDiagnosticsEnabled": "maybe"})
    assert "options.partialIngestionPercent is 'few'; it is a number from 0 up" in said
    assert "options.errorDiagnosticsEnabled is 'maybe'; it is true or false" in said


def test_a_flow_spec_may_be_a_bare_id():
    assert Flow.model_validate({"flowSpec": CRM}).flow_spec.id == CRM


@pytest.mark.parametrize(
    ("more", "wire"),
    [
        ({"frequency": "minute", "interval": 15}, {"frequency": "minute", "interval": "15"}),
        ({"interval": "30"}, {"interval": "30"}),
        ({"backfill": False}, {"backfill": False}),
        ({"backfill": "False"}, {"backfill": False}),
        ({"start_time": 1900000000.5}, {"startTime": 1900000000}),
        ({"start_time": datetime(2030, 1, 1, tzinfo=UTC)}, {"startTime": 1893456000}),
        # As Adobe spells it.
        ({"startTime": "1900000000"}, {"startTime": 1900000000}),
    ],
)
def test_a_schedule_may_be_written_in_several_ways(more, wire):
    body = declare(schedule_params={**HOURLY, **more}).to_wire()
    assert body["scheduleParams"] == {"frequency": "hour", "interval": "1", **wire}


# Problems


def test_all_gaps_are_named_at_once():
    problems = objection(
        name="",
        description=" ",
        source_connection_id="source",
        target_connection_id=None,
        mapping_set_id=SOURCE_ID,
        mapping_set_version="newest",
        delta_column=None,
        schedule_params={"frequency": "minute", "interval": 10, "start_time": "2030-01-31T06:00:00", "backfill": "no"},
        options=["errorDiagnosticsEnabled"],
    )
    assert problems == (
        "name must be a non-empty string, not ''; "
        "description must be a non-empty string, not ' '; "
        "source_connection_id is 'source', which is not a UUID such as 9a603322-19d2-4de9-89c6-c98bd54eb184; "
        "target_connection_id is None, which is not a UUID such as 9a603322-19d2-4de9-89c6-c98bd54eb184; "
        f"mapping_set_id is {SOURCE_ID!r}, which is not 32 hexadecimal digits without dashes; "
        "mapping_set_version is 'newest'; it is a whole number, as the mapping set says; "
        "options must be a dict, not a list; "
        "schedule_params.interval is 10; with frequency 'minute' it is at least 15; "
        "schedule_params.start_time is '2030-01-31T06:00:00', a time without an offset; add one, such as +00:00; "
        "schedule_params.backfill is 'no'; it is true or false; "
        'delta_column is missing: a scheduled table dataflow needs one, such as {"name": "LastModifiedDate"}.'
    )


@pytest.mark.parametrize("flow_spec_id", [CRM, FILES, REST])
def test_a_batch_dataflow_has_a_schedule_and_a_mapping_set(flow_spec_id):
    assert objection(flow_spec_id, schedule_params=None, mapping_set_id=None, delta_column=None) == (
        "mapping_set_id is missing: a batch dataflow maps its source to the schema of its target; "
        'schedule_params is missing: a batch dataflow has a schedule, such as {"frequency": "once"}.'
    )


@pytest.mark.parametrize("flow_spec_id", [STREAM, OTHER_STREAM, XDM_STREAM])
def test_a_streaming_dataflow_has_neither_a_schedule_nor_a_delta_column(flow_spec_id):
    assert objection(flow_spec_id, schedule_params=HOURLY, delta_column=DELTA) == (
        "schedule_params must be left out: a streaming dataflow has no schedule; "
        "delta_column must be left out: a streaming dataflow has none."
    )


def test_a_dataflow_that_runs_once_has_no_interval_backfill_or_delta_column():
    schedule = {"frequency": "once", "interval": 1, "backfill": True}
    assert objection(schedule_params=schedule) == (
        "schedule_params.interval must be left out: a dataflow that runs once has none; "
        "schedule_params.backfill must be left out: a dataflow that runs once has none; "
        "delta_column must be left out: a dataflow that runs once has none; its first run names it."
    )


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ("hourly", "schedule_params must be a dict, not a str."),
        ({}, "schedule_params.frequency is None; it is one of once, minute, hour, day, week."),
        (
            {"frequency": "hourly"},
            "schedule_params.frequency is 'hourly'; it is one of once, minute, hour, day, week.",
        ),
        (
            {"frequency": "hour"},
            "schedule_params.interval is None; with frequency 'hour' it is a whole number.",
        ),
        (
            {"frequency": "hour", "interval": True},
            "schedule_params.interval is True; with frequency 'hour' it is a whole number.",
        ),
        (
            {"frequency": "hour", "interval": "-1"},
            "schedule_params.interval is '-1'; with frequency 'hour' it is a whole number.",
        ),
        (
            {"frequency": "hour", "interval": 0},
            "schedule_params.interval is 0; with frequency 'hour' it is at least 1.",
        ),
        (
            {"frequency": "minute", "interval": "14"},
            "schedule_params.interval is 14; with frequency 'minute' it is at least 15.",
        ),
        (
            {**HOURLY, "endTime": 1, "every": 2},
            "schedule_params has unknown keys endTime, every; known are start_time, frequency, interval, backfill.",
        ),
        (
            {**HOURLY, "start_time": 1567411548000},
            "schedule_params.start_time is 1567411548000, which looks like milliseconds; write epoch seconds.",
        ),
    ],
)
def test_a_schedule_has_its_rules(schedule, problem):
    assert objection(FILES, schedule_params=schedule) == problem


@pytest.mark.parametrize(
    ("delta_column", "problem"),
    [
        (
            "LastModifiedDate",
            'delta_column must be a dict such as {"name": "LastModifiedDate"}, not \'LastModifiedDate\'.',
        ),
        ({"deltaColum": "x"}, "delta_column.name must be a non-empty string, not None."),
        (
            {"name": "c", "dateFormat": "YYYY-MM-DD"},
            "delta_column.dateFormat is 'YYYY-MM-DD'; write yyyy-MM-dd HH:mm:ss (Microsoft Dynamics: "
            "yyyy-MM-ddTHH:mm:ssZ).",
        ),
        (
            {"name": "c", "dateFormat": "yyyy-MM-DD"},
            "delta_column.dateFormat is 'yyyy-MM-DD'; write yyyy-MM-dd HH:mm:ss (Microsoft Dynamics: "
            "yyyy-MM-ddTHH:mm:ssZ).",
        ),
    ],
)
def test_a_delta_column_has_a_name_and_a_format_that_means_days(delta_column, problem):
    assert objection(delta_column=delta_column) == problem


@pytest.mark.parametrize("date_format", ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ssZ", None])
def test_the_documented_formats_are_fine(date_format):
    problems = Problems("run")
    check_delta_column(problems, {"name": "c", "dateFormat": date_format})
    assert problems.found == []


# The start


def test_a_new_dataflow_begins_in_five_minutes():
    assert declare().with_start(NOW).schedule_params.start_time == 1_800_000_300


def test_a_start_in_the_future_is_kept():
    flow = declare(schedule_params={**HOURLY, "start_time": 1_800_000_001})
    assert flow.with_start(NOW).schedule_params.start_time == 1_800_000_001


def test_a_stream_has_no_start():
    flow = declare(STREAM)
    assert flow.with_start(NOW) is flow


def test_a_start_in_the_past_is_refused():
    flow = declare(schedule_params={**HOURLY, "start_time": 1_799_996_400})
    with pytest.raises(AepConfigError) as refused:
        flow.with_start(NOW)
    assert str(refused.value) == (
        "The dataflow 'Accounts' cannot be sent: schedule_params.start_time is 1799996400, 3600 s in the past; a new "
        "dataflow begins in the future: leave start_time out to begin in five minutes."
    )


# Reading


def test_a_transformation_is_known_by_its_name_and_not_its_place():
    flow = declare(mapping_set_version=0)
    assert flow.transformation("Mapping") == {"mappingId": MAPPING_SET_ID, "mappingVersion": "0"}
    assert flow.transformation("Copy") == {"deltaColumn": DELTA}
    assert flow.transformation("Filter") is None


def test_a_live_dataflow_may_say_little():
    live = Flow.model_validate(
        {
            "flowSpec": {"id": CRM, "version": None},
            "transformations": [{"name": "Copy", "params": None}],
            "sourceConnectionIds": None,
        }
    )
    assert live.transformation("Copy") == {}
    assert live.source_connection_ids == []
    assert live.start_time_changed is False


# The flow spec's own rules


@pytest.mark.parametrize("name", ["flow_spec_bare", "flow_spec_items"])
def test_a_dataflow_that_fits_its_flow_spec(name):
    flow = declare(options={"partialIngestionPercent": 5}).with_start(NOW)
    assert validate_against_spec(flow, flow_spec(name), SALESFORCE) is None
    once = declare(schedule_params={"frequency": "once"}, delta_column=None).with_start(NOW)
    assert validate_against_spec(once, flow_spec(name), SALESFORCE) is None


def test_a_stream_fits_a_flow_spec_without_rules():
    assert (
        validate_against_spec(declare(STREAM), flow_spec("flow_spec_streaming"), "86043421-563b-46ec-8e6c-e23184711bf6")
        is None
    )
    assert (
        validate_against_spec(
            declare(UNKNOWN), FlowSpec(id=UNKNOWN, source_connection_spec_ids=[SALESFORCE]), SALESFORCE
        )
        is None
    )


def test_a_source_belongs_to_its_flow_spec():
    with pytest.raises(AepConfigError) as refused:
        validate_against_spec(
            declare(FILES, schedule_params=HOURLY).with_start(NOW), flow_spec("flow_spec_of_files"), SALESFORCE
        )
    assert str(refused.value) == (
        f"The dataflow 'Accounts' cannot be sent: flow_spec_id is {FILES!r}, but flow spec CloudStorageToAEP does not "
        f"list connection spec {SALESFORCE} of the source connection; look the flow spec up with "
        "AepGetFlowSpecOperator(connector=...)."
    )


def test_the_flow_spec_refuses_what_its_schemas_refuse():
    flow = Flow(
        name="Accounts",
        flow_spec={"id": CRM},
        schedule_params={"start_time": 1_900_000_000, "frequency": "fortnight", "interval": "1"},
        options={"partialIngestionPercent": 0, "errorDiagnosticsEnabled": "yes"},
        transformations=[
            {"name": "Copy", "params": {"deltaColumn": {"dateFormat": "yyyy"}}},
            {"name": "Mapping", "params": {"mappingId": 1}},
        ],
    )
    with pytest.raises(AepConfigError) as refused:
        validate_against_spec(flow, flow_spec("flow_spec_items"), SALESFORCE)
    assert in_one_line(str(refused.value)) == (
        "The dataflow 'Accounts' cannot be sent: "
        "schedule_params.frequency does not fit flow spec CRMToAEP: 'fortnight' is not one of ['once', 'minute', "
        "'hour', 'day', 'week']; "
        "options.errorDiagnosticsEnabled does not fit flow spec CRMToAEP: 'yes' is not of type 'boolean'; "
        "options.partialIngestionPercent does not fit flow spec CRMToAEP: 0 is less than or equal to the minimum of 0; "
        "delta_column.deltaColumn does not fit flow spec CRMToAEP: 'name' is a required property; "
        "mapping_set_id.mappingId does not fit flow spec CRMToAEP: 1 is not of type 'string'."
    )


@pytest.mark.parametrize(
    ("transformations", "problem"),
    [
        (["Mapping"], "delta_column must be left out: flow spec x has no transformation Copy."),
        (["Copy"], "mapping_set_id must be left out: flow spec x has no transformation Mapping."),
    ],
)
def test_a_dataflow_has_no_transformation_that_its_flow_spec_does_not_list(transformations, problem):
    spec = FlowSpec(
        id=UNKNOWN,
        name="x",
        transformation_specs=[{"name": name} for name in transformations],
        source_connection_spec_ids=[SALESFORCE],
    )
    with pytest.raises(AepConfigError) as refused:
        validate_against_spec(declare().with_start(NOW), spec, SALESFORCE)
    assert str(refused.value) == f"The dataflow 'Accounts' cannot be sent: {problem}"


def test_a_flow_spec_may_know_neither_once_nor_small_intervals():
    older = {"type": "object", "properties": {"interval": {"minimum": 60}}, "required": ["startTime", "interval"]}
    spec = FlowSpec(id=UNKNOWN, schedule_spec={"spec": older}, source_connection_spec_ids=[SALESFORCE])
    with pytest.raises(AepConfigError) as refused:
        validate_against_spec(
            declare(schedule_params={"frequency": "once"}, delta_column=None).with_start(NOW), spec, SALESFORCE
        )
    assert str(refused.value) == (
        "The dataflow 'Accounts' cannot be sent: schedule_params does not fit flow spec "
        f"{UNKNOWN}: 'interval' is a required property."
    )


def test_a_rule_set_without_a_schema_says_nothing():
    spec = FlowSpec(
        id=UNKNOWN,
        schedule_spec={"name": "PeriodicSchedule"},
        transformation_specs=[{"name": "Copy"}, {"name": "Mapping"}, {"name": "Filter"}, {"name": None}],
        source_connection_spec_ids=[SALESFORCE],
    )
    assert validate_against_spec(declare().with_start(NOW), spec, SALESFORCE) is None


# Changes of a live dataflow

LIVE = Flow.model_validate(json.loads((SAMPLES / "flow.json").read_text())["items"][0])
LIVE_STREAM = Flow.model_validate(json.loads((SAMPLES / "flow_streaming.json").read_text())["items"][0])


def changes_refused(live=LIVE, **changes):
    with pytest.raises(AepConfigError) as refused:
        changed(live, changes, NOW)
    start = f"The change of dataflow {live.name!r} cannot be sent: "
    assert in_one_line(str(refused.value)).startswith(start)
    return in_one_line(str(refused.value)).removeprefix(start)


@pytest.mark.parametrize(
    ("changes", "wire"),
    [
        ({"name": "Konten", "description": "Kunden"}, {"name": "Konten", "description": "Kunden"}),
        ({"options": {"partialIngestionPercent": 5}}, {"options": {"partialIngestionPercent": 5}}),
        ({"schedule_params": {"interval": 45}}, {"scheduleParams": {"frequency": "minute", "interval": "45"}}),
        (
            {"schedule_params": {"frequency": "day", "interval": 1}},
            {"scheduleParams": {"frequency": "day", "interval": "1"}},
        ),
        (
            {"schedule_params": {"start_time": 1567411548}},
            {"scheduleParams": {"frequency": "minute", "interval": "30", "startTime": 1567411548}},
        ),
        (
            {"delta_column": {"name": "changed"}},
            {"transformations": [{"name": "Copy", "params": {"deltaColumn": {"name": "changed"}}}]},
        ),
        (
            {"mapping_set_id": "a" * 32},
            {"transformations": [{"name": "Mapping", "params": {"mappingId": "a" * 32}}]},
        ),
        (
            {"mapping_set_version": 3},
            {"transformations": [{"name": "Mapping", "params": {"mappingId": MAPPING_SET_ID, "mappingVersion": "3"}}]},
        ),
    ],
)
def test_only_what_is_to_change_is_declared(changes, wire):
    declared = changed(LIVE, changes, NOW)
    empty = {"sourceConnectionIds": [], "targetConnectionIds": [], "transformations": []}
    assert declared.to_wire() == {"id": LIVE.id, "flowSpec": {"id": CRM, "version": "1.0"}, **empty, **wire}
    assert declared.start_time_changed is False


def test_a_start_that_is_yet_to_come_may_move():
    ahead = LIVE.model_copy(
        update={"schedule_params": LIVE.schedule_params.model_copy(update={"start_time": 1_900_000_000})}
    )
    declared = changed(ahead, {"schedule_params": {"start_time": 1_950_000_000}}, NOW)
    assert declared.start_time_changed is True
    assert declared.schedule_params.start_time == 1_950_000_000


def test_all_gaps_of_a_change_are_named_at_once():
    problems = changes_refused(
        name="",
        options="all",
        schedule_params={"start_time": 1_950_000_000, "frequency": "never"},
        delta_column="c",
        mapping_set_id="x",
        mapping_set_version="newest",
    )
    assert problems == (
        "name must be a non-empty string, not ''; "
        "options must be a dict, not a str; "
        "schedule_params.interval is missing: the live one, 30, counts in units of 'minute'; "
        "schedule_params.frequency is 'never'; it is one of once, minute, hour, day, week; "
        "schedule_params.start_time cannot be changed: the dataflow began at 1567411548; make a new dataflow; "
        'delta_column must be a dict such as {"name": "LastModifiedDate"}, not \'c\'; '
        "mapping_set_id is 'x', which is not 32 hexadecimal digits without dashes; "
        "mapping_set_version is 'newest'; it is a whole number, as the mapping set says."
    )


@pytest.mark.parametrize("changes", [None, {}, "name", {"flow_spec_id": STREAM}, {"name": "n", "state": "enabled"}])
def test_only_some_fields_can_be_changed(changes):
    with pytest.raises(AepConfigError) as refused:
        changed(LIVE, changes, NOW)
    assert str(refused.value) == (
        f"The change of dataflow 'Accounts' cannot be sent: changes is {changes!r}; it is a dict of name, description, "
        "schedule_params, mapping_set_id, mapping_set_version, delta_column, options, transformations."
    )


def test_a_scheduled_dataflow_cannot_become_one_that_runs_once():
    assert changes_refused(schedule_params={"frequency": "once"}) == (
        "schedule_params.frequency cannot become 'once' in a live dataflow: make a new one."
    )


@pytest.mark.parametrize(("live", "declared"), [(LIVE_STREAM, {"interval": 1}), (LIVE, "hourly")])
def test_only_a_schedule_can_be_changed(live, declared):
    assert changes_refused(live, schedule_params=declared) == (
        f"schedule_params is {declared!r}; it is a dict, and the dataflow must have a schedule."
    )


def test_a_version_of_none_asks_for_the_latest_of_the_same_mapping_set():
    live = declare(mapping_set_version=3)
    mapping = changed(live, {"mapping_set_version": None}, NOW).transformation("Mapping")
    assert mapping == {"mappingId": live.transformation("Mapping")["mappingId"]}


def test_a_live_dataflow_tells_its_connector_and_its_account():
    sources = [{"id": SOURCE_ID, "connectionSpec": {"id": SALESFORCE}, "baseConnection": {"id": UNKNOWN}}]
    flow = Flow.model_validate({"flowSpec": {"id": CRM}, "inheritedAttributes": {"sourceConnections": sources}})
    assert flow.source.connection_spec.id == SALESFORCE
    assert flow.source.base_connection.id == UNKNOWN


@pytest.mark.parametrize("inherited", [None, {}, {"sourceConnections": []}, {"sourceConnections": ["odd"]}, "odd"])
def test_one_that_tells_nothing_of_its_source_can_be_read_as_well(inherited):
    flow = Flow.model_validate({"flowSpec": {"id": CRM}, "inheritedAttributes": inherited})
    assert flow.source.connection_spec is flow.source.base_connection is None

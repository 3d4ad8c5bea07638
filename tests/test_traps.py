"""Adobe's two tutorials contradict themselves, each other and the platform: what becomes of each contradiction here.

The rows are those of sections 11.1 (SEED-CRM, the batch tutorial) and 11.2 (SEED-STR, the streaming tutorial) of the
project's API facts.
"""

import json
from pathlib import Path

import pytest
from api.reading import as_record, read, sample
from openapi.contract import violations

import airflow_provider_aep
from airflow_provider_aep.api import catalog, data_prep, flow_service, schema_registry
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.connectors import CONNECTORS, DATA_LAKE_CONNECTION_SPEC_ID, get_connector
from airflow_provider_aep.exceptions import AepApiError, AepConfigError, AepNotFoundError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_spec import validate_against_spec
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.reconcile.diff import differences

# row -> (line of the tutorial, the trap, the test)
CRM = {
    1: ("69", "a trailing comma in the body of POST /sourceConnections", "test_crm_01_what_is_sent_is_json"),
    2: ("98", "a connection spec with a leading c", "test_crm_02_connection_spec_with_a_leading_c"),
    3: ("610", "the flow spec of files for a CRM source", "test_crm_03_flow_spec_of_another_kind_of_source"),
    4: ("116, 664", "no comma between id and etag in answers", "test_crm_04_an_answer_that_is_no_json"),
    5: ("76", 'the XDM type "String"', "test_crm_05_xdm_type_with_a_capital"),
    6: ("107", "params.path documented, tableName sent", "test_crm_06_a_table_is_named_and_not_a_path"),
    7: ("159", "a target connection without a format", "test_crm_07_target_connection_without_a_format"),
    8: ("199", "mappingSets with and without /conversion", "test_crm_08_mapping_sets_are_under_conversion"),
    9: ("216", "nulls are posted", "test_crm_09_nulls_are_not_sent"),
    10: ("278, 600", "requests without a token", "test_crm_10_every_request_carries_the_token"),
    11: ("295", "a flow spec without an envelope", "test_crm_11_a_flow_spec_without_its_envelope"),
    12: ("589, 656", "interval >= 15 for all frequencies", "test_crm_12_only_minutes_begin_at_fifteen"),
    13: ("639", "numbers as strings", "test_crm_13_numbers_as_strings"),
    14: ("639", "a start time in 2019", "test_crm_14_a_start_time_in_the_past"),
    15: ("625", "the date format YYYY-MM-DD", "test_crm_15_a_date_format_that_means_something_else"),
    16: ("634", "mappingVersion as number and as string", "test_crm_16_mapping_version_as_number_or_string"),
    17: ("480", "the delta column: required, and forbidden", "test_crm_17_delta_column_required_or_forbidden"),
    18: ("565", "runs of files without a delta column", "test_crm_18_runs_of_tables_and_of_files"),
    19: ("652", "deltaColum", "test_crm_19_delta_column_is_spelled_out"),
    20: ("656", "no default frequency", "test_crm_20_a_frequency_is_not_guessed"),
}
STREAMING = {
    1: ("267", "POST /data/foundation/mappingSets", "test_str_01_the_short_path_of_mapping_sets"),
    2: ("282", "xdmSchema in its altId form", "test_str_02_the_alternate_id_of_a_schema"),
    3: ("170", "media types with and without a blank", "test_str_03_media_types_with_a_blank"),
    4: ("191", '"@/datasets/" and "@/dataSets/"', "test_str_04_two_spellings_of_a_dataset_reference"),
    5: ("160", "?requestDataSource=true", "test_str_05_request_data_source_is_not_sent"),
    6: ("172", "the tags identity and profile", "test_str_06_profile_is_enabled_by_the_reserved_tags"),
    7: ("229", "data.format parquet_xdm", "test_str_07_the_format_of_a_target_is_optional"),
    8: ("405", "a trailing comma in an answer", "test_str_08_a_trailing_comma_in_an_answer"),
    9: ("355", "Event Hubs as source and as target", "test_str_09_event_hubs_is_source_and_target"),
    10: ("378", "flowRunsSupported false", "test_str_10_a_stream_has_no_runs_to_wait_for"),
    11: ("372", "mappingVersion unknown to the flow spec", "test_str_11_more_parameters_than_the_flow_spec_lists"),
    12: ("444", "ids that do not fit together", "test_str_12_ids_come_from_answers"),
    13: ("447", "a flow id of another page", "test_str_13_no_id_of_the_tutorials_is_built_in"),
    14: ("436", "no schedule", "test_str_14_a_stream_has_no_schedule"),
}

SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
CRM_TO_AEP = "14518937-270c-4525-bdec-c2ba7cce3860"
CLOUD_STORAGE_TO_AEP = "9753525b-82c7-4dce-8a9b-5ccfce2b9876"
STREAM = "d69717ba-71b4-4313-b654-49f9cf126d7a"
BASE_ID = "4cb0c374-d3bb-4557-b139-5712880adc55"
SOURCE_ID = "9a603322-19d2-4de9-89c6-c98bd54eb184"
TARGET_ID = "4ee890c7-519c-4291-bd20-d64186b62da8"
MAPPING_SET_ID = "500a9b747fcf4908a21917d49bd61780"
DATASET_ID = "5c8c3c555033b814b69f947f"
SCHEMA_ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"
PAIRS = [{"source": "first_name", "destination": "person.name.firstName"}]
NOW = 1_800_000_000


def test_no_row_is_missing():
    assert sorted(CRM) == list(range(1, 21))
    assert sorted(STREAMING) == list(range(1, 15))
    named = [test for _, _, test in (*CRM.values(), *STREAMING.values())]
    assert [name for name in named if name not in globals()] == []
    assert sorted(name for name in globals() if name.startswith(("test_crm_", "test_str_"))) == sorted(named)


@pytest.fixture
def client(aep):
    return AepHook().get_conn()


def source(columns_type="string", **changes):
    columns = [{"name": "first_name", "type": "string", "xdm": {"type": columns_type}}]
    declared = {
        "name": "Salesforce source connection",
        "connector": "salesforce",
        "base_connection_id": BASE_ID,
        "source_params": {"tableName": "Accounts", "columns": columns},
    }
    return SourceConnection.declare(**{**declared, **changes})


def target(**changes):
    declared = {"name": "Salesforce target connection", "dataset_id": DATASET_ID, "schema_id": SCHEMA_ID}
    return TargetConnection.declare(**{**declared, **changes})


def flow(flow_spec_id=CRM_TO_AEP, **changes):
    declared = {
        "name": "Salesforce dataflow",
        "flow_spec_id": flow_spec_id,
        "source_connection_id": SOURCE_ID,
        "target_connection_id": TARGET_ID,
        "mapping_set_id": MAPPING_SET_ID,
    }
    if flow_spec_id != STREAM:
        declared |= {"schedule_params": {"frequency": "minute", "interval": "30"}}
    if flow_spec_id == CRM_TO_AEP:
        declared |= {"delta_column": {"name": "updatedAt"}}
    return Flow.declare(**{**declared, **changes})


def objection(declare, *args, **kwargs):
    """The sentence by which a declared is refused, before anything is asked."""
    with pytest.raises(AepConfigError) as refused:
        declare(*args, **kwargs)
    return str(refused.value)


# SEED-CRM


def test_crm_01_what_is_sent_is_json():
    body = flow_service.create_source_connection(source()).body
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    assert body["data"] == {"format": "tabular"}


def test_crm_02_connection_spec_with_a_leading_c():
    gap = objection(source, connector="ccfc0fee1-7dc0-40ef-b73e-d8b134c436f5")
    assert "Unknown connector 'ccfc0fee1-7dc0-40ef-b73e-d8b134c436f5'" in gap
    assert "pass a name listed in" in gap
    assert source().to_wire()["connectionSpec"] == {"id": SALESFORCE, "version": "1.0"}


def test_crm_03_flow_spec_of_another_kind_of_source(client, aep):
    flow_spec = client.send(flow_service.get_flow_spec(CLOUD_STORAGE_TO_AEP))
    assert objection(
        validate_against_spec, flow(CLOUD_STORAGE_TO_AEP).with_start(aep.now()), flow_spec, SALESFORCE
    ) == (
        f"The dataflow 'Salesforce dataflow' cannot be sent: flow_spec_id is {CLOUD_STORAGE_TO_AEP!r}, but flow spec "
        f"{flow_spec.name} does not list connection spec {SALESFORCE} of the source connection; look the flow spec up "
        "with AepGetFlowSpecOperator(connector=...)."
    )
    right = client.send(flow_service.get_flow_spec(CRM_TO_AEP))
    assert validate_against_spec(flow().with_start(aep.now()), right, SALESFORCE) is None
    assert [record.path for record in aep.requests if record.method == "POST"] == ["/ims/token/v3"]


def test_crm_04_an_answer_that_is_no_json(client, aep):
    printed = '{\n    "id": "9a603322-19d2-4de9-89c6-c98bd54eb184"\n    "etag": "\\"4a00038b\\""\n}'
    aep.fault("POST", "/sourceConnections", kind="status", status=201, body=printed)
    with pytest.raises(AepApiError) as refused:
        client.send(flow_service.create_source_connection(source()))
    asked = "POST /data/foundation/flowservice/sourceConnections"
    assert str(refused.value).startswith(f"{asked} was answered 201 with a body that cannot be read")
    # Whether it was made is not known: whoever asks again has to look first.
    assert refused.value.retryable


def test_crm_05_xdm_type_with_a_capital():
    assert source("String") == source("string")
    assert source("String").params["columns"][0]["xdm"] == {"type": "string"}


def test_crm_06_a_table_is_named_and_not_a_path():
    assert source().params["tableName"] == "Accounts"
    gap = objection(source, source_params={"path": "Accounts"})
    assert "source_params.tableName must be a non-empty string, not None" in gap


def test_crm_07_target_connection_without_a_format():
    body = flow_service.create_target_connection(target(data_format=None)).body
    assert body["data"] == {"schema": {"id": SCHEMA_ID, "version": "application/vnd.adobe.xed-full+json;version=1"}}
    assert body["connectionSpec"]["id"] == DATA_LAKE_CONNECTION_SPEC_ID
    assert read(flow_service.get_target_connection(TARGET_ID), sample("target_connection")).data.format is None


def test_crm_08_mapping_sets_are_under_conversion():
    asked = data_prep.create_mapping_set(MappingSet.declare(schema_id=SCHEMA_ID, mappings=PAIRS))
    assert str(asked) == "POST /data/foundation/conversion/mappingSets"


def test_crm_09_nulls_are_not_sent():
    printed = {
        "destinationXdmPath": "person.name.firstName",
        "sourceAttribute": "first_name",
        "identity": False,
        "identityGroup": None,
        "namespaceCode": None,
        "version": 0,
    }
    body = MappingSet.declare(schema_id=SCHEMA_ID, mappings=[printed], name="n").to_wire()
    assert "null" not in json.dumps(body)
    assert "id" not in body
    assert body["mappings"] == [{key: value for key, value in printed.items() if value is not None}]


def test_crm_10_every_request_carries_the_token(client, aep):
    client.send(flow_service.list_flow_specs("CRMToAEP"))
    with pytest.raises(AepApiError, match="POST /data/foundation/flowservice/flows was answered"):
        client.send(flow_service.create_flow(flow().with_start(aep.now())))
    asked = [record for record in aep.requests if "flowservice" in record.path]
    assert [record.path.rpartition("/")[2] for record in asked] == ["flowSpecs", "flows"]
    assert [record.headers["authorization"] for record in asked] == ["Bearer ****"] * 2


@pytest.mark.assumes("flow-spec-names")
@pytest.mark.aep(bare_flow_specs=True)
def test_crm_11_a_flow_spec_without_its_envelope(client):
    (listed,) = client.send(flow_service.list_flow_specs("CRMToAEP"))
    asked_for = client.send(flow_service.get_flow_spec(CRM_TO_AEP))
    for flow_spec in (listed, asked_for):
        assert (flow_spec.id, flow_spec.name) == (CRM_TO_AEP, "CRMToAEP")
        assert [part.name for part in flow_spec.transformation_specs] == ["Copy", "Mapping"]


def test_crm_12_only_minutes_begin_at_fifteen():
    for frequency in ("hour", "day", "week"):
        assert flow(schedule_params={"frequency": frequency, "interval": 1}).schedule_params.interval == "1"
    assert "schedule_params.interval is 14; with frequency 'minute' it is at least 15" in objection(
        flow, schedule_params={"frequency": "minute", "interval": 14}
    )


def test_crm_13_numbers_as_strings():
    text = {"startTime": "1900000000", "frequency": "minute", "interval": "30", "backfill": "true"}
    number = {"start_time": 1900000000, "frequency": "minute", "interval": 30, "backfill": True}
    assert flow(schedule_params=text) == flow(schedule_params=number)
    live = read(flow_service.get_flow(SOURCE_ID), sample("flow"))
    declared = {"startTime": 1567411548, "frequency": "minute", "interval": 30, "backfill": True}
    assert differences(declared, live.schedule_params.to_wire()) == ()


def test_crm_14_a_start_time_in_the_past(client, aep):
    schedule = {"frequency": "minute", "interval": "30", "start_time": "1567411548"}
    gap = objection(flow(schedule_params=schedule).with_start, client.now())
    assert "schedule_params.start_time is 1567411548, " in gap
    assert "leave start_time out to begin in five minutes" in gap
    assert flow().with_start(NOW).schedule_params.start_time == NOW + 300
    assert aep.requests == []


def test_crm_15_a_date_format_that_means_something_else():
    printed = {"name": "updatedAt", "dateFormat": "YYYY-MM-DD", "timezone": "UTC"}
    assert (
        "delta_column.dateFormat is 'YYYY-MM-DD'; write yyyy-MM-dd HH:mm:ss (Microsoft Dynamics: yyyy-MM-ddTHH:mm:ssZ)"
        in objection(flow, delta_column=printed)
    )
    for documented in ("yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ssZ"):
        assert flow(delta_column={**printed, "dateFormat": documented}).transformation("Copy")


@pytest.mark.parametrize("version", [0, "0"])
def test_crm_16_mapping_version_as_number_or_string(version):
    assert flow(mapping_set_version=version).transformation("Mapping") == {
        "mappingId": MAPPING_SET_ID,
        "mappingVersion": "0",
    }
    live = {"mappingId": MAPPING_SET_ID, "mappingVersion": version}
    assert differences(flow().transformation("Mapping"), live) == ()


def test_crm_17_delta_column_required_or_forbidden():
    assert "delta_column is missing: a scheduled table dataflow needs one" in objection(flow, delta_column=None)
    assert "delta_column must be left out: a dataflow that runs once has none; its first run names it" in objection(
        flow, schedule_params={"frequency": "once"}
    )
    once = flow(schedule_params={"frequency": "once"}, delta_column=None)
    assert [part.name for part in once.transformations] == ["Mapping"]


def test_crm_18_runs_of_tables_and_of_files():
    window = {"startTime": 1663735590, "windowStartTime": 1651584991, "windowEndTime": 1651585956}
    of_files = flow_service.create_run(SOURCE_ID, window)
    of_a_table = flow_service.create_run(SOURCE_ID, {**window, "deltaColumn": {"name": "DOB"}})
    assert of_files.body == {"flowId": SOURCE_ID, "params": window}
    assert of_a_table.body["params"]["deltaColumn"] == {"name": "DOB"}
    assert [violations(as_record(call)) for call in (of_files, of_a_table)] == [[], []]


def test_crm_19_delta_column_is_spelled_out():
    assert flow().transformation("Copy") == {"deltaColumn": {"name": "updatedAt"}}
    assert "delta_column.name must be a non-empty string, not None" in objection(
        flow, delta_column={"deltaColum": "updatedAt"}
    )


def test_crm_20_a_frequency_is_not_guessed():
    assert "schedule_params.frequency is None; it is one of once, minute, hour, day, week" in objection(
        flow, schedule_params={"start_time": 1900000000}
    )


# SEED-STR


@pytest.mark.unknown_routes
def test_str_01_the_short_path_of_mapping_sets(client, aep):
    declared = MappingSet.declare(schema_id=SCHEMA_ID, mappings=PAIRS)
    with pytest.raises(AepNotFoundError, match="POST /data/foundation/mappingSets was answered 404"):
        client.send(Call("POST", "/data/foundation/mappingSets", MappingSet, body=declared.to_wire()))
    assert data_prep.create_mapping_set(declared).path == "/data/foundation/conversion/mappingSets"


def test_str_02_the_alternate_id_of_a_schema():
    alternate = "_acme.schemas.417a33e981a221bd10495920574f0a2d"
    sentence = f"schema_id is the meta:altId {alternate!r}; use the $id, {SCHEMA_ID}"
    assert sentence in objection(MappingSet.declare, schema_id=alternate, mappings=PAIRS)
    assert sentence in objection(target, schema_id=alternate)
    assert sentence in objection(Dataset.declare, name="n", schema_id=alternate)
    assert MappingSet.declare(schema_id=SCHEMA_ID, mappings=PAIRS).to_wire()["xdmSchema"] == SCHEMA_ID


def test_str_03_media_types_with_a_blank():
    spellings = [f"application/vnd.adobe.xed-full+json;{blank}version=1" for blank in ("", " ")]
    assert len({target(schema_version=each).to_wire()["data"]["schema"]["version"] for each in spellings}) == 1
    assert differences({"version": spellings[0]}, {"version": spellings[1]}) == ()


@pytest.mark.parametrize("prefix", ["@/dataSets/", "@/datasets/"])
def test_str_04_two_spellings_of_a_dataset_reference(prefix):
    created = read(catalog.create_dataset(Dataset()), json.dumps([f"{prefix}5f7187bac6d00f194fb937c0"]))
    assert created.id == "5f7187bac6d00f194fb937c0"


def test_str_05_request_data_source_is_not_sent():
    assert catalog.create_dataset(Dataset.declare(name="n", schema_id=SCHEMA_ID)).params == {}


def test_str_06_profile_is_enabled_by_the_reserved_tags():
    enabled = Dataset.declare(name="n", schema_id=SCHEMA_ID, enable_profile=True, enable_identity=True)
    assert enabled.tags == {"unifiedProfile": ["enabled:true"], "unifiedIdentity": ["enabled:true"]}


def test_str_07_the_format_of_a_target_is_optional():
    assert target().data.format == "parquet_xdm"
    assert target(data_format=None).data.format is None
    live = read(flow_service.get_target_connection(TARGET_ID), sample("target_connection_without_name"))
    assert live.data.format == "parquet_xdm"


def test_str_08_a_trailing_comma_in_an_answer(client, aep):
    aep.fault("GET", "/flowSpecs", kind="status", status=200, body='{"items": [{"id": "x"},]}', times=None)
    with pytest.raises(AepApiError, match="was answered 200 with a body that cannot be read"):
        client.send(flow_service.list_flow_specs(), patience=0)


def test_str_09_event_hubs_is_source_and_target(client):
    flow_spec = client.send(flow_service.get_flow_spec(STREAM))
    event_hubs = get_connector("azure-event-hubs")
    assert event_hubs.category == "streaming"
    assert event_hubs.connection_spec_id in flow_spec.source_connection_spec_ids
    assert event_hubs.connection_spec_id in flow_spec.target_connection_spec_ids
    assert validate_against_spec(flow(STREAM), flow_spec, event_hubs.connection_spec_id) is None
    assert target().connection_spec.id == DATA_LAKE_CONNECTION_SPEC_ID


def test_str_10_a_stream_has_no_runs_to_wait_for(client):
    assert client.send(flow_service.get_flow_spec(STREAM)).flow_runs_supported is False
    assert client.send(flow_service.get_flow_spec(CRM_TO_AEP)).flow_runs_supported is True


def test_str_11_more_parameters_than_the_flow_spec_lists():
    flow_spec = read(flow_service.get_flow_spec(STREAM), sample("flow_spec_streaming"))
    assert list(flow_spec.transformation_specs[0].spec["properties"]) == ["mappingId"]
    assert flow(STREAM, mapping_set_version=0).transformation("Mapping") == {
        "mappingId": MAPPING_SET_ID,
        "mappingVersion": "0",
    }
    assert validate_against_spec(flow(STREAM), flow_spec, get_connector("amazon-kinesis").connection_spec_id) is None


def provision(client):
    """The streaming tutorial from the base connection to the dataflow; every id comes from the answer before."""
    send = client.send
    base = BaseConnection.declare(
        name="Kinesis", connector="kinesis", auth_spec_name="Aws Kinesis authentication credentials"
    )
    base_id = send(flow_service.create_base_connection(base)).id
    stream = source(connector="kinesis", base_connection_id=base_id, source_params={"stream": "s", "dataType": "raw"})
    source_id = send(flow_service.create_source_connection(stream)).id
    schema = Schema.declare(title="Streaming", schema_class="https://ns.adobe.com/xdm/context/profile")
    schema_id = send(schema_registry.create_schema(schema)).id
    dataset_id = send(catalog.create_dataset(Dataset.declare(name="Streaming", schema_id=schema_id))).id
    lake = target(dataset_id=dataset_id, schema_id=schema_id)
    target_id = send(flow_service.create_target_connection(lake)).id
    mapping_set = MappingSet.declare(schema_id=schema_id, mappings=PAIRS)
    mapping_set_id = send(data_prep.create_mapping_set(mapping_set)).id
    declared = flow(
        STREAM,
        source_connection_id=source_id,
        target_connection_id=target_id,
        mapping_set_id=mapping_set_id,
    )
    return send(flow_service.create_flow(declared)).id


def test_str_12_ids_come_from_answers(client, aep):
    flow_id = provision(client)
    live = client.send(flow_service.get_flow(flow_id))
    made = aep.state(aep.sandbox)
    assert live.source_connection_ids == list(made["sourceConnections"])
    assert live.target_connection_ids == list(made["targetConnections"])
    # The tutorial's own ids lead nowhere, and the platform says so.
    printed = flow(
        STREAM,
        source_connection_id="e96d6135-4b50-446e-922c-6dd66672b6b2",
        target_connection_id="723222e2-6ab9-4b0b-b222-e26ab9bb0bc2",
    )
    with pytest.raises(AepApiError, match="e96d6135-4b50-446e-922c-6dd66672b6b2"):
        client.send(flow_service.create_flow(printed))


@pytest.mark.parametrize(
    "printed",
    [
        "1f086c23-2ea8-4d06-886c-232ea8bd061d",
        "e96d6135-4b50-446e-922c-6dd66672b6b2",
        "723222e2-6ab9-4b0b-b222-e26ab9bb0bc2",
        "380b032b445a46008e77585e046efe5e",
        "5f7187bac6d00f194fb937c0",
    ],
)
def test_str_13_no_id_of_the_tutorials_is_built_in(printed):
    package = Path(airflow_provider_aep.__file__).parent
    assert [file.name for file in package.rglob("*.py") if printed in file.read_text()] == []
    assert printed not in {connector.connection_spec_id for connector in CONNECTORS.values()}


def test_str_14_a_stream_has_no_schedule(client, aep):
    provision(client)
    (asked,) = [record for record in aep.requests if record.method == "POST" and record.path.endswith("/flows")]
    assert "scheduleParams" not in asked.body
    assert [part["name"] for part in asked.body["transformations"]] == ["Mapping"]
    assert "schedule_params must be left out: a streaming dataflow has no schedule" in objection(
        flow, STREAM, schedule_params={"frequency": "once"}
    )

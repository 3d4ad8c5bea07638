"""tests/samples: every body that Adobe's pages and specifications show is read by the call it answers."""

import pytest

from airflow_provider_aep.api import catalog, data_prep, explore, export, flow_service, sandbox, schema_registry
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.media_types import media_type
from airflow_provider_aep.models.policy import RunPolicy, Verdict
from airflow_provider_aep.models.schema import Schema

from .reading import SAMPLES, read, sample

ID = "9a603322-19d2-4de9-89c6-c98bd54eb184"
SCHEMA_ID = "https://ns.adobe.com/acme/schemas/89abc189258b1cb1a816d8f2b2341a6d98000ed8f4008305"
DATASET_ID = "5c8c3c555033b814b69f947f"
BATCH_ID = "01EF01X41KJD82Y9ZX6ET54PCZ"
MAPPING_SET_ID = "500a9b747fcf4908a21917d49bd61780"

GET_RUN = flow_service.get_run(ID)
CREATE_RUN = flow_service.create_run(ID, {})
CREATE_FLOW = flow_service.create_flow(Flow(flow_spec={"id": ID}))
GET_BASE = flow_service.get_base_connection(ID)
GET_SOURCE = flow_service.get_source_connection(ID)
GET_TARGET = flow_service.get_target_connection(ID)
EXPLORE = explore.explore_connection(ID, {"objectType": "root"})
GET_FLOW = flow_service.get_flow(ID)
GET_FLOW_SPEC = flow_service.get_flow_spec(ID)
CREATE_DATASET = catalog.create_dataset(Dataset())
GET_MAPPING_SET = data_prep.get_mapping_set(MAPPING_SET_ID)

NEW_RUN = {
    "id": "3fb0418e-1804-45d6-8d56-dd51f05c0baf",
    "etag": '"1100c53e-0000-0200-0000-627138980000"',
}
CRM_SPEC = {
    "name": "CRMToAEP",
    "version": "1.0",
    "flow_runs_supported": True,
    "transformation_specs.0.name": "Copy",
    "transformation_specs.1.name": "Mapping",
    "schedule_spec.spec.required": ["startTime", "frequency"],
    "option_spec.spec.properties.partialIngestionPercent.exclusiveMinimum": 0,
}

# sample -> (the call it answers, what is to be read: path -> value)
CASES = {
    "run_success_with_failed_records": (
        GET_RUN,
        {
            "id": "9830305a-985f-47d0-b030-5a985fd7d004",
            "flow_id": "c9cef9cb-c934-4467-8ef9-cbc934546741",
            "etag": '"b8003af1-0000-0200-0000-5f2b09f10000"',
            "status": "success",
            "finished": True,
            "batch_ids": [BATCH_ID],
            "window": ("1596653708000", "1596655508000"),
            "summary.started_at": "2020-08-05T19:34:18.198000+00:00",
            "summary.completed_at": "2020-08-05T19:35:13.306000+00:00",
            "summary.duration_seconds": 55.108,
            "summary.bytes": {"input": 24012, "output": 17128},
            "records.input": 100,
            "records.output": 99,
            "records.failed": 1,
            "files.input": 1,
            "errors": [
                {
                    "code": "CONNECTOR-2001-500",
                    "message": "Error occurred at promotion activity.",
                    "activity": "promotionActivity",
                },
                {
                    "code": "INGEST-1212-400",
                    "message": "Encountered 1 errors in the data. Successfully ingested 99 rows.",
                    "activity": "promotionActivity",
                },
                {
                    "code": "MAPPER-3700-400",
                    "message": "Mapper Transform Error",
                    "activity": "promotionActivity",
                },
            ],
        },
    ),
    "run_failed_without_end": (
        GET_RUN,
        {
            "status": "failed",
            "finished": True,
            "records.failed": None,
            "files.input": None,
            "summary.bytes": {"input": None, "output": None},
            "summary.completed_at": None,
            "summary.duration_seconds": None,
            "batch_ids": ["6f6a900f-e40d-4f0e-9bb9-b614436c3465"],
            "errors.0.code": "CONNECTOR-2001-500",
            "errors.1.code": "133",
        },
    ),
    "run_success_in_seconds": (
        GET_RUN,
        {
            "summary.started_at": "2020-05-26T16:54:13+00:00",
            "summary.duration_seconds": 60.0,
            "records.input": 100,
            "records.output": 70,
            "records.failed": None,
            "batch_ids": [],
            "window": None,
            "provider_ref_id": "test1234",
        },
    ),
    "run_started": (
        GET_RUN,
        {
            "status": "inProgress",
            "finished": False,
            "activities": [],
            "batch_ids": [],
            "errors": [],
            "flow_spec.id": "14518937-270c-4525-bdec-c2ba7cce3860",
            "summary.started_at": None,
        },
    ),
    "run_failed_in_copy": (
        GET_RUN,
        {
            "status": "failed",
            "batch_ids": [],
            "window": ("1670876653", "1670880253"),
            "files.input": None,
            "errors.0.activity": "Salesforce Copy Activity",
            "errors.1": {
                "code": "2200",
                "message": "ErrorCode=UserErrorInvalidCredential",
                "activity": "Salesforce Copy Activity",
            },
        },
    ),
    "run_as_in_the_specification": (
        GET_RUN,
        {
            "etag": '"1100c53e-0000-0200-0000-627138980000"',
            "activities.0.name": "UIS Batch Activity",
            "records": {
                "input": 10,
                "output": 7,
                "created": 5,
                "updated": 2,
                "skipped": 1,
                "failed": 2,
                "warning": 3,
            },
            "files": {"input": None, "output": None, "failed": None},
            "summary.bytes": {"input": 512, "output": 498},
            "summary.duration_seconds": 60.5,
            "errors": [{"code": "INGEST-1401-400", "message": "Corrupted row", "activity": None}],
        },
    ),
    "run_created_items": (CREATE_RUN, NEW_RUN),
    "run_created_plain": (flow_service.retry_run(ID), NEW_RUN),
    "run_created_full": (CREATE_RUN, NEW_RUN),
    "run_created_full_bare": (CREATE_RUN, NEW_RUN),
    "runs_page": (
        flow_service.list_runs("c9cef9cb-c934-4467-8ef9-cbc934546741"),
        {"0.id": "9830305a-985f-47d0-b030-5a985fd7d004", "0.created_at": 1596656079576},
    ),
    "run_unknown": (flow_service.get_runs([ID]), {"__len__": 0}),
    "created": (CREATE_FLOW, {"id": ID, "etag": '"4a00038b-0000-0200-0000-5ebc47fd0000"'}),
    "base_connection": (
        GET_BASE,
        {
            "id": "4cb0c374-d3bb-4557-b139-5712880adc55",
            "name": "Salesforce",
            "state": "enabled",
            "live_etag": '"0100d610-0000-0200-0000-5f3bdcb70000"',
            "created_at": 1596656079576,
            "created_client": "{CREATED_CLIENT}",
            "connection_spec.id": "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5",
            "auth.spec_name": "Basic Authentication",
            "auth.params.username": "someone",
        },
    ),
    "base_connection_streaming": (
        GET_BASE,
        {
            "description": None,
            "live_etag": '"56008aee-0000-0200-0000-5e697e150000"',
            "auth.params.inletUrl": "https://dcs.adobedc.net/collection/a868",
        },
    ),
    "explore_root": (EXPLORE, {"entries.0.name": "Accounts", "entries.0.type": "table", "entries.1.type": "folder"}),
    "explore_folder_older": (EXPLORE, {"entries.0.type": "file", "entries.1": {"type": "folder", "name": "2024"}}),
    "explore_table": (
        EXPLORE,
        {
            "entries.0": {"name": "first_name", "type": "string", "xdm": {"type": "string"}},
            "entries.1.xdm.format": "date-time",
            "properties": None,
        },
    ),
    "explore_file": (EXPLORE, {"entries.0.name": "first_name", "entries.1.name": "updatedAt"}),
    "explore_file_older": (
        EXPLORE,
        {"entries": [{"name": "first_name", "type": "string"}, {"name": "age", "type": "string"}]},
    ),
    "explore_file_detected": (
        EXPLORE,
        {
            "entries.0.name": "first_name",
            "properties": {"fileType": "delimited", "compressionType": "tarGzip", "columnDelimiter": "~"},
        },
    ),
    "explore_hierarchical": (
        EXPLORE,
        {
            "entries": [
                {"name": "id", "type": "string"},
                {"name": "owner.email", "type": "string"},
                {"name": "owner.phone", "type": None},
                {"name": "addresses.city", "type": "string"},
                {"name": "addresses.geo.lat", "type": "number"},
                {"name": "tags", "type": "array"},
                {"name": "references", "type": "array"},
                {"name": "metadata", "type": "object"},
            ],
            "properties": None,
        },
    ),
    "explore_rest_without_schema": (
        EXPLORE,
        {
            "entries": [
                {"name": "list_id", "type": "string"},
                {"name": "members.merge_fields.FNAME", "type": "string"},
                {"name": "members.vip", "type": "boolean"},
                {"name": "members.rating", "type": "integer"},
            ]
        },
    ),
    "explore_as_in_the_specification": (
        EXPLORE,
        {"entries": [{"name": "email", "type": "string"}, {"name": "born", "type": "date"}]},
    ),
    "source_connection": (
        GET_SOURCE,
        {
            "base_connection_id": "4cb0c374-d3bb-4557-b139-5712880adc55",
            "data.format": "tabular",
            "params.tableName": "Accounts",
            "params.columns.0.name": "first_name",
            "live_etag": '"1a00d0a1-0000-0200-0000-5f3bdcb70000"',
        },
    ),
    "source_connection_of_files": (
        GET_SOURCE,
        {
            "data.format": "delimited",
            "data.properties": {"columnDelimiter": "\t", "encoding": "UTF-8", "compressionType": "gzip"},
            "params.recursive": "true",
        },
    ),
    "source_connection_without_data": (GET_SOURCE, {"data.format": None, "params": None}),
    "target_connection": (
        GET_TARGET,
        {
            "data.format": None,
            "data.xdm_schema.version": "application/vnd.adobe.xed-full+json;version=1.0",
            "params.data_set_id": DATASET_ID,
            "connection_spec.id": "c604ff05-7f1a-43c0-8e18-33bf874cb11c",
        },
    ),
    "target_connection_without_name": (GET_TARGET, {"name": None, "data.format": "parquet_xdm"}),
    "flow": (
        GET_FLOW,
        {
            "name": "Accounts",
            "state": "enabled",
            "flow_spec.id": "14518937-270c-4525-bdec-c2ba7cce3860",
            "source_connection_ids": ["c0e18602-f9ea-44f9-a186-02f9ea64f9ac"],
            "transformations.0.params.deltaColumn.name": "updatedAt",
            "transformations.1.params.mappingVersion": 0,
            "schedule_params.start_time": 1567411548,
            "schedule_params.frequency": "minute",
            "schedule_params.interval": "30",
            "schedule_params.backfill": True,
            "options.partialIngestionPercent": 10,
            "last_run_details.state": "success",
            "last_run_details.started_at_utc": 1670880253121,
            "live_etag": '"1a0037e4-0000-0200-0000-602e06f60000"',
        },
    ),
    "flow_streaming": (
        GET_FLOW,
        {
            "transformations": [],
            "schedule_params": None,
            "last_run_details": None,
            "live_etag": '"8e000533-0000-0200-0000-5f3c40fd0000"',
        },
    ),
    "flow_spec_bare": (flow_service.list_flow_specs("CRMToAEP"), {f"0.{at}": is_ for at, is_ in CRM_SPEC.items()}),
    "flow_spec_items": (GET_FLOW_SPEC, CRM_SPEC),
    "flow_spec_of_files": (
        GET_FLOW_SPEC,
        {"transformation_specs.0.name": "Mapping", "transformation_specs.__len__": 1, "option_spec": None},
    ),
    "flow_spec_streaming": (
        GET_FLOW_SPEC,
        {
            "flow_runs_supported": False,
            "schedule_spec": None,
            "source_connection_spec_ids.1": "bf9f5905-92b7-48bf-bf20-455bc6b60a4e",
            "target_connection_spec_ids.0": "bf9f5905-92b7-48bf-bf20-455bc6b60a4e",
        },
    ),
    "mapping_set_created": (
        data_prep.create_mapping_set(MappingSet()),
        {"id": MAPPING_SET_ID, "version": 0, "created_date": 1591043336298, "mappings": []},
    ),
    "mapping_set_both_vocabularies": (
        GET_MAPPING_SET,
        {
            "version": 2,
            "schema_id": SCHEMA_ID,
            "meaning": {
                "person.name.firstName": ("ATTRIBUTE", "first_name"),
                "personalEmail.address": ("EXPRESSION", "lower(email)"),
            },
        },
    ),
    "mapping_set_newer_vocabulary": (
        GET_MAPPING_SET,
        {
            "schema_id": SCHEMA_ID,
            "created_date": "2020-11-25T20:24:27.968Z",
            "meaning": {
                "person.name.firstName": ("ATTRIBUTE", "first_name"),
                "personalEmail.address": ("EXPRESSION", "lower(email)"),
            },
        },
    ),
    "mapping_sets_list": (data_prep.list_mapping_sets("Accounts"), {"0.name": "Accounts", "__len__": 1}),
    "schema": (
        schema_registry.create_schema(Schema()),
        {
            "id": "https://ns.adobe.com/acme/schemas/e45dd983026ce0daec5185cfddd48cbc0509015d880d6186",
            "alt_id": "_acme.schemas.e45dd983026ce0daec5185cfddd48cbc0509015d880d6186",
            "version": "1.0",
            "parts": [
                "https://ns.adobe.com/xdm/context/profile",
                "https://ns.adobe.com/xdm/context/profile-person-details",
                "https://ns.adobe.com/xdm/context/profile-personal-details",
            ],
        },
    ),
    "schemas_page": (
        schema_registry.list_schemas("Sample schema by hand"),
        {"1.id": "https://ns.adobe.com/acme/schemas/0b1c", "1.parts": ["https://ns.adobe.com/xdm/context/profile"]},
    ),
    "dataset_created": (CREATE_DATASET, {"id": "5f7187bac6d00f194fb937c0"}),
    "dataset_created_as_in_prose": (CREATE_DATASET, {"id": "5f7187bac6d00f194fb937c0"}),
    "dataset": (
        catalog.get_dataset(DATASET_ID),
        {
            "id": DATASET_ID,
            "name": "Accounts",
            "schema_ref.id": SCHEMA_ID,
            "tags.unifiedProfile": ["enabled: true"],
            "created": 1552694335145,
        },
    ),
    "datasets": (
        catalog.list_datasets("Accounts"),
        {"0.id": DATASET_ID, "1.id": "5f3c3cedb2805c194ff0b69a", "1.schema_ref": None, "1.tags": {}},
    ),
    "batch": (
        catalog.get_batch(BATCH_ID),
        {
            "id": BATCH_ID,
            "status": "success",
            "summary.dataset_id": DATASET_ID,
            "summary.records": {"input": 100, "output": 99, "failed": 1},
            "summary.bytes": {"input": 24012},
            "summary.started_at": "2020-08-05T19:34:56+00:00",
            "summary.errors.0.code": "INGEST-1212-400",
        },
    ),
    "batches": (
        catalog.list_batches(DATASET_ID, created_since=0),
        {
            "0.id": BATCH_ID,
            "0.summary.records": {"input": None, "output": None, "failed": None},
            "0.summary.errors": [],
            "1.status": "processing",
        },
    ),
    "row_error_samples": (
        export.get_row_error_samples(BATCH_ID),
        {"0._errors.0.code": "INGEST-1555-400", "0.email": "ada\u2028@example.com", "1._corrupt_record": "x;y"},
    ),
    "sandboxes": (
        sandbox.list_sandboxes(),
        {"0.name": "prod", "0.state": "active", "0.type": "production", "1.name": "dev-2", "1.state": "resetting"},
    ),
}


def path_to(thing, path):
    """What is found along a path of names and places; methods are called."""
    for step in path.split("."):
        if step.isdecimal():
            thing = thing[int(step)]
        elif isinstance(thing, dict):
            thing = thing[step]
        else:
            thing = getattr(thing, step)
        thing = thing() if callable(thing) else thing
    return thing


@pytest.mark.parametrize("name", CASES)
def test_a_documented_body_is_read(name):
    call, facts = CASES[name]
    response = read(call, sample(name))
    assert {path: path_to(response, path) for path in facts} == facts


def test_every_sample_is_read_by_a_test():
    answers = {file.stem for file in SAMPLES.iterdir() if not file.stem.startswith("refusal_")}
    assert set(CASES) == answers


def test_the_documented_success_that_lost_a_record_is_no_success():
    run = read(GET_RUN, sample("run_success_with_failed_records"))
    assert run.verdict(RunPolicy()).outcome == "failure"
    assert run.verdict(RunPolicy(max_failed_percent=5)).outcome == "success"


def test_the_documented_success_that_wrote_fewer_records_than_it_read_says_so():
    assert read(GET_RUN, sample("run_success_in_seconds")).verdict(RunPolicy()) == Verdict(
        "success", "wrote 70 of 100 records and does not say what became of the others"
    )


@pytest.mark.parametrize("name", [name for name, (call, _) in CASES.items() if call in (GET_RUN, GET_FLOW)])
def test_what_was_read_survives_the_way_through_a_trigger(name):
    """A trigger's event is the response in plain JSON."""
    call, _ = CASES[name]
    response = read(call, sample(name))
    again = type(response).model_validate(response.to_wire())
    assert again.to_wire() == response.to_wire()
    assert again == response


def test_both_dialects_of_a_mapping_set_have_one_meaning():
    older = read(GET_MAPPING_SET, sample("mapping_set_both_vocabularies"))
    newer = read(GET_MAPPING_SET, sample("mapping_set_newer_vocabulary"))
    assert older.digest == newer.digest


def test_media_types_differ_in_blanks_only():
    spellings = {
        read(GET_TARGET, sample(f"target_connection{which}")).data.xdm_schema.version for which in ("", "_without_name")
    }
    assert {media_type(each).removesuffix(".0") for each in spellings} == {
        "application/vnd.adobe.xed-full+json;version=1"
    }

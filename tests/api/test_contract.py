"""Every request that our functions build, held against Adobe's own API specifications (see tests/openapi)."""

import inspect
from pathlib import Path

import pytest
from openapi.contract import violations

from airflow_provider_aep.api import (
    catalog,
    data_prep,
    explore,
    export,
    flow_service,
    sandbox,
    sandbox_lists,
    schema_registry,
)
from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.explore import explore_params
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection

from .reading import as_record

ID = "9a603322-19d2-4de9-89c6-c98bd54eb184"
SPEC_ID = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
DATASET_ID = "5c8c3c555033b814b69f947f"
MAPPING_SET_ID = "500a9b747fcf4908a21917d49bd61780"
BATCH_ID = "01EF01X41KJD82Y9ZX6ET54PCZ"
SCHEMA_ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"
ETAG = '"1"'
PATCH = [{"op": "replace", "path": "/name", "value": "n"}, {"op": "add", "path": "/options", "value": {"a": 1}}]
WINDOW = {"startTime": 1663735590, "windowStartTime": 1651584991, "windowEndTime": 1651585956}
COLUMNS = [{"name": "email", "type": "string", "xdm": {"type": "string"}}]


def base(connector="salesforce", **auth_params):
    return BaseConnection.declare(
        name="n", connector=connector, auth_spec_name="Basic Authentication", auth_params=auth_params, description="d"
    )


def source(connector, **source_params):
    data_format = source_params.pop("data_format", None)
    return SourceConnection.declare(
        name="n",
        connector=connector,
        base_connection_id=None if connector == "data-landing-zone" else ID,
        data_format=data_format,
        source_params=source_params,
    )


def target(**changes):
    return TargetConnection.declare(name="n", dataset_id=DATASET_ID, schema_id=SCHEMA_ID, **changes)


def flow(flow_spec_id, **more):
    if "schedule_params" in more:
        more["mapping_set_id"] = MAPPING_SET_ID
    return Flow.declare(
        name="n", flow_spec_id=flow_spec_id, source_connection_id=ID, target_connection_id=ID, **more
    ).with_start(1_900_000_000)


def mapping_set(*mappings):
    return MappingSet.declare(schema_id=SCHEMA_ID, mappings=mappings)


CRM, FILES, STREAM = (
    "14518937-270c-4525-bdec-c2ba7cce3860",
    "9753525b-82c7-4dce-8a9b-5ccfce2b9876",
    "d69717ba-71b4-4313-b654-49f9cf126d7a",
)
PAIR = {"source": "email", "destination": "personalEmail.address"}
EXPRESSION = {"type": "expression", "source": "lower(email)", "destination": "a.b"}
OLDER = {"destinationXdmPath": "a.b", "sourceAttribute": "x", "identity": False, "identityGroup": None, "version": 0}
NEWER = {"sourceType": "STATIC", "source": "CRM", "destination": "a.c", "name": "n", "description": "d"}
EVERY_OPTION = {"errorDiagnosticsEnabled": True, "partialIngestionPercent": 10}

CALLS = [
    flow_service.list_base_connections("n", SPEC_ID),
    flow_service.list_base_connections(),
    flow_service.create_base_connection(base(username="someone", password="p")),
    flow_service.get_base_connection(ID),
    flow_service.update_base_connection(ID, ETAG, PATCH),
    flow_service.delete_base_connection(ID),
    *(
        explore.explore_connection(ID, explore_params(get_connector(connector), *asked))
        for connector, *asked in (
            ("salesforce",),
            ("salesforce", "Accounts"),
            ("salesforce", "Accounts", None, {"preview": True, "filters": {"type": "PQL"}}),
            ("amazon-s3", "/exports/"),
            ("amazon-s3", "/x.csv"),
            ("amazon-s3", "/x.csv.gz", None, {"encoding": "ISO-8859-1", "columnDelimiter": ";"}),
            ("amazon-s3", "/x", "file", {"determineProperties": True}),
            ("generic-rest-api", None, None, {"sourceParams": {"listId": "1"}, "preview": False}),
        )
    ),
    explore.explore_connection_spec(SPEC_ID, {"objectType": "root"}),
    explore.try_sign_in(ID),
    explore.explore_connection_spec(SPEC_ID, explore_params(get_connector("data-landing-zone"), "/x", "file")),
    flow_service.list_source_connections("n", SPEC_ID),
    flow_service.list_source_connections(),
    flow_service.create_source_connection(source("salesforce", tableName="Accounts", columns=COLUMNS)),
    flow_service.create_source_connection(
        source("amazon-s3", data_format="delimited", path="/x", type="folder", columnDelimiter=";", encoding="UTF-8")
    ),
    flow_service.create_source_connection(source("data-landing-zone", data_format="parquet", path="/x")),
    flow_service.create_source_connection(source("kinesis", stream="s", dataType="raw", reset="latest")),
    flow_service.create_source_connection(source("http-api")),
    flow_service.get_source_connection(ID),
    flow_service.update_source_connection(ID, ETAG, PATCH),
    flow_service.delete_source_connection(ID),
    flow_service.list_target_connections("n", SPEC_ID),
    flow_service.list_target_connections(),
    flow_service.create_target_connection(target()),
    flow_service.create_target_connection(target(data_format=None, schema_version="2.0", description="d")),
    flow_service.get_target_connection(ID),
    flow_service.update_target_connection(ID, ETAG, PATCH),
    flow_service.delete_target_connection(ID),
    flow_service.list_flow_specs(),
    flow_service.list_flow_specs("CRMToAEP"),
    flow_service.get_flow_spec(ID),
    flow_service.list_flows(),
    flow_service.list_flows("n"),
    flow_service.list_flows_using("source", ID),
    flow_service.create_flow(
        flow(
            CRM,
            schedule_params={"frequency": "hour", "interval": 1, "backfill": True},
            delta_column={"name": "c", "dateFormat": "yyyy-MM-dd HH:mm:ss", "timezone": "UTC"},
            options=EVERY_OPTION,
            description="d",
        )
    ),
    flow_service.create_flow(flow(FILES, schedule_params={"frequency": "once"})),
    flow_service.create_flow(flow(STREAM)),
    flow_service.create_flow(flow(STREAM).as_draft()),
    flow_service.create_flow(flow(STREAM, mapping_set_id=MAPPING_SET_ID)),
    flow_service.get_flow(ID),
    flow_service.update_flow(ID, ETAG, PATCH),
    flow_service.delete_flow(ID),
    flow_service.enable_flow(ID),
    flow_service.disable_flow(ID),
    flow_service.publish_base_connection(ID),
    flow_service.publish_source_connection(ID),
    flow_service.publish_target_connection(ID),
    flow_service.publish_flow(ID),
    flow_service.list_newest_first("flows", Flow),
    flow_service.get_run(ID),
    flow_service.get_runs([ID, ID]),
    flow_service.list_runs(ID),
    flow_service.list_runs_of([ID, ID], created_since=1),
    flow_service.create_run(ID, {**WINDOW, "deltaColumn": {"name": "c"}}),
    flow_service.create_run(ID, WINDOW),
    flow_service.retry_run(ID),
    sandbox_lists.list_source_flows(),
    sandbox_lists.list_all_runs(created_since=1),
    sandbox_lists.get_base_connections([ID, ID]),
    sandbox_lists.list_latest_runs([ID, ID]),
    schema_registry.list_schemas("t"),
    schema_registry.list_schemas(),
    schema_registry.get_schema(SCHEMA_ID),
    schema_registry.get_schema_fields(SCHEMA_ID),
    schema_registry.create_schema(
        Schema.declare(
            title="t",
            schema_class="https://ns.adobe.com/xdm/context/profile",
            field_groups=["https://ns.adobe.com/xdm/context/profile-person-details"],
        )
    ),
    schema_registry.update_schema(SCHEMA_ID, [{"op": "add", "path": "/allOf/-", "value": {"$ref": SCHEMA_ID}}]),
    catalog.list_datasets("n"),
    catalog.list_datasets(),
    catalog.get_dataset(DATASET_ID),
    catalog.create_dataset(Dataset.declare(name="n", schema_id=SCHEMA_ID, enable_profile=True, enable_identity=True)),
    catalog.create_dataset(Dataset.declare(name="n", schema_id=SCHEMA_ID, tags={"team": ["crm"]})),
    catalog.update_dataset(DATASET_ID, {"tags": {"unifiedProfile": ["enabled:true"]}}),
    catalog.delete_dataset(DATASET_ID),
    catalog.list_batches(DATASET_ID, created_since=1),
    catalog.list_batches_of([DATASET_ID, DATASET_ID], created_since=1),
    catalog.get_batch(BATCH_ID),
    data_prep.list_until_mapping_set(MAPPING_SET_ID, "n"),
    data_prep.list_mapping_sets("n"),
    data_prep.list_mapping_sets(),
    data_prep.get_mapping_set(MAPPING_SET_ID),
    data_prep.get_mapping_set(MAPPING_SET_ID, 0),
    data_prep.validate_mapping_set(mapping_set(PAIR)),
    data_prep.preview_mapping_set(mapping_set(PAIR, EXPRESSION), [{"email": "x"}]),
    data_prep.create_mapping_set(mapping_set(PAIR)),
    data_prep.create_mapping_set(mapping_set(PAIR, EXPRESSION)),
    data_prep.create_mapping_set(mapping_set(OLDER)),
    data_prep.create_mapping_set(mapping_set(NEWER)),
    data_prep.update_mapping_set(MAPPING_SET_ID, mapping_set(PAIR)),
    sandbox.list_sandboxes(),
    export.get_row_error_samples(BATCH_ID),
]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_request_is_as_adobe_specifies_it(call):
    assert violations(as_record(call)) == []


def test_every_function_that_asks_is_held_against_the_specifications():
    asking = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in (catalog, data_prep, explore, export, flow_service, sandbox, sandbox_lists, schema_registry)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and str(function.__annotations__.get("return")).startswith("Call[")
    }
    this_file = Path(__file__).read_text()
    assert [name for name in sorted(asking) if f"{name}(" not in this_file] == []
    assert len(asking) > 40

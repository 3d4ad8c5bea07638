"""Flow specs: which sources a dataflow may join to which target, and the JSON Schemas of its parts."""

from __future__ import annotations

from airflow_provider_aep.emulator.services.specs.connection_specs import (
    BATCH_PROVIDER,
    DATA_LAKE,
    FILE_SOURCES,
    HTTP_API,
    REST_SOURCES,
    STREAMING_PROVIDER,
    TABLE_SOURCES,
)
from airflow_provider_aep.emulator.state.json import Json

DRAFT_07 = "http://json-schema.org/draft-07/schema#"

CRM_TO_AEP = "14518937-270c-4525-bdec-c2ba7cce3860"
CLOUD_STORAGE_TO_AEP = "9753525b-82c7-4dce-8a9b-5ccfce2b9876"
REST_STORAGE_TO_AEP = "6499120c-0b15-42dc-936e-847ea3c24d72"
STREAM_OPTIONAL_TRANSFORMATION = "d69717ba-71b4-4313-b654-49f9cf126d7a"
STEAM_WITH_TRANSFORMATION = "c1a19761-d2c7-4702-b9fa-fe91f0613e81"

DELTA_COLUMN = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "dateFormat": {"type": "string"},
        "timezone": {"type": "string"},
    },
    "required": ["name"],
}

COPY: Json = {
    "name": "Copy",
    "spec": {
        "$schema": DRAFT_07,
        "type": "object",
        "properties": {"deltaColumn": DELTA_COLUMN},
        "required": ["deltaColumn"],
    },
}


def _mapping(*, versioned: bool) -> Json:
    properties: Json = {"mappingId": {"type": "string"}}
    if versioned:
        properties["mappingVersion"] = {"type": "string"}
    return {
        "name": "Mapping",
        "spec": {
            "$schema": DRAFT_07,
            "type": "object",
            "description": "defines various params required for different mapping from source to target",
            "properties": properties,
        },
    }


OPTION_SPEC: Json = {
    "name": "OptionSpec",
    "spec": {
        "$schema": DRAFT_07,
        "type": "object",
        "properties": {
            "errorDiagnosticsEnabled": {
                "title": "Error diagnostics.",
                "description": "Flag to enable detailed and sample error diagnostics summary.",
                "type": "boolean",
                "default": False,
            },
            "partialIngestionPercent": {
                "title": "Partial ingestion threshold.",
                "description": "Percentage which defines the threshold of errors allowed before the run is "
                "marked as failed.",
                "type": "number",
                "exclusiveMinimum": 0,
            },
        },
    },
}

SCHEDULE_SPEC: Json = {
    "name": "PeriodicSchedule",
    "type": "Periodic",
    "spec": {
        "$schema": DRAFT_07,
        "type": "object",
        "properties": {
            "startTime": {"description": "epoch time", "type": "integer"},
            "frequency": {"type": "string", "enum": ["once", "minute", "hour", "day", "week"]},
            "interval": {"type": "integer"},
            "backfill": {"type": "boolean", "default": True},
        },
        "required": ["startTime", "frequency"],
        "if": {"properties": {"frequency": {"const": "once"}}},
        "then": {"allOf": [{"not": {"required": ["interval"]}}, {"not": {"required": ["backfill"]}}]},
        "else": {
            "required": ["interval"],
            "if": {"properties": {"frequency": {"const": "minute"}}},
            "then": {"properties": {"interval": {"minimum": 15}}},
            "else": {"properties": {"interval": {"minimum": 1}}},
        },
    },
}


def _run_spec(*, delta_column: bool) -> Json:
    window = ("startTime", "windowStartTime", "windowEndTime")
    properties: Json = {name: {"type": "integer"} for name in window}
    required = list(window)
    if delta_column:
        properties["deltaColumn"] = DELTA_COLUMN
        required.append("deltaColumn")
    return {
        "name": "ProviderParams",
        "spec": {
            "$schema": DRAFT_07,
            "type": "object",
            "description": "defines various params required for creating flow run.",
            "properties": properties,
            "required": required,
        },
    }


def _permissions(name: str) -> Json:
    return {
        "view": [{"@type": "lowLevel", "name": name, "permissions": ["read"]}],
        "manage": [{"@type": "lowLevel", "name": name, "permissions": ["write"]}],
    }


def _batch(spec_id: str, name: str, sources: list[str], transformations: list[Json], run_spec: Json) -> Json:
    return {
        "id": spec_id,
        "name": name,
        "providerId": BATCH_PROVIDER,
        "version": "1.0",
        "attributes": {
            "isSourceFlow": True,
            "flacValidationSupported": True,
            "isDraftModeSupported": True,
            "frequency": "batch",
            "notification": {"category": "sources", "flowRun": {"enabled": True}},
        },
        "sourceConnectionSpecIds": sources,
        "targetConnectionSpecIds": [DATA_LAKE],
        "permissionsInfo": _permissions("EnterpriseSource"),
        "optionSpec": OPTION_SPEC,
        "scheduleSpec": SCHEDULE_SPEC,
        "transformationSpecs": transformations,
        "runSpec": run_spec,
    }


def _streaming(spec_id: str, name: str, sources: list[str], targets: list[str]) -> Json:
    return {
        "id": spec_id,
        "name": name,
        "providerId": STREAMING_PROVIDER,
        "version": "1.0",
        "sourceConnectionSpecIds": sources,
        "targetConnectionSpecIds": targets,
        "transformationSpecs": [_mapping(versioned=False)],
        "attributes": {"uiAttributes": {"apiFeatures": {"flowRunsSupported": False}}},
        "permissionsInfo": _permissions("StreamingSource"),
    }


EVENT_HUBS = "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"
UNNAMED_TARGET = "db4fe783-ef79-4a12-bda9-32b2b1bc3b2c"

FLOW_SPECS: dict[str, Json] = {
    spec["id"]: spec
    for spec in (
        _batch(
            CRM_TO_AEP,
            "CRMToAEP",
            list(TABLE_SOURCES),
            [COPY, _mapping(versioned=True)],
            _run_spec(delta_column=True),
        ),
        _batch(
            CLOUD_STORAGE_TO_AEP,
            "CloudStorageToAEP",
            list(FILE_SOURCES),
            [_mapping(versioned=True)],
            _run_spec(delta_column=False),
        ),
        _batch(
            REST_STORAGE_TO_AEP,
            "RestStorageToAEP",
            list(REST_SOURCES),
            [_mapping(versioned=True)],
            _run_spec(delta_column=False),
        ),
        _streaming(
            STREAM_OPTIONAL_TRANSFORMATION,
            "Stream data with optional transformation",
            [
                HTTP_API,
                EVENT_HUBS,
                "86043421-563b-46ec-8e6c-e23184711bf6",
                "70116022-a743-464a-bbfe-e226a7f8210c",
            ],
            [EVENT_HUBS, DATA_LAKE, UNNAMED_TARGET],
        ),
        _streaming(
            STEAM_WITH_TRANSFORMATION,
            "Steam data with transformation",
            [
                HTTP_API,
                "51ae16c2-bdad-42fd-9fce-8d5dfddaf140",
                "d27d4907-7351-47dd-bbc2-05a04365703d",
            ],
            [DATA_LAKE],
        ),
    )
}

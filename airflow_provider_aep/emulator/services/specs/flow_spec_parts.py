"""The parts of flow specs: JSON Schemas of transformations, options, schedules and runs on demand."""

from __future__ import annotations

from airflow_provider_aep.emulator.state.json import Json

DRAFT_07 = "http://json-schema.org/draft-07/schema#"

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


def mapping(*, versioned: bool) -> Json:
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


#: sources/tutorials/api/encrypt-data; its JSON Schema is not published
ENCRYPTION: Json = {
    "name": "Encryption",
    "spec": {"$schema": DRAFT_07, "type": "object", "properties": {"publicKeyId": {"type": "string"}}},
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

#: of the self-serve streaming sources (page sources/sdk/streaming/update-flow-specs)
INLET_OPTION_SPEC: Json = {
    "name": "OptionSpec",
    "spec": {
        **OPTION_SPEC["spec"],
        "properties": {
            **OPTION_SPEC["spec"]["properties"],
            "inletUrl": {
                "title": "Inlet Url.",
                "description": "Inlet Url which defines the streaming endpoint.",
                "type": "string",
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


def run_spec(*, delta_column: bool) -> Json:
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

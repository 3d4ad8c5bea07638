"""Flow specs: which sources a dataflow may join to which target, and the JSON Schemas of its parts."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.emulator.services.specs.connection_specs import (
    BATCH_PROVIDER,
    DATA_LAKE,
    FILE_SOURCES,
    HTTP_API,
    MARKETO_SOURCES,
    REST_SOURCES,
    STREAMING_PROVIDER,
    TABLE_SOURCES,
    WEBHOOK_SOURCES,
)
from airflow_provider_aep.emulator.services.specs.flow_spec_parts import (
    COPY,
    ENCRYPTION,
    INLET_OPTION_SPEC,
    OPTION_SPEC,
    SCHEDULE_SPEC,
    mapping,
    run_spec,
)
from airflow_provider_aep.emulator.state.json import Json

CRM_TO_AEP = "14518937-270c-4525-bdec-c2ba7cce3860"
CLOUD_STORAGE_TO_AEP = "9753525b-82c7-4dce-8a9b-5ccfce2b9876"
REST_STORAGE_TO_AEP = "6499120c-0b15-42dc-936e-847ea3c24d72"
MARKETO_TO_AEP = "15f8402c-ba66-4626-b54c-9f8e54244d61"
GENERIC_STREAMING_AEP = "e77fde5a-22a8-11ed-861d-0242ac120002"
STREAM_XDM = "d8a6f005-7eaf-4153-983e-e8574508b877"
STREAM_OPTIONAL_TRANSFORMATION = "d69717ba-71b4-4313-b654-49f9cf126d7a"
STEAM_WITH_TRANSFORMATION = "c1a19761-d2c7-4702-b9fa-fe91f0613e81"

#: the flow spec that takes the sources of a family
FLOW_SPEC_OF_FAMILY = {
    "table": CRM_TO_AEP,
    "file": CLOUD_STORAGE_TO_AEP,
    "rest": REST_STORAGE_TO_AEP,
    "streaming": GENERIC_STREAMING_AEP,
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


def _streaming(spec_id: str, name: str, sources: list[str], targets: list[str], **changes: Any) -> Json:
    return {
        "id": spec_id,
        "name": name,
        "providerId": STREAMING_PROVIDER,
        "version": "1.0",
        "sourceConnectionSpecIds": sources,
        "targetConnectionSpecIds": targets,
        "transformationSpecs": [mapping(versioned=False)],
        "attributes": _streaming_attributes(runs=False),
        "permissionsInfo": _permissions("StreamingSource"),
        **changes,
    }


def _streaming_attributes(*, runs: bool) -> Json:
    return {"isSourceFlow": True, "uiAttributes": {"apiFeatures": {"flowRunsSupported": runs}}}


EVENT_HUBS = "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"
UNNAMED_TARGET = "db4fe783-ef79-4a12-bda9-32b2b1bc3b2c"

FLOW_SPECS: dict[str, Json] = {
    spec["id"]: spec
    for spec in (
        _batch(
            CRM_TO_AEP,
            "CRMToAEP",
            list(TABLE_SOURCES),
            [COPY, mapping(versioned=True)],
            run_spec(delta_column=True),
        ),
        _batch(
            CLOUD_STORAGE_TO_AEP,
            "CloudStorageToAEP",
            list(FILE_SOURCES),
            [mapping(versioned=True), ENCRYPTION],
            run_spec(delta_column=False),
        ),
        _batch(
            REST_STORAGE_TO_AEP,
            "RestStorageToAEP",
            list(REST_SOURCES),
            [mapping(versioned=True)],
            run_spec(delta_column=False),
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
        # For data that is XDM already. The names of this flow spec and of the last one are not published.
        _streaming(STREAM_XDM, "unnamed-xdm-streaming", [HTTP_API], [DATA_LAKE], transformationSpecs=[]),
        _streaming(
            GENERIC_STREAMING_AEP,
            "GenericStreamingAEP",
            list(WEBHOOK_SOURCES),
            [DATA_LAKE],
            optionSpec=INLET_OPTION_SPEC,
            transformationSpecs=[mapping(versioned=True)],
            attributes=_streaming_attributes(runs=True),
        ),
        # Without a schedule and with runs: so Adobe shows a dataflow of Marketo Engage.
        _streaming(
            MARKETO_TO_AEP,
            "unnamed-marketo-activities",
            list(MARKETO_SOURCES),
            [DATA_LAKE],
            providerId=BATCH_PROVIDER,
            optionSpec=OPTION_SPEC,
            transformationSpecs=[mapping(versioned=True)],
            attributes=_streaming_attributes(runs=True),
        ),
    )
}

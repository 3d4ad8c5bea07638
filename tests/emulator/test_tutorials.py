"""Adobe's two tutorials, call by call, with the errors of their printed bodies corrected."""

from __future__ import annotations

import re

from airflow_provider_aep.emulator import AepEmulator

from .caller import CRM_TO_AEP, EVENT_HUBS, STREAMING, Caller

UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
ETAG = re.compile(r'"[0-9a-f]{8}-0000-0200-0000-[0-9a-f]{8}0000"')


def test_crm_batch_dataflow(aep: AepEmulator, api: Caller) -> None:
    base = api.base_connection()
    source = api.source_connection(base)
    schema = api.schema()
    dataset = api.dataset(schema)
    target = api.target_connection(dataset, schema)
    mapping = api.mapping_set(schema)

    spec = api.one("flow/flowSpecs?property=name==%22CRMToAEP%22")
    assert spec["id"] == CRM_TO_AEP
    assert [each["name"] for each in spec["transformationSpecs"]] == ["Copy", "Mapping"]

    start = int(aep.now()) + 300
    created = api.made(
        "flow/flows",
        {
            "name": "Salesforce dataflow",
            "description": "Salesforce dataflow",
            "flowSpec": {"id": spec["id"], "version": "1.0"},
            "sourceConnectionIds": [source],
            "targetConnectionIds": [target],
            "transformations": [
                {
                    "name": "Copy",
                    "params": {"deltaColumn": {"name": "updatedAt", "dateFormat": "YYYY-MM-DD", "timezone": "UTC"}},
                },
                {"name": "Mapping", "params": {"mappingId": mapping, "mappingVersion": 0}},
            ],
            "scheduleParams": {"startTime": str(start), "frequency": "minute", "interval": "30"},
        },
    )
    assert UUID.fullmatch(created["id"])
    assert ETAG.fullmatch(created["etag"])
    flow = api.one(f"flow/flows/{created['id']}")
    assert flow["state"] == "enabled"
    assert flow["version"] == flow["etag"] == created["etag"]
    assert flow["scheduleParams"] == {"startTime": str(start), "frequency": "minute", "interval": "30"}
    assert flow["inheritedAttributes"]["sourceConnections"][0]["baseConnection"]["id"] == base

    aep.advance(300 + 120)
    run = api.one(f"flow/runs?property=flowId=={created['id']}")
    assert run["metrics"]["statusSummary"]["status"] == "success"
    (batch_id,) = run["activities"][1]["targetInfo"][0]["reference"]["ids"]
    assert api.get(f"catalog/batches/{batch_id}").json()[batch_id]["status"] == "success"


def test_streaming_dataflow(aep: AepEmulator, api: Caller) -> None:
    source = api.source_connection(api.base_connection(EVENT_HUBS), EVENT_HUBS)
    schema = api.schema("Sample schema for a streaming connector")
    response = api.post(
        "catalog/dataSets?requestDataSource=true",
        {
            "name": "Test streaming dataset",
            "schemaRef": {
                "id": schema,
                "contentType": "application/vnd.adobe.xed-full-notext+json; version=1",
            },
            "tags": {"identity": ["enabled:true"], "profile": ["enabled:true"]},
        },
    )
    assert response.status_code == 201
    (reference,) = response.json()
    dataset = reference.removeprefix("@/dataSets/")
    target = api.target_connection(dataset, schema)
    alternative_id = f"_{schema.split('/')[3]}.schemas.{schema.split('/')[-1]}"
    mapping = api.made(
        "prep/mappingSets",
        {
            "version": 0,
            "xdmSchema": alternative_id,
            "xdmVersion": "1.0",
            "mappings": [
                {
                    "destinationXdmPath": "person.name.firstName",
                    "sourceAttribute": "firstName",
                    "identity": False,
                    "version": 0,
                }
            ],
        },
    )
    assert mapping["version"] == 0
    specs = {spec["id"]: spec for spec in api.get("flow/flowSpecs").json()["items"]}
    assert specs[STREAMING]["attributes"]["uiAttributes"]["apiFeatures"]["flowRunsSupported"] is False
    flow = api.made(
        "flow/flows",
        {
            "name": "Streaming dataflow",
            "flowSpec": {"id": STREAMING, "version": "1.0"},
            "sourceConnectionIds": [source],
            "targetConnectionIds": [target],
            "transformations": [{"name": "Mapping", "params": {"mappingId": mapping["id"], "mappingVersion": 0}}],
        },
    )

    aep.advance(3600)
    assert api.get(f"flow/runs?property=flowId=={flow['id']}").json()["items"] == []
    assert len(api.get(f"catalog/batches?dataSet={dataset}").json()) == 4


def test_nothing_asked_for_was_unknown(aep: AepEmulator, api: Caller) -> None:
    api.flow()
    assert aep.unknown_routes == []
    assert aep.token_requests == 1

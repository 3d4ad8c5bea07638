"""Adobe's community client (aepp), which we did not write, finds in the emulator the platform it was written for."""

from typing import Any

import pytest

from airflow_provider_aep.emulator import AepEmulator

from .caller import (
    AZURE_BLOB,
    CRM_TO_AEP,
    PROFILE,
    SALESFORCE,
    SCOPES,
    Caller,
    base_connection_body,
    copy_transformation,
    mapping_set_body,
    source_connection_body,
    target_connection_body,
)

aepp = pytest.importorskip("aepp", reason="run it with `make interop`")


@pytest.fixture
def connection(aep: AepEmulator) -> Any:
    """aepp's configuration, led to the emulator: it knows only Adobe's own hosts."""
    instance = aepp.configure(
        org_id=aep.org_id,
        client_id=aep.client_id,
        secret=aep.client_secret,
        scopes=SCOPES,
        sandbox=aep.sandbox,
        connectInstance=True,
    )
    from aepp import config

    config.endpoints["global"] = aep.url
    instance.getConfigObject()["oauthTokenEndpointV2"] = f"{aep.url}/ims/token/v3"
    return instance


def dataflow(connection: Any) -> tuple[Any, str]:
    """(aepp's Flow Service, the id of a dataflow made with nothing but aepp)."""
    from aepp import catalog, dataprep, flowservice, schema

    service = flowservice.FlowService(config=connection)
    base = service.createConnection(base_connection_body())["id"]
    source = service.createSourceConnection(source_connection_body(base))["id"]
    body = {"type": "object", "title": "Members", "description": "", "allOf": [{"$ref": PROFILE}]}
    schema_id = schema.Schema(config=connection).createSchema(body)["$id"]
    reference = catalog.Catalog(config=connection).createDataSet(name="Members", schemaId=schema_id)
    dataset = reference[0].removeprefix("@/dataSets/")
    target = service.createTargetConnection(data=target_connection_body(dataset, schema_id))["id"]
    mapping = dataprep.DataPrep(config=connection).createMappingSet(mappingSet=mapping_set_body(schema_id))["id"]
    flow = {
        "name": "Accounts",
        "flowSpec": {"id": CRM_TO_AEP, "version": "1.0"},
        "sourceConnectionIds": [source],
        "targetConnectionIds": [target],
        "transformations": [
            copy_transformation(),
            {"name": "Mapping", "params": {"mappingId": mapping, "mappingVersion": "0"}},
        ],
        "scheduleParams": {"startTime": "4102444800", "frequency": "minute", "interval": "15"},
    }
    return service, str(service.createFlow(CRM_TO_AEP, obj=flow)["id"])


def test_aepp_builds_and_watches_a_dataflow(aep: AepEmulator, connection: Any) -> None:
    service, flow_id = dataflow(connection)
    assert [flow["id"] for flow in service.getFlows()] == [flow_id]
    assert service.getFlow(flow_id)["state"] == "enabled"
    assert service.postFlowAction(flow_id, "disable")["id"] == flow_id
    assert service.getFlowSpecs("name==CRMToAEP")[0]["id"] == CRM_TO_AEP
    assert service.getRuns() == []
    assert [base["connectionSpec"]["id"] for base in service.getConnections()] == [SALESFORCE]
    assert len(service.getSourceConnections()) == len(service.getTargetConnections()) == 1
    assert aep.unknown_routes == []


def test_aepp_sees_runs_and_batches(aep: AepEmulator, api: Caller, connection: Any) -> None:
    from aepp import catalog, flowservice

    service = flowservice.FlowService(config=connection)
    run_id = api.run(api.once_flow())
    aep.advance(100)
    assert [run["id"] for run in service.getRuns()] == [run_id]
    run = service.getRun(run_id)
    run = run[0] if isinstance(run, list) else run
    assert run["metrics"]["statusSummary"]["status"] == "success"
    batches = catalog.Catalog(config=connection).getBatches()
    assert [batch["status"] for batch in batches.values()] == ["success"]


def test_aepp_reads_schemas_datasets_and_mapping_sets(api: Caller, connection: Any) -> None:
    from aepp import catalog, dataprep, sandboxes, schema

    schema_id = api.schema("Members")
    dataset = api.dataset(schema_id)
    mapping_set = api.mapping_set(schema_id)
    registry = schema.Schema(config=connection)
    assert registry.getTenantId() == "aepemulator"
    assert [each["title"] for each in registry.getSchemas()] == ["Members"]
    assert registry.getSchema(schema_id)["$id"] == schema_id
    assert list(catalog.Catalog(config=connection).getDataSets()) == [dataset]
    assert dataprep.DataPrep(config=connection).getMappingSet(mapping_set)["id"] == mapping_set
    assert [each["name"] for each in sandboxes.Sandboxes(config=connection).getSandboxes()] == [
        "prod",
        "dev",
        "resetting",
    ]


def test_aepp_deletes(aep: AepEmulator, api: Caller, connection: Any) -> None:
    from aepp import flowservice

    service = flowservice.FlowService(config=connection)
    base = api.base_connection(AZURE_BLOB)
    service.deleteConnection(base)
    assert aep.state()["connections"] == {}

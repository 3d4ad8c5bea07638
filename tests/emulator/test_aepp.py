"""Adobe's community client (aepp), which we did not write, finds in the emulator the platform it was written for."""

from typing import Any

import pytest

from airflow_provider_aep.emulator import AepEmulator

from .caller import (
    AZURE_BLOB,
    CRM_TO_AEP,
    HTTP_API,
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


def test_aepp_reads_the_landing_zone_and_the_views_of_a_dataset(aep: AepEmulator, api: Caller, connection: Any) -> None:
    from aepp import catalog, flowservice

    service = flowservice.FlowService(config=connection)
    assert service.getLandingZoneStorageName() == "dlz-user-container"
    assert service.getLandingZoneSASUri().startswith("https://dlblobstore")
    assert [entry["type"] for entry in service.exploreLandingZone()] == ["folder", "file", "file"]
    content = service.getLandingZoneContent(file="dlz-user-container/accounts.csv")
    assert content["properties"] == {"fileType": "delimited", "columnDelimiter": ","}
    dataset = api.dataset(api.schema())
    (view,) = catalog.Catalog(config=connection).getDataSetViews(dataset).values()
    assert view["dataSetId"] == dataset
    assert aep.unknown_routes == []


def test_aepp_deletes(aep: AepEmulator, api: Caller, connection: Any) -> None:
    from aepp import flowservice

    service = flowservice.FlowService(config=connection)
    base = api.base_connection(AZURE_BLOB)
    service.deleteConnection(base)
    assert aep.state()["connections"] == {}


@pytest.fixture
def registry(aep: AepEmulator, connection: Any) -> Any:
    """aepp's Schema Registry. Against the specification it sends `limit` without `orderby`."""
    from aepp import schema

    aep.switches.refuse_limit_without_orderby = False
    return schema.Schema(config=connection)


FIELD_GROUP = {
    "type": "object",
    "title": "Loyalty",
    "meta:intendedToExtend": [PROFILE],
    "definitions": {
        "loyalty": {"properties": {"_aepemulator": {"type": "object", "properties": {"tier": {"type": "string"}}}}}
    },
    "allOf": [{"$ref": "#/definitions/loyalty"}],
}


def test_aepp_builds_a_schema_of_its_own_field_group(aep: AepEmulator, registry: Any) -> None:
    group_id = registry.createFieldGroup(FIELD_GROUP)["$id"]
    schema_id = registry.createProfileSchema("Members", fieldGroupIds=[group_id])["$id"]
    assert [each["title"] for each in registry.getFieldGroups()] == ["Loyalty"]
    assert registry.getFieldGroup(group_id)["definitions"] == FIELD_GROUP["definitions"]
    assert [each["title"] for each in registry.getSchemas(classFilter=PROFILE)] == ["Members"]

    change = [{"op": "replace", "path": "/description", "value": "Tiers"}]
    assert registry.patchFieldGroup(group_id, change)["description"] == "Tiers"
    assert registry.putFieldGroup(group_id, FIELD_GROUP | {"title": "Tiers"})["title"] == "Tiers"
    registry.addFieldGroupToSchema(schema_id, ["https://ns.adobe.com/xdm/context/profile-person-details"])
    assert len(registry.getSchema(schema_id)["allOf"]) == 3
    registry.enableSchemaForRealTime(schema_id)
    assert [each["title"] for each in registry.getUnions()] == ["XDM Individual Profile"]
    assert registry.getUnion(f"{PROFILE}__union")["meta:resourceType"] == "unions"
    assert len(registry.getXDMprofileSchema()["results"]) == 1

    assert registry.deleteSchema(schema_id) == registry.deleteFieldGroup(group_id) == 204
    assert aep.state()["schemas"] == aep.state()["fieldgroups"] == {}
    assert aep.unknown_routes == []


def test_aepp_makes_classes_and_data_types(aep: AepEmulator, registry: Any) -> None:
    class_id = registry.createClass(title="Hotel", class_template="https://ns.adobe.com/xdm/data/record")["$id"]
    assert [each["title"] for each in registry.getClasses()] == ["Hotel"]
    assert registry.getClass(class_id)["meta:extends"] == ["https://ns.adobe.com/xdm/data/record"]
    change = [{"op": "replace", "path": "title", "value": "Inn"}]
    assert registry.patchClass(class_id, change)["title"] == "Inn"
    room = {"type": "object", "title": "Room", "properties": {"beds": {"type": "integer"}}}
    # aepp forgets to encode the $id of a data type that it replaces.
    type_id = registry.createDataType(room)["meta:altId"]
    assert [each["title"] for each in registry.getDataTypes()] == ["Room"]
    assert registry.getDataType(type_id)["properties"] == room["properties"]
    assert registry.putDataType(type_id, room | {"title": "Suite"})["version"] == "1.1"
    assert registry.deleteClass(class_id) == registry.deleteDataType(type_id) == 204
    assert aep.unknown_routes == []


def test_aepp_reads_what_is_adobes(aep: AepEmulator, registry: Any) -> None:
    assert {each["meta:altId"] for each in registry.getBehaviors()} == {
        "_xdm.data.record",
        "_xdm.data.adhoc",
        "_xdm.data.time-series",
    }
    assert registry.getBehavior("https://ns.adobe.com/xdm/data/record")["title"] == "Record Schema"
    assert "XDM Individual Profile" in [each["title"] for each in registry.getClassesGlobal()]
    assert len(registry.getFieldGroupsGlobal(prop=f"meta:intendedToExtend=={PROFILE}")) == 2
    assert len(registry.getDataTypesGlobal()) == 2
    assert registry.getSchemasGlobal() == []
    assert aep.unknown_routes == []


def test_aepp_describes_schemas(api: Caller, registry: Any) -> None:
    schema_id = api.schema()
    made = registry.createDescriptor(sourceSchema=schema_id, sourceProperty="/personalEmail/address", primary=True)
    assert registry.getDescriptors() == [made]
    assert registry.getDescriptors(id_desc=True) == [made["@id"]]
    assert registry.getDescriptors(link_desc=True) == [f"/tenant/descriptors/{made['@id']}"]
    assert registry.getDescriptors(type_desc="xdm:alternateDisplayInfo") == []
    assert registry.getDescriptor(made["@id"]) == made
    body = {name: value for name, value in made.items() if not name.startswith("meta:")}
    assert registry.putDescriptor(made["@id"], body | {"xdm:isPrimary": False})["xdm:isPrimary"] is False
    assert registry.deleteDescriptor(made["@id"]) == 204
    assert registry.getDescriptors() == []


def test_aepp_streams(aep: AepEmulator, api: Caller, connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from aepp import config, flowservice, ingestion

    monkeypatch.setitem(config.endpoints["streaming"], "collection", aep.url)
    flow_id = api.flow(HTTP_API)
    (base,) = flowservice.FlowService(config=connection).getConnections()
    inlet = base["auth"]["params"]["inletId"]
    stream = ingestion.DataIngestion(config=connection)
    assert stream.streamMessage(inlet, {"name": "n"}, flowId=flow_id)["inletId"] == inlet
    assert len(stream.streamMessages(inlet, [{"name": "n"}, {"name": "m"}], flowId=flow_id)["responses"]) == 2
    aep.advance(901)
    (batch,) = aep.state()["batches"].values()
    assert batch["metrics"]["inputRecordCount"] == 3


def test_aepp_connects_the_data_landing_zone_to_the_data_lake(aep: AepEmulator, api: Caller, connection: Any) -> None:
    """Its helpers look for the specs by their names: landing-zone, datalake and CloudStorageToAEP."""
    from aepp import flowservice

    service = flowservice.FlowService(config=connection)
    schema_id = api.schema("Members")
    source = service.createSourceConnectionDataLandingZone(name="Files", path="dlz-user-container/accounts.csv")["id"]
    target = service.createTargetConnectionDataLake("Lake", api.dataset(schema_id), schema_id)["id"]
    flow_id = service.createFlowDataLandingZoneToDataLake(
        "Files",
        source,
        target,
        str(int(aep.now()) + 60),
        transformation_mapping_id=api.mapping_set(schema_id),
        transformation_name="Mapping",
    )["id"]
    assert service.getFlow(flow_id)["state"] == "enabled"
    assert aep.unknown_routes == []

"""Target connections: the dataset in the data lake a flow writes to."""

from __future__ import annotations

from airflow_provider_aep.emulator.http.errors import FlowServiceError, SourcesError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.flow_service import base_connections, resources
from airflow_provider_aep.emulator.services.schema_registry.lookup import find_schema, major_version
from airflow_provider_aep.emulator.services.specs.connection_specs import DATA_LAKE
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox


def create(platform: Platform, request: Request) -> Response:
    body = resources.body_of(request, "targetConnections")
    _check(request.sandbox, body)
    return resources.add(platform, request, "targetConnections", body)


def patch(platform: Platform, request: Request, resource_id: str) -> Response:
    target = resources.existing(request.sandbox, "targetConnections", resource_id)
    changed, _ = resources.patch_record(platform, request, "targetConnections", target)
    _check(request.sandbox, changed)
    resources.mark_changed(platform, request, changed, "update")
    request.sandbox["targetConnections"][resource_id] = changed
    return Response(200, resources.id_and_etag(changed))


def act(platform: Platform, request: Request, resource_id: str) -> Response:
    target = resources.existing(request.sandbox, "targetConnections", resource_id)
    return base_connections.publish(platform, request, target)


def _check(sandbox: Sandbox, body: Json) -> None:
    spec = body.get("connectionSpec")
    spec_id = spec.get("id") if isinstance(spec, dict) else None
    if spec_id != DATA_LAKE:
        raise SourcesError(
            "1307-400",
            f"The target connection spec ID is not valid={spec_id}. The allowed value is: `{DATA_LAKE}`.",
        )
    dataset_id = (body.get("params") or {}).get("dataSetId")
    if not dataset_id:
        raise SourcesError(
            "1325-400",
            f"The dataSetId param cannot be null or empty in target connection: {body.get('name')}. "
            "Please provide valid dataSetId param and try again.",
        )
    if dataset_id not in sandbox["dataSets"]:
        raise FlowServiceError(
            "1100-400",
            f"The request could not be processed. Error from flow provider: the dataset {dataset_id} does not exist.",
        )
    _check_schema(sandbox, body)


def _check_schema(sandbox: Sandbox, body: Json) -> None:
    schema = (body.get("data") or {}).get("schema")
    if not isinstance(schema, dict) or not schema.get("id"):
        raise SourcesError(
            "1329-400",
            "The param: data.schema.id cannot be null or empty in the provided request. "
            "Please provide valid data.schema.id and try again.",
        )
    if find_schema(sandbox, str(schema["id"])) is None or major_version(str(schema.get("version", ""))) is None:
        raise FlowServiceError(
            "1100-400",
            "The request could not be processed. Error from flow provider: "
            f"the schema {schema['id']} with version {schema.get('version')} does not exist.",
        )

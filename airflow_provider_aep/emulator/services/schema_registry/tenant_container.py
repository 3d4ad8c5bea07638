"""The `tenant` container: what can be done with the tenant's own resources, whatever their type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_provider_aep.emulator.http.errors import SchemaRegistryError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.query.json_patch import PatchError, apply_patch
from airflow_provider_aep.emulator.query.list_lag import not_yet, shown
from airflow_provider_aep.emulator.services.schema_registry.listing import existing, list_response, lookup_response
from airflow_provider_aep.emulator.services.schema_registry.resource import compose
from airflow_provider_aep.emulator.services.schema_registry.resource_types import SCHEMAS, ResourceType, check
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

GLOBAL_SCHEMAS = {"href": "/data/foundation/schemaregistry/global/schemas"}


def list_all(resource_type: ResourceType, platform: Platform, request: Request) -> Response:
    links = {"global_schemas": GLOBAL_SCHEMAS} if resource_type is SCHEMAS else {}
    resources = shown(platform, _resources(resource_type, request))
    if platform.switches.brief_schema_lists:
        resources = [{name: value for name, value in each.items() if name != "allOf"} for each in resources]
    return list_response(platform, request, resources, **links)


def get_one(resource_type: ResourceType, platform: Platform, request: Request, name: str) -> Response:
    found = [each for each in _resources(resource_type, request) if not not_yet(platform, each)]
    return lookup_response(request, found, name)


def create(resource_type: ResourceType, platform: Platform, request: Request) -> Response:
    return Response(201, _store(resource_type, platform, request, request.body, None))


def replace(resource_type: ResourceType, platform: Platform, request: Request, name: str) -> Response:
    """PUT: the body says everything anew, as for a creation."""
    current = existing(_resources(resource_type, request), name)
    return Response(200, _store(resource_type, platform, request, request.body, current))


def patch(resource_type: ResourceType, platform: Platform, request: Request, name: str) -> Response:
    """JSON Patch; no If-Match."""
    current = existing(_resources(resource_type, request), name)
    try:
        patched, _ = apply_patch(current, _with_slashes(request.body))
    except PatchError as error:
        raise SchemaRegistryError("1005-400", "Patch not possible", str(error)) from error
    return Response(200, _store(resource_type, platform, request, patched, current))


def delete(resource_type: ResourceType, platform: Platform, request: Request, name: str) -> Response:
    resource = existing(_resources(resource_type, request), name)
    del request.sandbox[resource_type.collection][resource["$id"]]
    return Response(204)


def _resources(resource_type: ResourceType, request: Request) -> Iterable[Json]:
    return request.sandbox[resource_type.collection].values()


def _store(resource_type: ResourceType, platform: Platform, request: Request, body: Any, current: Json | None) -> Json:
    check(request.sandbox, resource_type, body, current)
    resource = compose(platform, request, resource_type, body, current)
    request.sandbox[resource_type.collection][resource["$id"]] = resource
    return resource


def _with_slashes(body: Any) -> Any:
    """One published sample has the path `description` for `/description`."""
    if not isinstance(body, list) or not all(isinstance(each, dict) and "path" in each for each in body):
        return body
    return [{**each, "path": f"/{str(each['path']).removeprefix('/')}"} for each in body]

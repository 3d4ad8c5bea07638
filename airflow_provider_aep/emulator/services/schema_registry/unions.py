"""Union schemas: one of each class that has schemas enabled for Profile. They are computed, never stored."""

from __future__ import annotations

from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.schema_registry.library import LIBRARY
from airflow_provider_aep.emulator.services.schema_registry.listing import list_response, lookup_response
from airflow_provider_aep.emulator.services.schema_registry.lookup import alternative_id, find_resource
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox


def list_all(platform: Platform, request: Request) -> Response:
    return list_response(platform, request, unions(platform, request.sandbox))


def get_one(platform: Platform, request: Request, name: str) -> Response:
    return lookup_response(request, unions(platform, request.sandbox), name)


def unions(platform: Platform, sandbox: Sandbox) -> list[Json]:
    members: dict[str, list[Json]] = {}
    for schema in sandbox["schemas"].values():
        tags = schema.get("meta:immutableTags")
        if isinstance(tags, list) and "union" in tags:
            members.setdefault(schema["meta:class"], []).append(schema)
    return [_union(platform, sandbox, class_id, schemas) for class_id, schemas in members.items()]


def _union(platform: Platform, sandbox: Sandbox, class_id: str, schemas: list[Json]) -> Json:
    parts = list(dict.fromkeys(each for schema in schemas for each in schema["meta:extends"]))
    described = find_resource([*sandbox["classes"].values(), *LIBRARY["classes"]], class_id) or {}
    identifier = f"{class_id}__union"
    return {
        "$id": identifier,
        "meta:altId": alternative_id(identifier),
        "meta:resourceType": "unions",
        "version": "1.0",
        "title": described.get("title", class_id),
        "type": "object",
        "description": described.get("description", ""),
        "allOf": [{"$ref": part} for part in parts],
        "imsOrg": platform.switches.org_id,
        "meta:extends": [*(schema["$id"] for schema in schemas), *parts],
        "meta:xdmType": "object",
        "meta:containerId": "tenant",
        "meta:sandboxId": sandbox.id,
        "meta:sandboxType": sandbox.type,
    }

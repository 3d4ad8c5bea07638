"""Descriptors: what the tenant says about its schemas, identities above all."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.emulator.http.errors import SchemaRegistryError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.schema_registry import media_types
from airflow_provider_aep.emulator.services.schema_registry.listing import apply_filters, not_found, paginate
from airflow_provider_aep.emulator.services.schema_registry.lookup import find_schema
from airflow_provider_aep.emulator.services.schema_registry.resource import ownership
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform


def list_tenant(platform: Platform, request: Request) -> Response:
    return _listed(platform, request, list(request.sandbox["descriptors"].values()))


def list_global(platform: Platform, request: Request) -> Response:
    """Descriptors belong to tenants, so there are none."""
    return _listed(platform, request, [])


def get_one(platform: Platform, request: Request, descriptor_id: str) -> Response:
    media_types.check_descriptor(request)
    return Response(200, _existing(request, descriptor_id))


def create(platform: Platform, request: Request) -> Response:
    return Response(201, _store(platform, request, platform.identifiers.hex(40), None))


def replace(platform: Platform, request: Request, descriptor_id: str) -> Response:
    current = _existing(request, descriptor_id)
    return Response(200, _store(platform, request, descriptor_id, current))


def delete(platform: Platform, request: Request, descriptor_id: str) -> Response:
    del request.sandbox["descriptors"][_existing(request, descriptor_id)["@id"]]
    return Response(204)


def _listed(platform: Platform, request: Request, descriptors: list[Json]) -> Response:
    """Grouped by `@type`, or with the v2 media types in pages."""
    accept = media_types.of_descriptors(request)
    found = apply_filters(request, descriptors)
    if "-v2" in accept:
        page, about_page = paginate(platform, request, found)
        results = [_shown(each, accept) for each in page]
        return Response(200, {"results": results, "_page": about_page, "_links": {"next": None}})
    grouped: dict[str, list[Any]] = {}
    for descriptor in found:
        grouped.setdefault(descriptor["@type"], []).append(_shown(descriptor, accept))
    return Response(200, grouped)


def _shown(descriptor: Json, accept: str) -> Any:
    if media_types.is_summary(accept):
        return descriptor["@id"]
    if media_types.is_link(accept):
        return f"/tenant/descriptors/{descriptor['@id']}"
    return descriptor


def _existing(request: Request, descriptor_id: str) -> Json:
    descriptor = request.sandbox["descriptors"].get(descriptor_id)
    if descriptor is None:
        raise not_found(descriptor_id)
    return descriptor


def _store(platform: Platform, request: Request, descriptor_id: str, current: Json | None) -> Json:
    body = request.body
    if not isinstance(body, dict) or not str(body.get("@type", "")).startswith("xdm:"):
        raise SchemaRegistryError("1000-400", "Bad request", "A descriptor needs an @type.")
    schema_id = body.get("xdm:sourceSchema")
    if find_schema(request.sandbox, str(schema_id)) is None:
        raise SchemaRegistryError("1503-400", "Reference not found", f"There is no schema {schema_id}.")
    descriptor = {**body, "@id": descriptor_id, "version": "1", **ownership(platform, request, current)}
    request.sandbox["descriptors"][descriptor_id] = descriptor
    return descriptor

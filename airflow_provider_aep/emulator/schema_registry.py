"""Schema Registry: the tenant's schemas and their identity descriptors. Global classes are taken on trust."""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_aep.emulator import json_patch
from airflow_provider_aep.emulator.errors import FlowServiceError, SchemaRegistryError
from airflow_provider_aep.emulator.exchange import Answer, Record, Request
from airflow_provider_aep.emulator.filters import Condition
from airflow_provider_aep.emulator.platform import Platform
from airflow_provider_aep.emulator.sandbox import Sandbox
from airflow_provider_aep.emulator.schema_versions import find_schema, major_version

GLOBAL_PREFIXES = ("https://ns.adobe.com/xdm/", "https://ns.adobe.com/experience/")
ACCEPT = re.compile(r"application/vnd\.adobe\.(xed|xdm)(-[a-z]+)*\+json", re.IGNORECASE)
DEFAULT_LIMIT = 300
READ_ONLY = ("$id", "meta:altId", "version", "imsOrg", "meta:registryMetadata")
SUMMARY_FIELDS = ("$id", "meta:altId", "version", "title")
PROPERTY = re.compile(r"^(?P<path>[^=!<>]+)(?P<operator>==|!=|>=|<=|>|<)(?P<value>.*)$")


def get_stats(platform: Platform, request: Request) -> Answer:
    """GET /stats: among other things the tenant id, without its underscore."""
    sandbox = request.sandbox
    return Answer(
        200,
        {
            "imsOrg": platform.switches.org_id,
            "tenantId": platform.switches.tenant_id,
            "counts": {
                "schemas": len(sandbox["schemas"]),
                "mixins": 0,
                "datatypes": 0,
                "classes": 0,
                "unions": 0,
            },
            "recentlyCreatedResources": [],
            "recentlyUpdatedResources": [],
        },
    )


def list_schemas(platform: Platform, request: Request, container: str) -> Answer:
    accept = _accept(request)
    schemas = list(request.sandbox["schemas"].values()) if container == "tenant" else []
    for expression in request.query.get("property", []):
        schemas = [schema for schema in schemas if _matches(schema, expression)]
    order = request.first("orderby")
    if ("limit" in request.query or "start" in request.query) and not order:
        raise SchemaRegistryError("1002-400", "Bad request", "limit and start need orderby.")
    if order:
        field = order.lstrip("+-")
        schemas.sort(key=lambda schema: str(schema.get(field, "")), reverse=order.startswith("-"))
    page, following = _page(request, schemas, (order or "title").lstrip("+-"))
    summary = "xed-id" in accept
    return Answer(
        200,
        {
            "results": [_summary(schema) if summary else schema for schema in page],
            "_page": {"orderby": order or "updated", "next": following, "count": len(page)},
            "_links": {
                "next": None,
                "global_schemas": {"href": "/data/foundation/schemaregistry/global/schemas"},
            },
        },
    )


def get_schema(platform: Platform, request: Request, name: str) -> Answer:
    """GET /tenant/schemas/{$id or altId}: the Accept header must carry the major version."""
    accept = _accept(request)
    if "xed-id" not in accept and major_version(accept) is None:
        raise SchemaRegistryError(
            "1006-400", "Accept header invalid", "The Accept header must contain the version of the schema."
        )
    schema = _existing(request.sandbox, name)
    wanted = major_version(accept)
    if wanted is not None and wanted != major_version(f"version={schema['version']}"):
        raise _no_such_schema(f"{name} version {wanted}")
    return Answer(200, _summary(schema) if "xed-id" in accept else schema)


def create_schema(platform: Platform, request: Request) -> Answer:
    body = request.body
    if not isinstance(body, dict):
        raise SchemaRegistryError("1000-400", "Bad request", "The request body must be a JSON object.")
    title = body.get("title")
    if not title:
        raise SchemaRegistryError("1501-400", "Title missing", "The schema needs a title.")
    references = _references(request.sandbox, body)
    _check_title(request.sandbox, str(title))
    schema = _schema(platform, request, body, references)
    request.sandbox["schemas"][schema["$id"]] = schema
    return Answer(201, schema)


def patch_schema(platform: Platform, request: Request, name: str) -> Answer:
    """PATCH /tenant/schemas/{name}: JSON Patch; no If-Match."""
    schema = _existing(request.sandbox, name)
    try:
        patched, _ = json_patch.applied(schema, request.body)
    except FlowServiceError as refused:
        raise SchemaRegistryError("1005-400", "Patch not possible", refused.detail) from refused
    patched |= {name: schema[name] for name in READ_ONLY}
    if patched.get("title") != schema["title"]:
        _check_title(request.sandbox, str(patched.get("title")))
    patched["meta:registryMetadata"]["repo:lastModifiedDate"] = platform.clock.now_ms()
    request.sandbox["schemas"][schema["$id"]] = patched
    return Answer(200, patched)


def delete_schema(platform: Platform, request: Request, name: str) -> Answer:
    del request.sandbox["schemas"][_existing(request.sandbox, name)["$id"]]
    return Answer(204)


def create_descriptor(platform: Platform, request: Request) -> Answer:
    body = request.body
    if not isinstance(body, dict) or not str(body.get("@type", "")).startswith("xdm:"):
        raise SchemaRegistryError("1000-400", "Bad request", "A descriptor needs an @type.")
    _existing(request.sandbox, str(body.get("xdm:sourceSchema")))
    descriptor = {"@id": platform.identifiers.hex(40), **body, "version": "1"}
    request.sandbox["descriptors"][descriptor["@id"]] = descriptor
    return Answer(201, descriptor)


def list_descriptors(platform: Platform, request: Request) -> Answer:
    _accept(request)
    grouped: dict[str, list[Record]] = {}
    for descriptor in request.sandbox["descriptors"].values():
        grouped.setdefault(descriptor["@type"], []).append(descriptor)
    return Answer(200, grouped)


def _accept(request: Request) -> str:
    accept = request.headers.get("accept", "")
    if not ACCEPT.search(accept):
        raise SchemaRegistryError(
            "1006-400",
            "Accept header invalid",
            f"The Accept header {accept!r} is not one of the supported application/vnd.adobe.xed*+json types.",
        )
    return re.sub(r"\s", "", accept).lower()


def _matches(schema: Record, expression: str) -> bool:
    match = PROPERTY.match(expression)
    if match is None:
        return expression in schema
    return Condition(match["path"], match["operator"], (match["value"].strip('"'),)).holds(schema)


def _page(request: Request, schemas: list[Record], order: str) -> tuple[list[Record], str | None]:
    given = request.first("limit") or str(DEFAULT_LIMIT)
    if not given.isdigit():
        raise SchemaRegistryError("1002-400", "Bad request", f"limit must be a number, not {given}.")
    # Zero is allowed and, as the limit is only a hint, taken for no wish at all.
    limit = int(given) or DEFAULT_LIMIT
    start = request.first("start")
    if start is not None:
        schemas = [schema for schema in schemas if str(schema.get(order, "")) >= start]
    following = str(schemas[limit].get(order, "")) if len(schemas) > limit else None
    return schemas[:limit], following


def _summary(schema: Record) -> Record:
    return {name: schema[name] for name in SUMMARY_FIELDS}


def _existing(sandbox: Sandbox, name: str) -> Record:
    schema = find_schema(sandbox, name)
    if schema is None:
        raise _no_such_schema(name)
    return schema


def _no_such_schema(name: str) -> SchemaRegistryError:
    return SchemaRegistryError("1010-404", "Resource not found", f"The requested resource {name} could not be found.")


def _check_title(sandbox: Sandbox, title: str) -> None:
    for schema in sandbox["schemas"].values():
        if schema["title"] == title:
            raise SchemaRegistryError(
                "1521-400",
                "Title not unique",
                f"Object titles must be unique. An object {schema['$id']} already exists with the same title {title}.",
            )


def _references(sandbox: Sandbox, body: Record) -> list[str]:
    """The `$ref`s of allOf; a class and field groups of Adobe are trusted, the tenant's own must exist."""
    parts = body.get("allOf")
    if not isinstance(parts, list) or not parts:
        raise SchemaRegistryError("1502-400", "Class missing", "The schema needs allOf with the $ref of a class.")
    references = [str(part.get("$ref")) if isinstance(part, dict) else "None" for part in parts]
    for reference in references:
        if not reference.startswith(GLOBAL_PREFIXES) and find_schema(sandbox, reference) is None:
            raise SchemaRegistryError("1503-400", "Reference not found", f"The $ref {reference} could not be resolved.")
    return references


def _schema(platform: Platform, request: Request, body: Record, references: list[str]) -> Record:
    tenant, digest = platform.switches.tenant_id, platform.identifiers.hex(48)
    now_ms = platform.clock.now_ms()
    user = platform.audit(request.client_id)["createdBy"]
    metadata: Record = {
        "repo:createdDate": now_ms,
        "repo:lastModifiedDate": now_ms,
        "xdm:createdClientId": request.client_id,
        "xdm:lastModifiedClientId": request.client_id,
        "xdm:createdUserId": user,
        "xdm:lastModifiedUserId": user,
        "eTag": platform.identifiers.hex(64),
        "meta:globalLibVersion": "1.16.1",
    }
    parts: list[Any] = [{"type": "object", "meta:xdmType": "object", **part} for part in body["allOf"]]
    return {
        "$id": f"https://ns.adobe.com/{tenant}/schemas/{digest}",
        "meta:altId": f"_{tenant}.schemas.{digest}",
        "meta:resourceType": "schemas",
        "version": "1.0",
        "title": body["title"],
        "type": "object",
        "description": body.get("description", ""),
        "allOf": parts,
        "refs": references,
        "imsOrg": platform.switches.org_id,
        "meta:extensible": False,
        "meta:abstract": False,
        "meta:extends": references,
        "meta:xdmType": "object",
        "meta:registryMetadata": metadata,
        "meta:class": body.get("meta:class", references[0]),
        "meta:containerId": "tenant",
        "meta:sandboxId": request.sandbox.id,
        "meta:sandboxType": request.sandbox.type,
        "meta:tenantNamespace": f"_{tenant}",
    }

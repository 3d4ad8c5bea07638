"""A resource as the registry shows it: what the tenant wrote, and what the registry adds."""

from __future__ import annotations

from airflow_provider_aep.emulator.http.message import Request
from airflow_provider_aep.emulator.services.schema_registry.library import NAMESPACE, VERSION
from airflow_provider_aep.emulator.services.schema_registry.lookup import alternative_id
from airflow_provider_aep.emulator.services.schema_registry.resource_types import (
    SCHEMAS,
    ResourceType,
    built_upon,
    class_of,
    is_relational,
    references,
)
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform


def compose(
    platform: Platform, request: Request, resource_type: ResourceType, body: Json, current: Json | None
) -> Json:
    """The resource that a checked body makes, or (`current`) the next minor version of the one there is."""
    tenant = platform.switches.tenant_id
    if current is None:
        identifier = f"{NAMESPACE}/{tenant}/{resource_type.name}/{platform.identifiers.hex(48)}"
        minor = 0
    else:
        identifier = current["$id"]
        minor = int(current["version"].partition(".")[2]) + 1
    resource = {
        **body,
        "$id": identifier,
        "meta:altId": alternative_id(identifier),
        "meta:resourceType": resource_type.name,
        "version": f"1.{minor}",
        "type": body.get("type", "object"),
        "description": body.get("description", ""),
        "refs": list(dict.fromkeys(references(body))),
        "meta:extensible": resource_type.extensible,
        "meta:abstract": resource_type.extensible,
        "meta:extends": _extended(body),
        "meta:xdmType": body.get("type", "object"),
        "meta:tenantNamespace": f"_{tenant}",
        **ownership(platform, request, current),
    }
    if "allOf" in body:
        resource["allOf"] = [
            {"type": "object", "meta:xdmType": "object", **part} if "$ref" in part else part for part in body["allOf"]
        ]
    if resource_type is SCHEMAS and not is_relational(body):
        resource["meta:class"] = class_of(request.sandbox, body)
    return resource


def _extended(body: Json) -> list[str]:
    """What the tenant wrote there, and what the resource is built upon."""
    given = body.get("meta:extends")
    named = [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
    return list(dict.fromkeys([*named, *(each for each in built_upon(body) if not each.startswith("#"))]))


def ownership(platform: Platform, request: Request, current: Json | None) -> Json:
    """The owner and the audit fields of a resource or a descriptor."""
    now_ms = platform.clock.now_ms()
    user = platform.audit(request.client_id)["createdBy"]
    created = {"repo:createdDate": now_ms, "xdm:createdClientId": request.client_id, "xdm:createdUserId": user}
    return {
        "imsOrg": platform.switches.org_id,
        "meta:containerId": "tenant",
        "meta:sandboxId": request.sandbox.id,
        "meta:sandboxType": request.sandbox.type,
        "meta:registryMetadata": {
            **(current["meta:registryMetadata"] if current else created),
            "repo:lastModifiedDate": now_ms,
            "xdm:lastModifiedClientId": request.client_id,
            "xdm:lastModifiedUserId": user,
            "eTag": platform.identifiers.hex(64),
            "meta:globalLibVersion": VERSION,
        },
    }

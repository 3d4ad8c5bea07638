"""GET /stats: among other things the tenant id, without its underscore."""

from __future__ import annotations

from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.schema_registry.listing import summary
from airflow_provider_aep.emulator.services.schema_registry.resource_types import RESOURCE_TYPES
from airflow_provider_aep.emulator.services.schema_registry.unions import unions
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

RECENT = 10


def get_stats(platform: Platform, request: Request) -> Response:
    sandbox = request.sandbox
    resources = [
        resource for resource_type in RESOURCE_TYPES for resource in sandbox[resource_type.collection].values()
    ]
    return Response(
        200,
        {
            "imsOrg": platform.switches.org_id,
            "tenantId": platform.switches.tenant_id,
            "counts": {
                **{resource_type.name: len(sandbox[resource_type.collection]) for resource_type in RESOURCE_TYPES},
                "unions": len(unions(platform, sandbox)),
            },
            "recentlyCreatedResources": _newest(resources, "repo:createdDate"),
            "recentlyUpdatedResources": _newest(resources, "repo:lastModifiedDate"),
        },
    )


def _newest(resources: list[Json], date: str) -> list[Json]:
    newest = sorted(resources, key=lambda resource: int(resource["meta:registryMetadata"][date]), reverse=True)
    return [summary(resource) for resource in newest[:RECENT]]

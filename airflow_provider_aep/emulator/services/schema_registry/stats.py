"""GET /stats: among other things the tenant id, without its underscore."""

from __future__ import annotations

from airflow_provider_aep.emulator.http.message import Answer, Request
from airflow_provider_aep.emulator.services.schema_registry.kinds import KINDS
from airflow_provider_aep.emulator.services.schema_registry.listing import summary
from airflow_provider_aep.emulator.services.schema_registry.unions import unions
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

RECENT = 10


def get_stats(platform: Platform, request: Request) -> Answer:
    sandbox = request.sandbox
    resources = [resource for kind in KINDS for resource in sandbox[kind.collection].values()]
    return Answer(
        200,
        {
            "imsOrg": platform.switches.org_id,
            "tenantId": platform.switches.tenant_id,
            "counts": {
                **{kind.resource_type: len(sandbox[kind.collection]) for kind in KINDS},
                "unions": len(unions(platform, sandbox)),
            },
            "recentlyCreatedResources": _newest(resources, "repo:createdDate"),
            "recentlyUpdatedResources": _newest(resources, "repo:lastModifiedDate"),
        },
    )


def _newest(resources: list[Json], date: str) -> list[Json]:
    newest = sorted(resources, key=lambda resource: int(resource["meta:registryMetadata"][date]), reverse=True)
    return [summary(resource) for resource in newest[:RECENT]]

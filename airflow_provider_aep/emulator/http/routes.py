"""The route table: the emulator's table of contents. A path that is not here is an error, and is recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from airflow_provider_aep.emulator import admin
from airflow_provider_aep.emulator.http.message import Answer, Request
from airflow_provider_aep.emulator.services import data_prep, export, ims, inlet, sandboxes
from airflow_provider_aep.emulator.services.catalog import datasets as catalog
from airflow_provider_aep.emulator.services.flow_service import (
    base_connections,
    explore,
    flow_runs,
    flows,
    source_connections,
    spec_listings,
    target_connections,
)
from airflow_provider_aep.emulator.services.schema_registry import descriptors, stats, unions
from airflow_provider_aep.emulator.services.schema_registry.endpoint import GlobalEndpoint, TenantEndpoint
from airflow_provider_aep.emulator.services.schema_registry.kinds import CLASSES, DATA_TYPES, FIELD_GROUPS, SCHEMAS

Handler = Callable[..., Answer]

FLOW = "/data/foundation/flowservice"
REGISTRY = "/data/foundation/schemaregistry"
CATALOG = "/data/foundation/catalog"
PREP = "/data/foundation/conversion"
SANDBOX = "/data/foundation/sandbox-management"
EXPORT = "/data/foundation/export"
ADMIN = "/_emulator"


def _xdm_routes(path: str, tenant: TenantEndpoint) -> tuple[tuple[str, str, Handler], ...]:
    """Those of one kind of resource in Schema Registry: the same for all kinds."""
    own, adobes = f"{REGISTRY}/tenant/{path}", f"{REGISTRY}/global/{path}"
    library = GlobalEndpoint(tenant.kind.collection)
    return (
        ("GET", adobes, library.list_all),
        ("GET", f"{adobes}/{{name}}", library.get_one),
        ("GET", own, tenant.list_all),
        ("POST", own, tenant.create),
        ("GET", f"{own}/{{name}}", tenant.get_one),
        ("PUT", f"{own}/{{name}}", tenant.replace),
        ("PATCH", f"{own}/{{name}}", tenant.patch),
        ("DELETE", f"{own}/{{name}}", tenant.delete),
    )


#: (method, path, handler); a {name} takes one segment and is handed to the handler
TABLE: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/ims/token/v3", ims.issue_token),
    # Flow Service
    ("GET", f"{FLOW}/connectionSpecs", spec_listings.list_connection_specs),
    ("GET", f"{FLOW}/connectionSpecs/{{spec_id}}", spec_listings.get_connection_spec),
    ("GET", f"{FLOW}/connectionSpecs/{{spec_id}}/explore", explore.explore_spec),
    ("GET", f"{FLOW}/flowSpecs", spec_listings.list_flow_specs),
    ("GET", f"{FLOW}/flowSpecs/{{spec_id}}", spec_listings.get_flow_spec),
    ("GET", f"{FLOW}/connections", base_connections.lister),
    ("POST", f"{FLOW}/connections", base_connections.create),
    ("GET", f"{FLOW}/connections/{{resource_id}}", base_connections.getter),
    ("PATCH", f"{FLOW}/connections/{{resource_id}}", base_connections.patch),
    ("DELETE", f"{FLOW}/connections/{{resource_id}}", base_connections.delete),
    ("GET", f"{FLOW}/connections/{{resource_id}}/test", base_connections.test),
    ("GET", f"{FLOW}/connections/{{resource_id}}/explore", explore.explore_connection),
    ("POST", f"{FLOW}/connections/{{resource_id}}/action", base_connections.act),
    ("GET", f"{FLOW}/sourceConnections", source_connections.lister),
    ("POST", f"{FLOW}/sourceConnections", source_connections.create),
    ("GET", f"{FLOW}/sourceConnections/{{resource_id}}", source_connections.getter),
    ("PATCH", f"{FLOW}/sourceConnections/{{resource_id}}", source_connections.patch),
    ("DELETE", f"{FLOW}/sourceConnections/{{resource_id}}", source_connections.delete),
    ("POST", f"{FLOW}/sourceConnections/{{resource_id}}/action", source_connections.act),
    ("GET", f"{FLOW}/targetConnections", target_connections.lister),
    ("POST", f"{FLOW}/targetConnections", target_connections.create),
    ("GET", f"{FLOW}/targetConnections/{{resource_id}}", target_connections.getter),
    ("PATCH", f"{FLOW}/targetConnections/{{resource_id}}", target_connections.patch),
    ("DELETE", f"{FLOW}/targetConnections/{{resource_id}}", target_connections.delete),
    ("POST", f"{FLOW}/targetConnections/{{resource_id}}/action", target_connections.act),
    ("GET", f"{FLOW}/flows", flows.lister),
    ("POST", f"{FLOW}/flows", flows.create),
    ("GET", f"{FLOW}/flows/{{resource_id}}", flows.getter),
    ("PATCH", f"{FLOW}/flows/{{resource_id}}", flows.patch),
    ("DELETE", f"{FLOW}/flows/{{resource_id}}", flows.delete),
    ("POST", f"{FLOW}/flows/{{resource_id}}/action", flows.act),
    ("GET", f"{FLOW}/runs", flow_runs.list_runs),
    ("POST", f"{FLOW}/runs", flow_runs.create),
    ("GET", f"{FLOW}/runs/{{run_id}}", flow_runs.get_run),
    ("PUT", f"{FLOW}/runs/{{run_id}}", flow_runs.replace),
    ("POST", f"{FLOW}/runs/{{run_id}}/action", flow_runs.act),
    # Schema Registry
    ("GET", f"{REGISTRY}/stats", stats.get_stats),
    *_xdm_routes("schemas", TenantEndpoint(SCHEMAS)),
    *_xdm_routes("fieldgroups", TenantEndpoint(FIELD_GROUPS)),
    *_xdm_routes("mixins", TenantEndpoint(FIELD_GROUPS)),  # their former name
    *_xdm_routes("classes", TenantEndpoint(CLASSES)),
    *_xdm_routes("datatypes", TenantEndpoint(DATA_TYPES)),
    ("GET", f"{REGISTRY}/global/behaviors", GlobalEndpoint("behaviors").list_all),
    ("GET", f"{REGISTRY}/global/behaviors/{{name}}", GlobalEndpoint("behaviors").get_one),
    ("GET", f"{REGISTRY}/tenant/unions", unions.list_all),
    ("GET", f"{REGISTRY}/tenant/unions/{{name}}", unions.get_one),
    ("GET", f"{REGISTRY}/global/descriptors", descriptors.list_global),
    ("GET", f"{REGISTRY}/tenant/descriptors", descriptors.list_tenant),
    ("POST", f"{REGISTRY}/tenant/descriptors", descriptors.create),
    ("GET", f"{REGISTRY}/tenant/descriptors/{{descriptor_id}}", descriptors.get_one),
    ("PUT", f"{REGISTRY}/tenant/descriptors/{{descriptor_id}}", descriptors.replace),
    ("DELETE", f"{REGISTRY}/tenant/descriptors/{{descriptor_id}}", descriptors.delete),
    # Catalog
    ("GET", f"{CATALOG}/dataSets", catalog.list_datasets),
    ("POST", f"{CATALOG}/dataSets", catalog.create_dataset),
    ("GET", f"{CATALOG}/dataSets/{{dataset_id}}", catalog.get_dataset),
    ("PATCH", f"{CATALOG}/dataSets/{{dataset_id}}", catalog.patch_dataset),
    ("PATCH", f"{CATALOG}/v2/dataSets/{{dataset_id}}", catalog.patch_dataset),
    ("DELETE", f"{CATALOG}/dataSets/{{dataset_id}}", catalog.delete_dataset),
    ("GET", f"{CATALOG}/batches", catalog.list_batches),
    ("GET", f"{CATALOG}/batches/{{batch_id}}", catalog.get_batch),
    ("GET", f"{CATALOG}/lastBatches", catalog.last_batches),
    # Data Prep
    ("GET", f"{PREP}/mappingSets", data_prep.list_mapping_sets),
    ("POST", f"{PREP}/mappingSets", data_prep.create_mapping_set),
    ("POST", f"{PREP}/mappingSets/validate", data_prep.validate_mapping_set),
    ("GET", f"{PREP}/mappingSets/{{mapping_set_id}}", data_prep.get_mapping_set),
    ("PUT", f"{PREP}/mappingSets/{{mapping_set_id}}", data_prep.replace_mapping_set),
    ("GET", f"{PREP}/mappingSets/{{mapping_set_id}}/mappings", data_prep.list_mappings),
    # Sandbox management and the export of diagnostic files
    ("GET", SANDBOX, sandboxes.list_sandboxes),
    ("GET", f"{SANDBOX}/sandboxes", sandboxes.list_sandboxes),
    ("GET", f"{SANDBOX}/sandboxes/{{name}}", sandboxes.get_sandbox),
    ("GET", f"{EXPORT}/batches/{{batch_id}}/meta", export.get_batch_meta),
    # The streaming inlets
    ("POST", "/collection/{inlet_id}", inlet.collect),
    ("POST", "/collection/batch/{inlet_id}", inlet.collect_batch),
    # The emulator itself
    ("GET", f"{ADMIN}/state", admin.get_state),
    ("GET", f"{ADMIN}/requests", admin.get_requests),
    ("GET", f"{ADMIN}/unknown-routes", admin.get_unknown_routes),
    ("GET", f"{ADMIN}/connection", admin.get_connection),
    ("GET", f"{ADMIN}/clock", admin.get_clock),
    ("POST", f"{ADMIN}/clock", admin.advance_clock),
    ("POST", f"{ADMIN}/runs/outcomes", admin.script_run),
    ("POST", f"{ADMIN}/faults", admin.plan_fault),
    ("DELETE", f"{ADMIN}/faults", admin.clear_faults),
    ("POST", f"{ADMIN}/chaos", admin.set_chaos),
    ("GET", f"{ADMIN}/switches", admin.get_switches),
    ("PATCH", f"{ADMIN}/switches", admin.set_switches),
    ("DELETE", f"{ADMIN}/tokens", admin.revoke_tokens),
    ("POST", f"{ADMIN}/reset", admin.reset),
)

#: services that answer without a sandbox
ORGANISATION_WIDE = (SANDBOX,)


@dataclass(frozen=True)
class Route:
    method: str
    pattern: tuple[str, ...]
    handler: Handler
    needs_sandbox: bool

    def match(self, request: Request) -> dict[str, str] | None:
        """The path's parameters, or None if this is another route."""
        if self.method != request.method or len(self.pattern) != len(request.segments):
            return None
        found = {}
        for expected, segment in zip(self.pattern, request.segments, strict=True):
            if expected.startswith("{"):
                found[expected[1:-1]] = segment
            elif expected != segment:
                return None
        return found


ROUTES = tuple(
    Route(
        method,
        tuple(part for part in path.split("/") if part),
        handler,
        not path.startswith(ORGANISATION_WIDE),
    )
    for method, path, handler in TABLE
)


def find_route(request: Request) -> tuple[Route, dict[str, str]] | None:
    for route in ROUTES:
        found = route.match(request)
        if found is not None:
            return route, found
    return None

"""The route table: the emulator's table of contents. A path that is not here is an error, and is recorded.

An endpoint is a function of the platform, the request and the path's parameters, by name. Where several paths share
one, its first argument, bound here by `partial`, is the collection or the type of resource that the path is about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from airflow_provider_aep.emulator import admin
from airflow_provider_aep.emulator.http.gateway import needs_sandbox, needs_token, open_to_all
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services import connectors, data_prep, export, ims, inlet, sandboxes
from airflow_provider_aep.emulator.services.catalog import batches, datasets
from airflow_provider_aep.emulator.services.flow_service import (
    base_connections,
    explore,
    flow_runs,
    flows,
    resources,
    source_connections,
    specs,
    target_connections,
)
from airflow_provider_aep.emulator.services.schema_registry import (
    descriptors,
    global_container,
    stats,
    tenant_container,
    unions,
)
from airflow_provider_aep.emulator.services.schema_registry.resource_types import (
    CLASSES,
    DATA_TYPES,
    FIELD_GROUPS,
    SCHEMAS,
    ResourceType,
)
from airflow_provider_aep.emulator.state.platform import Platform

Handler = Callable[..., Response]
Guard = Callable[[Platform, Request], None]
#: (method, path below the service's, handler); a {name} in the path takes one segment and is handed to the handler
Row = tuple[str, str, Handler]


@dataclass(frozen=True)
class Route:
    """`guard` raises an error unless the request may reach the handler."""

    method: str
    pattern: tuple[str, ...]
    handler: Handler
    guard: Guard

    def match(self, request: Request) -> dict[str, str] | None:
        """The path's parameters, or None if this is another route."""
        if self.method != request.method or len(self.pattern) != len(request.segments):
            return None
        parameters = {}
        for expected, segment in zip(self.pattern, request.segments, strict=True):
            if expected.startswith("{"):
                parameters[expected[1:-1]] = segment
            elif expected != segment:
                return None
        return parameters


@dataclass(frozen=True)
class Match:
    route: Route
    parameters: dict[str, str]


def find_route(request: Request) -> Match | None:
    for route in ROUTES:
        parameters = route.match(request)
        if parameters is not None:
            return Match(route, parameters)
    return None


def _service(path: str, guard: Guard, *rows: Row) -> tuple[Route, ...]:
    return tuple(
        Route(method, tuple(part for part in f"{path}{below}".split("/") if part), handler, guard)
        for method, below, handler in rows
    )


def _xdm_rows(path: str, resource_type: ResourceType) -> tuple[Row, ...]:
    """Those of one type of resource in Schema Registry: the same for all types."""
    collection = resource_type.collection
    return (
        ("GET", f"/global/{path}", partial(global_container.list_all, collection)),
        ("GET", f"/global/{path}/{{name}}", partial(global_container.get_one, collection)),
        ("GET", f"/tenant/{path}", partial(tenant_container.list_all, resource_type)),
        ("POST", f"/tenant/{path}", partial(tenant_container.create, resource_type)),
        ("GET", f"/tenant/{path}/{{name}}", partial(tenant_container.get_one, resource_type)),
        ("PUT", f"/tenant/{path}/{{name}}", partial(tenant_container.replace, resource_type)),
        ("PATCH", f"/tenant/{path}/{{name}}", partial(tenant_container.patch, resource_type)),
        ("DELETE", f"/tenant/{path}/{{name}}", partial(tenant_container.delete, resource_type)),
    )


def get_index(platform: Platform, request: Request) -> Response:
    """This page."""
    about = "A local Adobe Experience Platform. Its own routes, which steer it:"
    routes = {
        f"{route.method} /{'/'.join(route.pattern)}": (route.handler.__doc__ or "").partition("\n")[0]
        for route in EMULATOR
    }
    return Response(200, {"about": about, "routes": routes})


IMS = _service(
    "/ims",
    open_to_all,
    ("POST", "/token/v3", ims.issue_token),
)

FLOW_SERVICE = _service(
    "/data/foundation/flowservice",
    needs_sandbox,
    ("GET", "/connectionSpecs", specs.list_connection_specs),
    ("POST", "/connectionSpecs", specs.create_connection_spec),
    ("GET", "/connectionSpecs/{spec_id}", specs.get_connection_spec),
    ("PUT", "/connectionSpecs/{spec_id}", specs.replace_connection_spec),
    ("GET", "/connectionSpecs/{spec_id}/explore", explore.explore_spec),
    ("GET", "/flowSpecs", specs.list_flow_specs),
    ("POST", "/flowSpecs", specs.create_flow_spec),
    ("GET", "/flowSpecs/{spec_id}", specs.get_flow_spec),
    ("PUT", "/flowSpecs/{spec_id}", specs.replace_flow_spec),
    ("GET", "/connections", partial(resources.list_all, "connections")),
    ("POST", "/connections", base_connections.create),
    ("GET", "/connections/{resource_id}", partial(resources.get_one, "connections")),
    ("PATCH", "/connections/{resource_id}", base_connections.patch),
    ("DELETE", "/connections/{resource_id}", base_connections.delete),
    ("GET", "/connections/{resource_id}/test", base_connections.test),
    ("GET", "/connections/{resource_id}/explore", explore.explore_connection),
    ("POST", "/connections/{resource_id}/action", base_connections.act),
    ("GET", "/sourceConnections", partial(resources.list_all, "sourceConnections")),
    ("POST", "/sourceConnections", source_connections.create),
    ("GET", "/sourceConnections/{resource_id}", partial(resources.get_one, "sourceConnections")),
    ("PATCH", "/sourceConnections/{resource_id}", source_connections.patch),
    ("DELETE", "/sourceConnections/{resource_id}", partial(resources.delete_flow_end, "sourceConnections")),
    ("POST", "/sourceConnections/{resource_id}/action", source_connections.act),
    ("GET", "/targetConnections", partial(resources.list_all, "targetConnections")),
    ("POST", "/targetConnections", target_connections.create),
    ("GET", "/targetConnections/{resource_id}", partial(resources.get_one, "targetConnections")),
    ("PATCH", "/targetConnections/{resource_id}", target_connections.patch),
    ("DELETE", "/targetConnections/{resource_id}", partial(resources.delete_flow_end, "targetConnections")),
    ("POST", "/targetConnections/{resource_id}/action", target_connections.act),
    ("GET", "/flows", partial(resources.list_all, "flows")),
    ("POST", "/flows", flows.create),
    ("GET", "/flows/{resource_id}", partial(resources.get_one, "flows")),
    ("PATCH", "/flows/{resource_id}", flows.patch),
    ("DELETE", "/flows/{resource_id}", flows.delete),
    ("POST", "/flows/{resource_id}/action", flows.act),
    ("GET", "/runs", flow_runs.list_all),
    ("POST", "/runs", flow_runs.create),
    ("GET", "/runs/{run_id}", flow_runs.get_one),
    ("PUT", "/runs/{run_id}", flow_runs.replace),
    ("POST", "/runs/{run_id}/action", flow_runs.act),
)

SCHEMA_REGISTRY = _service(
    "/data/foundation/schemaregistry",
    needs_sandbox,
    ("GET", "/stats", stats.get_stats),
    *_xdm_rows("schemas", SCHEMAS),
    *_xdm_rows("fieldgroups", FIELD_GROUPS),
    *_xdm_rows("mixins", FIELD_GROUPS),  # their former name
    *_xdm_rows("classes", CLASSES),
    *_xdm_rows("datatypes", DATA_TYPES),
    ("GET", "/global/behaviors", partial(global_container.list_all, "behaviors")),
    ("GET", "/global/behaviors/{name}", partial(global_container.get_one, "behaviors")),
    ("GET", "/tenant/unions", unions.list_all),
    ("GET", "/tenant/unions/{name}", unions.get_one),
    ("GET", "/global/descriptors", descriptors.list_global),
    ("GET", "/tenant/descriptors", descriptors.list_tenant),
    ("POST", "/tenant/descriptors", descriptors.create),
    ("GET", "/tenant/descriptors/{descriptor_id}", descriptors.get_one),
    ("PUT", "/tenant/descriptors/{descriptor_id}", descriptors.replace),
    ("DELETE", "/tenant/descriptors/{descriptor_id}", descriptors.delete),
)

CATALOG = _service(
    "/data/foundation/catalog",
    needs_sandbox,
    ("GET", "/dataSets", datasets.list_all),
    ("POST", "/dataSets", datasets.create),
    ("GET", "/dataSets/{dataset_id}", datasets.get_one),
    ("PATCH", "/dataSets/{dataset_id}", datasets.patch),
    ("PATCH", "/v2/dataSets/{dataset_id}", datasets.patch),
    ("DELETE", "/dataSets/{dataset_id}", datasets.delete),
    ("GET", "/dataSets/{dataset_id}/views", datasets.list_views),
    ("GET", "/dataSets/{dataset_id}/views/{view_id}", datasets.get_view),
    ("GET", "/dataSets/{dataset_id}/views/{view_id}/files", datasets.list_view_files),
    ("GET", "/batches", batches.list_all),
    ("GET", "/batches/{batch_id}", batches.get_one),
    ("GET", "/lastBatches", batches.list_last),
)

DATA_PREP = _service(
    "/data/foundation/conversion",
    needs_sandbox,
    ("GET", "/mappingSets", data_prep.list_all),
    ("POST", "/mappingSets", data_prep.create),
    ("POST", "/mappingSets/validate", data_prep.validate),
    ("POST", "/mappingSets/preview", data_prep.preview),
    ("GET", "/mappingSets/{mapping_set_id}", data_prep.get_one),
    ("PUT", "/mappingSets/{mapping_set_id}", data_prep.replace),
    ("GET", "/mappingSets/{mapping_set_id}/mappings", data_prep.list_mappings),
)

CONNECTORS = _service(
    "/data/foundation/connectors",
    needs_sandbox,
    ("GET", "/landingzone", connectors.get_landing_zone),
    ("GET", "/landingzone/credentials", connectors.get_credentials),
    ("POST", "/landingzone/credentials", connectors.refresh_credentials),
    ("POST", "/encryption/keys", connectors.create_encryption_key),
)

SANDBOX_MANAGEMENT = _service(
    "/data/foundation/sandbox-management",
    needs_token,
    ("GET", "", sandboxes.list_all),
    ("GET", "/sandboxes", sandboxes.list_all),
    ("GET", "/sandboxes/{name}", sandboxes.get_one),
)

DATA_ACCESS = _service(
    "/data/foundation/export",
    needs_sandbox,
    ("GET", "/batches/{batch_id}/meta", export.get_batch_meta),
)

STREAMING_INLETS = _service(
    "/collection",
    open_to_all,
    ("POST", "/{inlet_id}", inlet.ingest_message),
    ("POST", "/batch/{inlet_id}", inlet.ingest_messages),
)

EMULATOR = _service(
    "/_emulator",
    open_to_all,
    ("GET", "", get_index),
    ("GET", "/health", admin.get_health),
    ("GET", "/state", admin.get_state),
    ("GET", "/requests", admin.get_requests),
    ("GET", "/unknown-routes", admin.get_unknown_routes),
    ("GET", "/connection", admin.get_connection),
    ("GET", "/clock", admin.get_clock),
    ("POST", "/clock", admin.advance_clock),
    ("POST", "/dataflows", admin.make_dataflow),
    ("GET", "/runs/outcomes", admin.list_scripts),
    ("POST", "/runs/outcomes", admin.script_run),
    ("GET", "/faults", admin.list_faults),
    ("POST", "/faults", admin.plan_fault),
    ("DELETE", "/faults", admin.clear_faults),
    ("POST", "/chaos", admin.set_chaos),
    ("POST", "/specs", admin.register_specs),
    ("GET", "/switches", admin.get_switches),
    ("PATCH", "/switches", admin.set_switches),
    ("DELETE", "/tokens", admin.revoke_tokens),
    ("POST", "/reset", admin.reset),
)

ROUTES = (
    *IMS,
    *FLOW_SERVICE,
    *SCHEMA_REGISTRY,
    *CATALOG,
    *DATA_PREP,
    *CONNECTORS,
    *SANDBOX_MANAGEMENT,
    *DATA_ACCESS,
    *STREAMING_INLETS,
    *EMULATOR,
)

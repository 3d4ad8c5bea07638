"""Source connections. Columns are known by their name, so their order does not matter."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call, Send
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.source_connection import SourceConnection, with_xdm_type
from airflow_provider_aep.reconcile.diff import Change, Diff, differences
from airflow_provider_aep.resources.flow_service import NOT_REFLECTED, FlowServiceType
from airflow_provider_aep.resources.patching import declared_part, patch_operation

_COMPARED = ("description", "base_connection_id", "data", "params")


class SourceConnectionType(FlowServiceType[SourceConnection]):
    noun = "source connection"
    key_fields = ("name", "connectionSpec.id")

    def declare(self, **arguments: Any) -> SourceConnection:
        return SourceConnection.declare(**arguments)

    def natural_key(self, resource: SourceConnection) -> tuple[str | None, ...]:
        return resource.name, resource.connection_spec.id

    def lookup(self, declared: SourceConnection) -> Call[list[SourceConnection]]:
        return flow_service.list_source_connections(declared.name, declared.connection_spec.id)

    def list_all(self) -> Call[list[SourceConnection]]:
        return flow_service.list_source_connections()

    def get(self, id_: str) -> Call[SourceConnection]:
        return flow_service.get_source_connection(id_)

    def diff(self, declared: SourceConnection, live: SourceConnection) -> Diff:
        compared = declared_part(declared, *_COMPARED)
        compared["connectionSpec"] = {"id": declared.connection_spec.id}
        seen = _with_file_properties(live.to_wire(*_COMPARED, "connection_spec"), declared)
        wanted, got = _columns(compared), _columns(seen)
        if wanted is None or got is None:
            return differences(compared, seen)
        compared["params"] = {**compared["params"], "columns": wanted}
        seen["params"] = {**seen["params"], "columns": got}
        more = [Change(f"/params/columns/{name}", None, got[name]) for name in got if name not in wanted]
        return (*differences(compared, seen), *more)

    def requires_replace(self, declared: SourceConnection, live: SourceConnection, now: float) -> dict[str, str]:
        return {path: NOT_REFLECTED for path in ("/baseConnectionId", "/connectionSpec", "/data", "/params")}

    def create(self, declared: SourceConnection) -> Call[Created]:
        return flow_service.create_source_connection(declared)

    def update(self, declared: SourceConnection, live: SourceConnection, diff: Diff) -> Call[Created]:
        patch = [patch_operation(change) for change in diff]
        return flow_service.update_source_connection(self.id_of(live), self.if_match(live), patch)

    def delete(self, id_: str) -> Call[None]:
        return flow_service.delete_source_connection(id_)

    def dependents(self, send: Send, id_: str) -> list[str]:
        # The list may take no notice of its filter.
        flows = send(flow_service.list_flows_using("source", id_))
        return [str(flow.id) for flow in flows if id_ in flow.source_connection_ids]


def _with_file_properties(seen: dict[str, Any], declared: SourceConnection) -> dict[str, Any]:
    """What is live, with the declared file properties at their place: Adobe's pages also write them as params."""
    data, params = (seen.get(key) or {} for key in ("data", "params"))
    nested = params.get("properties")
    beside = {**params, **nested} if isinstance(nested, dict) else params
    found = {key: beside[key] for key in declared.data.properties or {} if beside.get(key) is not None}
    if not found:
        return seen
    return {**seen, "data": {**data, "properties": {**found, **(data.get("properties") or {})}}}


def _columns(view: dict[str, Any]) -> dict[str, Any] | None:
    """name -> column, the odd ones left out; None where there is no list of columns."""
    columns = (view.get("params") or {}).get("columns")
    if not isinstance(columns, list):
        return None
    return {column["name"]: with_xdm_type(column) for column in columns if _has_name(column)}


def _has_name(column: Any) -> bool:
    return isinstance(column, dict) and isinstance(column.get("name"), str)


SOURCE_CONNECTION = SourceConnectionType()

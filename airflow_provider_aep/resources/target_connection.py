"""Target connections: the dataset in which a dataflow lands."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call, Send
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.media_types import major_version
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.reconcile.diff import Diff, differences
from airflow_provider_aep.resources.flow_service import NOT_REFLECTED, FlowServiceType
from airflow_provider_aep.resources.patching import declared_part, patch_operation
from airflow_provider_aep.validation import schema_uri


class TargetConnectionType(FlowServiceType[TargetConnection]):
    noun = "target connection"
    key_fields = ("name", "connectionSpec.id")

    def declare(self, **arguments: Any) -> TargetConnection:
        return TargetConnection.declare(**arguments)

    def natural_key(self, resource: TargetConnection) -> tuple[str | None, ...]:
        return resource.name, resource.connection_spec.id

    def lookup(self, declared: TargetConnection) -> Call[list[TargetConnection]]:
        return flow_service.list_target_connections(declared.name, declared.connection_spec.id)

    def list_all(self) -> Call[list[TargetConnection]]:
        return flow_service.list_target_connections()

    def get(self, id_: str) -> Call[TargetConnection]:
        return flow_service.get_target_connection(id_)

    def diff(self, declared: TargetConnection, live: TargetConnection) -> Diff:
        compared = declared_part(declared, "description", "data", "params")
        if live.data.format is None:
            # Adobe's own tutorial makes one without: what is not shown is not different from the default.
            compared["data"].pop("format", None)
        if _is_of_version(live, declared):
            compared["data"].get("schema", {}).pop("version", None)
        shown = live.data.xdm_schema
        if shown and declared.data.xdm_schema and schema_uri(shown.id) == declared.data.xdm_schema.id:
            # Flow Service also takes the meta:altId for it.
            compared["data"]["schema"].pop("id", None)
        return differences(compared, live.to_wire("description", "data", "params"))

    def requires_replace(self, declared: TargetConnection, live: TargetConnection, now: float) -> dict[str, str]:
        return {path: NOT_REFLECTED for path in ("/data", "/params")}

    def create(self, declared: TargetConnection) -> Call[Created]:
        return flow_service.create_target_connection(declared)

    def update(self, declared: TargetConnection, live: TargetConnection, diff: Diff) -> Call[Created]:
        patch = [patch_operation(change) for change in diff]
        return flow_service.update_target_connection(self.id_of(live), self.if_match(live), patch)

    def delete(self, id_: str) -> Call[None]:
        return flow_service.delete_target_connection(id_)

    def dependents(self, send: Send, id_: str) -> list[str]:
        # The list may take no notice of its filter.
        flows = send(flow_service.list_flows_using("target", id_))
        return [str(flow.id) for flow in flows if id_ in flow.target_connection_ids]


def _is_of_version(live: TargetConnection, declared: TargetConnection) -> bool:
    """Whether both name one major version of the schema, for which Adobe's pages write several media types; what is
    not shown is no other version.
    """
    shown, wanted = (each.data.xdm_schema.version if each.data.xdm_schema else None for each in (live, declared))
    return shown is None or (major_version(shown) == major_version(wanted) is not None)


TARGET_CONNECTION = TargetConnectionType()

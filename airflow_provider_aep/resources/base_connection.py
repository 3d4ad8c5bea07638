"""Base connections ("accounts"). Secrets are never compared, because the platform does not show them."""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.reconcile.diff import Diff, differences
from airflow_provider_aep.resources.flow_service import FlowServiceType
from airflow_provider_aep.resources.patching import declared_part, patch_operation

_SECRET = re.compile(r"(?i)pass|pwd|secret|token|key|credential|signature|sas|connectionstring")


class BaseConnectionType(FlowServiceType[BaseConnection]):
    noun = "base connection"
    key_fields = ("name", "connectionSpec.id")

    def declare(self, **arguments: Any) -> BaseConnection:
        return BaseConnection.declare(**arguments)

    def natural_key(self, resource: BaseConnection) -> tuple[str | None, ...]:
        return resource.name, resource.connection_spec.id

    def lookup(self, declared: BaseConnection) -> Call[list[BaseConnection]]:
        return flow_service.list_base_connections(declared.name, declared.connection_spec.id)

    def list_all(self) -> Call[list[BaseConnection]]:
        return flow_service.list_base_connections()

    def get(self, id_: str) -> Call[BaseConnection]:
        return flow_service.get_base_connection(id_)

    def diff(self, declared: BaseConnection, live: BaseConnection) -> Diff:
        compared = declared_part(declared, "description", "connectionSpec")
        if declared.auth and live.auth:
            params = live.auth.params
            plain = {key: value for key, value in declared.plain_params.items() if _is_shown(key, params.get(key))}
            # Adobe promises no more than the connection spec: what is not shown is not different.
            name = {"specName": declared.auth.spec_name} if live.auth.spec_name else {}
            compared["auth"] = {**name, "params": plain}
        elif declared.auth and live.state == "draft":
            # A draft may have none yet.
            compared["auth"] = {"specName": declared.auth.spec_name, "params": {}}
        return differences(compared, live.to_wire())

    def holds_secrets(self, declared: BaseConnection) -> bool:
        return bool(declared.auth and declared.auth.params)

    def requires_replace(self, declared: BaseConnection, live: BaseConnection, now: float) -> dict[str, str]:
        return {"/auth/specName": "the way of signing in belongs to the connection"}

    def create(self, declared: BaseConnection) -> Call[Created]:
        return flow_service.create_base_connection(declared)

    def update(self, declared: BaseConnection, live: BaseConnection, diff: Diff) -> Call[Created]:
        patch = [patch_operation(change) for change in diff if not change.is_within("/auth/params")]
        if declared.auth and declared.auth.params:
            # Adobe documents replacing them as a whole, so what is live and was not declared has to go along.
            params = live.auth.params if live.auth else {}
            shown = {key: value for key, value in params.items() if _is_shown(key, value)}
            patch.append({"op": "replace", "path": "/auth/params", "value": {**shown, **declared.auth.params}})
        return flow_service.update_base_connection(self.id_of(live), self.if_match(live), patch)

    def delete(self, id_: str) -> Call[None]:
        return flow_service.delete_base_connection(id_)


def _is_shown(key: str, value: Any) -> bool:
    """Whether the platform shows this parameter, and it may be shown in an error of ours."""
    if isinstance(value, str):
        return bool(value) and "*" not in value and not value.startswith("{") and not _SECRET.search(key)
    # Whatever is nested may hold secrets.
    return isinstance(value, bool | int | float)


BASE_CONNECTION = BaseConnectionType()

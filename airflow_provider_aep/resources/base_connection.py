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
from airflow_provider_aep.resources.patching import declared_part, merged, patch_operation
from airflow_provider_aep.validation import Problems

_SECRET = re.compile(r"(?i)pass|pwd|secret|token|key|credential|signature|sas|connectionstring")


# States in which nothing is read through a connection.
_IDLE = {
    "disabled": "is disabled: what reads through it fails until somebody enables it.",
    "draft": "is a draft: nothing reads through it until AepSetFlowStateOperator publishes a dataflow on it.",
}


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

    def warning(self, live: BaseConnection) -> str:
        return _IDLE.get(live.state or "", "")

    def diff(self, declared: BaseConnection, live: BaseConnection) -> Diff:
        compared = declared_part(declared, "description", "connection_spec")
        if declared.auth and live.auth:
            plain = {key: declared.plain_params[key] for key in _comparable(declared, live)}
            # Adobe promises no more than the connection spec: what is not shown is not different.
            name = {"specName": declared.auth.spec_name} if live.auth.spec_name else {}
            compared["auth"] = {**name, "params": plain}
        elif declared.auth and live.state == "draft":
            # A draft may have none yet.
            compared["auth"] = {"specName": declared.auth.spec_name, "params": {}}
        return differences(compared, live.to_wire("description", "connection_spec", "auth"))

    def sends_secrets(self, declared: BaseConnection, live: BaseConnection) -> bool:
        if self.etag_of(live) in declared.sent_at:
            return False
        return bool(declared.auth and set(declared.auth.params) - _comparable(declared, live))

    def requires_replace(self, declared: BaseConnection, live: BaseConnection, now: float) -> dict[str, str]:
        return {"/auth/specName": "the way of signing in belongs to the connection"}

    def create(self, declared: BaseConnection) -> Call[Created]:
        return flow_service.create_base_connection(declared)

    def update(self, declared: BaseConnection, live: BaseConnection, diff: Diff) -> Call[Created]:
        patch = [patch_operation(change) for change in diff if not change.is_within("/auth/params")]
        about_auth = any(change.is_within("/auth") for change in diff)
        if declared.auth and declared.auth.params and (about_auth or self.sends_secrets(declared, live)):
            # Adobe documents replacing them as a whole, so what is live and was not declared has to go along.
            params = live.auth.params if live.auth else {}
            self._check_nothing_is_lost(declared, params)
            patch.append({"op": "replace", "path": "/auth/params", "value": merged(params, declared.auth.params)})
        return flow_service.update_base_connection(self.id_of(live), self.if_match(live), patch)

    def _check_nothing_is_lost(self, declared: BaseConnection, live: dict[str, Any]) -> None:
        problems = Problems(f"update of {self.noun} {self.label(declared)}")
        for name in _hidden(live, declared.auth.params if declared.auth else {}):
            problems.add(
                f"auth parameter {name}",
                "is live, the platform hides its value, and it is not declared, so the update would remove it: declare "
                "it as well",
            )
        problems.raise_if_any()

    def delete(self, id_: str) -> Call[None]:
        return flow_service.delete_base_connection(id_)


def is_shown(key: str, value: Any) -> bool:
    """Whether the platform shows this parameter, and it may be shown in an error of ours."""
    if isinstance(value, str):
        return bool(value) and "*" not in value and not value.startswith("{") and not _SECRET.search(key)
    # Whatever is nested may hold secrets.
    return isinstance(value, bool | int | float)


def _comparable(declared: BaseConnection, live: BaseConnection) -> set[str]:
    """The declared auth parameters that are no secrets, and that the platform shows."""
    params = live.auth.params if live.auth else {}
    return {key for key in declared.plain_params if is_shown(key, params.get(key))}


def _hidden(live: dict[str, Any], declared: Any) -> list[str]:
    """The parameters whose values the platform hides, and which were not declared."""
    found = []
    for key, value in live.items():
        given = declared.get(key) if isinstance(declared, dict) else None
        if isinstance(value, dict) and isinstance(given, dict):
            found += [f"{key}.{name}" for name in _hidden(value, given)]
        elif given is None and _is_masked(value):
            found.append(key)
    return found


def _is_masked(value: Any) -> bool:
    """Whether the platform shows a placeholder, in it or within it, instead of what is there."""
    if isinstance(value, dict):
        return any(_is_masked(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_is_masked(inner) for inner in value)
    return isinstance(value, str) and ("*" in value or value.startswith("{"))


BASE_CONNECTION = BaseConnectionType()

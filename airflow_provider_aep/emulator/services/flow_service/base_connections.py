"""Base connections ("accounts"): /connections. Secrets are masked before they are stored."""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_aep.emulator.http.errors import FlowServiceError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.flow_service import resources
from airflow_provider_aep.emulator.services.inlet import inlet_url
from airflow_provider_aep.emulator.services.specs.connection_specs import HTTP_API, auth_spec_names
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

SECRET = re.compile(
    r"password|secret|token|key$|keyid$|key(file)?content|credential|connectionstring|sas|passphrase", re.IGNORECASE
)
MASK = "****"


def create(platform: Platform, request: Request) -> Response:
    body = resources.body_of(request, "connections")
    spec = connection_spec_of(platform, body)
    auth = body.get("auth")
    known_names = auth_spec_names(spec)
    if known_names and not (resources.is_draft(request) and auth is None):
        auth_name = (auth or {}).get("specName")
        if auth_name not in known_names:
            raise FlowServiceError(
                "1415-400",
                f"The auth spec '{auth_name}' could not be found for the connection spec ID {spec['id']}.",
            )
    fields = {**body, "auth": mask_secrets(auth)} if auth is not None else dict(body)
    if spec["id"] == HTTP_API:
        fields["auth"] = _with_inlet(platform, request, fields.get("auth") or {})
    return resources.add(platform, request, "connections", fields)


def patch(platform: Platform, request: Request, resource_id: str) -> Response:
    connection = resources.existing(request.sandbox, "connections", resource_id)
    changed, _ = resources.patch_record(platform, request, "connections", connection)
    if "auth" in changed:
        changed["auth"] = mask_secrets(changed["auth"])
    resources.mark_changed(platform, request, changed, "update")
    request.sandbox["connections"][resource_id] = changed
    return Response(200, resources.id_and_etag(changed))


def delete(platform: Platform, request: Request, resource_id: str) -> Response:
    """Refused while a flow uses the connection, whatever the state of the flow."""
    sandbox = request.sandbox
    resources.existing(sandbox, "connections", resource_id)
    for source in sandbox["sourceConnections"].values():
        used = source.get("baseConnectionId") == resource_id
        if used and resources.flows_of(sandbox, "sourceConnections", source["id"]):
            raise FlowServiceError(
                "1418-400",
                f"The base connection with the ID {resource_id} cannot be deleted because the base "
                "connection is "
                "being used in one or more flows. Please ensure that corresponding flows are deleted before "
                "deleting a base connection.",
            )
    del sandbox["connections"][resource_id]
    return Response(204)


def test(platform: Platform, request: Request, resource_id: str) -> Response:
    resources.existing(request.sandbox, "connections", resource_id)
    return Response(200, {"result": True})


def act(platform: Platform, request: Request, resource_id: str) -> Response:
    connection = resources.existing(request.sandbox, "connections", resource_id)
    return publish(platform, request, connection)


def publish(platform: Platform, request: Request, record: Json) -> Response:
    """The only action of a connection that is open to users."""
    operation = resources.operation_of(request)
    if operation != "publish":
        raise resources.unsupported_action(operation)
    if record["state"] != "draft":
        raise FlowServiceError(
            "1422-400",
            f"The action publish cannot be applied on the current state {record['state']}. "
            "Please update the action and try again.",
        )
    record["state"] = "enabled"
    resources.mark_changed(platform, request, record, "publish")
    return Response(200, resources.id_and_etag(record))


def connection_spec_of(platform: Platform, body: Json) -> Json:
    return resources.named_spec(platform.specs.connection_specs, body.get("connectionSpec"))


def mask_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: MASK if SECRET.search(name) and isinstance(inner, str) else mask_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [mask_secrets(inner) for inner in value]
    return value


def _with_inlet(platform: Platform, request: Request, auth: Json) -> Json:
    inlet = platform.identifiers.hex(64)
    params = {
        "authenticationRequired": False,
        "dataType": "raw",
        **(auth.get("params") or {}),
        "inletId": inlet,
        "inletUrl": inlet_url(request, inlet),
    }
    return {**auth, "params": params}

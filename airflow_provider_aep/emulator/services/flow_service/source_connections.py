"""Source connections: what to read from a base connection."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.emulator.http.errors import FlowServiceError, SourcesError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.flow_service import base_connections, resources
from airflow_provider_aep.emulator.services.flow_service.row_filters import check_row_filter
from airflow_provider_aep.emulator.services.specs.connection_specs import (
    DATA_LANDING_ZONE,
    FORMATS,
    HTTP_API,
    READ_BY_PATH,
    family,
    needs_account,
)
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox


def create(platform: Platform, request: Request) -> Response:
    body = resources.body_of(request, "sourceConnections")
    draft = resources.is_draft(request)
    _check(platform, request.sandbox, body, draft=draft)
    fields = {**body, "params": body.get("params") or {}, **_inherited(request.sandbox, body)}
    return resources.add(platform, request, "sourceConnections", fields)


def patch(platform: Platform, request: Request, resource_id: str) -> Response:
    source = resources.existing(request.sandbox, "sourceConnections", resource_id)
    changed, _ = resources.patch_record(platform, request, "sourceConnections", source)
    _check(platform, request.sandbox, changed, draft=source["state"] == "draft")
    resources.mark_changed(platform, request, changed, "update")
    request.sandbox["sourceConnections"][resource_id] = changed
    return Response(200, resources.id_and_etag(changed))


def act(platform: Platform, request: Request, resource_id: str) -> Response:
    source = resources.existing(request.sandbox, "sourceConnections", resource_id)
    if source["state"] == "draft":
        _check(platform, request.sandbox, source, draft=False)
    return base_connections.publish(platform, request, source)


def _check(platform: Platform, sandbox: Sandbox, body: Json, *, draft: bool) -> None:
    spec = base_connections.connection_spec_of(platform, body)
    category = family(spec)
    if category is None:
        raise FlowServiceError(
            "1413-400",
            f"The spec ID provided is invalid: {spec['id']} is not a source. Please provide a valid spec ID.",
        )
    _check_base(sandbox, body, spec, draft=draft)
    if draft:
        return
    if not body.get("name"):
        raise SourcesError(
            "1304-400", "The mandatory field name is not provided. Please provide the name and try again."
        )
    _check_format(body, spec["id"], category)
    params = body.get("params") or {}
    if not isinstance(params, dict):
        raise SourcesError("1393-400", "The provided parameter params is not an object.")
    if category == "table":
        _check_table(params, spec)
    elif category == "file":
        _check_file(params, body)


def _check_base(sandbox: Sandbox, body: Json, spec: Json, *, draft: bool) -> None:
    base_id, spec_id = body.get("baseConnectionId"), spec["id"]
    if spec_id == DATA_LANDING_ZONE:
        if base_id:
            raise SourcesError(
                "1332-400",
                f"The source connection request with the connectionSpecId: {spec_id} cannot have a "
                "baseConnectionId. "
                "Please remove the baseConnectionId and try again.",
            )
        return
    if not base_id:
        if not needs_account(spec):
            return
        raise SourcesError(
            "1320-400",
            "The baseConnectionId cannot be null or empty. Please provide valid baseConnectionId and try again.",
        )
    base = resources.referenced(sandbox, "connections", base_id)
    if base["connectionSpec"]["id"] != spec_id:
        raise FlowServiceError(
            "1413-400",
            f"The spec ID provided is invalid: {spec_id} is not the connection spec "
            f"{base['connectionSpec']['id']} "
            f"of the base connection {base_id}. Please provide a valid spec ID and try again.",
        )
    if base["state"] == "draft" and not draft:
        raise FlowServiceError("1416-400", f"The base connection {base_id} is in draft state; publish it first.")


def _check_format(body: Json, spec_id: str, category: str) -> None:
    data = body.get("data")
    given = data.get("format") if isinstance(data, dict) else None
    if spec_id == HTTP_API and given is None:
        return
    if given not in FORMATS[category]:
        raise SourcesError(
            "1327-400",
            f"The format of source data supplied={given} in SourceConnection is not supported. "
            f"The allowed values are: {', '.join(FORMATS[category])}. Please provide allowed values and "
            "try again.",
        )


def _check_table(params: Json, spec: Json) -> None:
    table = params.get("tableName") or (params.get("path") if spec["id"] in READ_BY_PATH else None)
    if not table:
        raise SourcesError(
            "1329-400",
            "The param: tableName cannot be null or empty in the provided request. "
            "Please provide valid tableName and try again.",
        )
    columns = params.get("columns")
    # An empty list is published, and accepted.
    if columns is not None and not isinstance(columns, list):
        raise SourcesError(
            "1330-400",
            f"No columns were found for table {table}. Please provide a valid table name and try again.",
        )
    if params.get("filters"):
        check_row_filter(spec, params["filters"])


def _check_file(params: Json, body: Json) -> None:
    if not params.get("path"):
        raise SourcesError(
            "1329-400",
            "The param: path cannot be null or empty in the provided request. Please provide valid path and try again.",
        )
    properties = body["data"].get("properties") or {}
    for delimiter in (_delimiter(params), _delimiter(properties), _delimiter(params.get("properties"))):
        if delimiter is not None and len(str(delimiter)) > 1:
            raise SourcesError(
                "1331-400",
                "Column Delimiter cannot be more than one character in SourceConnection: "
                f"{body.get('name')}. "
                "Please provide valid column delimiter and try again.",
            )


def _delimiter(holder: Any) -> Any:
    if not isinstance(holder, dict):
        return None
    return holder.get("columnDelimiter", holder.get("delimiter"))


def _inherited(sandbox: Sandbox, body: Json) -> Json:
    base = sandbox["connections"].get(body.get("baseConnectionId") or "")
    if base is None:
        return {}
    return {"inheritedAttributes": {"baseConnection": {"id": base["id"], "connectionSpec": base["connectionSpec"]}}}

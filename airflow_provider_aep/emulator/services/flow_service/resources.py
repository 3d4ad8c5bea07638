"""What every Flow Service resource has in common: envelopes, etags, If-Match, JSON Patch, draft mode.

`collection` is the resource's name in paths: connections, sourceConnections, targetConnections, flows or runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_aep.emulator.http.errors import FlowServiceError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.query.filters import AUDIT_FIELDS
from airflow_provider_aep.emulator.query.json_patch import (
    EmptyPatchError,
    PatchError,
    UnsupportedOperationError,
    apply_patch,
)
from airflow_provider_aep.emulator.query.list_lag import not_yet, shown
from airflow_provider_aep.emulator.query.paging import listing
from airflow_provider_aep.emulator.services.flow_service.body_shapes import check_shape
from airflow_provider_aep.emulator.services.flow_service.quirks import briefly, check_filters, check_name, kept_name
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox

CONNECTION_FIELDS = AUDIT_FIELDS | {"name", "description", "state", "connectionSpec"}
FLOW_END_FIELDS = CONNECTION_FIELDS | {"data", "params", "baseConnectionId", "inheritedAttributes"}

#: the top-level fields a listing may be filtered and ordered by
FIELDS = {
    "connections": CONNECTION_FIELDS | {"auth", "providerId"},
    "sourceConnections": FLOW_END_FIELDS,
    "targetConnections": FLOW_END_FIELDS,
    "flows": AUDIT_FIELDS
    | {
        "name",
        "description",
        "state",
        "flowSpec",
        "sourceConnectionIds",
        "targetConnectionIds",
        "inheritedAttributes",
        "scheduleParams",
        "transformations",
        "options",
        "labels",
        "lastRunDetails",
        "lastOperation",
        "runs",
    },
    "runs": AUDIT_FIELDS | {"flowId", "flowSpec", "providerRefId", "parentFlowRunId", "metrics", "activities", "state"},
}

READ_ONLY = (
    "id",
    "etag",
    "version",
    "createdAt",
    "createdBy",
    "createdClient",
    "imsOrgId",
    "sandboxId",
    "sandboxName",
)

#: the codes of errors that are more than a wrong instruction
PATCH_CODES: dict[type[PatchError], str] = {EmptyPatchError: "1405-400", UnsupportedOperationError: "1434-400"}


def list_all(collection: str, platform: Platform, request: Request) -> Response:
    """GET /{collection}."""
    check_filters(collection, request, platform.switches)
    records = shown(platform, request.sandbox[collection].values())
    found = listing(request, records, fields=FIELDS[collection], switches=platform.switches, path=f"/{collection}")
    if "items" in found.body:
        found.body["items"] = briefly(found.body["items"], platform.switches)
    return found


def get_one(collection: str, platform: Platform, request: Request, resource_id: str) -> Response:
    """GET /{collection}/{id}: one record, in the envelope of a list."""
    record = existing(request.sandbox, collection, resource_id)
    if not_yet(platform, record):
        raise not_found(collection, resource_id)
    return Response(200, {"items": [record]})


def delete_flow_end(collection: str, platform: Platform, request: Request, resource_id: str) -> Response:
    """DELETE of a source or target connection, unless an active flow contains it."""
    existing(request.sandbox, collection, resource_id)
    for flow in flows_of(request.sandbox, collection, resource_id):
        if flow["state"] not in ("disabled", "draft"):
            raise FlowServiceError("1447-400", f"Found active flows containing id {resource_id}.")
    del request.sandbox[collection][resource_id]
    return Response(204)


def not_found(collection: str, resource_id: str) -> FlowServiceError:
    return FlowServiceError(
        "1439-404",
        f"The requested {collection} resource {resource_id} is not found. Verify the resource ID before trying again.",
    )


def existing(sandbox: Sandbox, collection: str, resource_id: str) -> Json:
    """The record a path names."""
    if resource_id not in sandbox[collection]:
        raise not_found(collection, resource_id)
    return sandbox[collection][resource_id]


def referenced(sandbox: Sandbox, collection: str, resource_id: str) -> Json:
    """The record a body names: the same error, but about the request (400)."""
    if resource_id not in sandbox[collection]:
        raise FlowServiceError("1439-400", not_found(collection, resource_id).detail)
    return sandbox[collection][resource_id]


def named_spec(specs: Mapping[str, Json], reference: Any) -> Json:
    """The connection spec or flow spec that a resource refers to by its id."""
    spec_id = reference.get("id") if isinstance(reference, dict) else None
    spec = specs.get(spec_id or "")
    if spec is None:
        raise FlowServiceError(
            "1413-400",
            f"The spec ID provided is invalid: {spec_id}. Please provide a valid spec ID and try again.",
        )
    return spec


def body_of(request: Request, collection: str) -> Json:
    if not isinstance(request.body, dict) or not request.body:
        raise FlowServiceError(
            "1405-400",
            "The request body cannot be null or empty. Please provide a request body and try again.",
        )
    body: Json = request.body
    check_shape(collection, body)
    return body


def is_draft(request: Request) -> bool:
    return request.first("mode") == "draft"


def add(platform: Platform, request: Request, collection: str, fields: Json) -> Response:
    """Add a new record; 201 with its id and etag."""
    fields = kept_name(platform, fields)
    check_name(platform, request, collection, fields.get("name"))
    etag = platform.etag()
    draft = is_draft(request)
    now_ms = platform.clock.now_ms()
    record: Json = {
        "id": platform.identifiers.uuid(),
        **platform.audit(request.client_id),
        "sandboxId": request.sandbox.id,
        "sandboxName": request.sandbox.name,
        **fields,
        "state": "draft" if draft else "enabled",
        "version": etag,
        "etag": etag,
        "lastOperation": {
            "started": now_ms,
            "updated": now_ms,
            "operation": "draft_create" if draft else "create",
            "percentCompleted": 100.0,
            "status": {"value": "completed", "errors": []},
        },
    }
    request.sandbox[collection][record["id"]] = record
    return Response(201, id_and_etag(record), {"Location": f"/{collection}/{record['id']}"})


def id_and_etag(record: Json) -> Json:
    return {"id": record["id"], "etag": record["etag"]}


def mark_changed(platform: Platform, request: Request, record: Json, operation: str) -> None:
    """A new etag and new audit fields, after every change."""
    now_ms = platform.clock.now_ms()
    kept = platform.switches.keep_draft_etags and record["state"] == "draft"
    etag = record["etag"] if kept else platform.etag()
    record.update(version=etag, etag=etag, updatedAt=now_ms, updatedClient=request.client_id)
    record["lastOperation"] = {
        "started": now_ms,
        "updated": now_ms,
        "operation": operation,
        "percentCompleted": 100.0,
        "status": {"value": "completed", "errors": []},
    }


def check_if_match(request: Request, record: Json) -> None:
    supplied = request.headers.get("if-match")
    if not supplied:
        raise FlowServiceError(
            "1403-400",
            "The header 'If-Match' is missing in the request. Please provide the header and try again.",
        )
    if supplied.strip('"') != record["etag"].strip('"'):
        raise FlowServiceError(
            "1404-412",
            f"Supplied version=[{supplied}] does not match the current version on entity=[{record['etag']}]",
        )


def patch_record(platform: Platform, request: Request, collection: str, record: Json) -> tuple[Json, list[Json]]:
    """(a patched copy, the instructions); refuses stale etags and read-only fields."""
    check_if_match(request, record)
    try:
        result, instructions = apply_patch(record, request.body, lenient=platform.switches.lenient_patch)
    except PatchError as error:
        raise FlowServiceError(PATCH_CODES.get(type(error), "1455-400"), str(error)) from error
    for instruction in instructions:
        root = instruction["path"].split("/")[1]
        if root == "connectionSpec":
            raise FlowServiceError("1414-400", "The connection spec of a connection cannot be updated.")
        if root == "state":
            raise FlowServiceError("1457-400", "Operation update cannot be applied to the state; use an action.")
        if root in READ_ONLY:
            raise FlowServiceError(
                "1455-400",
                f'An error has occurred while validating patch instructions: Field "{root}" is read-only.',
            )
    check_shape(collection, result)
    check_name(platform, request, collection, result.get("name"), own=record["id"])
    return result, instructions


def operation_of(request: Request) -> str:
    """The `op` of an action, in either of its published spellings."""
    return (request.first("op") or "").strip().lower().replace("_", "-")


def unsupported_action(operation: str) -> FlowServiceError:
    return FlowServiceError(
        "1435-400",
        f"Unsupported sub action '{operation}' received. Please use one of the supported sub action "
        "types and try again.",
    )


def flows_of(sandbox: Sandbox, collection: str, resource_id: str) -> list[Json]:
    """The flows that name a source or target connection."""
    field = {"sourceConnections": "sourceConnectionIds", "targetConnections": "targetConnectionIds"}[collection]
    return [flow for flow in sandbox["flows"].values() if resource_id in (flow.get(field) or [])]

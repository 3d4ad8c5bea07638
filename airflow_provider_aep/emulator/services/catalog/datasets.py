"""Datasets: created, filtered, changed by merge or JSON Patch, deleted."""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_aep.emulator.http.errors import ServiceError, bad_request
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.query.json_patch import PatchError, apply_patch
from airflow_provider_aep.emulator.services.catalog.listing import by_id, by_time, existing, matches, page
from airflow_provider_aep.emulator.services.schema_registry.lookup import find_schema, major_version
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

READ_ONLY = ("id", "version", "imsOrg", "sandboxId", "created")
CONTENT_TYPE = re.compile(r"application/vnd\.adobe\.xed(-[a-z]+)*\+json\s*;\s*version\s*=\s*\d+(\.\d+)?")


def create(platform: Platform, request: Request) -> Response:
    body = request.body
    if not isinstance(body, dict) or not body:
        raise bad_request("The request body cannot be empty.")
    if not body.get("name"):
        raise bad_request("name is required.")
    reference = _schema_reference(request, body)
    if "validate-only" in request.headers.get("pragma", ""):
        return Response(200, [])
    dataset_id = platform.identifiers.hex(24)
    now_ms = platform.clock.now_ms()
    request.sandbox["dataSets"][dataset_id] = {
        **body,
        "schemaRef": reference,
        "id": dataset_id,
        "version": "1.0.0",
        "imsOrg": platform.switches.org_id,
        "sandboxId": request.sandbox.id,
        "state": "DRAFT",
        "tags": _platform_tags(str(body["name"])) | (body.get("tags") or {}),
        "classification": {"dataBehavior": "record", "managedBy": "CUSTOMER"},
        "created": now_ms,
        "updated": now_ms,
        "createdClient": request.client_id,
        "createdUser": f"{request.client_id}@techacct.adobe.com",
        "updatedUser": f"{request.client_id}@techacct.adobe.com",
        "fileDescription": {"persisted": True, "containerFormat": "parquet", "format": "parquet"},
        "files": f"@/dataSetFiles?dataSetId={dataset_id}",
    }
    return Response(201, [f"@/dataSets/{dataset_id}"], {"Location": f"/dataSets/{dataset_id}"})


def list_all(platform: Platform, request: Request) -> Response:
    """GET /dataSets: filters name, description, schemaRef.id, tags, property and createdAfter/Before; `properties`
    chooses the fields.
    """
    datasets = list(request.sandbox["dataSets"].values())
    for field in ("name", "description"):
        wanted = request.first(field)
        if wanted is not None:
            datasets = [dataset for dataset in datasets if dataset.get(field) == wanted]
    for tag in request.query.get("tags", []):
        datasets = [dataset for dataset in datasets if _has_tag(dataset, tag)]
    for expression in request.query.get("property", []):
        datasets = [dataset for dataset in datasets if matches(dataset, expression)]
    for schema_id in request.query.get("schemaRef.id", []):
        datasets = [dataset for dataset in datasets if dataset["schemaRef"]["id"] == schema_id]
    return Response(200, by_id(request, page(request, by_time(request, datasets))))


def get_one(platform: Platform, request: Request, dataset_id: str) -> Response:
    dataset = existing(request, "dataSets", dataset_id)
    return Response(200, by_id(request, [dataset]), {"E-Tag": _etag(dataset)})


def patch(platform: Platform, request: Request, dataset_id: str) -> Response:
    """A merge, or with content type application/json-patch+json a JSON Patch."""
    dataset = existing(request, "dataSets", dataset_id)
    supplied = request.headers.get("if-match")
    if supplied is not None and supplied.strip('"') != _etag(dataset).strip('"'):
        raise ServiceError(412, "PreconditionFailed", "The supplied ETag does not match the current one.")
    if request.content_type == "application/json-patch+json":
        try:
            patched, _ = apply_patch(dataset, request.body)
        except PatchError as error:
            raise bad_request(str(error)) from error
    elif isinstance(request.body, dict):
        patched = _merge(dataset, request.body)
    else:
        raise bad_request("The request body must be an object.")
    patched |= {name: dataset[name] for name in READ_ONLY}
    _schema_reference(request, patched)
    patched["updated"] = platform.clock.now_ms()
    patched["version"] = f"1.0.{int(dataset['version'].rpartition('.')[2]) + 1}"
    request.sandbox["dataSets"][dataset_id] = patched
    return Response(200, [f"@/dataSets/{dataset_id}"])


def delete(platform: Platform, request: Request, dataset_id: str) -> Response:
    """For an unknown id 200 with an empty list."""
    if request.sandbox["dataSets"].pop(dataset_id, None) is None:
        return Response(200, [])
    return Response(200, [f"@/dataSets/{dataset_id}"])


def _schema_reference(request: Request, body: Json) -> Json:
    reference = body.get("schemaRef")
    if not isinstance(reference, dict) or not reference.get("id"):
        raise bad_request("schemaRef.id is required.")
    content_type = str(reference.get("contentType", ""))
    if not CONTENT_TYPE.fullmatch(content_type):
        raise bad_request(f"schemaRef.contentType {content_type!r} is not an XDM media type with a version.")
    schema = find_schema(request.sandbox, str(reference["id"]))
    if schema is None or schema["$id"] != reference["id"]:
        raise bad_request(f"The schema {reference['id']} could not be found.")
    if major_version(content_type) != major_version(f"version={schema['version']}"):
        raise bad_request(f"The schema {reference['id']} has no such version: {content_type}.")
    return reference


def _platform_tags(name: str) -> Json:
    """What the platform adds by itself: the table's name in Query Service, and its format."""
    table = re.sub(r"\W+", "_", name.lower()).strip("_")
    return {"adobe/pqs/table": [table], "adobe/siphon/table/format": ["delta"]}


def _has_tag(dataset: Json, tag: str) -> bool:
    """`name` or `name:value`."""
    name, _, value = tag.partition(":")
    values = dataset["tags"].get(name)
    return values is not None and (not value or value in values)


def _etag(dataset: Json) -> str:
    return f'"{dataset["version"]}"'


def _merge(current: Any, changes: Any) -> Any:
    if not isinstance(current, dict) or not isinstance(changes, dict):
        return changes
    return current | {name: _merge(current.get(name), value) for name, value in changes.items()}

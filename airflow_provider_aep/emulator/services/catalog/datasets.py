"""Datasets: created, filtered, changed by merge or JSON Patch, deleted."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from airflow_provider_aep.emulator.http.errors import ServiceError, bad_request, not_found
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.query.json_patch import PatchError, apply_patch
from airflow_provider_aep.emulator.query.list_lag import not_yet, shown
from airflow_provider_aep.emulator.services.catalog.listing import by_id, by_time, existing, matches, page
from airflow_provider_aep.emulator.services.flow_service.quirks import check_name, kept_name
from airflow_provider_aep.emulator.services.schema_registry.lookup import find_schema, major_version
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

READ_ONLY = ("id", "version", "imsOrg", "sandboxId", "created", "viewId", "files")
PROFILE_TAG = "unifiedProfile"
CONTENT_TYPE = re.compile(r"application/vnd\.adobe\.xed(-[a-z]+)*\+json\s*;\s*version\s*=\s*\d+(\.\d+)?")


def create(platform: Platform, request: Request) -> Response:
    body = request.body
    if not isinstance(body, dict) or not body:
        raise bad_request("The request body cannot be empty.")
    if not body.get("name"):
        raise bad_request("name is required.")
    body = kept_name(platform, body)
    check_name(platform, request, "dataSets", body["name"])
    reference = _schema_reference(request, body)
    if "validate-only" in request.headers.get("pragma", ""):
        return Response(200, [])
    dataset_id, view_id = platform.identifiers.hex(24), platform.identifiers.hex(24)
    now_ms = platform.clock.now_ms()
    request.sandbox["dataSets"][dataset_id] = {
        **body,
        "schemaRef": reference,
        "id": dataset_id,
        "version": "1.0.0",
        "imsOrg": platform.switches.org_id,
        "sandboxId": request.sandbox.id,
        "state": "DRAFT",
        "tags": _platform_tags(platform, str(body["name"]), body.get("tags")),
        "viewId": view_id,
        "classification": {"dataBehavior": "record", "managedBy": "CUSTOMER"},
        "created": now_ms,
        "updated": now_ms,
        "createdClient": request.client_id,
        "createdUser": f"{request.client_id}@techacct.adobe.com",
        "updatedUser": f"{request.client_id}@techacct.adobe.com",
        "fileDescription": {"persisted": True, "containerFormat": "parquet", "format": "parquet"},
        "files": f"@/dataSets/{dataset_id}/views/{view_id}/files",
    }
    return Response(201, [f"@/dataSets/{dataset_id}"], {"Location": f"/dataSets/{dataset_id}"})


def list_all(platform: Platform, request: Request) -> Response:
    """GET /dataSets: filters name, description, schemaRef.id, tags, property and createdAfter/Before; `properties`
    chooses the fields.
    """
    datasets = shown(platform, request.sandbox["dataSets"].values())
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
    return Response(
        200,
        by_id(request, page(request, by_time(request, datasets, inclusive=platform.switches.created_after_inclusive))),
    )


def get_one(platform: Platform, request: Request, dataset_id: str) -> Response:
    dataset = existing(request, "dataSets", dataset_id)
    if not_yet(platform, dataset):
        raise not_found(f"The requested resource {dataset_id} could not be found.")
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
        if platform.switches.replace_dataset_tags and "tags" in request.body:
            patched["tags"] = request.body["tags"]
    else:
        raise bad_request("The request body must be an object.")
    patched |= {name: dataset[name] for name in READ_ONLY}
    _schema_reference(request, patched)
    patched["tags"] = _with_enabled_at(platform, patched.get("tags"))
    patched["updated"] = platform.clock.now_ms()
    patched["version"] = f"1.0.{int(dataset['version'].rpartition('.')[2]) + 1}"
    request.sandbox["dataSets"][dataset_id] = patched
    return Response(200, [f"@/dataSets/{dataset_id}"])


def delete(platform: Platform, request: Request, dataset_id: str) -> Response:
    """For an unknown id 200 with an empty list."""
    if platform.switches.delete_dataset_once:
        existing(request, "dataSets", dataset_id)
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


def list_views(platform: Platform, request: Request, dataset_id: str) -> Response:
    """GET /dataSets/{id}/views: each dataset has one."""
    dataset = existing(request, "dataSets", dataset_id)
    return Response(200, {dataset["viewId"]: _view(dataset)})


def get_view(platform: Platform, request: Request, dataset_id: str, view_id: str) -> Response:
    return Response(200, {view_id: _view(_with_view(request, dataset_id, view_id))})


def list_view_files(platform: Platform, request: Request, dataset_id: str, view_id: str) -> Response:
    """The dataset holds no files."""
    _with_view(request, dataset_id, view_id)
    return Response(200, {})


def _with_view(request: Request, dataset_id: str, view_id: str) -> Json:
    dataset = existing(request, "dataSets", dataset_id)
    if dataset["viewId"] != view_id:
        raise not_found(f"The requested resource {view_id} could not be found.")
    return dataset


def _view(dataset: Json) -> Json:
    names = (
        "name",
        "imsOrg",
        "created",
        "updated",
        "createdClient",
        "createdUser",
        "updatedUser",
        "files",
        "schemaRef",
    )
    return {"dataSetId": dataset["id"], **{name: dataset[name] for name in names}}


def _platform_tags(platform: Platform, name: str, given: Any) -> Json:
    """What the platform adds by itself: the table's name in Query Service, its format, and since when it is enabled."""
    table = re.sub(r"\W+", "_", name.lower()).strip("_")
    tags = {"adobe/pqs/table": [table], "adobe/siphon/table/format": ["delta"]}
    enabled: Json = _with_enabled_at(platform, tags | (given or {}))
    return enabled


def _with_enabled_at(platform: Platform, tags: Any) -> Any:
    """A dataset that is enabled for Profile shows since when: `enabledAt:2021-01-20 10:49:51` beside `enabled:true`."""
    entries = tags.get(PROFILE_TAG) if isinstance(tags, dict) and platform.switches.tag_enabled_at else None
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        return tags
    if "enabled:true" not in [entry.replace(" ", "") for entry in entries]:
        return tags
    if any(entry.startswith("enabledAt:") for entry in entries):
        return tags
    enabled_at = datetime.fromtimestamp(int(platform.now()), UTC).strftime("%Y-%m-%d %H:%M:%S")
    return tags | {PROFILE_TAG: [*entries, f"enabledAt:{enabled_at}"]}


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

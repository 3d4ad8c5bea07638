"""Catalog: datasets and batches. Answers are objects keyed by id, also for one object."""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_aep.emulator.http.errors import FlowServiceError, ServiceError, bad_request, not_found
from airflow_provider_aep.emulator.http.message import Answer, Request
from airflow_provider_aep.emulator.query import json_patch
from airflow_provider_aep.emulator.query.filters import reach
from airflow_provider_aep.emulator.services.schema_registry.lookup import find_schema, major_version
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

DEFAULT_LIMIT = 20
MOST_LIMIT = 100
PROPERTY = re.compile(r"([^=!~]+)(?:(==|!=|~)(.*))?", re.DOTALL)
READ_ONLY = ("id", "version", "imsOrg", "sandboxId", "created")
CONTENT_TYPE = re.compile(r"application/vnd\.adobe\.xed(-[a-z]+)*\+json\s*;\s*version\s*=\s*\d+(\.\d+)?")


def create_dataset(platform: Platform, request: Request) -> Answer:
    body = request.body
    if not isinstance(body, dict) or not body:
        raise bad_request("The request body cannot be empty.")
    if not body.get("name"):
        raise bad_request("name is required.")
    reference = _schema_reference(request, body)
    if "validate-only" in request.headers.get("pragma", ""):
        return Answer(200, [])
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
    return Answer(201, [f"@/dataSets/{dataset_id}"], {"Location": f"/dataSets/{dataset_id}"})


def list_datasets(platform: Platform, request: Request) -> Answer:
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
        datasets = [dataset for dataset in datasets if _matches(dataset, expression)]
    for schema_id in request.query.get("schemaRef.id", []):
        datasets = [dataset for dataset in datasets if dataset["schemaRef"]["id"] == schema_id]
    return Answer(200, _keyed(request, _page(request, _by_time(request, datasets))))


def get_dataset(platform: Platform, request: Request, dataset_id: str) -> Answer:
    dataset = _existing(request, "dataSets", dataset_id)
    return Answer(200, _keyed(request, [dataset]), {"E-Tag": _etag(dataset)})


def patch_dataset(platform: Platform, request: Request, dataset_id: str) -> Answer:
    """A merge, or with content type application/json-patch+json a JSON Patch."""
    dataset = _existing(request, "dataSets", dataset_id)
    supplied = request.headers.get("if-match")
    if supplied is not None and supplied.strip('"') != _etag(dataset).strip('"'):
        raise ServiceError(412, "PreconditionFailed", "The supplied ETag does not match the current one.")
    if request.content_type == "application/json-patch+json":
        try:
            patched, _ = json_patch.applied(dataset, request.body)
        except FlowServiceError as refused:
            raise bad_request(refused.detail) from refused
    elif isinstance(request.body, dict):
        patched = _merged(dataset, request.body)
    else:
        raise bad_request("The request body must be an object.")
    patched |= {name: dataset[name] for name in READ_ONLY}
    _schema_reference(request, patched)
    patched["updated"] = platform.clock.now_ms()
    patched["version"] = f"1.0.{int(dataset['version'].rpartition('.')[2]) + 1}"
    request.sandbox["dataSets"][dataset_id] = patched
    return Answer(200, [f"@/dataSets/{dataset_id}"])


def delete_dataset(platform: Platform, request: Request, dataset_id: str) -> Answer:
    """An unknown id is answered 200 with an empty list."""
    if request.sandbox["dataSets"].pop(dataset_id, None) is None:
        return Answer(200, [])
    return Answer(200, [f"@/dataSets/{dataset_id}"])


def list_batches(platform: Platform, request: Request) -> Answer:
    """GET /batches: filters dataSet, status, createdAfter and createdBefore (epoch milliseconds)."""
    batches = list(request.sandbox["batches"].values())
    dataset_id = request.first("dataSet") or request.first("dataSetId")
    if dataset_id is not None:
        wanted = dataset_id.split(",")
        batches = [batch for batch in batches if _dataset_of(batch) in wanted]
    status = request.first("status")
    if status is not None:
        batches = [batch for batch in batches if batch["status"] in status.split(",")]
    return Answer(200, _keyed(request, _page(request, _by_time(request, batches))))


def get_batch(platform: Platform, request: Request, batch_id: str) -> Answer:
    return Answer(200, _keyed(request, [_existing(request, "batches", batch_id)]))


def last_batches(platform: Platform, request: Request) -> Answer:
    """GET /lastBatches?dataSetId=a,b."""
    wanted = (request.first("dataSetId") or "").split(",")
    found: Json = {}
    for batch in sorted(request.sandbox["batches"].values(), key=lambda batch: int(batch["created"])):
        dataset_id = _dataset_of(batch)
        if dataset_id not in wanted:
            continue
        entry = found.setdefault(dataset_id, {})
        entry.update(lastBatchId=batch["id"], lastBatchStatus=batch["status"])
        if batch["status"] == "success":
            entry["lastSuccessfulBatchId"] = batch["id"]
        elif batch["status"] == "failed":
            entry["lastFailedBatchId"] = batch["id"]
    return Answer(200, found)


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


def _existing(request: Request, collection: str, object_id: str) -> Json:
    if object_id not in request.sandbox[collection]:
        raise not_found(f"The requested resource {object_id} could not be found.")
    return request.sandbox[collection][object_id]


def _has_tag(dataset: Json, tag: str) -> bool:
    """`name` or `name:value`."""
    name, _, value = tag.partition(":")
    values = dataset["tags"].get(name)
    return values is not None and (not value or value in values)


def _matches(dataset: Json, expression: str) -> bool:
    """`path==value`, `path!=value`, `path~regular expression`, or a path alone: the field is there."""
    match = PROPERTY.fullmatch(expression)
    if match is None:
        raise bad_request(f"The property filter {expression} cannot be read.")
    path, operator, value = match.groups()
    found = [str(each) for each in reach(dataset, path)]
    if operator == "~":
        return any(re.search(value, each) for each in found)
    return {"==": value in found, "!=": value not in found, None: bool(found)}[operator]


def _dataset_of(batch: Json) -> str:
    dataset_id: str = batch["relatedObjects"][0]["id"]
    return dataset_id


def _etag(dataset: Json) -> str:
    return f'"{dataset["version"]}"'


def _by_time(request: Request, objects: list[Json]) -> list[Json]:
    after, before = (_moment(request, name) for name in ("createdAfter", "createdBefore"))
    objects = [
        each
        for each in objects
        if (after is None or each["created"] > after) and (before is None or each["created"] < before)
    ]
    direction, _, field = (request.first("orderBy") or "").rpartition(":")
    if field:
        objects.sort(key=lambda each: (str(type(each.get(field))), each.get(field)), reverse=direction == "desc")
    return objects


def _moment(request: Request, name: str) -> int | None:
    text = request.first(name)
    if text is not None and not text.isdigit():
        raise bad_request(f"{name} must be in epoch milliseconds, not {text}.")
    return int(text) if text is not None else None


def _page(request: Request, objects: list[Json]) -> list[Json]:
    limit, start = request.first("limit", str(DEFAULT_LIMIT)), request.first("start", "0")
    if limit is None or not limit.isdigit() or not 1 <= int(limit) <= MOST_LIMIT:
        raise bad_request(f"limit must be between 1 and {MOST_LIMIT}, not {limit}.")
    if start is None or not start.isdigit():
        raise bad_request(f"start must be zero or more, not {start}.")
    return objects[int(start) : int(start) + int(limit)]


def _keyed(request: Request, objects: list[Json]) -> Json:
    properties = request.first("properties")
    if properties is None:
        return {each["id"]: {name: value for name, value in each.items() if name != "id"} for each in objects}
    wanted = properties.split(",")
    return {each["id"]: {name: each[name] for name in wanted if name in each} for each in objects}


def _merged(current: Any, changes: Any) -> Any:
    if not isinstance(current, dict) or not isinstance(changes, dict):
        return changes
    return current | {name: _merged(current.get(name), value) for name, value in changes.items()}

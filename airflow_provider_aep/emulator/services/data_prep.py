"""Data Prep ("conversion"): mapping sets, in the legacy dialect of the tutorials and in the current one."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.emulator.http.errors import bad_request, not_found
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.query.list_lag import not_yet, shown
from airflow_provider_aep.emulator.query.numbers import whole_number
from airflow_provider_aep.emulator.services.schema_registry.lookup import find_schema, major_version
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox

#: page data-prep/troubleshooting-guide
LONGEST_EXPRESSION = 4096
SOURCE_TYPES = ("ATTRIBUTE", "EXPRESSION", "STATIC")


def create(platform: Platform, request: Request) -> Response:
    """POST /mappingSets responds 200, not 201."""
    created = _mapping_set(platform, request, platform.identifiers.hex(32), 0)
    _store(request.sandbox, created)
    return Response(200, _without_mappings(created))


def replace(platform: Platform, request: Request, mapping_set_id: str) -> Response:
    """PUT /mappingSets/{id}: a full replacement with the next version."""
    current = _existing(request.sandbox, mapping_set_id)
    replaced = _mapping_set(platform, request, mapping_set_id, current["version"] + 1)
    replaced["createdDate"] = current["createdDate"]
    _store(request.sandbox, replaced)
    return Response(200, _without_mappings(replaced))


def list_all(platform: Platform, request: Request) -> Response:
    """GET /mappingSets: both `limit` and `start` are required."""
    limit, start = (_whole_number(request, name) for name in ("limit", "start"))
    everything = shown(platform, request.sandbox["mappingSets"].values())
    name = request.first("name")
    if name:
        everything = [each for each in everything if each.get("name") == name]
    page = everything[start : start + limit]
    if platform.switches.brief_mapping_set_lists:
        page = [{**_without_mappings(each), "name": each["name"]} for each in page]
    return Response(200, {"data": page, "_page": {"count": len(everything), "limit": limit}, "_links": {}})


def get_one(platform: Platform, request: Request, mapping_set_id: str) -> Response:
    """GET /mappingSets/{id}?version=N: every version is kept; without `version` the latest."""
    return Response(200, _version(platform, request, mapping_set_id))


def list_mappings(platform: Platform, request: Request, mapping_set_id: str) -> Response:
    return Response(200, _version(platform, request, mapping_set_id)["mappings"])


def validate(platform: Platform, request: Request) -> Response:
    """POST /mappingSets/validate responds 200 even if a mapping failed."""
    if not isinstance(request.body, dict):
        raise bad_request("The request body cannot be empty.")
    results = []
    for mapping in request.body.get("mappings") or []:
        source, destination = _ends(mapping)
        complete = bool(source) and bool(destination)
        problem = {
            "source": source,
            "destination": destination,
            "exception": "source or destination is missing",
        }
        results.append({"status": "SUCCESS", "errors": None} if complete else {"status": "FAILED", "errors": [problem]})
    return Response(200, {"validationResponse": results})


def preview(platform: Platform, request: Request) -> Response:
    """POST /mappingSets/preview maps rows. Expressions are not evaluated."""
    body = request.body
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        raise bad_request("The request body cannot be empty.")
    mappings = (body.get("mappingSet") or {}).get("mappings") or []
    return Response(200, [_preview_of(row, mappings) for row in body["data"]])


def _preview_of(row: Json, mappings: list[Json]) -> Json:
    data, errors = {}, []
    for mapping in mappings:
        source, destination = _ends(mapping)
        if mapping.get("sourceType") == "STATIC":
            data[destination] = source
        elif mapping.get("sourceType") in (None, "ATTRIBUTE", "text/x.schema-path"):
            data[destination] = row.get(source)
            if source not in row:
                errors.append({"source": source, "destination": destination, "exception": "the row has no such field"})
    return {"data": data, "errors": errors or None}


def _existing(sandbox: Sandbox, mapping_set_id: str) -> Json:
    if mapping_set_id not in sandbox["mappingSets"]:
        raise not_found(f"Mapping set with id {mapping_set_id} was not found.")
    return sandbox["mappingSets"][mapping_set_id]


def _version(platform: Platform, request: Request, mapping_set_id: str) -> Json:
    latest = _existing(request.sandbox, mapping_set_id)
    if not_yet(platform, latest):
        raise not_found(f"Mapping set with id {mapping_set_id} was not found.")
    default = "0" if platform.switches.first_mapping_set_version else str(latest["version"])
    version = request.first("version") or default
    versions: Json = request.sandbox["mappingSetVersions"][mapping_set_id]
    if version not in versions:
        raise not_found(f"Mapping set {mapping_set_id} has no version {version}.")
    found: Json = versions[version]
    return found


def _store(sandbox: Sandbox, mapping_set: Json) -> None:
    sandbox["mappingSets"][mapping_set["id"]] = mapping_set
    versions = sandbox["mappingSetVersions"].setdefault(mapping_set["id"], {})
    versions[str(mapping_set["version"])] = mapping_set


def _without_mappings(mapping_set: Json) -> Json:
    return {
        name: mapping_set[name] for name in ("id", "version", "createdDate", "modifiedDate", "createdBy", "modifiedBy")
    }


def _mapping_set(platform: Platform, request: Request, mapping_set_id: str, version: int) -> Json:
    body = request.body
    if not isinstance(body, dict):
        raise bad_request("The request body cannot be empty.")
    schema, major = _output_schema(request.sandbox, body)
    given = body.get("mappings")
    if not isinstance(given, list) or not given:
        raise bad_request("mappings cannot be null or empty.")
    content_type = f"application/vnd.adobe.xed-full+json;version={major}"
    now_ms = platform.clock.now_ms()
    user = platform.audit(request.client_id)["createdBy"]
    return {
        "id": mapping_set_id,
        "version": version,
        "name": body.get("name"),
        "createdDate": now_ms,
        "modifiedDate": now_ms,
        "createdBy": user,
        "modifiedBy": user,
        "inputSchema": body.get("inputSchema", {}),
        "outputSchema": {"schemaRef": {"id": schema["$id"], "contentType": content_type}},
        "mappings": [_mapping(platform, mapping) for mapping in given],
        "status": "PUBLISHED",
        "xdmVersion": f"{major}.0",
        "xdmSchema": schema["$id"],
        "schemaRef": {"id": schema["$id"], "contentType": content_type},
        "strictMapping": False,
        "allowNullValues": False,
        "supportVersion": True,
    }


def _output_schema(sandbox: Sandbox, body: Json) -> tuple[Json, int]:
    """(the schema, its major version). The legacy dialect may name the schema by its altId."""
    reference = (body.get("outputSchema") or {}).get("schemaRef") or {}
    schema_id = reference.get("id") or body.get("xdmSchema")
    if not schema_id:
        raise bad_request("Either xdmSchema or outputSchema.schemaRef.id must be given.")
    schema = find_schema(sandbox, str(schema_id))
    if schema is None:
        raise bad_request(f"The schema {schema_id} could not be found.")
    if reference:
        major = major_version(str(reference.get("contentType", "")))
    else:
        major = major_version(f"version={body.get('xdmVersion', '1.0')}")
    if major is None:
        raise bad_request("The version of the schema is missing.")
    return schema, major


def _mapping(platform: Platform, mapping: Any) -> Json:
    if not isinstance(mapping, dict):
        raise bad_request("A mapping must be an object.")
    source, destination = _ends(mapping)
    if not destination:
        raise bad_request("A mapping needs destinationXdmPath or destination.")
    if source in (None, ""):
        raise bad_request(f"The mapping to {destination} needs sourceAttribute or source.")
    if len(str(source)) > LONGEST_EXPRESSION:
        raise bad_request(f"The expression for {destination} is longer than {LONGEST_EXPRESSION} characters.")
    source_type = mapping.get("sourceType")
    if source_type is not None and source_type not in (*SOURCE_TYPES, "text/x.schema-path", "text/x.aep-xl"):
        raise bad_request(f"Unknown sourceType {source_type!r} for {destination}.")
    return {
        "id": platform.identifiers.hex(32),
        "version": 0,
        "sourceType": source_type or "text/x.schema-path",
        "source": source,
        "destination": destination,
        "identity": mapping.get("identity", False),
        "primaryIdentity": mapping.get("primaryIdentity", False),
        "matchScore": 0,
        "functionVersion": 1,
        "sourceAttribute": source,
        "destinationXdmPath": destination,
        **{name: mapping[name] for name in ("name", "description") if name in mapping},
    }


def _ends(mapping: Json) -> tuple[Any, Any]:
    return (
        mapping.get("sourceAttribute", mapping.get("source")),
        mapping.get("destinationXdmPath", mapping.get("destination")),
    )


def _whole_number(request: Request, name: str) -> int:
    text = request.first(name)
    number = whole_number(text)
    if number is None:
        raise bad_request(f"Required request parameter '{name}' is missing or not a number.")
    return number

"""Exploring a source: its tables, folders or objects, and what one of them holds.

Pages sources/tutorials/api/explore/tabular and explore/cloud-storage, and .../create/cloud-storage/data-landing-zone.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from typing import Any

from airflow_provider_aep.emulator.http.errors import SourcesError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.flow_service.resources import existing
from airflow_provider_aep.emulator.services.flow_service.row_filters import check_row_filter
from airflow_provider_aep.emulator.services.flow_service.source_contents import (
    FILE_COLUMNS,
    HIERARCHY,
    LANDING_ZONE_CONTAINER,
    TABLES,
    SourceFile,
    find_file,
    list_folder,
    sample,
    sample_row,
)
from airflow_provider_aep.emulator.services.specs.connection_specs import DATA_LANDING_ZONE, family
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

#: the types of objects that exploring a source of a family takes
OBJECT_TYPES = {"table": ("root", "table"), "file": ("root", "folder", "file"), "rest": ("rest",)}
FILE_TYPES = ("delimited", "json", "parquet")


def explore_connection(platform: Platform, request: Request, resource_id: str) -> Response:
    connection = existing(request.sandbox, "connections", resource_id)
    return _explore(platform, request, connection["connectionSpec"]["id"])


def explore_spec(platform: Platform, request: Request, spec_id: str) -> Response:
    """Only Data Landing Zone, which has no base connection, is explored by its spec."""
    if spec_id != DATA_LANDING_ZONE:
        raise SourcesError(
            "1372-400",
            "The current operation is not allowed. Explore via connection spec is not allowed for "
            f"connection spec ID={spec_id}.",
        )
    return _explore(platform, request, spec_id)


def _explore(platform: Platform, request: Request, spec_id: str) -> Response:
    spec = platform.specs.connection_specs[spec_id]
    category = family(spec) or "target"
    object_types = OBJECT_TYPES.get(category)
    if object_types is None:
        raise SourcesError("1336-400", f"Explore connection is not supported for connection spec ID: {spec_id}.")
    object_type = (request.first("objectType") or "").lower()
    if object_type not in object_types:
        raise SourcesError(
            "1358-400",
            "The provided param 'objectType' is invalid. Please provide a valid objectType and try again.",
        )
    if category == "table":
        return _explore_tables(platform, request, spec, object_type)
    if category == "rest":
        return _explore_rest(request)
    root = LANDING_ZONE_CONTAINER if spec_id == DATA_LANDING_ZONE else ""
    return _explore_files(platform, request, root, object_type)


def _explore_tables(platform: Platform, request: Request, spec: Json, object_type: str) -> Response:
    tables = platform.switches.tables or TABLES
    if object_type == "root":
        found = [
            {"type": "table", "name": name, "path": name, "canPreview": True, "canFetchSchema": True} for name in tables
        ]
        return Response(200, found)
    name = _object(request, object_type)
    if "filters" in request.query:
        check_row_filter(spec, _decoded(request, "filters"))
    if name not in tables:
        raise _no_columns(name)
    return _flat(platform, request, tables[name], {})


def _explore_files(platform: Platform, request: Request, root: str, object_type: str) -> Response:
    if object_type != "file":
        path = _object(request, object_type) if object_type == "folder" else root
        found = list_folder(path, root)
        if found is None:
            raise SourcesError("1102-404", f"The requested resource is not found. There is no folder {path}.")
        return Response(200, found)
    path = _object(request, object_type)
    file = find_file(path, root)
    properties = _file_properties(request, file)
    if file is None:
        raise _no_columns(path)
    about = {} if properties is None else {"properties": properties}
    file_type = (properties or {}).get("fileType") or (request.first("fileType") or "").lower()
    if file_type == "json" and not platform.switches.flat_json:
        return _hierarchical(request, about)
    return _flat(platform, request, FILE_COLUMNS, about)


def _file_properties(request: Request, file: SourceFile | None) -> Json | None:
    """What the response says about the file: what was detected or, if more than its type was given, that."""
    given = {name: request.first(name) for name in ("fileType", "compressionType", "columnDelimiter")}
    given = {name: value for name, value in given.items() if value is not None}
    detects = (request.first("determineProperties") or "").lower() == "true"
    if detects and given:
        raise SourcesError(
            "1374-400",
            "The query parameters provided are invalid. You cannot have the determineProperties flag and user-defined "
            "properties in the same request. Please correct your request and try again.",
        )
    if detects:
        return file.properties if file else None
    if str(given.get("fileType")).lower() not in FILE_TYPES:
        raise _no_file_type()
    if len((given.get("columnDelimiter") or "").replace("\\t", "\t")) > 1:
        raise SourcesError(
            "1331-400",
            "Column Delimiter cannot be more than one character in SourceConnection: explore. "
            "Please provide valid column delimiter and try again.",
        )
    return given if len(given) > 1 else None


def _explore_rest(request: Request) -> Response:
    """Self-serve sources: `object=json&fileType=json`, with the source's own params in base64."""
    _object(request, "rest")
    if (request.first("fileType") or "").lower() != "json":
        raise _no_file_type()
    if "sourceParams" in request.query:
        _decoded(request, "sourceParams")
    return _hierarchical(request, {})


def _object(request: Request, object_type: str) -> str:
    name = request.first("object")
    if not name:
        raise SourcesError("1337-400", f"The object cannot be empty for objectType={object_type}.")
    return name


def _decoded(request: Request, name: str) -> Any:
    try:
        return json.loads(b64decode(request.first(name) or "", validate=True))
    except (binascii.Error, ValueError) as error:
        raise SourcesError(
            "1389-400",
            "An error occurred while parsing the provided base64-encoded string. "
            "Please provide a valid encoded filter string and try again.",
        ) from error


def _flat(platform: Platform, request: Request, columns: list[Json], about: Json) -> Response:
    if platform.switches.bare_columns:
        return Response(200, [{"name": column["name"], "type": column["type"].capitalize()} for column in columns])
    described = {**about, "format": "flat", "schema": {"columns": columns}}
    return Response(200, {**described, "data": [sample_row(columns)]} if _previews(request) else described)


def _hierarchical(request: Request, about: Json) -> Response:
    described = {**about, "format": "hierarchical", "schema": HIERARCHY}
    return Response(200, {**described, "data": [sample(HIERARCHY)]} if _previews(request) else described)


def _previews(request: Request) -> bool:
    return (request.first("preview") or "").lower() == "true"


def _no_columns(name: str) -> SourcesError:
    return SourcesError(
        "1330-400", f"No columns were found for table {name}. Please provide a valid table name and try again."
    )


def _no_file_type() -> SourcesError:
    return SourcesError(
        "1399-400",
        "A valid requestFileType could not be found. Please provide a valid requestFileType and try again.",
    )

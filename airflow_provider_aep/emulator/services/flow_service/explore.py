"""Exploring a base connection: its tables or files, and the columns of one of them."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.emulator.http.errors import SourcesError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.flow_service.resources import existing
from airflow_provider_aep.emulator.services.specs.connection_specs import DATA_LANDING_ZONE, family
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform


def _column(name: str, json_type: str = "string", json_format: str | None = None) -> Json:
    xdm: Json = {"type": json_type}
    if json_format:
        xdm["format"] = json_format
    return {"name": name, "type": json_type, "xdm": xdm}


MODIFIED = _column("LastModifiedDate", "string", "date-time")

TABLES: dict[str, list[Json]] = {
    "Accounts": [
        _column("Id"),
        _column("first_name"),
        _column("last_name"),
        _column("email"),
        _column("AnnualRevenue", "number"),
        _column("NumberOfEmployees", "integer"),
        _column("IsActive", "boolean"),
        MODIFIED,
    ],
    "Contacts": [_column("Id"), _column("FirstName"), _column("LastName"), _column("Email"), MODIFIED],
    "Leads": [_column("Id"), _column("Company"), _column("Email"), _column("Status"), MODIFIED],
    "Opportunities": [
        _column("Id"),
        _column("Name"),
        _column("StageName"),
        _column("Amount", "number"),
        _column("CloseDate", "string", "date"),
        MODIFIED,
    ],
}

FILES: list[Json] = [
    {"type": "folder", "name": "exports", "path": "/exports", "canPreview": False, "canFetchSchema": False},
    {
        "type": "file",
        "name": "accounts.csv",
        "path": "/accounts.csv",
        "canPreview": True,
        "canFetchSchema": True,
    },
    {
        "type": "file",
        "name": "events.json",
        "path": "/events.json",
        "canPreview": True,
        "canFetchSchema": True,
    },
]

FILE_COLUMNS = [_column("id"), _column("email"), _column("updated_at", "string", "date-time")]


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
    category = family(platform.specs.connection_specs[spec_id])
    if category not in ("table", "file"):
        raise SourcesError("1336-400", f"Explore connection is not supported for connection spec ID: {spec_id}.")
    object_type = (request.first("objectType") or "").lower()
    tables = platform.switches.tables or TABLES
    if object_type in ("root", "folder"):
        return Response(200, _table_list(tables) if category == "table" else FILES)
    if object_type not in ("table", "file"):
        raise SourcesError(
            "1358-400",
            "The provided param 'objectType' is invalid. Please provide a valid objectType and try again.",
        )
    name = request.first("object")
    if not name:
        raise SourcesError("1337-400", f"The object cannot be empty for objectType={object_type}.")
    if object_type == "table":
        return _describe(request, tables.get(name), name)
    known = any(file["path"].lstrip("/") == name.lstrip("/") for file in FILES if file["type"] == "file")
    return _describe(request, FILE_COLUMNS if known else None, name)


def _table_list(tables: dict[str, list[Json]]) -> list[Json]:
    return [
        {"type": "table", "name": name, "path": name, "canPreview": True, "canFetchSchema": True} for name in tables
    ]


def _describe(request: Request, columns: list[Json] | None, name: str) -> Response:
    if columns is None:
        raise SourcesError(
            "1330-400",
            f"No columns were found for table {name}. Please provide a valid table name and try again.",
        )
    described: Json = {"format": "flat", "schema": {"columns": columns}}
    if (request.first("preview") or "").lower() == "true":
        described["data"] = [{column["name"]: _sample(column) for column in columns}]
    return Response(200, described)


def _sample(column: Json) -> Any:
    if column["xdm"].get("format") == "date-time":
        return "2024-01-01T00:00:00.000Z"
    return {"number": 1.5, "integer": 1, "boolean": True}.get(column["type"], f"sample {column['name']}")

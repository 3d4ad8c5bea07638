"""What exploring finds in a source: tables with columns, files in folders, objects of a REST source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow_provider_aep.emulator.state.json import Json

LANDING_ZONE_CONTAINER = "dlz-user-container"


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

FILE_COLUMNS = [_column("id"), _column("email"), _column("updated_at", "string", "date-time")]


@dataclass(frozen=True)
class SourceFile:
    """`properties` is what the platform detects (page sources/tutorials/api/create/cloud-storage/data-landing-zone)."""

    path: str
    file_type: str = "delimited"
    compression: str | None = None
    delimiter: str | None = ","

    @property
    def properties(self) -> Json:
        found: Json = {"fileType": self.file_type}
        if self.compression:
            found["compressionType"] = self.compression
        if self.file_type == "delimited":
            found["columnDelimiter"] = self.delimiter
        return found


FILES = (
    SourceFile("accounts.csv"),
    SourceFile("events.json", "json"),
    SourceFile("exports/accounts.csv.gz", compression="gzip"),
    SourceFile("exports/accounts.csv.gpg"),
    SourceFile("exports/accounts.txt", delimiter="|"),
    SourceFile("exports/accounts", delimiter="\t"),
    SourceFile("exports/accounts.parquet", "parquet"),
    SourceFile("exports/2024/orders.json", "json"),
)

TEXT: Json = {"type": "string"}
TEXTS: Json = {"type": "array", "items": TEXT}
LARGEST = 2**53
WHOLE: Json = {"type": "integer", "minimum": -LARGEST, "maximum": LARGEST - 1}

#: of JSON files and REST sources: nested objects and lists (page .../create/ecommerce/sap-commerce)
HIERARCHY: Json = {
    "type": "object",
    "properties": {
        "id": TEXT,
        "personalInfo": {"type": "object", "properties": {"firstName": TEXT, "lastName": TEXT}},
        "addresses": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "city": TEXT,
                    "isDefault": {"type": "boolean"},
                    "tags": TEXTS,
                },
            },
        },
        "visits": WHOLE,
        "createdAt": TEXT,
    },
}


def sample(schema: Json) -> Any:
    """A value that fits the JSON Schema."""
    if schema["type"] == "object":
        return {name: sample(inner) for name, inner in schema["properties"].items()}
    if schema["type"] == "array":
        return [sample(schema["items"])]
    return {"integer": 1, "boolean": True}.get(schema["type"], "sample")


def sample_row(columns: list[Json]) -> Json:
    return {column["name"]: _sample_cell(column) for column in columns}


def _sample_cell(column: Json) -> Any:
    if column.get("xdm", {}).get("format") == "date-time":
        return "2024-01-01T00:00:00.000Z"
    return {"number": 1.5, "integer": 1, "boolean": True}.get(column["type"], f"sample {column['name']}")


def list_folder(path: str, root: str) -> list[Json] | None:
    """The files and folders directly in that folder; None if there is no such folder. `root` is before each path."""
    folder = _relative(path, root)
    inside = [file.path[len(folder) :] for file in FILES if file.path.startswith(folder)]
    if not inside:
        return None
    names = dict.fromkeys(rest.partition("/")[0] + ("/" if "/" in rest else "") for rest in inside)
    return [_entry(name, f"{root}/{folder}{name}") for name in sorted(names, key=lambda name: not name.endswith("/"))]


def find_file(path: str, root: str) -> SourceFile | None:
    return next((file for file in FILES if file.path == _relative(path, root).removesuffix("/")), None)


def _relative(path: str, root: str) -> str:
    """Without the root, and with a slash behind it unless it is the root itself."""
    rest = f"{path.strip('/')}/".removeprefix(f"{root.strip('/')}/" if root else "")
    return "" if rest == "/" else rest


def _entry(name: str, path: str) -> Json:
    is_file = not name.endswith("/")
    return {
        "type": "file" if is_file else "folder",
        "name": name.removesuffix("/"),
        "path": path.removesuffix("/"),
        "canPreview": is_file,
        "canFetchSchema": is_file,
    }

"""What exploring a source returns: tables, files and folders, or the columns of one of them.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/explore/cloud-storage
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Explored:
    """What was found.

    :param entries: tables, files and folders as ``{"type", "name", "path", ...}``, or columns as ``{"name", "type",
        ...}``. Nested data has one entry per leaf, whose name is a path as Data Prep writes it: ``owner.email``. The
        type is None where the platform has seen no value.
    :param properties: how a file is to be read (``fileType``, ``compressionType``, ``columnDelimiter``), if the
        platform says so.
    """

    entries: list[dict[str, Any]]
    properties: dict[str, Any] | None = None


def read_explored(response: Any) -> Explored:
    """The response in any of its published shapes: a list of entries, bare or as ``items``; a ``flat`` schema with
    columns; a ``hierarchical`` one, which is a JSON Schema; rows of data without a schema.

    :raises ValueError: it has none of these shapes.
    """
    if isinstance(response, list):
        return Explored(_entries(response))
    if not isinstance(response, Mapping):
        raise ValueError(f"it is a {type(response).__name__}")
    properties = response.get("properties")
    return Explored(_columns(response), dict(properties) if isinstance(properties, Mapping) and properties else None)


def _columns(response: Mapping[str, Any]) -> list[dict[str, Any]]:
    schema = response.get("schema")
    if isinstance(schema, Mapping):
        columns = schema.get("columns")
        return _entries(columns) if isinstance(columns, list) else _unique(_leaves_of_schema(schema))
    if isinstance(response.get("items"), list):
        return _entries(response["items"])
    if isinstance(response.get("data"), list):
        return _unique(_leaves_of_value(response["data"]))
    raise ValueError("it has neither a schema nor items nor data")


def _entries(found: list[Any]) -> list[dict[str, Any]]:
    entries = [entry for each in found if (entry := _entry(each))]
    if found and not entries:
        raise ValueError("none of its entries has a name")
    return entries


def _entry(found: Any) -> dict[str, Any] | None:
    """An entry with a name. Older pages capitalise types, and Flow Service's reference has other names for both."""
    if not isinstance(found, Mapping):
        return None
    entry = dict(found)
    if "columnName" in entry:
        entry = {"name": entry["columnName"], "type": entry.get("columnType")}
    if not isinstance(entry.get("name"), str):
        return None
    if isinstance(entry.get("type"), str):
        entry["type"] = entry["type"][:1].lower() + entry["type"][1:]
    return entry


def _unique(leaves: Iterator[tuple[str, str | None]]) -> list[dict[str, Any]]:
    """One entry per path: rows repeat them, and only some rows have a value there."""
    types: dict[str, str | None] = {}
    for path, json_type in leaves:
        types[path] = types.get(path) or json_type
    return [{"name": path, "type": json_type} for path, json_type in types.items()]


def _leaves_of_schema(schema: Any, path: str = "") -> Iterator[tuple[str, str | None]]:
    """The paths and types within a JSON Schema. What a list holds is found below the list's own path."""
    schema = schema if isinstance(schema, Mapping) else {}
    json_type = _type(schema.get("type"))
    inner = schema.get("properties")
    if isinstance(inner, Mapping) and inner:
        for name, each in inner.items():
            yield from _leaves_of_schema(each, _joined(path, name))
    elif json_type == "array" and _holds_objects(schema.get("items")):
        yield from _leaves_of_schema(schema["items"], path)
    elif path:
        yield path, json_type
    elif json_type is None:
        raise ValueError("its schema is no JSON Schema")


def _holds_objects(items: Any) -> bool:
    """Whether there is anything below the items of a list."""
    if not isinstance(items, Mapping):
        return False
    inner = items.get("properties")
    return bool(isinstance(inner, Mapping) and inner) or _holds_objects(items.get("items"))


def _leaves_of_value(value: Any, path: str = "") -> Iterator[tuple[str, str | None]]:
    """The same of rows that came without a schema."""
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from _leaves_of_value(each, _joined(path, name))
    elif isinstance(value, list) and any(isinstance(each, Mapping | list) for each in value):
        for each in value:
            yield from _leaves_of_value(each, path)
    elif path:
        yield path, _type_of(value)


def _joined(path: str, name: str) -> str:
    # Data Prep's troubleshooting guide: a dot within a name is written with a backslash.
    escaped = str(name).replace(".", r"\.")
    return f"{path}.{escaped}" if path else escaped


def _type(json_type: Any) -> str | None:
    """A JSON Schema may list several types, one of them "null"."""
    types = json_type if isinstance(json_type, list) else [json_type]
    return next((each for each in types if isinstance(each, str) and each != "null"), None)


def _type_of(value: Any) -> str | None:
    types = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return types.get(type(value))

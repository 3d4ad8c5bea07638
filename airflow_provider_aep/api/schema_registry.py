"""Schema Registry: XDM schemas of the tenant.

https://developer.adobe.com/experience-platform-apis/references/schema-registry/
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from airflow_provider_aep.api.call import Call, Params, as_mapping
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.validation import checked_id

BASE = "/data/foundation/schemaregistry"
FULL = "application/vnd.adobe.xed+json"

# Quoting is not published for Schema Registry, so only titles that need none go into a filter.
_PLAIN = re.compile(r"[\w .\-]+")


def _results(response: Any) -> Any:
    return response["results"]


def next_page(params: Params, response: Any) -> Params | None:
    following = as_mapping(response, "_page").get("next")
    return {**params, "start": str(following)} if following else None


def list_schemas(title: str | None = None) -> Call[list[Schema]]:
    params: Params = {"orderby": "title"}
    if title is not None and _PLAIN.fullmatch(title):
        params = {**params, "property": f"title=={title}"}
    path = f"{BASE}/tenant/schemas"
    return Call(
        "GET",
        path,
        list[Schema],
        params=params,
        accept=FULL,
        unwrap=_results,
        next_page=next_page,
        id_shape="schema",
    )


def get_schema(schema_id: str) -> Call[Schema]:
    return Call("GET", _path(schema_id), Schema, accept=f"{FULL}; version=1", id_shape="schema", about=schema_id)


def get_schema_fields(schema_id: str) -> Call[dict[str, Any]]:
    """The fields of a schema, those of its class and its field groups included: JSON Schema, name -> field."""
    accept = "application/vnd.adobe.xed-full+json; version=1"
    return Call("GET", _path(schema_id), dict[str, Any], accept=accept, unwrap=_fields)


def _fields(response: Any) -> dict[str, Any]:
    return dict(as_mapping(response, "properties"))


def create_schema(schema: Schema) -> Call[Schema]:
    return Call("POST", f"{BASE}/tenant/schemas", Schema, body=schema.to_wire(), id_shape="schema")


def update_schema(schema_id: str, patch: list[dict[str, Any]]) -> Call[Schema]:
    return Call("PATCH", _path(schema_id), Schema, body=patch, id_shape="schema", about=schema_id)


def _path(schema_id: str) -> str:
    return f"{BASE}/tenant/schemas/{quote(checked_id('schema_id', schema_id, 'schema'), safe='')}"

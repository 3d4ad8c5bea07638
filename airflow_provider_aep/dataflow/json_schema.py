"""The JSON Schema of files, made of the models: for editors, which then complete keys and show what they mean.

The published copy is ``dataflow.schema.json`` beside this module; rules about single connectors are lint's.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from airflow_provider_aep.connectors import ALIASES, CONNECTORS
from airflow_provider_aep.dataflow.overlay import NAMED
from airflow_provider_aep.dataflow.spec import (
    BaseConnectionSpec,
    DataflowSpec,
    DatasetSpec,
    DeltaColumnSpec,
    MappingSourceSpec,
    ScheduleSpec,
    SchemaSpec,
    SharedBaseConnectionSpec,
    SourceSpec,
    SpecModel,
    TargetSpec,
)
from airflow_provider_aep.models.policy import RunPolicy

SCHEMA_FILE: Final = Path(__file__).with_name("dataflow.schema.json")
SCHEMA_URL: Final = (
    "https://raw.githubusercontent.com/airflow-provider-aep/airflow-provider-aep/main/"
    "airflow_provider_aep/dataflow/dataflow.schema.json"
)
"""Where editors find the schema: ``# yaml-language-server: $schema=URL`` in the first line of a file."""

DOCUMENTS: Final[Mapping[str, type[SpecModel]]] = {"Dataflow": DataflowSpec, "BaseConnection": SharedBaseConnectionSpec}
"""Kind -> the model of such a document."""

PARTS: Final[Mapping[str, type[SpecModel]]] = {
    "base_connection": BaseConnectionSpec,
    "source": SourceSpec,
    "schema": SchemaSpec,
    "dataset": DatasetSpec,
    "target": TargetSpec,
    "mappings": MappingSourceSpec,
    "delta_column": DeltaColumnSpec,
    "schedule": ScheduleSpec,
}
"""Key of a dataflow -> the model of the object there; of `mappings`, of what fills one field."""

Json = dict[str, Any]

_NOT_IN_FILES: Final = ("file", "line")
_SAME_EVERYWHERE: Final = ("apiVersion", "kind")
_UUID: Final = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_CONNECTOR: Final[Json] = {"anyOf": [{"enum": sorted([*CONNECTORS, *ALIASES])}, {"type": "string", "pattern": _UUID}]}
# The same in overlays.
_WHOLE: Final = ("#/$defs/RunPolicy", "#/$defs/Connector")
_PARAM = re.compile(r":param (\w+): ((?:.|\n)*?)(?=\n *:|\Z)")


def json_schema() -> Json:
    """The JSON Schema of one document, draft 2020-12."""
    parts = {**DOCUMENTS, **{model.__name__: model for model in PARTS.values()}}
    objects = {name: _object(model) for name, model in parts.items()}
    overlays = {f"{name}Overlay": _overlay(name, schema) for name, schema in objects.items()}
    for name, model in DOCUMENTS.items():
        overlay = {"anyOf": [{"$ref": f"#/$defs/{name}Overlay"}, {"type": "null"}]}
        said = {"type": "object", "additionalProperties": overlay}
        objects[name]["properties"]["sandboxes"] = _described(said, descriptions(model)["sandboxes"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_URL,
        "title": "A dataflow of Adobe Experience Platform, or an account that several share",
        "type": "object",
        "if": {"properties": {"kind": {"const": "BaseConnection"}}, "required": ["kind"]},
        "then": {"$ref": "#/$defs/BaseConnection"},
        "else": {"$ref": "#/$defs/Dataflow"},
        "$defs": {**objects, **overlays, "RunPolicy": _object(RunPolicy), "Connector": _CONNECTOR},
    }


def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """Key -> what the docstring of the model, and of what it is made of, says of it."""
    found: dict[str, str] = {}
    for base in (each for each in model.__mro__ if issubclass(each, BaseModel)):
        for name, text in _PARAM.findall(inspect.cleandoc(base.__doc__ or "")):
            found.setdefault(name, " ".join(text.split()))
    aliases = {name: info.alias or name for name, info in model.model_fields.items()}
    return {aliases.get(name, name): text for name, text in found.items() if name not in _NOT_IN_FILES}


def _object(model: type[BaseModel]) -> Json:
    made = model.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    said = descriptions(model)
    properties = {
        key: _described(_property(key, schema), said.get(key))
        for key, schema in made["properties"].items()
        if key not in _NOT_IN_FILES
    }
    text = inspect.cleandoc(model.__doc__ or "").split("\n:param")[0]
    required = {"required": made["required"]} if "required" in made else {}
    if model is MappingSourceSpec:
        required = {"oneOf": [{"required": [key]} for key in ("source", "expression", "static")]}
    return _described(
        {"type": "object", "properties": properties, **required, "additionalProperties": False}, " ".join(text.split())
    )


def _property(key: str, schema: Json) -> Json:
    schema = _tidy(schema)
    if key == "connector":
        return {"$ref": "#/$defs/Connector"}
    if key == "policy":
        return {"$ref": "#/$defs/RunPolicy"}
    if key in NAMED:
        return {"anyOf": [{"type": "string"}, schema]}
    return schema


def _tidy(schema: Any) -> Any:
    """Without titles, defaults that say nothing, and null, which a document has no use for but in an overlay."""
    if isinstance(schema, list):
        return [_tidy(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {
        key: _tidy(value)
        for key, value in schema.items()
        if key not in ("title", "description") and not (key == "default" and value in (None, {}, []))
    }
    for union in ("anyOf", "oneOf"):
        members = [one for one in tidied.get(union, []) if one != {"type": "null"}]
        if len(members) == 1:
            del tidied[union]
            tidied |= members[0]
        elif members:
            tidied[union] = members
    if "default" in tidied and isinstance(tidied["default"], dict):
        del tidied["default"]
    return tidied


def _described(schema: Json, text: str | None) -> Json:
    plain = re.sub(r"`+", "", text or "")
    return {"description": plain[0].upper() + plain[1:], **schema} if plain else schema


def _overlay(name: str, schema: Json) -> Json:
    """The same with nothing required, and null for each key that is to be taken away."""
    properties = {
        key: _described({"anyOf": [_in_overlay(_without_text(value)), {"type": "null"}]}, value.get("description"))
        for key, value in schema["properties"].items()
        if not (name in DOCUMENTS and key in _SAME_EVERYWHERE)
    }
    described = {"description": schema["description"]} if "description" in schema else {}
    return {**described, "type": "object", "properties": properties, "additionalProperties": False}


def _without_text(schema: Json) -> Json:
    return {key: value for key, value in schema.items() if key != "description"}


def _in_overlay(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_in_overlay(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: _in_overlay(value) for key, value in schema.items() if key != "default"}
    if inner.get("$ref", _WHOLE[0]) not in _WHOLE:
        inner["$ref"] += "Overlay"
    if isinstance(inner.get("additionalProperties"), dict):
        inner["additionalProperties"] = {"anyOf": [inner["additionalProperties"], {"type": "null"}]}
    return inner

"""What the tenant can define, and what the body of each must say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from airflow_provider_aep.emulator.http.errors import SchemaRegistryError
from airflow_provider_aep.emulator.services.schema_registry.library import (
    GLOBAL_PREFIXES,
    LIBRARY,
    RECORD,
    RELATIONAL,
    TIME_SERIES,
)
from airflow_provider_aep.emulator.services.schema_registry.lookup import find_resource
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.sandbox import Sandbox


@dataclass(frozen=True)
class ResourceType:
    #: its name in paths and in the emulator's state
    collection: str
    #: its name in `$id` and in `meta:resourceType`
    name: str
    #: the collections of the tenant's own resources that its `$ref`s may name
    uses: tuple[str, ...]
    #: what only this type demands of a body
    check: Callable[[Sandbox, Json], None]
    types: tuple[str, ...] = ("object",)
    #: others can be built upon it
    extensible: bool = True


def check(sandbox: Sandbox, resource_type: ResourceType, body: Any, current: Json | None) -> None:
    """Refuse a body that cannot become a resource of that type, or (`current`) its new version."""
    if not isinstance(body, dict):
        raise SchemaRegistryError("1000-400", "Bad request", "The request body must be a JSON object.")
    title = body.get("title")
    if not title or not isinstance(title, str):
        raise SchemaRegistryError("1501-400", "Title missing", "The resource needs a title.")
    if body.get("type", "object") not in resource_type.types:
        raise SchemaRegistryError("1504-400", "Type not valid", f"The type must be {' or '.join(resource_type.types)}.")
    parts = body.get("allOf", [])
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise SchemaRegistryError("1505-400", "allOf not valid", "allOf must be a list of objects.")
    resource_type.check(sandbox, body)
    for reference in references(body):
        _resolve(sandbox, resource_type.uses, reference)
    if current is None or current["title"] != title:
        _check_title(sandbox, title)


def references(value: Any) -> Iterator[str]:
    """Every `$ref` in it, at any depth, that leads to another resource."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            yield reference
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def built_upon(body: Json) -> list[str]:
    """What the resource is built upon: the `$ref`s of its allOf itself."""
    return [part["$ref"] for part in body.get("allOf", []) if isinstance(part.get("$ref"), str)]


def is_relational(body: Json) -> bool:
    """A relational schema has no class: its `meta:extends` names a logical behaviour (page xdm/api/schemas)."""
    extended = body.get("meta:extends")
    return isinstance(extended, list) and RELATIONAL in extended


def class_of(sandbox: Sandbox, body: Json) -> str | None:
    """The class among a schema's references: the one it names, one that is known, or one that may be."""
    candidates = [each for each in built_upon(body) if not each.startswith("#")]
    candidates = [each for each in candidates if _find_resource(sandbox, "fieldgroups", each) is None]
    known = [each for each in candidates if _find_resource(sandbox, "classes", each)]
    named = [each for each in candidates if each == body.get("meta:class")]
    return next(iter(named or known or candidates), None)


def _check_schema(sandbox: Sandbox, body: Json) -> None:
    if len(built_upon(body)) < len(body.get("allOf", [])):
        raise SchemaRegistryError("1503-400", "Reference not found", "Every part of allOf needs a $ref.")
    if not is_relational(body) and class_of(sandbox, body) is None:
        raise SchemaRegistryError("1502-400", "Class missing", "The schema needs allOf with the $ref of a class.")


def _check_class(sandbox: Sandbox, body: Json) -> None:
    if not {RECORD, TIME_SERIES}.intersection(built_upon(body)):
        raise SchemaRegistryError(
            "1506-400", "Behavior missing", f"The class needs allOf with the $ref of {RECORD} or {TIME_SERIES}."
        )


def _check_field_group(sandbox: Sandbox, body: Json) -> None:
    classes = body.get("meta:intendedToExtend")
    if not isinstance(classes, list) or not classes:
        raise SchemaRegistryError(
            "1507-400", "Class missing", "The field group needs meta:intendedToExtend with the $id of a class."
        )
    for each in classes:
        _resolve(sandbox, ("classes",), str(each))


def _check_data_type(sandbox: Sandbox, body: Json) -> None:
    """Everything it needs is what all types need."""


SCHEMAS = ResourceType("schemas", "schemas", ("classes", "fieldgroups"), _check_schema, extensible=False)
CLASSES = ResourceType("classes", "classes", ("fieldgroups", "datatypes"), _check_class)
FIELD_GROUPS = ResourceType("fieldgroups", "mixins", ("fieldgroups", "datatypes"), _check_field_group)
DATA_TYPES = ResourceType("datatypes", "datatypes", ("datatypes",), _check_data_type, ("object", "array"))
RESOURCE_TYPES = (SCHEMAS, CLASSES, FIELD_GROUPS, DATA_TYPES)


def _resolve(sandbox: Sandbox, collections: Iterable[str], reference: str) -> None:
    """Adobe's own resources are trusted, the tenant's must exist."""
    name = reference.partition("#")[0]
    if name.startswith(GLOBAL_PREFIXES) or any(_find_resource(sandbox, each, name) for each in collections):
        return
    raise SchemaRegistryError("1503-400", "Reference not found", f"The $ref {reference} could not be resolved.")


def _find_resource(sandbox: Sandbox, collection: str, name: str) -> Json | None:
    return find_resource([*sandbox[collection].values(), *LIBRARY[collection]], name)


def _check_title(sandbox: Sandbox, title: str) -> None:
    for resource_type in RESOURCE_TYPES:
        for resource in sandbox[resource_type.collection].values():
            if resource["title"] == title:
                raise SchemaRegistryError(
                    "1521-400",
                    "Title not unique",
                    f"Object titles must be unique. An object {resource['$id']} already exists "
                    f"with the same title {title}.",
                )

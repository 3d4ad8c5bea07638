"""What a dataflow does to the data on its way: the parts of its list of transformations.

https://developer.adobe.com/experience-platform-apis/references/flow-service/ (Flows, ``transformations``)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from airflow_provider_aep.models.base import AepModel
from airflow_provider_aep.models.tolerant import Name, object_or_empty
from airflow_provider_aep.validation import Problems

# Transformations that an author declares by arguments of their own.
TRANSFORMATION_ARGUMENTS = {"Copy": "delta_column", "Mapping": "mapping_set_id"}
_EXAMPLE = '{"name": "Encryption", "params": {"publicKeyId": ...}}'


class Transformation(AepModel):
    """`Copy` names the delta column of a table source, `Mapping` the mapping set; which others there are, such as
    `Encryption`, the flow spec says.
    """

    name: Name = None
    params: Annotated[dict[str, Any], BeforeValidator(object_or_empty)] = {}


def _in_place(value: Any) -> list[Any]:
    """The transformations at their places, by which they are patched: one that cannot be read has no name."""
    return [object_or_empty(one) for one in value] if isinstance(value, list) else []


Transformations = Annotated[list[Transformation], BeforeValidator(_in_place)]


def named_transformations(delta_column: Any, mapping_set_id: Any, mapping_set_version: Any) -> list[Transformation]:
    """The transformations that have arguments of their own.

    :param mapping_set_version: None for the latest, which is looked up later.
    """
    copy = [Transformation(name="Copy", params={"deltaColumn": dict(delta_column)})] if delta_column else []
    version = {} if mapping_set_version is None else {"mappingVersion": str(mapping_set_version)}
    params = {"mappingId": mapping_set_id, **version}
    mapping = [Transformation(name="Mapping", params=params)] if mapping_set_id else []
    return copy + mapping


def read_transformations(problems: Problems, given: Any) -> list[Transformation]:
    """Further transformations, each with a name of its own and params of any form: the flow spec says what they are."""
    if not isinstance(given, list | tuple):
        problems.add("transformations", f"is {given!r}; it is a list of dicts such as {_EXAMPLE}")
        return []
    found: dict[str, Transformation] = {}
    for index, one in enumerate(given):
        field = f"transformations[{index}]"
        params = one.get("params", {}) if isinstance(one, Mapping) else None
        if not isinstance(params, Mapping) or set(one) - {"name", "params"}:
            problems.add(field, f"is {one!r}; it is a dict such as {_EXAMPLE}")
            continue
        name = one.get("name")
        problems.text(f"{field}.name", name)
        if name in TRANSFORMATION_ARGUMENTS:
            problems.add(f"{field}.name", f"is {name!r}, which {TRANSFORMATION_ARGUMENTS[name]} declares")
        elif name in found:
            problems.add(f"{field}.name", f"is {name!r}, as of one before it: a dataflow has one of each")
        elif isinstance(name, str):
            found[name] = Transformation(name=name, params=dict(params))
    return list(found.values())


def check_version(problems: Problems, version: Any) -> None:
    if not str(version).isdecimal():
        problems.add("mapping_set_version", f"is {version!r}; it is a whole number, as the mapping set says")

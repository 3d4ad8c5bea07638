"""Rules of mappings, beyond those of the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from airflow_provider_aep.dataflow.documents import Steps
from airflow_provider_aep.dataflow.resources import mapping_list
from airflow_provider_aep.dataflow.rules.codes import Problem
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.models.mapping_set import is_in_adobes_form

# Names joined by dots, items in brackets; ${...} and a backslash escape.
_ATTRIBUTE = re.compile(r"(?:\w|\.|\[(?:\d+|\*)\]|\\.|\$\{[^}]*\})+")
_ESCAPED = re.compile(r"\$\{([^}]*)\}|\\(.)")
_TENANT = re.compile(r"https?://ns\.adobe\.com/([^/]+)/(?:mixins|fieldgroups|classes|schemas|datatypes)/")
_LONGEST_EXPRESSION = 4096


class _Mapping(NamedTuple):
    """One mapping, in whichever form it was written.

    :param steps: the way to its source.
    """

    type_: str
    source: str
    destination: str
    steps: Steps
    destination_steps: Steps


def mappings(spec: DataflowSpec) -> Iterator[Problem]:
    """Problems of attributes, expressions and destinations."""
    found = list(_mappings(spec))
    yield from _filled_twice(spec, found)
    columns = _column_names(spec)
    tenants = _tenants(spec, found)
    for one in found:
        if one.type_ == "ATTRIBUTE":
            yield from _attribute(one, columns)
        elif one.type_ == "EXPRESSION" and isinstance(spec.mappings, list) and len(one.source) > _LONGEST_EXPRESSION:
            text = f"has {len(one.source)} characters; an expression has at most {_LONGEST_EXPRESSION}"
            yield Problem("D403", one.steps, text)
        first = one.destination.split(".")[0]
        if first in tenants:
            text = f"begins with {first!r}; the namespace of the tenant is {f'_{first}'!r}"
            yield Problem("D407", one.destination_steps, text, at_key=True)


def _filled_twice(spec: DataflowSpec, found: list[_Mapping]) -> Iterator[Problem]:
    """A destination that two mappings fill: a warning, because Data Prep takes such a set and an export writes it. In
    the short form the model refuses it.
    """
    if not isinstance(spec.mappings, list) or not all(map(is_in_adobes_form, spec.mappings)):
        return
    seen: set[str] = set()
    for one in found:
        if one.destination in seen:
            text = f"fills {one.destination!r} once more: one mapping overwrites the other"
            yield Problem("D401", one.steps[:-1], text, is_warning=True)
        seen.add(one.destination)


def _attribute(one: _Mapping, columns: set[str] | None) -> Iterator[Problem]:
    if not _ATTRIBUTE.fullmatch(one.source):
        text = f"is {one.source!r}, with special characters that are not escaped: write ${{...}} around the name"
        yield Problem("D404", one.steps, text, is_warning=True)
    if columns is not None:
        name = _ESCAPED.sub(lambda match: match[1] or match[2], one.source)
        if name not in columns and not _is_inside(name, columns):
            yield Problem("D406", one.steps, f"is {one.source!r}, which is not among the declared columns")


def _is_inside(name: str, columns: set[str]) -> bool:
    """Whether a name leads into a column that holds an object."""
    parts = re.split(r"[.\[]", name)
    return any(".".join(parts[:depth]) in columns for depth in range(1, len(parts)))


def _mappings(spec: DataflowSpec) -> Iterator[_Mapping]:
    own_list = isinstance(spec.mappings, list)
    for index, given in enumerate(mapping_list(spec)):
        source = given.get("source") or given.get("sourceAttribute")
        destination = given.get("destination") or given.get("destinationXdmPath")
        if not isinstance(source, str) or not isinstance(destination, str):
            continue  # the model objects to it
        type_ = str(given.get("type") or given.get("sourceType") or "ATTRIBUTE").upper()
        if own_list:
            place: Steps = ("mappings", index)
            keys = ["source" if given.get("source") else "sourceAttribute"]
            target = (*place, "destination" if given.get("destination") else "destinationXdmPath")
        else:
            target = place = ("mappings", destination)
            keys = _key_of_source(spec, destination)
        yield _Mapping(type_, source, destination, (*place, *keys), target)


def _key_of_source(spec: DataflowSpec, destination: str) -> list[str]:
    source: Any = spec.mappings[destination] if isinstance(spec.mappings, dict) else None
    if isinstance(source, str):
        return []
    return [key for key in ("source", "expression", "static") if getattr(source, key) is not None]


def _column_names(spec: DataflowSpec) -> set[str] | None:
    columns = spec.source.columns if spec.source.columns is not None else spec.source.params.get("columns")
    if not isinstance(columns, list) or not columns:
        return None
    return {str(column.get("name")) for column in columns if isinstance(column, dict)}


def _tenants(spec: DataflowSpec, found: list[_Mapping]) -> set[str]:
    """The tenants that the spec itself names, by the ids of its schema and the namespaces of other destinations."""
    uris = [spec.schema_.id, spec.schema_.schema_class, *spec.schema_.field_groups]
    named = {match[1] for uri in uris if uri and (match := _TENANT.match(uri))} - {"xdm", "experience"}
    used = {first[1:] for one in found if (first := one.destination.split(".")[0]).startswith("_")}
    return named | (used - {"id", "experience", "repo"})

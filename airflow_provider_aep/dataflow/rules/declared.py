"""The rules that the models know: each resource is declared as its create operator would, and nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from airflow_provider_aep.connectors import Connector
from airflow_provider_aep.dataflow.documents import Steps
from airflow_provider_aep.dataflow.resources import ASKED_COLUMNS, TYPES, arguments, flow_spec_id, steps_of
from airflow_provider_aep.dataflow.rules.codes import Problem
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.validation import id_problem, known_after_apply

# What a problem begins with: the argument, and the way within it.
_FIELD = re.compile(r"(?P<argument>\w+)(?P<way>(?:\.[^\s.:\[\]]+|\[\d+\])*):? (?P<text>.*)", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_FILLED_TWICE = re.compile(r"fill (.*) more than once", re.DOTALL)

# Step -> the key of its object in a spec; the arguments of the others are keys of the spec itself.
_OBJECTS: Final = {
    "base_connection": "base_connection",
    "schema": "schema",
    "source_connection": "source",
    "dataset": "dataset",
    "target_connection": "target",
}
# Arguments that stand elsewhere, or under another name.
_ELSEWHERE: Final[Mapping[str, Steps]] = {
    "connector": ("connector",),
    "schema_id": ("schema", "id"),
    "dataset_id": ("dataset", "id"),
    "base_connection_id": ("base_connection", "id"),
    "flow_spec_id": ("flow_spec",),
    "mapping_set_id": ("mappings",),
    "schedule_params": ("schedule",),
}
# Spares the digest, which costs more than all rules about mappings.
_NAMED_BY_CONTENT: Final = "airflow"
# Without a known connector nothing can be said of these.
_OF_THE_CONNECTOR: Final = ("base_connection", "source_connection", "flow")
_COLUMNS, _TABLE, _PATH = "columns", "tableName", "path"

# Step, beginning of the problem, code: the first that fits.
_CODES: Final = (
    ("source_connection", r"base_connection_id (is missing|must)", "D103"),
    ("source_connection", r"source_params\.(tableName|path|columns)", "D201"),
    ("source_connection", r"data_format", "D202"),
    ("source_connection", r"source_params\.columnDelimiter", "D203"),
    ("schema", r"(schema_class|field_groups)", "D301"),
    ("dataset", r"schema_id", "D301"),
    ("target_connection", r"schema_id", "D301"),
    ("mapping_set", r"schema_id", "D301"),
    ("mapping_set", r"mappings fill", "D401"),
    ("mapping_set", r"mappings\[\d+\]\.(type|sourceType) ", "D402"),
    ("mapping_set", r"mappings\[\d+\]\.source has", "D403"),
    ("flow", r"mapping_set_id is missing", "D405"),
    ("flow", r"(schedule_params|delta_column) must be left out: a streaming", "D506"),
    ("flow", r"schedule_params is missing", "D501"),
    ("flow", r"schedule_params\.frequency", "D502"),
    ("flow", r"schedule_params\.(interval|backfill) must", "D503"),
    ("flow", r"schedule_params\.interval", "D504"),
    ("flow", r"schedule_params\.start_time", "D505"),
    ("flow", r"delta_column", "D507"),
    ("flow", r"options\.partialIngestionPercent", "D508"),
)
_RULES: Final = tuple((step, re.compile(beginning), code) for step, beginning, code in _CODES)


class Models:
    """What the models object to, remembered: what several sandboxes or dataflows declare alike is declared once."""

    def __init__(self) -> None:
        self._problems: dict[tuple[str, str], tuple[str, ...]] = {}

    def problems(self, step: str, given: dict[str, Any]) -> tuple[str, ...]:
        """The problems of one resource.

        :param given: the arguments of its create operator.
        """
        key = (step, repr(given))
        if key not in self._problems:
            self._problems[key] = ()
            try:
                TYPES[step].declare(**given)
            except AepConfigError as error:
                self._problems[key] = error.problems
        return self._problems[key]


def declared(spec: DataflowSpec, connector: Connector | None, models: Models) -> Iterator[Problem]:
    """What the models object to in any of the resources."""
    ids = _known_ids(spec, connector)
    found: set[Problem] = set()
    for step in steps_of(spec):
        if _is_reference(spec, step) or (connector is None and step in _OF_THE_CONNECTOR):
            continue
        given = arguments(spec, step, ids)
        if step == "source_connection" and connector and connector.category == "table":
            params = given.get("source_params", {})
            given["source_params"] = {_COLUMNS: list(ASKED_COLUMNS), **params}
        elif step == "mapping_set":
            given["name"] = _NAMED_BY_CONTENT
        found.update(_problem(spec, step, text) for text in models.problems(step, given))
    yield from found


def _known_ids(spec: DataflowSpec, connector: Connector | None) -> dict[str, Any]:
    """The ids that the file says. A flow spec that no page publishes is for the platform to find by its name."""
    account = spec.base_connection
    said = {
        "schema": spec.schema_.id,
        "dataset": spec.dataset.id,
        "base_connection": account.id if account else None,
        "flow_spec": known_after_apply() if connector and id_problem(flow_spec_id(spec, {}), "uuid") else None,
    }
    return {step: id_ for step, id_ in said.items() if id_ is not None}


def _is_reference(spec: DataflowSpec, step: str) -> bool:
    if step == "base_connection":
        return spec.base_connection is None or spec.base_connection.is_reference
    return step == "schema" and spec.schema_.is_reference


def _problem(spec: DataflowSpec, step: str, text: str) -> Problem:
    code = next((code for of, rule, code in _RULES if of == step and rule.match(text)), "D004")
    match = _FIELD.match(text)
    assert match is not None  # each problem of a model begins with an argument
    way = tuple(int(index) if index else key for key, index in _STEP.findall(match["way"]))
    return Problem(code, _place(spec, step, match["argument"], way, match["text"]), match["text"])


def _place(spec: DataflowSpec, step: str, argument: str, way: Steps, text: str) -> Steps:
    """Where a spec has an argument, or a part of it."""
    if argument == "mappings":
        return _place_of_mapping(spec, way, text)
    if argument == "source_params":
        return _place_of_param(spec, way)
    if argument == "base_connection_id" and not (spec.base_connection and spec.base_connection.id):
        return ("base_connection",)
    if argument in _ELSEWHERE:
        return _ELSEWHERE[argument] + way
    if argument == "name" and step in _OBJECTS and getattr(spec, _OBJECTS[step]).name is None:
        return ("name",)
    return ((_OBJECTS[step],) if step in _OBJECTS else ()) + (argument, *way)


def _place_of_param(spec: DataflowSpec, way: Steps) -> Steps:
    """`table`, `path` and `columns` have keys of their own, and may as well stand among the params."""
    first = way[0] if way else None
    own = {_TABLE: "table", _PATH: "path", _COLUMNS: "columns"}.get(str(first))
    if own and first not in spec.source.params:
        return ("source", own, *way[1:])
    return ("source", "params", *way)


def _place_of_mapping(spec: DataflowSpec, way: Steps, text: str) -> Steps:
    twice = _FILLED_TWICE.match(text)
    if twice and isinstance(spec.mappings, list):
        filled = [index for index, one in enumerate(spec.mappings) if repr(_destination(one)) == twice[1]]
        return ("mappings", *filled[-1:])
    if not way or not isinstance(way[0], int) or not isinstance(spec.mappings, dict):
        return ("mappings", *way)
    destination, source = list(spec.mappings.items())[way[0]]
    said = (
        [] if isinstance(source, str) else [key for key in ("source", "expression", "static") if getattr(source, key)]
    )
    return ("mappings", destination, *said)


def _destination(mapping: Any) -> Any:
    return mapping.get("destination") or mapping.get("destinationXdmPath")

"""A spec as the seven resources of a dataflow.

`arguments` are those of the create operators, so that a task group and `apply` make the same of a spec. Ids that are
not known yet are placeholders (`known_after_apply`): a plan can compare with them, and nothing sends them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from airflow_provider_aep.connectors import FLOW_SPEC_IDS, get_connector
from airflow_provider_aep.dataflow.spec import DataflowSpec, MappingSourceSpec, ScheduleSpec
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.reconcile.resource_type import ResourceType
from airflow_provider_aep.resources.base_connection import BASE_CONNECTION
from airflow_provider_aep.resources.dataset import DATASET
from airflow_provider_aep.resources.flow import FLOW
from airflow_provider_aep.resources.mapping_set import MAPPING_SET
from airflow_provider_aep.resources.schema import SCHEMA
from airflow_provider_aep.resources.source_connection import SOURCE_CONNECTION
from airflow_provider_aep.resources.target_connection import TARGET_CONNECTION
from airflow_provider_aep.validation import known_after_apply

# Step -> its resource type, in an order in which each stands behind what it refers to.
TYPES: Final[Mapping[str, ResourceType[Any]]] = {
    "base_connection": BASE_CONNECTION,
    "schema": SCHEMA,
    "source_connection": SOURCE_CONNECTION,
    "dataset": DATASET,
    "mapping_set": MAPPING_SET,
    "target_connection": TARGET_CONNECTION,
    "flow": FLOW,
}

# Step -> the steps whose ids it needs.
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "base_connection": (),
    "schema": (),
    "source_connection": ("base_connection",),
    "dataset": ("schema",),
    "mapping_set": ("schema",),
    "target_connection": ("dataset", "schema"),
    "flow": ("source_connection", "target_connection", "mapping_set"),
}

# Steps that can be made at the same time, wave by wave.
WAVES: Final = (
    ("base_connection", "schema"),
    ("source_connection", "dataset", "mapping_set"),
    ("target_connection",),
    ("flow",),
)

Ids = Mapping[str, Any]
"""Step -> the id of its resource, and ``flow_spec`` -> the id of the flow spec; perhaps ``mapping_set_version`` (0). An
XComArg will do as well.
"""

_SHAPES = {"dataset": "dataset", "schema": "schema", "mapping_set": "mapping set"}
# Stands for columns that are asked of the source when the source connection is made.
ASKED_COLUMNS: Final = ({"name": "(asked of the source)", "type": "string"},)
# What the name of a dataflow ends with while a new one takes its place.
REPLACED: Final = " ~replaced"


def steps_of(spec: DataflowSpec) -> tuple[str, ...]:
    """The steps that a dataflow has, in the order of `TYPES`: some sources need no account, some flows no mapping."""
    left_out = {
        *(["base_connection"] if spec.base_connection is None else []),
        *(["mapping_set"] if not spec.mappings else []),
    }
    return tuple(step for step in TYPES if step not in left_out)


def pending(step: str) -> str:
    """The placeholder for the id of a resource that has yet to be made."""
    return known_after_apply(_SHAPES.get(step, "uuid"))


def arguments(spec: DataflowSpec, step: str, ids: Ids) -> dict[str, Any]:
    """The arguments of the step's create operator; what is not said is left out.

    Credentials are no part of it, and neither are columns that are to be asked of the source.
    """
    return {key: value for key, value in _ARGUMENTS[step](spec, ids).items() if value not in (None, {}, [], ())}


def asks_for_columns(spec: DataflowSpec) -> bool:
    """Whether the columns are asked of the source when the source connection is made."""
    declared = spec.source.columns or spec.source.params.get("columns")
    return get_connector(spec.connector).category == "table" and not declared


def declare(spec: DataflowSpec, step: str, ids: Ids, columns: Sequence[Mapping[str, Any]] = ASKED_COLUMNS) -> Any:
    """What the file asks for, as the step's resource type declares it.

    :param columns: those of a table whose columns are not declared: the live ones, or what the source was asked for.
    :raises AepConfigError: every problem of this resource at once.
    """
    given = arguments(spec, step, ids)
    if step == "source_connection" and asks_for_columns(spec):
        given["source_params"] = {**given.get("source_params", {}), "columns": [dict(column) for column in columns]}
    declared = TYPES[step].declare(**given)
    return declared.as_draft() if step == "flow" and spec.state == "draft" else declared


def with_columns_of(declared: SourceConnection, live: SourceConnection) -> SourceConnection:
    """A declared source connection with the columns of a live one: those that were not declared are not compared."""
    shown = {"columns": live.params["columns"]} if live.params and live.params.get("columns") else {}
    others = {key: value for key, value in (declared.params or {}).items() if key != "columns"}
    return declared.model_copy(update={"params": {**others, **shown}})


def flow_spec_id(spec: DataflowSpec, ids: Ids) -> Any:
    """The id of the flow spec: what was looked up, what the file says, or what Adobe publishes for the connector."""
    named = spec.flow_spec or get_connector(spec.connector).flow_spec or ""
    return ids.get("flow_spec") or FLOW_SPEC_IDS.get(named, named) or known_after_apply()


def _base_connection(spec: DataflowSpec, ids: Ids) -> dict[str, Any]:
    account = spec.base_connection
    assert account is not None
    return {
        "name": account.name or spec.name,
        "connector": spec.connector,
        "auth_spec_name": account.auth_spec_name,
        "auth_params": account.auth_params,
        "description": account.description,
    }


def _schema(spec: DataflowSpec, ids: Ids) -> dict[str, Any]:
    schema = spec.schema_
    return {
        "title": schema.title or spec.name,
        "schema_class": schema.schema_class,
        "field_groups": schema.field_groups,
        "description": schema.description,
    }


def _source_connection(spec: DataflowSpec, ids: Ids) -> dict[str, Any]:
    source = spec.source
    named = {"tableName": source.table, "path": source.path, "columns": source.columns}
    return {
        "name": source.name or spec.name,
        "connector": spec.connector,
        "base_connection_id": ids.get("base_connection", pending("uuid")) if spec.base_connection else None,
        "data_format": source.data_format,
        "source_params": {**source.params, **{key: value for key, value in named.items() if value is not None}},
        "description": source.description,
    }


def _dataset(spec: DataflowSpec, ids: Ids) -> dict[str, Any]:
    dataset = spec.dataset
    return {
        "name": dataset.name or spec.name,
        "schema_id": _id(ids, "schema"),
        "enable_profile": dataset.enable_profile or None,
        "enable_identity": dataset.enable_identity or None,
        "tags": dataset.tags,
        "description": dataset.description,
    }


def _target_connection(spec: DataflowSpec, ids: Ids) -> dict[str, Any]:
    target = spec.target
    return {
        "name": target.name or spec.name,
        "dataset_id": _id(ids, "dataset"),
        "schema_id": _id(ids, "schema"),
        "schema_version": target.schema_version,
        "data_format": target.data_format,
        "description": target.description,
    }


def _mapping_set(spec: DataflowSpec, ids: Ids) -> dict[str, Any]:
    return {"schema_id": _id(ids, "schema"), "mappings": mapping_list(spec)}


def _flow(spec: DataflowSpec, ids: Ids) -> dict[str, Any]:
    return {
        "name": spec.name,
        "flow_spec_id": flow_spec_id(spec, ids),
        "source_connection_id": _id(ids, "source_connection"),
        "target_connection_id": _id(ids, "target_connection"),
        "mapping_set_id": _id(ids, "mapping_set") if spec.mappings else None,
        # A mapping set is named by its content and never edited; one that was made in the UI may be of any version.
        "mapping_set_version": ids.get("mapping_set_version", 0) if spec.mappings else None,
        "delta_column": spec.delta_column and spec.delta_column.model_dump(by_alias=True, exclude_none=True),
        "schedule_params": _schedule(spec.schedule),
        "options": spec.options,
        "description": spec.description,
        "transformations": spec.transformations,
    }


_ARGUMENTS: Final[Mapping[str, Callable[[DataflowSpec, Ids], dict[str, Any]]]] = {
    "base_connection": _base_connection,
    "schema": _schema,
    "source_connection": _source_connection,
    "dataset": _dataset,
    "mapping_set": _mapping_set,
    "target_connection": _target_connection,
    "flow": _flow,
}


def _id(ids: Ids, step: str) -> Any:
    return ids[step] if step in ids else pending(step)


def _schedule(schedule: ScheduleSpec | None) -> dict[str, Any] | None:
    return schedule.model_dump(exclude_none=True) if schedule else None


def mapping_list(spec: DataflowSpec) -> list[dict[str, Any]]:
    """The mappings as the create operator takes them; Adobe's own list is handed on."""
    if not isinstance(spec.mappings, Mapping):
        return list(spec.mappings or [])
    return [_mapping(destination, source) for destination, source in spec.mappings.items()]


def _mapping(destination: str, source: str | MappingSourceSpec) -> dict[str, Any]:
    if isinstance(source, str):
        return {"source": source, "destination": destination}
    texts = {"ATTRIBUTE": source.source, "EXPRESSION": source.expression, "STATIC": source.static}
    type_, text = next((type_, text) for type_, text in texts.items() if text is not None)
    identity = {"identity": source.identity, "identityGroup": source.identity_group}
    if source.identity is None and source.identity_group is None:
        return {"type": type_, "source": text, "destination": destination}
    # Adobe's own form: a pair has no place for an identity.
    said = {key: value for key, value in identity.items() if value is not None}
    return {"sourceType": type_, "source": text, "destination": destination, **said}

"""The source connection: which table, path or stream of a base connection is read, and in which format.

https://developer.adobe.com/experience-platform-apis/references/flow-service/ (Source connections)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field

from airflow_provider_aep.connectors import CONNECTORS, Connector, get_connector
from airflow_provider_aep.models.base import AepModel, Ref, Resource
from airflow_provider_aep.models.tolerant import Name
from airflow_provider_aep.validation import Problems

FILE_FORMATS = ("delimited", "json", "parquet")
_HTTP_API = CONNECTORS["http-api"].connection_spec_id
_DEFAULT_FORMATS = {"table": "tabular", "streaming": "json"}
# Whose tutorials (advertising, customer success, marketing automation, payments) name a table in `path`.
_TABLES_BY_PATH = (
    *("google-ads", "hubspot", "oracle-eloqua", "oracle-responsys", "oracle-service-cloud", "paypal"),
    *("salesforce-marketing-cloud", "salesforce-service-cloud", "servicenow", "square"),
)
FILE_PROPERTIES = ("columnDelimiter", "encoding", "compressionType")


class SourceData(AepModel):
    """`properties` says how files are to be read: column delimiter, encoding, compression."""

    format: str | None = None
    properties: dict[str, Any] | None = None


class SourceConnection(Resource):
    name: Name = None
    description: Name = None
    base_connection_id: str | None = None
    data: SourceData = Field(default_factory=SourceData)
    params: dict[str, Any] | None = None
    connection_spec: Ref

    @classmethod
    def declare(
        cls,
        *,
        name: Any,
        connector: Any,
        base_connection_id: Any = None,
        data_format: Any = None,
        source_params: Any = None,
        description: Any = None,
    ) -> Self:
        """The source connection an author asks for, by the rules of its kind of source (table, file, streaming).

        How files are to be read is said among `source_params`, and sent where the platform has its place.

        :raises AepConfigError: every problem at once.
        """
        problems = Problems(f"source connection {name!r}")
        problems.name("name", name)
        problems.text("description", description, required=False)
        source = problems.attempt(get_connector, connector)
        if source_params is not None and not isinstance(source_params, Mapping):
            problems.add("source_params", f"must be a dict, not a {type(source_params).__name__}")
            source_params = None
        params = dict(source_params or {})
        properties: dict[str, Any] = {}
        if source:
            _check_base_connection(problems, source, base_connection_id)
            data_format = data_format or default_format(source)
            _CHECKS[source.category](problems, source, data_format, params)
            properties = _take_file_properties(problems, params) if source.category == "file" else {}
        problems.raise_if_any()
        return cls(
            name=name,
            description=description,
            base_connection_id=base_connection_id,
            data=SourceData(format=data_format, properties=properties or None),
            params=params or None,
            connection_spec=Ref(id=get_connector(connector).connection_spec_id),
        )


def default_format(source: Connector) -> str | None:
    """The format that is meant where none is declared; None where the platform is told none."""
    # The HTTP API's own sample names no format.
    return None if source.connection_spec_id == _HTTP_API else _DEFAULT_FORMATS.get(source.category)


def _check_base_connection(problems: Problems, source: Connector, base_connection_id: Any) -> None:
    if not source.needs_account:
        if base_connection_id is not None:
            problems.add("base_connection_id", f"must be left out: a {source.title} has no base connection")
    elif base_connection_id is not None:
        problems.id("base_connection_id", base_connection_id)
    elif source.category != "unknown":
        problems.add("base_connection_id", f"is missing: a {source.title} source is read through a base connection")


def _check_table(problems: Problems, source: Connector, data_format: Any, params: dict[str, Any]) -> None:
    if data_format != "tabular":
        problems.add("data_format", f"is {data_format!r}; a table source is always 'tabular'")
    if "path" not in params or source.name not in _TABLES_BY_PATH:
        problems.text("source_params.tableName", params.get("tableName"))
    columns = params.get("columns")
    if not isinstance(columns, list | tuple) or not columns:
        problems.add("source_params.columns", "must list the columns, as AepExploreConnectionOperator returns them")
        return
    params["columns"] = [_column(problems, index, column) for index, column in enumerate(columns)]


def _column(problems: Problems, index: int, column: Any) -> Any:
    field = f"source_params.columns[{index}]"
    if not isinstance(column, Mapping):
        problems.add(field, f'must be a dict such as {{"name": "email", "type": "string"}}, not {column!r}')
        return column
    problems.text(f"{field}.name", column.get("name"))
    problems.text(f"{field}.type", column.get("type"))
    return with_xdm_type(column)


def with_xdm_type(column: Mapping[str, Any]) -> dict[str, Any]:
    """A column with its XDM type in lower case, as explore answers it: the CRM tutorial writes "String"."""
    xdm = column.get("xdm")
    if isinstance(xdm, Mapping) and isinstance(xdm.get("type"), str):
        return {**column, "xdm": {**xdm, "type": xdm["type"][:1].lower() + xdm["type"][1:]}}
    return dict(column)


def _check_file(problems: Problems, source: Connector, data_format: Any, params: dict[str, Any]) -> None:
    if data_format not in FILE_FORMATS:
        problems.add("data_format", f"is {data_format!r}; a file source has one of {', '.join(FILE_FORMATS)}")
    problems.text("source_params.path", params.get("path"))


def _take_file_properties(problems: Problems, params: dict[str, Any]) -> dict[str, Any]:
    """How the files are to be read, taken out of the params."""
    given = params.pop("properties", None) or {}
    if not isinstance(given, Mapping):
        problems.add("source_params.properties", f"must be a dict, not a {type(given).__name__}")
        return {}
    beside = {key: params.pop(key) for key in FILE_PROPERTIES if key in params}
    for key, value in beside.items():
        if given.get(key, value) != value:
            problems.add(f"source_params.{key}", f"is {value!r}, but {given[key]!r} among its properties; say it once")
    found = {**given, **beside}
    delimiter = found.get("columnDelimiter")
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1):
        problems.add("source_params.columnDelimiter", f"is {delimiter!r}; the delimiter is exactly one character")
    return found


def _check_streaming(problems: Problems, source: Connector, data_format: Any, params: dict[str, Any]) -> None:
    if data_format not in ("json", None):
        problems.add("data_format", f"is {data_format!r}; a streaming source sends 'json'")


def _check_nothing(problems: Problems, source: Connector, data_format: Any, params: dict[str, Any]) -> None:
    """A connector given by an id nobody published: the platform is the only one who can judge it."""


_CHECKS = {
    "table": _check_table,
    "file": _check_file,
    "streaming": _check_streaming,
    "unknown": _check_nothing,
}

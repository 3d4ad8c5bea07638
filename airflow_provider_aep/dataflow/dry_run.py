"""What the platform itself objects to in a planned dataflow. Nothing is stored.

Where a live dataflow gets other mappings, they are always validated; all else on request (``deep``), because it takes
up to four requests a dataflow: the fields of the schema, the columns of the source, a preview with the sample rows, and
whether there are credentials.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_aep.api import data_prep, schema_registry
from airflow_provider_aep.api.call import Send
from airflow_provider_aep.api.explore import explore_connection
from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.dataflow.plan import PlannedDataflow, PlannedResource
from airflow_provider_aep.exceptions import AepApiError, AepConfigError
from airflow_provider_aep.models.explore import explore_params
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.validation import holds_unknown_id

Credentials = Callable[[str], Mapping[str, Any]]
_CHECKED = ("source_connection", "mapping_set", "flow")


@dataclass(frozen=True)
class DryRun:
    """Asks the platform about dataflows.

    :param credentials: reads the secrets of an Airflow connection; None: it is not checked whether there are any.
    """

    send: Send
    deep: bool
    credentials: Credentials | None

    def problems(self, planned: PlannedDataflow) -> Iterator[str]:
        """What the platform objects to, a sentence each."""
        changing = {each.step for each in planned.changing if not each.destroy}
        mapping_set = planned.resource("mapping_set")
        if mapping_set and self._is_to_be_validated(planned, mapping_set, changing):
            yield from self._objections(data_prep.validate_mapping_set(mapping_set.declared), "mappings")
            if self.deep and planned.spec.sample:
                yield from self._objections(
                    data_prep.preview_mapping_set(mapping_set.declared, planned.spec.sample), "sample"
                )
        if not self.deep:
            return
        if mapping_set and changing & {*_CHECKED}:
            yield from self._unknown_fields(mapping_set.declared)
            yield from self._unknown_columns(planned, mapping_set.declared)
        if "base_connection" in changing:
            yield from self._missing_credentials(planned)

    def _is_to_be_validated(self, planned: PlannedDataflow, mapping_set: PlannedResource, changing: set[str]) -> bool:
        flow = planned.resource("flow")
        touches_live = flow is not None and flow.decision.live is not None
        known = not holds_unknown_id(mapping_set.declared.schema_id)
        return known and "mapping_set" in changing and (touches_live or self.deep)

    def _objections(self, call: Any, field: str) -> Iterator[str]:
        try:
            found = self.send(call)
        except AepApiError as problem:
            if problem.retryable:
                raise
            found = [problem.detail or problem.title or str(problem)]
        yield from (f"{field}: {text}" for text in found)

    def _unknown_fields(self, mapping_set: MappingSet) -> Iterator[str]:
        """Mapped fields that the schema does not have."""
        if mapping_set.schema_id is None or holds_unknown_id(mapping_set.schema_id):
            return
        fields = self.send(schema_registry.get_schema_fields(mapping_set.schema_id))
        for destination in mapping_set.meaning if fields else ():
            unknown = _unknown_field(fields, destination)
            if unknown:
                yield f"mappings.{destination}: the schema has no field {unknown}"

    def _unknown_columns(self, planned: PlannedDataflow, mapping_set: MappingSet) -> Iterator[str]:
        """Mapped or declared columns that the table does not have."""
        account, table = planned.resource("base_connection"), planned.spec.source.table
        source = get_connector(planned.spec.connector)
        if account is None or account.decision.live is None or table is None or source.category != "table":
            return
        id_ = account.type_.id_of(account.decision.live)
        explored = self.send(explore_connection(id_, explore_params(source, table, "table")))
        columns = [str(entry["name"]) for entry in explored.entries]
        mapped = [source for kind, source, *_ in mapping_set.meaning.values() if kind == "ATTRIBUTE"]
        declared = [column.get("name") for column in planned.spec.source.columns or []]
        for name in dict.fromkeys([*mapped, *declared]):
            if name not in columns:
                yield f"source.table {table!r} has no column {name!r}{_nearest(str(name), columns)}"

    def _missing_credentials(self, planned: PlannedDataflow) -> Iterator[str]:
        account = planned.spec.base_connection
        if self.credentials is None or account is None or account.credentials_conn_id is None:
            return
        try:
            self.credentials(account.credentials_conn_id)
        except AepConfigError as problem:
            yield f"base_connection.credentials_conn_id: {problem}"


def _unknown_field(fields: Mapping[str, Any], path: str) -> str:
    """The first part of a path that is no field, with the nearest fields; empty if all parts are fields. An object of
    which no fields are shown, such as a map, may have any.
    """
    for name in path.split("."):
        known = {**fields}
        name = name.partition("[")[0]
        if name not in known:
            return f"{name!r}{_nearest(name, [*known])}"
        below = known[name] if isinstance(known[name], Mapping) else {}
        below = below.get("items", below)
        fields = below.get("properties") or {}
        if not fields:
            return ""
    return ""


def _nearest(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, n=3)
    return f"; the nearest are {', '.join(map(repr, near))}" if near else ""

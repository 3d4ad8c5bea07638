"""Which live resource is meant: a dataflow is found by its name, and it finds its own parts.

A dataflow holds the ids of its source connection, its target connection and its mapping set, and through them those of
its account, dataset and schema. So what they are called decides only while there is no dataflow yet.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeVar

from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.dataflow.inventory import Inventory
from airflow_provider_aep.dataflow.remains import Remains, recorded_remains, without_remains
from airflow_provider_aep.dataflow.resources import REPLACED, TYPES, Ids, asks_for_columns, declare, with_columns_of
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.base import Ref
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.reconcile.decide import by_age, contenders
from airflow_provider_aep.reconcile.resource_type import ResourceType
from airflow_provider_aep.resources.flow import FLOW
from airflow_provider_aep.resources.mapping_set import MAPPING_SET
from airflow_provider_aep.resources.source_connection import SOURCE_CONNECTION
from airflow_provider_aep.resources.target_connection import TARGET_CONNECTION
from airflow_provider_aep.validation import holds_unknown_id, schema_uri

R = TypeVar("R")


@dataclass
class LiveParts:
    """A live dataflow and what it holds.

    :param flows: the source dataflows with the name; of several, nobody can tell which one is meant.
    :param replaced: the old dataflow of a replacement that an earlier apply began and did not finish.
    :param remains: connections of one that was replaced and is gone, which an earlier apply did not get to delete.
    :param version: the version of the mapping set that the dataflow uses.
    """

    flows: list[Flow]
    replaced: Flow | None = None
    remains: Remains = field(default_factory=dict)
    source: SourceConnection | None = None
    target: TargetConnection | None = None
    mapping_set: MappingSet | None = None
    version: int = 0

    @property
    def flow(self) -> Flow | None:
        """The one dataflow that is meant; None if there is none, or several."""
        return self.flows[0] if len(self.flows) == 1 else None

    def held_id(self, step: str) -> str | None:
        """The id of the account, dataset or schema that the dataflow uses."""
        if step == "base_connection":
            return self.source.base_connection_id if self.source else None
        if self.target is None:
            return None
        if step == "dataset":
            return self.target.params.data_set_id
        return schema_uri(self.target.data.xdm_schema.id) if self.target.data.xdm_schema else None


@dataclass
class Identity:
    """Finds the live resources of dataflows.

    :param missing: one sentence for each resource to which a file refers and that does not exist.
    """

    inventory: Inventory
    missing: list[str] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)

    def parts(self, spec: DataflowSpec) -> LiveParts:
        """The live dataflow of a spec, and what it holds.

        :raises AepConfigError: there is no dataflow with the id that the file says.
        """
        parts = LiveParts(self._flows(spec))
        parts.replaced = next(iter(self._flows_named(spec.name + REPLACED)), None)
        if spec.state == "absent" and not parts.flows and parts.replaced is not None:
            # Of an interrupted replacement only the old one is there: it is what is to be absent.
            parts = LiveParts([parts.replaced])
        if parts.flow is None:
            return parts
        parts.remains = recorded_remains(parts.flow)
        if parts.remains:
            # The record is no part of what a file says.
            said = without_remains(parts.flow.description)
            parts.flows = [parts.flow.model_copy(update={"description": said})]
        sources, targets = parts.flow.source_connection_ids, parts.flow.target_connection_ids
        parts.source = self.inventory.by_id(SOURCE_CONNECTION, sources[0]) if sources else None
        parts.target = self.inventory.by_id(TARGET_CONNECTION, targets[0]) if targets else None
        if parts.flow.mapping_set_id:
            parts.version = parts.flow.mapping_set_version_number
            parts.mapping_set = self.inventory.mapping_set(parts.flow.mapping_set_id, parts.version)
        return parts

    def _flows(self, spec: DataflowSpec) -> list[Flow]:
        if spec.id is None:
            return self._flows_named(spec.name)
        found = self.inventory.by_id(FLOW, spec.id)
        if found is None:
            raise AepConfigError(f"id is {spec.id!r}, and there is no dataflow with this id: leave it out to make one.")
        if FLOW.other_purpose(found):
            raise AepConfigError(f"id is {spec.id!r}, which is a dataflow to a destination.")
        return [found]

    def _flows_named(self, name: str) -> list[Flow]:
        # Only its name is looked at; a model takes its time to make.
        declared: Any = SimpleNamespace(name=name, id=None)
        return contenders(FLOW, declared, self.inventory.named(FLOW, declared))

    def shared(self, spec: DataflowSpec, step: str, declared: Any, parts: LiveParts) -> list[Any]:
        """The live accounts, datasets or schemas that may be meant: the one with the id in the file; or the one that
        the dataflow uses, if it has the declared name; or all with that name.
        """
        type_ = TYPES[step]
        id_ = _said_id(spec, step)
        if id_ is not None:
            found = self.inventory.by_id(type_, id_)
            if found is None:
                self.missing.append(f"{spec.name}: there is no {type_.noun} with the id {id_!r}.")
            return [] if found is None else [found]
        held_id = parts.held_id(step)
        held = self.inventory.by_id(type_, held_id) if held_id else None
        if held is not None and type_.natural_key(held) == type_.natural_key(declared):
            return [held]
        return self.inventory.named(type_, declared)

    def check_found(self, spec: DataflowSpec, step: str, declared: Any, found: list[Any]) -> None:
        """Note a resource to which a file refers and that does not exist."""
        if found or _said_id(spec, step) is not None:
            return
        type_ = TYPES[step]
        name, *beside = type_.natural_key(declared)
        others = [type_.natural_key(live) for live in self.inventory.all_of(type_)]
        names = sorted({key[0] for key in others if key[0] and [*key[1:]] == beside})
        near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.4)
        nearest = f"; the nearest are {', '.join(map(repr, near))}" if near else ""
        self.missing.append(f"{spec.name}: there is no {type_.noun} {name!r}, to which the file refers{nearest}.")

    def unused(self, spec: DataflowSpec, step: str, ids: Ids) -> Any:
        """The oldest live source or target connection that is as declared and that no dataflow uses; None if there is
        none. Any other of its name is somebody else's. Each is for one dataflow only.
        """
        type_ = TYPES[step]
        declared = declare(spec, step, ids)
        if holds_unknown_id(declared.to_wire()):
            return None
        found = self.inventory.named(type_, declared)
        for live in sorted(found, key=lambda each: by_age(type_, each)):
            id_ = type_.id_of(live)
            equal = id_ not in self._taken and not type_.diff(compared(spec, step, declared, live), live)
            if equal and not self._is_used(type_, live):
                self._taken.add(id_)
                return live
        return None

    def _is_used(self, type_: ResourceType[R], live: R) -> bool:
        return bool(self.inventory.users(type_, type_.id_of(live)))

    def mapping_set(self, declared: MappingSet) -> MappingSet | None:
        """The oldest live set with the name of what was declared that is equal as it was made, in version 0."""
        if holds_unknown_id(declared.schema_id):
            return None
        found = self.inventory.named(MAPPING_SET, declared)
        for live in sorted(found, key=lambda each: by_age(MAPPING_SET, each)):
            made = self.inventory.mapping_set(MAPPING_SET.id_of(live), 0) if live.version else live
            if made is not None and not MAPPING_SET.diff(declared, made):
                return made
        return None


def compared(spec: DataflowSpec, step: str, declared: Any, live: Any) -> Any:
    """A declared resource as it is compared with a live one: with the live columns, if the file declares none."""
    asked = step == "source_connection" and asks_for_columns(spec)
    return with_columns_of(declared, live) if asked else declared


def referred(spec: DataflowSpec, step: str) -> Any:
    """The resource to which a file only refers, with the fields of its natural key; None if the file declares it."""
    account = spec.base_connection
    if step == "base_connection" and account is not None and account.is_reference:
        return reference_to(step, account.name or spec.name, spec.connector)
    if step == "schema" and spec.schema_.is_reference:
        return reference_to(step, spec.schema_.title or spec.name, spec.connector)
    return None


def reference_to(step: str, name: str, connector: str) -> BaseConnection | Schema:
    """An account or a schema with the fields of its natural key.

    :param connector: the source of the account.
    """
    if step == "schema":
        return Schema(title=name)
    return BaseConnection(name=name, connection_spec=Ref(id=get_connector(connector).connection_spec_id))


def _said_id(spec: DataflowSpec, step: str) -> str | None:
    said: dict[str, Any] = {"base_connection": spec.base_connection, "schema": spec.schema_, "dataset": spec.dataset}
    id_: str | None = said[step].id
    return id_

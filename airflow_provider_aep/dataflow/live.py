"""A dataflow as it is on the platform: the flow, and the resources that it is made of.

The flow names its source connection, its target connection and its mapping set; they name the rest. So nothing is
looked for by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Send
from airflow_provider_aep.dataflow.inventory import Inventory
from airflow_provider_aep.dataflow.resources import TYPES
from airflow_provider_aep.exceptions import AepConflictError
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.reconcile.decide import exactly_one
from airflow_provider_aep.reconcile.lookup import list_items
from airflow_provider_aep.reconcile.resource_type import ResourceType
from airflow_provider_aep.resources.base_connection import BASE_CONNECTION
from airflow_provider_aep.resources.dataset import DATASET
from airflow_provider_aep.resources.flow import FLOW
from airflow_provider_aep.resources.schema import SCHEMA
from airflow_provider_aep.resources.source_connection import SOURCE_CONNECTION
from airflow_provider_aep.resources.target_connection import TARGET_CONNECTION
from airflow_provider_aep.validation import id_problem

R = TypeVar("R")

_SHAPES = {DATASET.noun: "dataset", SCHEMA.noun: "schema"}


@dataclass(frozen=True)
class LiveDataflow:
    """A live flow with its parts. Some sources need no account, some flows no mapping set.

    :param mapping_set: at the version that the flow uses, `mapping_set_version`.
    """

    flow: Flow
    source: SourceConnection
    target: TargetConnection
    base: BaseConnection | None
    dataset: Dataset
    schema: Schema
    mapping_set: MappingSet | None
    mapping_set_version: int

    @property
    def parts(self) -> dict[str, Any]:
        """Step, as in `dataflow.resources.TYPES` -> the live resource; without those that the flow does not have."""
        found = {
            "base_connection": self.base,
            "schema": self.schema,
            "source_connection": self.source,
            "dataset": self.dataset,
            "mapping_set": self.mapping_set,
            "target_connection": self.target,
            "flow": self.flow,
        }
        return {step: live for step, live in found.items() if live is not None}


def list_everything(send: Send) -> Inventory:
    """What is live in a sandbox, out of one list for each type."""
    inventory = Inventory(send, many=True)
    for type_ in TYPES.values():
        inventory.all_of(type_)
    return inventory


def find_flow(send: Send, name_or_id: str) -> str:
    """The id of the source dataflow of that name; an id is taken as it is.

    :raises AepConflictError: there is none, or more than one.
    """
    if id_problem(name_or_id, "uuid") is None:
        return name_or_id
    listed, _ = list_items(send, flow_service.list_flows(name_or_id))
    found = [flow for flow in listed if flow.name == name_or_id and not flow.is_destination]
    return str(exactly_one(found, FLOW.noun, repr(name_or_id), [str(flow.id) for flow in found]).id)


def read_dataflow(inventory: Inventory, flow_id: str) -> LiveDataflow:
    """A flow and its parts: seven requests, one by one.

    :raises AepConflictError: there is no such flow, it is a dataflow to a destination, or it has not all parts: it is
        an unfinished draft, or one of them was deleted.
    """
    flow = inventory.by_id(FLOW, flow_id)
    if flow is None:
        raise AepConflictError(f"There is no dataflow with the id {flow_id}.", status=404)
    purpose = FLOW.other_purpose(flow)
    if purpose:
        raise AepConflictError(f"The dataflow {FLOW.label(flow)} ({flow_id}) {purpose}", status=409)
    source = _held(inventory, flow, SOURCE_CONNECTION, _only(flow.source_connection_ids))
    target = _held(inventory, flow, TARGET_CONNECTION, _only(flow.target_connection_ids))
    dataset = _held(inventory, flow, DATASET, target.params.data_set_id)
    schema = _held(inventory, flow, SCHEMA, dataset.schema_ref.id if dataset.schema_ref else None)
    base_id = source.base_connection_id
    base = _held(inventory, flow, BASE_CONNECTION, base_id) if base_id else None
    mapping_set, version = _mapping_set(inventory, flow)
    return LiveDataflow(flow, source, target, base, dataset, schema, mapping_set, version)


def _only(ids: list[str]) -> str | None:
    return ids[0] if len(ids) == 1 else None


def _held(inventory: Inventory, flow: Flow, type_: ResourceType[R], id_: str | None) -> R:
    if id_ is None or id_problem(id_, _SHAPES.get(type_.noun, "uuid")) is not None:
        raise _incomplete(flow, f"it names no {type_.noun}")
    found = inventory.by_id(type_, id_)
    if found is None:
        raise _incomplete(flow, f"its {type_.noun} {id_} is gone")
    return found


def _mapping_set(inventory: Inventory, flow: Flow) -> tuple[MappingSet | None, int]:
    """The mapping set and the version of it that the flow uses: a later one has no effect on it."""
    id_, version = flow.mapping_set_id, flow.mapping_set_version_number
    if id_ is None:
        return None, 0
    found = inventory.mapping_set(id_, version)
    if found is None:
        raise _incomplete(flow, f"its mapping set {id_} has no version {version}")
    return found, version


def _incomplete(flow: Flow, said: str) -> AepConflictError:
    draft = " It is a draft: finish it first." if flow.state == "draft" else ""
    return AepConflictError(f"The dataflow {FLOW.label(flow)} ({flow.id}) is not complete: {said}.{draft}", status=409)

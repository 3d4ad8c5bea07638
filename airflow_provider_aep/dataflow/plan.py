"""A plan: what is to be done about each resource of each dataflow, and what that does to the data.

Made by look-up and `decide`, without the doing. It holds no secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.reconcile.decide import Decision
from airflow_provider_aep.reconcile.diff import Diff
from airflow_provider_aep.reconcile.resource_type import ResourceType


@dataclass(frozen=True)
class Consequence:
    """What a change does to the data, or to somebody else.

    :param code: for programs, such as ``reload``.
    :param text: a sentence for people.
    """

    code: str
    text: str


@dataclass(frozen=True)
class PlannedResource:
    """One resource of one dataflow.

    :param step: a key of `airflow_provider_aep.dataflow.resources.TYPES`.
    :param declared: what the file asks for; the ids of what has yet to be made are placeholders.
    :param decision: create, reuse, update, replace or refuse, with the live resource.
    :param differences: those of the decision, for people: no secret, no id that is only a placeholder.
    """

    dataflow: str
    step: str
    type_: ResourceType[Any]
    declared: Any
    decision: Decision[Any]
    differences: Diff = ()
    consequences: tuple[Consequence, ...] = ()

    @property
    def address(self) -> str:
        """Its name within the plan, such as ``S3 orders to AEP/source_connection``."""
        return f"{self.dataflow}/{self.step}"


@dataclass(frozen=True)
class PlannedDataflow:
    """One dataflow: its resources in the order of `TYPES`, and what else is to be done about it.

    :param state: the state that it is to be brought to, if it is not in it.
    """

    spec: DataflowSpec
    resources: tuple[PlannedResource, ...]
    consequences: tuple[Consequence, ...] = ()
    state: str | None = None


@dataclass(frozen=True)
class Plan:
    """All dataflows of a plan."""

    org: str
    sandbox: str
    dataflows: tuple[PlannedDataflow, ...]

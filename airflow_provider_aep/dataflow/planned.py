"""What is to be done about each resource of a dataflow, and what that does to the data: the parts of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from airflow_provider_aep.dataflow.remains import Remains
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.models.flow import Flow
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
    :param declared: what the file asks for; the ids of what has yet to be made are placeholders. Of what is only
        referred to, the live one.
    :param decision: create, reuse, update, replace or refuse, with the live resource.
    :param differences: those of the decision, for people: no secret, no id that is only a placeholder, and of a changed
        mapping set the fields.
    :param reason: why it is replaced or refused, as the rest of a sentence; empty where that needs no word.
    :param replacement: for a connection that is to be replaced: an equal one that no dataflow uses, which an earlier
        apply left.
    :param destroy: whether the live one is to be deleted.
    """

    dataflow: str
    step: str
    type_: ResourceType[Any]
    declared: Any
    decision: Decision[Any]
    differences: Diff = ()
    reason: str = ""
    consequences: tuple[Consequence, ...] = ()
    replacement: Any = None
    destroy: bool = False

    @property
    def address(self) -> str:
        """Its name within the plan, such as ``S3 orders to AEP/source_connection``."""
        return f"{self.dataflow}/{self.step}"

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for the resources of two dataflows that are one and the same on the platform."""
        if self.decision.live is not None:
            return self.step, self.type_.id_of(self.decision.live)
        own = self.dataflow if self.step in ("source_connection", "target_connection", "flow") else None
        return self.step, own, *self.type_.natural_key(self.declared)

    @property
    def actions(self) -> tuple[str, ...]:
        """``no-op``, ``create``, ``update``, ``delete`` or ``refuse``; of a replacement ``create`` and ``delete``."""
        if self.destroy and self.decision.action != "refuse":
            return ("delete",)
        return {"reuse": ("no-op",), "replace": ("create", "delete")}.get(self.decision.action, (self.decision.action,))


@dataclass(frozen=True)
class PlannedDataflow:
    """One dataflow: its resources in the order of `TYPES`, and what else is to be done about it.

    :param state: the state that it is to be brought to, if it is not in it.
    :param replaced: a live dataflow that a new one takes the place of (its name ends with `resources.REPLACED`): an
        earlier apply did not get to its end.
    :param remains: connections of one whose place was taken and that is gone, which are to be deleted.
    """

    spec: DataflowSpec
    resources: tuple[PlannedResource, ...]
    consequences: tuple[Consequence, ...] = ()
    state: str | None = None
    replaced: Flow | None = None
    remains: Remains = field(default_factory=dict)

    def resource(self, step: str) -> PlannedResource | None:
        """That of a step; None where the dataflow has none."""
        return next((each for each in self.resources if each.step == step), None)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return self.state is None and self.replaced is None and not self.remains and not self.changing

    @property
    def changing(self) -> tuple[PlannedResource, ...]:
        """The resources that do not stay as they are."""
        return tuple(each for each in self.resources if each.actions != ("no-op",))

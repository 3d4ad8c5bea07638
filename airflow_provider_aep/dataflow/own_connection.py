"""The source and the target connection of a dataflow, which belong to it alone.

A new one bears the name of the one that it replaces. Where the platform refuses a second one of a name, the old one is
renamed first, as the old dataflow is (`dataflow/replace.py`): to ``NAME ~replaced``. A dataflow holds the ids of its
connections, so it does not notice. One that another dataflow uses as well keeps its name.

    what is there when an apply ends                     the next apply
    NAME ~replaced, used by the old dataflow             makes NAME
    the same, and NAME, which nobody uses                goes on with NAME; if the file has changed, deletes it first
    the new dataflow was refused: NAME is deleted, and   begins anew
      then NAME ~replaced is called NAME again
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from airflow_provider_aep.client.backoff import RESOURCE, retry
from airflow_provider_aep.dataflow.destroy import remove_connections
from airflow_provider_aep.dataflow.plan import PlannedDataflow
from airflow_provider_aep.dataflow.provision import Doing, Work
from airflow_provider_aep.dataflow.remains import connections_of
from airflow_provider_aep.dataflow.resources import REPLACED, TYPES
from airflow_provider_aep.exceptions import AepConflictError, AepError
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.reconcile.diff import Change
from airflow_provider_aep.reconcile.failures import is_busy, is_stale
from airflow_provider_aep.reconcile.lookup import read
from airflow_provider_aep.reconcile.resource_type import ResourceType
from airflow_provider_aep.resources.source_connection import SourceConnectionType
from airflow_provider_aep.resources.target_connection import TargetConnectionType

log = logging.getLogger(__name__)

_NOT_OURS: Final = "has the same name and is somebody else's."


class _OwnSourceConnection(SourceConnectionType):
    """Of those with its name, only equal ones are the same one."""

    def __init__(self, declared: SourceConnection) -> None:
        self.declared = declared

    def other_purpose(self, live: SourceConnection) -> str:
        return _NOT_OURS if self.diff(self.declared, live) else ""


class _OwnTargetConnection(TargetConnectionType):
    """Of those with its name, only equal ones are the same one."""

    def __init__(self, declared: TargetConnection) -> None:
        self.declared = declared

    def other_purpose(self, live: TargetConnection) -> str:
        return _NOT_OURS if self.diff(self.declared, live) else ""


_OWN_TYPES: Final[Mapping[str, Callable[[Any], ResourceType[Any]]]] = {
    "source_connection": _OwnSourceConnection,
    "target_connection": _OwnTargetConnection,
}


@dataclass(eq=False)
class ConnectionWork(Work):
    """A source or target connection on its way to what its file says, perhaps in the place of an old one."""

    def new_type(self, declared: Any) -> ResourceType[Any]:
        return _OWN_TYPES[self.planned.step](declared)

    def make(self) -> None:
        try:
            super().make()
        except AepConflictError as problem:
            # Its name may be taken by what it replaces, or by what an interrupted apply left.
            step = self.planned.step
            remains = self.dataflow.remains.get(step, ())
            remove_connections(self.ensurer, {step: remains}, ())
            held, replaced = self._held(), self.declared.name + REPLACED
            old = next((live for live in held if live.name == self.declared.name), None)
            if old is not None:
                self._make_in_place_of(old, {live.name for live in held}, problem)
            elif any((live.name or "").startswith(replaced) for live in held):
                # The one of this name was made for a file that has changed since.
                unused = tuple(str(live.id) for live in self.ensurer.look_up(self.planned.type_, self.declared))
                remove_connections(self.ensurer, {step: unused}, ())
                super().make()
            elif remains:
                super().make()
            else:
                raise

    def _make_in_place_of(self, old: Any, taken: Collection[str], problem: AepConflictError) -> None:
        """Rename the old one, and make the new one.

        :param taken: names of the old ones.
        """
        self._check_not_shared(old, problem)
        replaced = old.name + REPLACED
        name = f"{replaced} {old.id[:8]}" if replaced in taken else replaced
        rename(self.doing, self.planned.type_, old.id, name)
        log.info("%s %s is called %r until it is replaced.", self._noun.capitalize(), old.id, name)
        try:
            super().make()
        except AepError as another:
            if not another.retryable:
                # If that fails, the next apply goes on with the old one as it is called then.
                with suppress(AepError):
                    rename(self.doing, self.planned.type_, old.id, self.declared.name)
            raise

    def _held(self) -> list[Any]:
        """The live ones of the dataflows whose place is taken."""
        type_ = self.planned.type_
        ids = [id_ for flow in self._old_flows for id_ in connections_of(flow).get(self.planned.step, ())]
        found = [read(self.doing.client.send, type_, id_) for id_ in dict.fromkeys(ids)]
        return [live for live in found if live is not None]

    def _check_not_shared(self, old: Any, problem: AepConflictError) -> None:
        """:raises AepConflictError: a dataflow uses it that is not replaced."""
        own = {flow.id for flow in self._old_flows}
        others = [id_ for id_ in self.planned.type_.dependents(self.doing.client.send, old.id) if id_ not in own]
        if others:
            raise AepConflictError(
                f"The platform takes no second {self._noun} of the name {old.name!r}, which {old.id} has, and that one "
                f"cannot be renamed, because dataflow {others[0]} uses it, too: choose another "
                f"{self.planned.step.removesuffix('_connection')}.name.",
                status=problem.status,
            ) from problem

    @property
    def _old_flows(self) -> list[Flow]:
        """The dataflow that is replaced, by this apply or by one that was interrupted."""
        planned = self.dataflow.resource("flow")
        found = [planned.decision.live if planned else None, self.dataflow.replaced]
        return [flow for flow in found if flow is not None]

    @property
    def _noun(self) -> str:
        return self.planned.type_.noun


def rename(doing: Doing, type_: ResourceType[Any], id_: str, name: str) -> None:
    """Give a connection another name, unless it has it.

    https://developer.adobe.com/experience-platform-apis/references/flow-service/

    :raises AepError: the platform refuses, or cannot be reached.
    """

    def attempt() -> None:
        live = doing.client.send(type_.get(id_))
        if live.name != name:
            doing.client.send(type_.update(live, live, (Change("/name", name, live.name),)))

    retry(
        attempt,
        RESOURCE,
        retry_if=lambda problem: problem.retryable or is_stale(problem) or is_busy(problem),
        sleep=doing.client.sleep,
    )


def give_back_names(doing: Doing, dataflow: PlannedDataflow, old: Flow) -> None:
    """Call the connections of a dataflow as before, because it is not replaced after all. What was made under their
    names, which nobody uses, is deleted.

    :raises AepError: the platform refuses, or cannot be reached.
    """
    for step, ids in connections_of(old).items():
        planned, made = dataflow.resource(step), doing.ids[dataflow.spec.name].get(step)
        if planned is None or made is None or made in ids:
            continue
        for id_ in ids:
            live = read(doing.client.send, TYPES[step], id_)
            if live is not None and (live.name or "").startswith(planned.declared.name + REPLACED):
                doing.ensurer.remove(TYPES[step], made)
                rename(doing, TYPES[step], id_, planned.declared.name)

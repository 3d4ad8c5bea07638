"""Making or changing one resource of a plan, once the ids of the resources that it refers to are known.

`reconcile/ensure.py` does it. Whether another task has made the same resource is looked up once for all resources of a
wave: `Work.start` makes one, and `Work.conclude` decides by a list that they share which one stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, TypeVar

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call, Send
from airflow_provider_aep.api.explore import explore_connection
from airflow_provider_aep.client.http import AepClient
from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.dataflow.choice import AllowReplace
from airflow_provider_aep.dataflow.plan import PlannedDataflow, PlannedResource
from airflow_provider_aep.dataflow.resources import arguments, asks_for_columns, declare
from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.models.explore import explore_params
from airflow_provider_aep.reconcile.decide import Decision
from airflow_provider_aep.reconcile.ensure import Creation, Ensurer
from airflow_provider_aep.reconcile.lookup import Lookup
from airflow_provider_aep.reconcile.resource_type import Ensured, ResourceType
from airflow_provider_aep.resources.base_connection import BASE_CONNECTION
from airflow_provider_aep.validation import holds_unknown_id

R = TypeVar("R")
T = TypeVar("T")

Credentials = Callable[[str], Mapping[str, Any]]
"""Reads the auth parameters of a source from the Airflow connection of that id."""

# Steps whose resource is found by its name alone, which another task may just have made.
_FOUND_BY_NAME: Final = ("base_connection", "dataset", "flow")


class KnownResponses:
    """A `send` that remembers responses: what a hundred new dataflows ask for alike is asked for once."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._responses: dict[str, Any] = {}

    def keep(self, call: Call[T], response: T) -> None:
        """Answer a GET with this response from now on."""
        self._responses[call.path] = response

    def keep_first(self, call: Call[Any]) -> None:
        """Send a GET, unless its response is known. If it fails, it is sent again when it is needed."""
        if call.path not in self._responses:
            with suppress(AepError):
                self._responses[call.path] = self._send(call)

    def __call__(self, call: Call[T], /) -> T:
        if call.method == "GET" and call.path in self._responses:
            response: T = self._responses[call.path]
            return response
        return self._send(call)


@dataclass
class Doing:
    """What all resources of one apply have in common.

    :param credentials: what was read for each Airflow connection.
    :param ids: dataflow -> step -> id, of what is there by now.
    """

    client: AepClient
    allow_replace: AllowReplace = False
    credentials: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)

    @cached_property
    def responses(self) -> KnownResponses:
        return KnownResponses(self.client.send)

    @cached_property
    def ensurer(self) -> Ensurer:
        return self._ensurer(self.client.send)

    @cached_property
    def flow_ensurer(self) -> Ensurer:
        """The ensurer of dataflows, for which flow specs and source connections are remembered."""
        return self._ensurer(self.responses)

    def know_parts_of(self, work: Work) -> None:
        """Remember what a new dataflow asks for: its source connection, which exists by now, and its flow spec."""
        source = work.dataflow.resource("source_connection")
        if work.planned.decision.action in ("create", "replace") and source is not None:
            known = flow_service.get_source_connection(work.declared.source_connection_ids[0])
            self.responses.keep(known, source.declared)
            self.responses.keep_first(flow_service.get_flow_spec(work.declared.flow_spec.id))

    def _ensurer(self, send: Send) -> Ensurer:
        return Ensurer(send, self.client.sleep, self.client.now, self.client.list_lag)


@dataclass(eq=False)
class Work:
    """One resource that an apply makes or changes.

    :param sharers: the dataflows that use it; several may share an account, a schema, a dataset or a mapping set.
    :param declared: what the file asks for, with the ids of the resources that it refers to.
    :param creation: None until a new one is made.
    :param made: what came of `start`; of a creation whose answer was lost, the resources that may be the new one.
    """

    doing: Doing
    dataflow: PlannedDataflow
    planned: PlannedResource
    declared: Any
    sharers: list[str] = field(default_factory=list)
    creation: Creation[Any] | None = None
    made: Any = None

    @property
    def ensurer(self) -> Ensurer:
        return self.doing.ensurer

    @property
    def beside(self) -> set[str]:
        """The ids of live resources of its name that do not count, or that it replaces."""
        live = self.planned.decision.live
        return {*self.planned.decision.beside, *([self.planned.type_.id_of(live)] if live is not None else [])}

    def start(self) -> None:
        """Reuse, update or make it, as was planned. After a creation, `conclude` says which one stays.

        :raises AepError: the platform refuses, or cannot be reached.
        """
        if self.planned.decision.action in ("reuse", "update"):
            self.made = self._kept()
        elif self.planned.replacement is not None:
            live = self.planned.replacement
            self.made = Ensured(self.planned.type_.id_of(live), "reused", live)
        else:
            self.make()

    def make(self) -> None:
        """Make a new one."""
        declared = self.to_be_made()
        self.creation = Creation(self.ensurer, self.new_type(declared), declared, beside=self.beside)
        self.made = self.creation.make()

    def new_type(self, declared: Any) -> ResourceType[Any]:
        """The type that knows which others of its name are the same one."""
        return self.planned.type_

    def to_be_made(self) -> Any:
        """The declared resource, with columns that the source names, or credentials from Airflow."""
        spec, step = self.dataflow.spec, self.planned.step
        if step == "base_connection":
            return self._with_credentials()
        if step == "source_connection" and asks_for_columns(spec):
            table = spec.source.table or spec.source.params.get("tableName")
            params = explore_params(get_connector(spec.connector), table)
            found = self.doing.client.send(explore_connection(self.declared.base_connection_id, params))
            return declare(spec, step, self.doing.ids[spec.name], found.entries)
        return self.declared

    def conclude(self, look_up: Lookup, others: Collection[str]) -> Ensured[Any]:
        """The one that stays, of what this apply and others made at the same moment.

        :param look_up: what a list shows LIST_LAG after it was made.
        :param others: ids of what this apply made for other dataflows.
        """
        if self.creation is None:
            ensured: Ensured[Any] = self.made
            return ensured
        self.creation.beside = {*self.beside, *others}
        listed = self.planned.type_

        def look_up_all(type_: ResourceType[R], declared: R, /) -> list[R]:
            # A variant of a type is listed as the type is, and the list is read once.
            return look_up(listed, declared)

        stays = self.creation.conclude(self.made, look_up_all)
        if isinstance(stays, Ensured):
            return stays
        type_ = self.creation.type_
        decision = self.ensurer.decide(type_, self.creation.declared, [stays], "update")
        return self.ensurer.apply(type_, self.creation.declared, decision, "update")

    def _kept(self) -> Ensured[Any]:
        """The live one, updated where that was planned."""
        type_, decision = self.planned.type_, self.planned.decision
        live = decision.live
        declared = self._with_credentials() if needs_credentials(self.planned) else self.declared
        if self.planned.step in _FOUND_BY_NAME and self.declared is not live and self.ensurer.is_young(type_, live):
            # An older one may be hidden still: look again as a create operator does.
            return self.ensurer.ensure(type_, declared, "update" if decision.action == "update" else "reuse")
        if decision.action == "reuse":
            return self.ensurer.apply(type_, self.declared, decision)
        return self.ensurer.apply(type_, declared, replace(decision, differences=type_.diff(declared, live)))

    def _with_credentials(self) -> Any:
        account = self.dataflow.spec.base_connection
        secrets = self.doing.credentials.get(account.credentials_conn_id or "", {}) if account else {}
        given = arguments(self.dataflow.spec, "base_connection", {})
        return BASE_CONNECTION.declare(**given, credentials=secrets)


def needs_credentials(planned: PlannedResource) -> bool:
    """Whether the secrets of an account are sent: it is made, they are rotated, or one of its auth parameters changes,
    which the platform replaces all at once.
    """
    decision: Decision[Any] = planned.decision
    if planned.step != "base_connection" or decision.action not in ("create", "update"):
        return False
    return not decision.differences or any(change.is_within("/auth") for change in decision.differences)


def declared_now(dataflow: PlannedDataflow, planned: PlannedResource, ids: Mapping[str, Any], now: float) -> Any:
    """What the file asks for, once what it refers to is there.

    :param ids: step -> id, of this dataflow.
    :param now: the platform's time in epoch seconds.
    """
    declared = planned.declared
    if not holds_unknown_id(declared.to_wire()):
        return declared
    known = dict(ids)
    if planned.step == "flow":
        known |= {"flow_spec": declared.flow_spec.id, "mapping_set_version": declared.mapping_set_version or 0}
    declared = declare(dataflow.spec, planned.step, known)
    if planned.step == "flow" and planned.decision.live is not None:
        declared = declared.changing_start(planned.decision.live, now)
    return declared

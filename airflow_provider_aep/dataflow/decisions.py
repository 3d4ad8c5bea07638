"""What is to be done about each resource of one dataflow: look it up, and decide, without the doing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.dataflow.consequences import Consequences
from airflow_provider_aep.dataflow.flow_specs import FlowSpecs
from airflow_provider_aep.dataflow.identity import Identity, LiveParts, compared, referred
from airflow_provider_aep.dataflow.plan import PlannedDataflow, PlannedResource
from airflow_provider_aep.dataflow.resources import TYPES, declare, pending, steps_of
from airflow_provider_aep.dataflow.shown import refuse_replacement, refuse_several, replace_reason, shown_differences
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.reconcile.decide import Decision, decide
from airflow_provider_aep.reconcile.diff import Diff
from airflow_provider_aep.reconcile.resource_type import IfExists
from airflow_provider_aep.resources.flow import FLOW
from airflow_provider_aep.resources.mapping_set import MAPPING_SET
from airflow_provider_aep.validation import holds_unknown_id

# Accounts, schemas and datasets serve other dataflows as well: they are never replaced.
SHARED = ("base_connection", "schema", "dataset")
_DESTROYED = ("flow", "target_connection", "source_connection")
# Sources for which the platform offers no edit of the mapping:
# https://experienceleague.adobe.com/en/docs/experience-platform/sources/ui-tutorials/update-dataflows
_MAPPING_FIXED = ("http-api", "marketo-engage")
_PROTECTED = "and it is protected: protect is true in the file"


@dataclass(frozen=True)
class Planning:
    """What all dataflows of one plan have in common.

    :param now: the platform's time in epoch seconds, which the first response tells.
    :param rotate: whether the credentials of live accounts are sent again.
    """

    identity: Identity
    flow_specs: FlowSpecs
    consequences: Consequences
    now: Callable[[], float]
    rotate: bool
    if_exists: IfExists

    def plan(self, spec: DataflowSpec) -> PlannedDataflow:
        """What is to be done about one dataflow.

        :raises AepConfigError: the spec declares what cannot be.
        """
        parts = self.identity.parts(spec)
        if spec.state == "absent":
            planned = _destroyed(spec, parts)
        else:
            planned = _Dataflow(self, spec, parts).plan()
        told = tuple(self._with_consequences(spec, each, planned.replaced) for each in planned.resources)
        return replace(planned, resources=told)

    def _with_consequences(
        self, spec: DataflowSpec, planned: PlannedResource, replaced: Flow | None
    ) -> PlannedResource:
        found = self.consequences.of(spec, planned, replaced)
        return replace(planned, consequences=found) if found else planned


def _destroyed(spec: DataflowSpec, parts: LiveParts) -> PlannedDataflow:
    """Of a dataflow that is to be absent: itself, its target and its source connection, as far as they are there."""
    live: dict[str, Any] = {"flow": parts.flow, "source_connection": parts.source, "target_connection": parts.target}
    resources = []
    for step in _DESTROYED:
        found = live[step]
        if step == "flow" and len(parts.flows) > 1:
            decision = refuse_several(FLOW, parts.flows)
        elif found is None:
            continue
        elif spec.protect:
            decision = Decision("refuse", found, reasons=(f"is to be destroyed, {_PROTECTED}.",))
        else:
            decision = Decision("reuse", found)
        reason = "".join(decision.reasons)
        declared = found or parts.flows[0]
        resources.append(PlannedResource(spec.name, step, TYPES[step], declared, decision, reason=reason, destroy=True))
    return PlannedDataflow(spec, tuple(resources), replaced=parts.replaced, remains=parts.remains)


class _Dataflow:
    """One dataflow. Its resources are decided in the order of `TYPES`: each needs the ids of those before it."""

    def __init__(self, planning: Planning, spec: DataflowSpec, parts: LiveParts) -> None:
        self.planning = planning
        self.spec = spec
        self.parts = parts
        self.identity = planning.identity
        self.ids: dict[str, Any] = {"flow_spec": planning.flow_specs.id_for(spec, parts.flow)}
        self.mapping_changes: Diff = ()

    def plan(self) -> PlannedDataflow:
        resources = tuple(self._planned(step) for step in steps_of(self.spec))
        state, parts = self._state(resources[-1]), self.parts
        return PlannedDataflow(self.spec, resources, state=state, replaced=parts.replaced, remains=parts.remains)

    def _planned(self, step: str) -> PlannedResource:
        declared, decision, replacement = self._decided(step)
        type_ = TYPES[step]
        if decision.action in ("reuse", "update", "refuse") and decision.live is not None:
            self.ids[step] = type_.id_of(decision.live)
        elif decision.action == "refuse" and step in SHARED and (held := self.parts.held_id(step)):
            self.ids[step] = held
        else:
            self.ids[step] = pending(step)
        differences = shown_differences(step, decision, self.mapping_changes)
        reason = "".join(decision.reasons) if decision.action == "refuse" else ""
        if decision.action == "replace":
            reason = replace_reason(type_, declared, decision, self.planning.now())
        return PlannedResource(
            self.spec.name, step, type_, declared, decision, differences, reason, replacement=replacement
        )

    def _decided(self, step: str) -> tuple[Any, Decision[Any], Any]:
        """What is declared, what is to be done, and what takes the place of a connection that is replaced."""
        if step in SHARED:
            return *self._shared(step), None
        if step == "mapping_set":
            return *self._mapping_set(), None
        return self._flow() if step == "flow" else self._connection(step)

    def _decide(self, step: str, declared: Any, candidates: list[Any]) -> Decision[Any]:
        planning = self.planning
        return decide(TYPES[step], declared, candidates, if_exists=planning.if_exists, now=planning.now())

    def _shared(self, step: str) -> tuple[Any, Decision[Any]]:
        """An account, a schema or a dataset, which other dataflows may use as well: it is never replaced."""
        type_ = TYPES[step]
        reference = referred(self.spec, step)
        declared = reference or declare(self.spec, step, self.ids)
        found = self.identity.shared(self.spec, step, declared, self.parts)
        if len(found) > 1:
            return declared, refuse_several(type_, found)
        if reference is not None:
            self.identity.check_found(self.spec, step, declared, found)
            return (found[0], Decision("reuse", found[0])) if found else (declared, Decision("refuse", None))
        if step == "base_connection" and found:
            # What the platform never shows is sent on request only.
            declared.sent_at = frozenset({type_.etag_of(found[0])})
        decision = self._decide(step, declared, found)
        if decision.action == "replace":
            decision = refuse_replacement(decision)
        if self.planning.rotate and step == "base_connection" and decision.action == "reuse":
            decision = replace(decision, action="update")
        return declared, decision

    def _connection(self, step: str) -> tuple[Any, Decision[Any], Any]:
        """The source or target connection: the one that the dataflow holds, or one that nobody uses yet."""
        declared = declare(self.spec, step, self.ids)
        held = self.parts.source if step == "source_connection" else self.parts.target
        if held is None:
            unused = self.identity.unused(self.spec, step, self.ids)
            return declared, self._new(step, declared) if unused is None else Decision("reuse", unused), None
        decision = self._decide(step, compared(self.spec, step, declared, held), [held])
        if decision.action != "replace":
            return declared, decision, None
        replacement = self.identity.unused(self.spec, step, self.ids)
        return declared, replace(decision, beside=self._new(step, declared).beside), replacement

    def _new(self, step: str, declared: Any) -> Decision[Any]:
        """One more is made: those of its name are somebody else's, and it does not give way to them."""
        type_ = TYPES[step]
        if holds_unknown_id(declared.to_wire()):
            # What it refers to is new. So one that turns out to be equal was made by another apply at this moment.
            return Decision("create")
        found = self.identity.inventory.named(type_, declared)
        return Decision("create", beside=tuple(type_.id_of(live) for live in found))

    def _mapping_set(self) -> tuple[Any, Decision[Any]]:
        """The set that the dataflow uses, if it means the same; one that is known by its content; or a new one."""
        declared = declare(self.spec, "mapping_set", self.ids)
        held = self.parts.mapping_set
        if held is not None:
            self.mapping_changes = MAPPING_SET.diff(declared, held)
            if not self.mapping_changes:
                self.ids["mapping_set_version"] = self.parts.version
                return declared, Decision("reuse", held)
        known = self.identity.mapping_set(declared)
        return declared, Decision("create") if known is None else Decision("reuse", known)

    def _flow(self) -> tuple[Any, Decision[Any], None]:
        declared, live = declare(self.spec, "flow", self.ids), self.parts.flow
        if len(self.parts.flows) > 1:
            return declared, refuse_several(FLOW, self.parts.flows), None
        if live is not None:
            declared = declared.changing_start(live, self.planning.now())
        decision = self._decide("flow", declared, self.parts.flows)
        if decision.action in ("create", "replace"):
            replaces = decision.action == "replace"
            self.planning.flow_specs.check(self.spec, declared, self.planning.now(), replaces=replaces)
        return declared, self._restricted(decision), None

    def _restricted(self, decision: Decision[Any]) -> Decision[Any]:
        """The decision about the dataflow, where more is fixed than its own rules know, or a person forbids it."""
        source = get_connector(self.spec.connector)
        if decision.action == "update" and self.mapping_changes and source.name in _MAPPING_FIXED:
            reason = f"the mapping of a dataflow from {source.title} cannot be edited"
            decision = replace(decision, action="replace", reasons=(reason,))
        live = decision.live
        if decision.action == "replace" and self.spec.protect:
            said = f"would have to be replaced, {_PROTECTED}."
            return replace(decision, action="refuse", reasons=(said,))
        if live is not None and self.spec.state == "draft" and live.state not in ("draft", None):
            said = f"is {live.state}, and a live dataflow does not become a draft again: declare enabled or disabled."
            return replace(decision, action="refuse", reasons=(said,))
        return decision

    def _state(self, flow: PlannedResource) -> str | None:
        """The state that is declared, if the dataflow is not in it; a new one is enabled, or made as a draft."""
        live = self.parts.flow
        wanted = self.spec.state
        if live is None or flow.decision.action == "replace":
            return wanted if wanted not in (None, "enabled", "draft") else None
        return wanted if wanted not in (None, "draft", live.state) else None

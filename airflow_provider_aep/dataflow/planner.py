"""Making a plan: look each resource up, and decide, without the doing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from airflow_provider_aep.api.call import Send
from airflow_provider_aep.dataflow.flow_specs import FlowSpecs
from airflow_provider_aep.dataflow.identity import Identity, LiveParts, compared, referred
from airflow_provider_aep.dataflow.inventory import Inventory
from airflow_provider_aep.dataflow.plan import Plan, PlannedDataflow, PlannedResource
from airflow_provider_aep.dataflow.resources import TYPES, declare, pending, steps_of
from airflow_provider_aep.dataflow.shown import refused_decision, replace_reason, shown_differences
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.reconcile.decide import Decision, check_if_exists, decide
from airflow_provider_aep.reconcile.diff import Diff
from airflow_provider_aep.reconcile.resource_type import IfExists
from airflow_provider_aep.resources.mapping_set import MAPPING_SET

SHARED = ("base_connection", "schema", "dataset")
_DESTROYED = ("flow", "target_connection", "source_connection")
_ALLOW_REPLACE = (
    'allow_replace is {!r}; say what becomes of the data: "reload" (everything is read again, and lands a second time) '
    'or "continue" (what changed after the last window is not read), or False.'
)


class Platform(Protocol):
    """What a plan needs of an `AepClient`."""

    org_id: str
    sandbox: str

    @property
    def send(self) -> Send: ...

    def now(self) -> float: ...


def plan(
    client: Platform,
    specs: Iterable[DataflowSpec],
    *,
    credentials: Callable[[str], Mapping[str, Any]] | None = None,
    deep: bool = False,
    unmanaged: bool = False,
    allow_replace: Any = False,
    rotate_credentials: bool = False,
    if_exists: IfExists = "update",
) -> Plan:
    """What is to be done to make the platform equal to the specs. Nothing is written.

    :param credentials: reads the secrets of an Airflow connection; a plan without `deep` does not call it.
    :param deep: also hold what would be written against the source and the schema.
    :param unmanaged: also list the source dataflows that no spec names.
    :param allow_replace: ``reload``, ``continue`` or False, which only says what replacing would mean.
    :param rotate_credentials: send the credentials of live accounts again.
    :param if_exists: ``reuse`` refuses every difference.
    :raises AepConfigError: a spec declares what cannot be, or refers to what is not there: every problem at once.
    """
    check_allow_replace(allow_replace)
    check_if_exists(if_exists)
    run = _Run(client, Identity(Inventory(client.send)), FlowSpecs(client.send), rotate_credentials, if_exists)
    dataflows = [planned for spec in specs if (planned := run.plan(spec)) is not None]
    problems = [*run.identity.missing, *run.problems]
    if problems:
        raise AepConfigError("\n  ".join(["There is no plan:", *problems]) if len(problems) > 1 else problems[0])
    return Plan(client.org_id, client.sandbox, tuple(dataflows))


def check_allow_replace(allow_replace: Any) -> None:
    """:raises AepConfigError: it is none of ``reload``, ``continue`` and False."""
    if allow_replace not in (False, "reload", "continue"):
        raise AepConfigError(_ALLOW_REPLACE.format(allow_replace))


@dataclass
class _Run:
    """What all dataflows of one plan have in common."""

    client: Platform
    identity: Identity
    flow_specs: FlowSpecs
    rotate: bool
    if_exists: IfExists
    problems: list[str] = field(default_factory=list)

    def plan(self, spec: DataflowSpec) -> PlannedDataflow | None:
        try:
            parts = self.identity.parts(spec)
            if spec.state == "absent":
                return _destroyed(spec, parts, self.identity)
            return _Planning(self, spec, parts).plan()
        except AepConfigError as problem:
            self.problems.append(f"{spec.name}: {problem}")
            return None


def _destroyed(spec: DataflowSpec, parts: LiveParts, identity: Identity) -> PlannedDataflow:
    """Of a dataflow that is to be absent: itself, its source and its target connection, as far as they are there."""
    live = {"flow": parts.flow, "source_connection": parts.source, "target_connection": parts.target}
    resources = []
    for step in _DESTROYED:
        found: Any = live[step]
        if found is None:
            continue
        decision: Decision[Any] = Decision("reuse", found)
        if spec.protect:
            decision = Decision("refuse", found, reasons=("is protected: protect is true in the file.",))
        resources.append(PlannedResource(spec.name, step, TYPES[step], found, decision, destroy=True))
    if len(parts.flows) > 1:
        resources.append(_several(spec, parts))
    return PlannedDataflow(spec, tuple(resources), replaced=parts.replaced)


def _several(spec: DataflowSpec, parts: LiveParts) -> PlannedResource:
    decision = refused_decision(TYPES["flow"], parts.flows)
    return PlannedResource(
        spec.name, "flow", TYPES["flow"], parts.flows[0], decision, reason=decision.reasons[0], destroy=True
    )


class _Planning:
    """One dataflow. Its resources are decided in the order of `TYPES`: each needs the ids of those before it."""

    def __init__(self, run: _Run, spec: DataflowSpec, parts: LiveParts) -> None:
        self.run = run
        self.spec = spec
        self.parts = parts
        self.identity = run.identity
        self.ids: dict[str, Any] = {"flow_spec": run.flow_specs.id_for(spec, parts.flow)}
        self.mapping_changes: Diff = ()

    def plan(self) -> PlannedDataflow:
        resources = tuple(self._planned(step) for step in steps_of(self.spec))
        return PlannedDataflow(self.spec, resources, state=self._state(), replaced=self.parts.replaced)

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
        reason = decision.reasons[0] if decision.action == "refuse" else ""
        if decision.action == "replace":
            reason = replace_reason(type_, declared, decision, self.run.client.now())
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
        now, if_exists = self.run.client.now(), self.run.if_exists
        return decide(TYPES[step], declared, candidates, if_exists=if_exists, now=now)

    def _shared(self, step: str) -> tuple[Any, Decision[Any]]:
        """An account, a schema or a dataset, which other dataflows may use as well: it is never replaced."""
        type_ = TYPES[step]
        reference = referred(self.spec, step)
        declared = reference or declare(self.spec, step, self.ids)
        found = self.identity.shared(self.spec, step, declared, self.parts)
        if len(found) > 1:
            return declared, refused_decision(type_, found)
        if reference is not None:
            self.identity.check_found(self.spec, step, declared, found)
            return (found[0], Decision("reuse", found[0])) if found else (declared, Decision("refuse", None))
        if step == "base_connection" and found:
            # What the platform never shows is sent on request only.
            declared.sent_at = frozenset({type_.etag_of(found[0])})
        decision = self._decide(step, declared, found)
        if decision.action == "replace":
            decision = refused_decision(type_, found, decision)
        if self.run.rotate and step == "base_connection" and decision.action == "reuse":
            decision = replace(decision, action="update")
        return declared, decision

    def _connection(self, step: str) -> tuple[Any, Decision[Any], Any]:
        """The source or target connection: the one that the dataflow holds, or one that nobody uses yet."""
        declared = declare(self.spec, step, self.ids)
        held = self.parts.source if step == "source_connection" else self.parts.target
        if held is None:
            unused = self.identity.unused(self.spec, step, self.ids)
            return declared, self._decide(step, declared, []) if unused is None else Decision("reuse", unused), None
        decision = self._decide(step, compared(self.spec, step, declared, held), [held])
        replacement = self.identity.unused(self.spec, step, self.ids) if decision.action == "replace" else None
        return declared, decision, replacement

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
        declared = declare(self.spec, "flow", self.ids)
        if len(self.parts.flows) > 1:
            return declared, refused_decision(TYPES["flow"], self.parts.flows), None
        now = self.run.client.now()
        if self.parts.flow is not None:
            declared = declared.changing_start(self.parts.flow, now)
        decision = self._decide("flow", declared, self.parts.flows)
        if decision.action == "replace" and self.spec.protect:
            reason = "would have to be replaced, and it is protected: protect is true in the file."
            decision = replace(decision, action="refuse", reasons=(reason,))
        if decision.action in ("create", "replace"):
            replaces = decision.action == "replace"
            self.run.flow_specs.check(self.spec, declared, now, replaces=replaces)
        return declared, decision, None

    def _state(self) -> str | None:
        """The state that is declared, if the dataflow is not in it; a new one is enabled."""
        state = self.parts.flow.state if self.parts.flow else "enabled"
        return self.spec.state if self.spec.state not in (None, state) else None

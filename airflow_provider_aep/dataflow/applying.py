"""One apply, from its first write to its report.

All dataflows go together, wave by wave (`resources.WAVES`): what can be made at the same time is. After each wave one
list of each type tells which of the new resources have an older rival (`reconcile/rivals.py`). What fails takes with it
what stands on it, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.dataflow.concurrency import ConcurrencyLimit, run_all
from airflow_provider_aep.dataflow.destroy import delete_all
from airflow_provider_aep.dataflow.own_connection import ConnectionWork
from airflow_provider_aep.dataflow.plan import Plan, PlannedDataflow, PlannedResource
from airflow_provider_aep.dataflow.provision import Doing, Work, declared_now
from airflow_provider_aep.dataflow.replace import FlowWork
from airflow_provider_aep.dataflow.report import Done, Outcome, Report
from airflow_provider_aep.dataflow.resources import REPLACED, TYPES, WAVES
from airflow_provider_aep.exceptions import AepError, AepUnreachableError
from airflow_provider_aep.models.flow import START_DELAY_SECONDS, Flow
from airflow_provider_aep.reconcile.diff import Change
from airflow_provider_aep.reconcile.lookup import Index
from airflow_provider_aep.reconcile.resource_type import Ensured, ResourceType
from airflow_provider_aep.resources.flow import FLOW
from airflow_provider_aep.runs.flow_state import publish, set_state

Progress = Callable[[Outcome], None]

# Seconds before the first write from which on rivals are looked for: clocks differ, and a plan takes its time.
_RIVALS_SINCE = 600
# Steps whose resource belongs to one dataflow.
_OWN = {"source_connection": ConnectionWork, "target_connection": ConnectionWork, "flow": FlowWork}
_STOPPED = "The platform cannot be reached any more, so nothing further was begun; apply again to go on."


@dataclass
class Applying:
    """Does what a plan says. Whatever goes wrong is in the report."""

    doing: Doing
    planned: Plan
    slots: ConcurrencyLimit
    progress: Progress
    report: Report = field(default_factory=Report)

    def run(self) -> Report:
        """Make and change, then enable and disable, then delete."""
        self.report.fingerprint = self.planned.fingerprint
        self.report.ids = self.doing.ids = {each.spec.name: {} for each in self.planned.dataflows}
        since_ms = int((self.doing.client.now() - _RIVALS_SINCE) * 1000)
        for steps in WAVES:
            self._wave([work for step in steps for work in self._work(step)], since_ms)
        run_all([partial(self._set_state, each) for each in self.planned.dataflows if each.state], self.slots)
        run_all([partial(self._delete, each) for each in self.planned.dataflows if _absent(each)], self.slots)
        self._add_not_reached()
        order = {dataflow.spec.name: number for number, dataflow in enumerate(self.planned.dataflows)}
        steps_in_order = [*TYPES, "state"]
        self.report.outcomes.sort(key=lambda each: (order[each.dataflow], steps_in_order.index(each.step)))
        return self.report

    def _work(self, step: str) -> list[Work]:
        """One for each resource of this step, whose dataflows have come so far; of what several share, one."""
        found: dict[tuple[Any, ...], Work] = {}
        now = self.doing.client.now()
        for dataflow in self.planned.dataflows:
            planned = dataflow.resource(step)
            if planned is None or not self._goes_on(dataflow):
                continue
            name = dataflow.spec.name
            try:
                declared = declared_now(dataflow, planned, self.doing.ids[name], now)
            except AepError as problem:
                self._failed(planned, [name], problem)
                continue
            class_ = _OWN.get(step, Work)
            work = found.setdefault(_key(planned, declared), class_(self.doing, dataflow, planned, declared))
            work.sharers.append(name)
        return list(found.values())

    def _wave(self, works: list[Work], since_ms: int) -> None:
        """Make all of it, then see by one list of each type what stays."""
        for work in works:
            if work.planned.step == "flow":
                self.doing.know_parts_of(work)
        run_all([partial(self._attempt, work, work.start) for work in works], self.slots)
        creations = [work for work in works if work.creation is not None and isinstance(work.made, Ensured)]
        if any(work.planned.type_.names_repeat for work in creations) and self.doing.client.list_lag > 0:
            self.doing.client.sleep(self.doing.client.list_lag)
        index = Index(self.doing.client.send, since_ms)
        types = {work.planned.step: work.planned.type_ for work in creations if work.planned.type_.names_repeat}
        run_all([partial(_read_list, index, type_) for type_ in types.values()], self.slots)
        ids = {work.made.id for work in creations}
        for work in works:
            if work.made is not None:
                self._attempt(work, partial(self._conclude, work, index, ids))

    def _conclude(self, work: Work, index: Index, ids: set[str]) -> None:
        """See what stays of what was made, and note it.

        :param ids: of everything that this wave made.
        """
        made, known = work.made, isinstance(work.made, Ensured)
        if self.report.stopped or (known and not work.planned.type_.names_repeat):
            # Nobody can be asked; or nobody else can have made it.
            stays = made if known else None
        else:
            try:
                stays = work.conclude(index, ids - {made.id} if known else ids)
            except AepError as problem:
                if isinstance(work.made, Ensured):
                    # What was made has a name in the report.
                    self._note_done(work, work.made)
                if isinstance(work, FlowWork) and work.not_deleted is not None:
                    old = work.not_deleted
                    name = work.dataflow.spec.name
                    label = name + REPLACED
                    self._add(Outcome(name, "flow", FLOW.noun, label, "failed", str(old.id), str(problem)))
                raise
        if stays is not None:
            self._note_done(work, stays)

    def _note_done(self, work: Work, ensured: Ensured[Any]) -> None:
        step, type_ = work.planned.step, work.planned.type_
        done: Done = "replaced" if work.planned.decision.action == "replace" else ensured.change
        label = str(type_.natural_key(work.declared)[0])
        for number, name in enumerate(work.sharers):
            self.doing.ids[name][step] = ensured.id
            self._add(Outcome(name, step, type_.noun, label, done if number == 0 else "reused", ensured.id))

    def _attempt(self, work: Work, action: Callable[[], None]) -> None:
        """Do it. What goes wrong is noted for the dataflows that need it; once nobody answers, nothing is begun."""
        if self.report.stopped and work.made is None:
            return
        try:
            action()
        except AepError as problem:
            self._failed(work.planned, work.sharers, problem, work.made)

    def _failed(self, planned: PlannedResource, names: list[str], problem: AepError, made: Any = None) -> None:
        if isinstance(problem, AepUnreachableError):
            self.report.stopped = _STOPPED
        label = str(planned.type_.natural_key(planned.declared)[0])
        for name in names:
            self.report.fail(name, problem)
            if not isinstance(made, Ensured):
                self._add(Outcome(name, planned.step, planned.type_.noun, label, "failed", said=str(problem)))

    def _set_state(self, dataflow: PlannedDataflow) -> None:
        name, state = dataflow.spec.name, str(dataflow.state)
        flow_id = self.doing.ids[name].get("flow")
        if flow_id is None or not self._goes_on(dataflow):
            return
        planned = dataflow.resource("flow")
        live = planned.decision.live if planned else None
        send, sleep = self.doing.client.send, self.doing.client.sleep
        try:
            if state == "enabled" and live is not None and live.state == "draft":
                self._begin_in_future(flow_id, planned.declared if planned else live)
                publish(send, sleep, flow_id)
            else:
                set_state(send, sleep, flow_id, state)
        except AepError as problem:
            self.report.fail(name, problem)
            self._add(Outcome(name, "state", "dataflow", name, "failed", flow_id, str(problem)))
            return
        self._add(Outcome(name, "state", "dataflow", name, "updated", flow_id, f"is {state}"))

    def _begin_in_future(self, flow_id: str, declared: Flow) -> None:
        """Give a draft whose start time has passed a new one: the platform publishes none that begins in the past."""
        client = self.doing.client
        live, now = client.send(flow_service.get_flow(flow_id)), client.now()
        if live.schedule_params is None or (live.schedule_params.start_time or 0) > now:
            return
        start = (declared.schedule_params and declared.schedule_params.start_time) or 0
        later = start if start > now else int(now) + START_DELAY_SECONDS
        change = Change("/scheduleParams/startTime", later, live.schedule_params.start_time)
        client.send(FLOW.update(live, live, (change,)))

    def _delete(self, dataflow: PlannedDataflow) -> None:
        """A dataflow whose file says that it is to be absent, and its connections."""
        if self.report.stopped:
            return
        try:
            for outcome in delete_all(self.doing.ensurer, dataflow):
                self._add(outcome)
        except AepError as problem:
            self._failed(dataflow.resources[0], [dataflow.spec.name], problem)

    def _goes_on(self, dataflow: PlannedDataflow) -> bool:
        return not (_absent(dataflow) or self.report.stopped or dataflow.spec.name in self.report.failures)

    def _add_not_reached(self) -> None:
        """What was not begun, because something that it needs failed or nobody answers any more."""
        seen = {(outcome.dataflow, outcome.step) for outcome in self.report.outcomes}
        for dataflow in self.planned.dataflows:
            name = dataflow.spec.name
            for planned in dataflow.resources:
                if (name, planned.step) not in seen:
                    label = str(planned.type_.natural_key(planned.declared)[0])
                    self._add(Outcome(name, planned.step, planned.type_.noun, label, "not reached"))
                    self.report.failures.setdefault(name, self.report.stopped)

    def _add(self, outcome: Outcome) -> None:
        self.report.outcomes.append(outcome)
        self.progress(outcome)


def _read_list(index: Index, type_: ResourceType[Any]) -> None:
    # What goes wrong is said where the list is needed, and then it is read again.
    with suppress(AepError):
        index.everything(type_)


def _absent(dataflow: PlannedDataflow) -> bool:
    return dataflow.spec.state == "absent"


def _key(planned: PlannedResource, declared: Any) -> tuple[Any, ...]:
    """Equal for the resources of two dataflows that are one and the same, once ids are known."""
    if planned.decision.action in ("reuse", "update"):
        return planned.key
    own = planned.dataflow if planned.step in _OWN else None
    return planned.step, own, *planned.type_.natural_key(declared)

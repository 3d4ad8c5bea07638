"""Replacing a dataflow that the platform cannot change: a new one takes its place, and the old one goes.

There is no state file: the name of the old dataflow, ``NAME ~replaced``, tells on the platform what is going on, and
its description what was chosen for the data (`dataflow/choice.py`).
The protocol, in which each step leaves what a person and the next apply understand:

    step                                    what is there when it ends here        the next apply
    1 new source, target, mapping set       NAME enabled; unused new connections   replaces, with those connections
      (`dataflow/own_connection.py`)
    2 rename the old one                    NAME ~replaced enabled                 goes on at 3
    3 disable it                            NAME ~replaced disabled                goes on at 4
    4 wait, bounded, for its last run       the same                               goes on at 4
    5 make the new one, whose description   NAME enabled, NAME ~replaced disabled  goes on at 6
      says which connections are to go
      refused                               rename back, enable: NAME as it was    replaces, with consent
      answer lost, nothing found            NAME ~replaced disabled                goes on at 4
    6 delete the old one                    NAME, which names unused connections   goes on at 7
    7 delete its connections, then take     NAME                                   has nothing to do
      them out of the description

So two are never enabled at once, and after each failure and each further apply there is exactly one. A dataset of a
relational schema takes one dataflow only (change data capture), so there 6 and 7 come before 5: if 5 is refused then,
there is none, and the error says so; and what ends between 6 and 7 leaves connections of which nobody knows whose they
are.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/update-dataflows
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Any

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.run_page import newest_runs
from airflow_provider_aep.client.backoff import poll
from airflow_provider_aep.dataflow.choice import (
    AllowReplace,
    beginning,
    leaves_choice_open,
    recorded_choice,
    with_choice,
    without_choice,
)
from airflow_provider_aep.dataflow.destroy import remove_connections
from airflow_provider_aep.dataflow.own_connection import give_back_names
from airflow_provider_aep.dataflow.provision import Work
from airflow_provider_aep.dataflow.remains import connections_of, forget_remains, recorded_remains, with_remains
from airflow_provider_aep.dataflow.resources import REPLACED
from airflow_provider_aep.exceptions import AepConflictError, AepError
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_change import changed
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.resources.flow import FLOW
from airflow_provider_aep.runs.flow_state import set_state

log = logging.getLogger(__name__)

# Seconds between looks at the last run of a dataflow that was disabled: ten minutes in all.
LAST_RUN = (2.0, 5.0, 10.0, 15.0, 28.0, *(60.0,) * 9)

_RETIRING = 'The old one may be called "{name}" and disabled by now: apply again.'


def _add_to(problem: AepError, sentence: str) -> None:
    """Say one sentence more about what went wrong."""
    problem.args = (f"{str(problem).removesuffix('.')}. {sentence}",)


@dataclass(eq=False)
class FlowWork(Work):
    """A dataflow on its way to what its file says, perhaps in the place of an old one.

    :param old: the dataflow whose place it takes, as last read.
    :param was_enabled: whether the old one is enabled again if its replacement is refused.
    :param not_deleted: the old one, if the new one is there and the deletion of the old one failed.
    """

    old: Flow | None = None
    not_deleted: Flow | None = None
    was_enabled: bool = True
    gone: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        replaces = self.planned.decision.action == "replace"
        self.old = self.planned.decision.live if replaces else self.dataflow.replaced
        # Of one that an earlier apply disabled, it is not known any more.
        self.was_enabled = self.old.state == "enabled" if replaces and self.old else self._is_to_run

    def start(self) -> None:
        live = self.planned.decision.live
        if self.dataflow.remains and live is not None:
            self._finish_removal(live)
        super().start()

    @property
    def ensurer(self) -> Any:
        return self.doing.flow_ensurer

    @property
    def replaces(self) -> bool:
        """Whether a new one is made in the place of an old one."""
        return self.old is not None and self.planned.decision.action in ("create", "replace")

    @property
    def _is_to_run(self) -> bool:
        return self.dataflow.spec.state in (None, "enabled")

    @property
    def _takes_one_only(self) -> bool:
        schema = self.dataflow.resource("schema")
        return schema is not None and schema.decision.live is not None and schema.decision.live.is_relational

    def to_be_made(self) -> Flow:
        declared: Flow = self.declared
        if not self.replaces:
            return declared
        if self.dataflow.spec.state is None and self._old.state == "draft":
            declared = declared.as_draft()
        # Where the old one is gone already, its connections are, too.
        remains = {} if str(self._old.id) in self.gone else connections_of(self._old, self._used)
        declared = declared.model_copy(update={"description": with_remains(declared.description, remains)})
        return beginning(declared, self._choice, self.doing.client.now())

    @property
    def _choice(self) -> AllowReplace:
        """What becomes of the data: as this apply says, or as the one said that was interrupted."""
        return self.doing.allow_replace or recorded_choice(self._old) or False

    def make(self) -> None:
        if not self.replaces:
            super().make()
            return
        try:
            # What the platform's rules object to is known before the old one is touched.
            FLOW.prepare(self.doing.responses, self.to_be_made(), self.doing.client.now())
        except AepError as problem:
            if not problem.retryable:
                self._give_back_names(problem)
            raise
        older = self.dataflow.replaced
        if older is not None and older is not self.old and str(older.id) not in self.gone:
            self._remove(older)
        try:
            self._retire()
        except AepError as problem:
            _add_to(problem, _RETIRING.format(name=self.dataflow.spec.name + REPLACED))
            raise
        if self._takes_one_only:
            self._remove_old()
        try:
            super().make()
        except AepError as problem:
            self._restore(problem)
            raise

    def conclude(self, look_up: Any, others: Any) -> Any:
        self.made = ensured = super().conclude(look_up, others)
        if self.old is not None:
            keeps_state = self.dataflow.spec.state is None and not self.was_enabled and self.old.state != "draft"
            if self.replaces and keeps_state and ensured.change == "created":
                set_state(self.doing.client.send, self.doing.client.sleep, ensured.id, "disabled")
            try:
                self._remove_old()
            except AepError as problem:
                _add_to(problem, self._what_is_left())
                self.not_deleted = self.old
                raise
            if self.creation is not None and recorded_remains(self.creation.declared):
                forget_remains(self.doing.client.send, self.doing.client.sleep, ensured.id)
        return ensured

    def _what_is_left(self) -> str:
        """What was to be deleted after the new dataflow was made, and may still be there, as a sentence."""
        old = self._old
        ids = [id_ for each in connections_of(old, self._used).values() for id_ in each]
        connections = f" Its connections may be left: {', '.join(ids)}." if ids else ""
        return f"The new dataflow is there; of the old one, {old.id}, the deletion is not finished.{connections}"

    def _retire(self) -> None:
        """Rename and disable the old one, and wait for its last run."""
        old, name = self._old, self.dataflow.spec.name
        if old.name != name + REPLACED:
            choice = self.doing.allow_replace
            is_open = leaves_choice_open(self.dataflow.spec)
            self._rename(name + REPLACED, with_choice(old.description, choice) if choice and is_open else None)
            log.info("Dataflow %s is called %r until another one has taken its place.", old.id, name + REPLACED)
        live = self.doing.client.send(flow_service.get_flow(str(old.id)))
        if live.state != "draft":
            set_state(self.doing.client.send, self.doing.client.sleep, str(old.id), "disabled")
        if old.schedule_params is not None:
            self._wait_for_last_run(str(old.id))

    def _wait_for_last_run(self, flow_id: str) -> None:
        # Runs end in the order in which they begin, or nearly so.
        newest = newest_runs(flow_service.list_runs(flow_id))

        def unfinished() -> list[FlowRun]:
            return [run for run in self.doing.client.send(newest) if not run.finished]

        going_on = poll(unfinished, LAST_RUN, until=lambda runs: not runs, sleep=self.doing.client.sleep)
        if going_on:
            error = AepConflictError(
                f"The dataflow {self.dataflow.spec.name!r} is to be replaced, and its flow run {going_on[0].id} has "
                f"gone on for {sum(LAST_RUN):.0f} s. It is disabled, and its name ends with {REPLACED.strip()!r} until "
                "another apply, which may go on when the run has ended.",
                status=409,
            )
            error.retryable = True
            raise error

    def _restore(self, problem: AepError) -> None:
        """Give the old one its name and state again, unless the new one may have been made after all."""
        name = self.dataflow.spec.name
        if str(self._old.id) in self.gone:
            _add_to(problem, f"The old dataflow {name!r} had to be deleted before, so there is none now.")
            return
        left = f'The old one is left disabled, as "{name}{REPLACED}": apply again.'
        try:
            if problem.retryable or self._namesakes():
                _add_to(problem, left)
                return
            self._rename(name, without_choice(self._old.description) or None)
            self._take_back_record()
            if self.was_enabled:
                set_state(self.doing.client.send, self.doing.client.sleep, str(self._old.id), "enabled")
        except AepError as another:
            _add_to(problem, f"{left} It could not be made what it was: {another}")
            return
        if self._give_back_names(problem):
            _add_to(problem, "The old dataflow is what it was.")

    def _give_back_names(self, problem: AepError) -> bool:
        """Call the connections of the old one as before, because of a problem, which says so if that fails."""
        try:
            give_back_names(self.doing, self.dataflow, self._old)
        except AepError as another:
            _add_to(problem, f"The old dataflow is what it was, but for the names of its connections: {another}")
            return False
        return True

    def _namesakes(self) -> list[Flow]:
        """The source dataflows that are called so besides the old one, whose new name a list may not show yet."""
        found = self.ensurer.look_up(FLOW, self.declared)
        return [live for live in found if live.id != self._old.id and not FLOW.other_purpose(live)]

    def _rename(self, name: str, description: str | None) -> None:
        live = self.doing.client.send(flow_service.get_flow(str(self._old.id)))
        changes = {"name": name} if description is None else {"name": name, "description": description}
        declared = changed(live, changes, self.doing.client.now())
        self.doing.ensurer.change(FLOW, declared, live)

    def _take_back_record(self) -> None:
        """Remove the description of the old one, if it had none before its replacement began."""
        live = self.doing.client.send(flow_service.get_flow(str(self._old.id)))
        if recorded_choice(live) is not None:
            removal = [{"op": "remove", "path": "/description"}]
            self.doing.client.send(flow_service.update_flow(str(live.id), FLOW.if_match(live), removal))

    def _remove_old(self) -> None:
        if self.old is not None and str(self.old.id) not in self.gone:
            self._remove(self.old)

    def _remove(self, flow: Flow) -> None:
        """Delete an old dataflow, then its connections, unless they are in use."""
        self.doing.ensurer.remove(FLOW, str(flow.id))
        self.gone.add(str(flow.id))
        log.info("Deleted dataflow %s, which is replaced.", flow.id)
        remove_connections(self.doing.ensurer, connections_of(flow, self._used), self.gone)

    def _finish_removal(self, live: Flow) -> None:
        """Delete what an interrupted apply left of a dataflow that this one has replaced, and the record of it."""
        if self.dataflow.replaced is not None:
            self._remove(self.dataflow.replaced)
        held = {step: tuple({*ids} - self._used) for step, ids in self.dataflow.remains.items()}
        remove_connections(self.doing.ensurer, held, self.gone)
        now = forget_remains(self.doing.client.send, self.doing.client.sleep, str(live.id))
        self.planned = replace(self.planned, decision=replace(self.planned.decision, live=now))
        if self.replaces:
            self.old = now

    @property
    def _used(self) -> set[str]:
        """The ids of what this dataflow uses by now, though no list may show it yet."""
        return {*self.doing.ids.get(self.dataflow.spec.name, {}).values()}

    @property
    def _old(self) -> Flow:
        assert self.old is not None
        return self.old

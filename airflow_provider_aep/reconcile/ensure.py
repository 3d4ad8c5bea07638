"""Making sure that a declared resource is there, once: look it up, decide, do it.

The platform has no idempotency key and lets most names repeat, so "never twice" is made here. The protocol:

    look up  all with the natural key. Several, or one made a second ago: another task may be about to delete its
             own, so look again, for up to 27 s
    decide   create, reuse, update, replace or refuse (decide.py, pure). Replace and refuse end here, with an error
    create   POST, then look who else made one meanwhile: the oldest stays; a younger one of ours is deleted, and all
             begins anew. Busy (what it stands on is between two states): POST again after a pause
             Answer lost: look for what was made; found: take it, and delete equal ones made beside it; not found: POST
    update   PATCH with the etag that was read. 412, busy or answer lost: read it by its id, and PATCH what still
             differs; refuse if somebody else wrote the same field meanwhile (write.py)
    delete   DELETE; 404 after a lost answer is our own success (write.py)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from airflow_provider_aep.client.backoff import DUPLICATES_SETTLE, LIST_CATCHES_UP, RESOURCE, poll, retry
from airflow_provider_aep.exceptions import AepApiError, AepError, AepUnreachableError
from airflow_provider_aep.reconcile.decide import (
    Decision,
    check_if_exists,
    contenders,
    decide,
    only_equal,
    refused,
    survivor,
)
from airflow_provider_aep.reconcile.failures import is_busy, may_be_taken, say_not_known
from airflow_provider_aep.reconcile.lookup import OneByOne, read
from airflow_provider_aep.reconcile.resource_type import Ensured, IfExists, ResourceType
from airflow_provider_aep.reconcile.write import ResourceWriter

log = logging.getLogger(__name__)

R = TypeVar("R")
T = TypeVar("T")

# Milliseconds after its creation in which another task may remove a resource that was made at the same moment.
_FRESH_MS = 1000


class Ensurer(ResourceWriter):
    """Ensures resources through one `send`."""

    @property
    def look_up(self) -> OneByOne:
        return OneByOne(self.send)

    def ensure(self, type_: ResourceType[R], declared: R, if_exists: IfExists = "reuse") -> Ensured[R]:
        """Make sure the declared resource is there, once.

        :raises AepConfigError: `if_exists` is unknown, or the platform's own rules object to a new resource.
        :raises AepConflictError: the name is taken by several resources, or by a different one.
        """
        check_if_exists(if_exists)
        declared = type_.resolve(self.send, declared)
        decision = self.decide(type_, declared, self._candidates(type_, declared, if_exists), if_exists)
        return self.apply(type_, declared, decision, if_exists)

    def decide(self, type_: ResourceType[R], declared: R, candidates: list[R], if_exists: IfExists) -> Decision[R]:
        """What is to be done now; the log says what somebody who uses the live resource has to know."""
        decision = decide(type_, declared, candidates, if_exists=if_exists, now=self.now())
        for warning in decision.warnings:
            log.warning(warning)
        return decision

    def apply(
        self, type_: ResourceType[R], declared: R, decision: Decision[R], if_exists: IfExists = "reuse"
    ) -> Ensured[R]:
        """Do what was decided.

        :param if_exists: what to do about a resource that another task makes at the same moment.
        :raises AepConfigError: the platform's own rules object to a new resource.
        :raises AepConflictError: it was decided to refuse or to replace, or somebody else changed it meanwhile.
        """
        if decision.action == "create":
            return _Creation(self, type_, declared, if_exists, decision.beside).run()
        if decision.live is None or decision.action in ("refuse", "replace"):
            raise refused(type_, declared, decision)
        if decision.action == "update":
            return self.update(type_, declared, decision.live, decision.differences)
        return Ensured(type_.id_of(decision.live), "reused", decision.live, type_.etag_of(decision.live))

    def change(self, type_: ResourceType[R], declared: R, live: R) -> Ensured[R]:
        """Make a live resource what was declared, where it differs.

        :raises AepConflictError: the platform cannot change that in place, or somebody else changed it meanwhile.
        """
        declared = type_.resolve(self.send, declared)
        decision = decide(type_, declared, [live], if_exists="update", now=self.now())
        # Secrets are sent again only by `ensure`.
        return self.apply(type_, declared, decision if decision.differences else replace(decision, action="reuse"))

    def _candidates(self, type_: ResourceType[R], declared: R, if_exists: IfExists) -> list[R]:
        """The live resources with the natural key. Several may be two tasks at work: they get time to settle."""
        if if_exists == "create":
            return self.look_up(type_, declared)

        def namesakes_now() -> list[R]:
            return self.look_up(type_, declared)

        def is_settled(found: list[R]) -> bool:
            counting = contenders(type_, declared, found)
            return len(counting) <= 1 or only_equal(type_, declared, counting, self.now()) is not None

        found = namesakes_now()
        counting = contenders(type_, declared, found)
        if len(counting) == 1 and abs(self.now() * 1000 - type_.created_at(counting[0])) < _FRESH_MS:
            # The task that made it may be about to delete it in favour of one that was made at the same moment.
            self.pause(LIST_CATCHES_UP[0])
            found = namesakes_now()
        return found if is_settled(found) else self.poll_later(namesakes_now, DUPLICATES_SETTLE, until=is_settled)

    def poll_later(self, poll_once: Callable[[], T], pauses: Sequence[float], until: Callable[[T], bool]) -> T:
        """What is seen after the first pause, or after a later one if that is not enough."""
        self.pause(pauses[0])
        return poll(poll_once, pauses[1:], until=until, sleep=self.pause)


@dataclass(eq=False)
class _Creation(Generic[R]):
    """One new resource, until it is known what became of the request.

    :param beside: ids of those that were there already, if one more is wanted.
    :param answer_lost: whether there was a request whose effect is not known.
    """

    ensurer: Ensurer
    type_: ResourceType[R]
    declared: R
    if_exists: IfExists
    beside: Collection[str]
    answer_lost: bool = False

    def run(self) -> Ensured[R]:
        prepared = self.type_.prepare(self.ensurer.send, self.declared, self.ensurer.now())
        try:
            made = retry(
                lambda: self._create(prepared),
                RESOURCE,
                retry_if=self._may_retry,
                # The looks for what was made have pauses of their own.
                pause_after=lambda problem, pause: pause if is_busy(problem) else 0,
                between=self._look_for_lost,
                sleep=self.ensurer.pause,
            )
        except (AepApiError, AepUnreachableError) as problem:
            if self.answer_lost or problem.retryable:
                say_not_known(problem, self._label, another=self._another)
            raise
        if isinstance(made, list):
            return self._adopt(made)
        if self._another:
            return made
        if self.answer_lost and (found := self._appeared(made.id)):
            return self._adopt(found)
        return self._arbitrate(made)

    def _create(self, prepared: R) -> Ensured[R] | list[R]:
        answer = self.ensurer.send(self.type_.create(prepared))
        return Ensured(self.type_.id_of(answer), "created", answer, self.type_.etag_of(answer))

    def _may_retry(self, problem: AepError) -> bool:
        self.answer_lost = self.answer_lost or problem.retryable
        return problem.retryable or is_busy(problem) or (may_be_taken(problem) and not self._another)

    @property
    def _another(self) -> bool:
        """Whether one more is wanted, whatever there is."""
        return self.if_exists == "create"

    @property
    def _label(self) -> str:
        return f"{self.type_.noun} {self.type_.label(self.declared)}"

    def _look_for_lost(self, problem: AepError) -> list[R] | None:
        """What the request made after all, or another task before it."""
        if is_busy(problem):
            return None
        said = str(problem).rstrip(".")
        log.warning("%s. Looking whether the %s was made before asking again.", said, self.type_.noun)
        found = self._appeared()
        if self._another and (len(found) > 1 or any(self.type_.diff(self.declared, live) for live in found)):
            # Nobody can tell which one is ours.
            raise problem
        if not found and not problem.retryable:
            # The name is taken, and nothing shows by what.
            raise problem
        return found or None

    def _namesakes(self) -> list[R]:
        found = self.ensurer.look_up(self.type_, self.declared)
        counting = [live for live in found if not self.type_.other_purpose(live)]
        return [live for live in counting if self.type_.id_of(live) not in self.beside]

    def _contenders(self, namesakes: list[R]) -> list[R]:
        return namesakes if self._another else contenders(self.type_, self.declared, namesakes)

    def _appeared(self, own: str | None = None) -> list[R]:
        """What was made since the first look-up, the oldest first. Where there are several, other tasks get a moment to
        delete theirs.

        :param own: the id of one that was certainly made: a list that does not show it yet is not the last word.
        """

        def is_settled(seen: list[R]) -> bool:
            return len(self._contenders(seen)) == 1 and (own is None or self._shows(seen, own))

        seen = self.ensurer.poll_later(self._namesakes, LIST_CATCHES_UP, until=is_settled)
        return self._contenders(seen if own is None or is_settled(seen) else self._with_own(seen, own))

    def _adopt(self, found: list[R]) -> Ensured[R]:
        """After a lost answer: take what the request made after all."""
        differs = {self.type_.id_of(live): bool(self.type_.diff(self.declared, live)) for live in found}
        # None was there before this create, and a task that got an answer to its own create has deleted a younger one
        # by now. So those that are equal were made by lost requests, ours or those of tasks that look for them too.
        own = [id_ for id_, different in differs.items() if self.answer_lost and not different]
        first = self._give_way(found, own)
        id_ = self.type_.id_of(first)
        if self.answer_lost and not differs[id_]:
            return Ensured(id_, "created", first, self.type_.etag_of(first))
        decision = self.ensurer.decide(self.type_, self.declared, [first], self.if_exists)
        return self.ensurer.apply(self.type_, self.declared, decision)

    def _arbitrate(self, made: Ensured[R]) -> Ensured[R]:
        """Look whether another task made one at the same moment. The oldest stays; a task that made a younger one
        deletes it and begins anew, as if it had come later.
        """
        # A list that does not show ours yet does not show one that was made with it either.
        seen = poll(
            self._namesakes, LIST_CATCHES_UP, until=lambda seen: self._shows(seen, made.id), sleep=self.ensurer.pause
        )
        first = self._give_way(self._with_own(seen, made.id), [made.id]) if seen else None
        if first is None or self.type_.id_of(first) == made.id:
            return made
        if not self.type_.deletable:
            log.warning("%s %s is left over: the platform cannot delete it.", self.type_.noun.capitalize(), made.id)
        return self.ensurer.ensure(self.type_, self.declared, self.if_exists)

    def _with_own(self, seen: list[R], own: str) -> list[R]:
        """What a list showed, and our own: while the list does not show it, it is read, because its age decides."""
        if self._shows(seen, own):
            return seen
        # It may be gone: another task whose answer was lost took it for its own, and deleted it.
        live = read(self.ensurer.send, self.type_, own)
        return seen if live is None else [*seen, live]

    def _shows(self, seen: list[R], id_: str) -> bool:
        return any(self.type_.id_of(live) == id_ for live in seen)

    def _give_way(self, found: list[R], own: list[str]) -> R:
        """The one that stays; the others of ours are deleted."""
        kept = survivor(self.type_, self.declared, found, own)
        first = self.type_.id_of(kept.keep)
        for id_ in kept.remove:
            log.warning("Another task made %s first, as %s; removing %s.", self._label, first, id_)
            self.ensurer.remove(self.type_, id_)
        return kept.keep

"""Making sure that a declared resource is there, once: look it up, decide, do it.

The platform has no idempotency key and lets most names repeat, so "never twice" is made here. The protocol:

    look up  all with the natural key. The oldest is younger than LIST_LAG: look again when it is not. Several of which
             a person must name one: other tasks may be about to remove theirs, so look again, for up to 27 s
    decide   create, reuse, update, replace or refuse (decide.py, pure). Replace and refuse end here, with an error
    create   POST, then see who else made one (rivals.py). Busy (what it stands on is between two states): POST again
             after a pause. Answer lost: look for LIST_LAG; found: take it; not found: POST. Who makes many at a time
             makes them all first, and then looks at one list for all of them (`Creation`)
    update   PATCH with the etag that was read. 412, busy or answer lost: read it by its id, and PATCH what still
             differs; refuse if somebody else wrote the same field meanwhile (write.py)
    delete   DELETE; 404 after a lost answer is our own success (write.py)
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from airflow_provider_aep.client.backoff import DUPLICATES_SETTLE, LIST_CATCHES_UP, RESOURCE, retry
from airflow_provider_aep.exceptions import AepApiError, AepError, AepUnreachableError
from airflow_provider_aep.reconcile.decide import (
    Decision,
    check_if_exists,
    contenders,
    decide,
    gone_at_once,
    refused,
    stored_otherwise,
    survivor,
    the_one_meant,
)
from airflow_provider_aep.reconcile.failures import is_busy, is_unreadable, may_be_taken, say_not_known
from airflow_provider_aep.reconcile.lookup import Lookup, read
from airflow_provider_aep.reconcile.resource_type import Ensured, IfExists, ResourceType
from airflow_provider_aep.reconcile.rivals import ResourceFinder

log = logging.getLogger(__name__)

R = TypeVar("R")


class Ensurer(ResourceFinder):
    """Ensures resources through one `send`."""

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
            made = Creation(self, type_, declared, if_exists == "create", decision.beside).run()
            if isinstance(made, Ensured):
                return made
            return self.apply(type_, declared, self.decide(type_, declared, [made], if_exists), if_exists)
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
        """The live resources with the natural key. Several may be tasks at work: they get time to settle."""
        if if_exists == "create":
            return self.look_up(type_, declared)

        def namesakes_now() -> list[R]:
            return self.settled(type_, declared, lambda: self.look_up(type_, declared))

        def is_clear(found: list[R]) -> bool:
            counting = contenders(type_, declared, found)
            return len(counting) <= 1 or the_one_meant(type_, declared, counting, if_exists, self.now()) is not None

        found = namesakes_now()
        return found if is_clear(found) else self.poll_later(namesakes_now, DUPLICATES_SETTLE, until=is_clear)


# After so many responses of success that cannot be read, and a look, a create is not sent again.
_UNREADABLE_ANSWERS = 2


@dataclass(eq=False)
class Creation(Generic[R]):
    """One new resource: `make` it, let LIST_LAG pass, and `conclude` by what a list shows then. `run` does all of it.

    :param another: whether one more is wanted, whatever there is.
    :param beside: ids of those that were there already and do not count.
    :param answer_lost: whether there was a request whose effect is not known.
    :param unreadable: how many responses of success could not be read.
    """

    finder: ResourceFinder
    type_: ResourceType[R]
    declared: R
    another: bool = False
    beside: Collection[str] = ()
    answer_lost: bool = False
    unreadable: int = 0

    def run(self) -> Ensured[R] | R:
        """Make it; if another task made an older one meanwhile, that one is returned, as it is live."""
        made = self.make()
        if isinstance(made, Ensured) and self.type_.names_repeat and not self.another and self.finder.list_lag > 0:
            self.finder.pause(self.finder.list_lag)
        return self.conclude(made, self.finder.look_up)

    def make(self) -> Ensured[R] | list[R]:
        """What the answer said; or, where it was lost, what has appeared since, the oldest first."""
        prepared = self.type_.prepare(self.finder.send, self.declared, self.finder.now())
        try:
            return retry(
                lambda: self._create(prepared),
                RESOURCE,
                retry_if=self._may_retry,
                # The looks for what was made have pauses of their own.
                pause_after=lambda problem, pause: pause if is_busy(problem) else 0,
                between=self._look_for_lost,
                sleep=self.finder.pause,
            )
        except (AepApiError, AepUnreachableError) as problem:
            if self.answer_lost or problem.retryable:
                say_not_known(problem, self._label, another=self.another)
            raise

    def conclude(self, made: Ensured[R] | list[R], look_up: Lookup) -> Ensured[R] | R:
        """What stays: what was made, or an older one of another task.

        :param made: what `make` returned.
        :param look_up: finds what a list shows LIST_LAG after it was made.
        """
        if isinstance(made, list):
            return self._keep_oldest(made)
        return made if self.another else self._keep_oldest(self._rivals_of(made, look_up), made)

    def _create(self, prepared: R) -> Ensured[R] | list[R]:
        answer = self.finder.send(self.type_.create(prepared))
        return Ensured(self.type_.id_of(answer), "created", answer, self.type_.etag_of(answer))

    def _may_retry(self, problem: AepError) -> bool:
        self.answer_lost = self.answer_lost or problem.retryable
        self.unreadable += is_unreadable(problem)
        return problem.retryable or is_busy(problem) or (may_be_taken(problem) and not self.another)

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
        if self.another and (len(found) > 1 or any(self.type_.diff(self.declared, live) for live in found)):
            # Nobody can tell which one is ours.
            raise problem
        if not found and (not problem.retryable or self.unreadable >= _UNREADABLE_ANSWERS):
            # The name is taken, and nothing shows by what; or whoever answers so will do so again.
            raise problem
        return found or None

    def _namesakes(self, look_up: Lookup) -> list[R]:
        found = look_up(self.type_, self.declared)
        counting = [live for live in found if not self.type_.other_purpose(live)]
        return [live for live in counting if self.type_.id_of(live) not in self.beside]

    def _appeared(self) -> list[R]:
        """After a lost answer: what was made since the first look-up, the oldest first."""

        def namesakes() -> list[R]:
            return self._namesakes(self.finder.look_up)

        # Where names repeat, the first that is shown may have an older one beside it.
        seen = self.finder.poll_later(
            lambda: self.finder.timed(namesakes),
            LIST_CATCHES_UP,
            until=lambda seen: not self.type_.names_repeat and bool(seen[1]),
        )
        if self.another:
            return seen[1]
        found = self.finder.settled(self.type_, self.declared, namesakes, seen)
        return contenders(self.type_, self.declared, found)

    def _rivals_of(self, made: Ensured[R], look_up: Lookup) -> list[R]:
        """After an answer: all with the natural key, one's own included unless somebody has deleted it."""
        seen = self._namesakes(look_up)
        if any(self.type_.id_of(live) == made.id for live in seen):
            return seen
        own = self._read_own(made.id)
        if own is None:
            # A task whose answer was lost took it for its own, and removed it in favour of an older one.
            if not seen:
                raise gone_at_once(self.type_, self.declared, made.id)
            return seen
        if self.type_.natural_key(own) != self.type_.natural_key(self.declared):
            raise self._stored_otherwise(own)
        if self.type_.names_repeat:
            said = "No list shows %s (%s) %.0f s after it was made: whether there is another cannot be known."
            log.warning(said, self._label, made.id, self.finder.list_lag)
        return [*seen, own]

    def _read_own(self, id_: str) -> R | None:
        """What this task made, by its id; None if it is gone. A read may lag as lists do."""
        own = read(self.finder.send, self.type_, id_)
        if own is None and not self.type_.names_repeat and self.finder.list_lag > 0:
            self.finder.pause(self.finder.list_lag)
            own = read(self.finder.send, self.type_, id_)
        return own

    def _stored_otherwise(self, own: R) -> AepError:
        if self.type_.deletable:
            self.finder.remove(self.type_, self.type_.id_of(own))
        return stored_otherwise(self.type_, self.declared, own, removed=self.type_.deletable)

    def _keep_oldest(self, found: list[R], made: Ensured[R] | None = None) -> Ensured[R] | R:
        """Go on with the oldest; of what this task made, the rest is removed.

        :param found: all with the natural key.
        :param made: what an answer said; None if it was lost, or if another task was first.
        """
        own = {made.id} if made else set()
        if self.answer_lost:
            # None was there before this create. So those that are equal were made by lost requests, this task's or
            # those of tasks that look for them too, or have not been handed out yet.
            own |= {self.type_.id_of(live) for live in found if not self.type_.diff(self.declared, live)}
        first = self._give_way(found, own)
        id_ = self.type_.id_of(first)
        if made and id_ == made.id:
            return made
        if id_ in own:
            return Ensured(id_, "created", first, self.type_.etag_of(first))
        if made and not self.type_.deletable:
            log.warning("%s %s is left over: the platform cannot delete it.", self.type_.noun.capitalize(), made.id)
        return first

    def _give_way(self, found: list[R], own: Collection[str]) -> R:
        """The one that stays; the others of ours are deleted."""
        kept = survivor(self.type_, self.declared, found, own)
        first = self.type_.id_of(kept.keep)
        for id_ in kept.remove:
            log.warning("Another task made %s first, as %s; removing %s.", self._label, first, id_)
            self.finder.remove(self.type_, id_)
        return kept.keep

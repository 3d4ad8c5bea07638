"""One mechanism for every resource: find it, compare what was declared, then create, reuse, update or refuse.

The platform has no idempotency key and lets most names repeat, so "never twice" is made here: after a lost answer a
create looks before it asks again, and after every create the one who came second removes its own.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, get_args

from airflow_provider_aep.api.call import Call, Send
from airflow_provider_aep.exceptions import (
    AepApiError,
    AepConfigError,
    AepConflictError,
    AepError,
    AepNotFoundError,
    AepUnreachableError,
)

log = logging.getLogger(__name__)

R = TypeVar("R")

IfExists = Literal["reuse", "update", "fail", "create"]
Change = Literal["created", "reused", "updated"]
# path -> (declared, live)
Differences = Mapping[str, tuple[Any, Any]]

_ATTEMPTS = 6
# Seconds between looks: how soon a list shows what was just made is not published.
_LOOKS = (1.0, 3.0)


@dataclass(frozen=True)
class Kind(Generic[R]):
    """What `ensure` must know of one type of resource.

    :param noun: Adobe's name for it.
    :param label: the natural key, for messages.
    :param find: the list in which the resource would be, if it exists.
    :param same: whether a live resource has the declared one's natural key.
    :param compare: where the live resource is not what was declared.
    :param create: the call that makes it; the answer has an id.
    :param key: the live resource's id.
    :param born: sorts resources by age; the oldest of several equal ones is the one that stays.
    :param update: the call that changes the live resource into the declared one.
    :param fixed: path -> why the platform cannot change what is at or below that path in place.
    :param get: the call for one by its id.
    :param delete: None where the platform has no such call; then the oldest of several equal ones is used.
    """

    noun: str
    label: Callable[[R], str]
    find: Callable[[R], Call[list[R]]]
    same: Callable[[R, R], bool]
    compare: Callable[[R, R], Differences]
    create: Callable[[R], Call[Any]]
    key: Callable[[R], str]
    born: Callable[[R], Any]
    update: Callable[[R, R, Differences], Call[Any]]
    fixed: Mapping[str, str]
    get: Callable[[str], Call[R]] | None = None
    delete: Callable[[str], Call[None]] | None = None
    etag: Callable[[Any], str | None] = lambda resource: None
    always_update: Callable[[R], bool] = lambda declared: False


@dataclass(frozen=True)
class Ensured(Generic[R]):
    """The resource that is now there.

    :param facts: what the platform answered: the live resource, or the answer to the create or the update.
    """

    id: str
    change: Change
    facts: Any
    etag: str | None = None


class Ensurer:
    """Ensures resources through one `send`.

    :param pause: waits for seconds; tests pass something faster.
    """

    def __init__(self, send: Send, pause: Callable[[float], None] = time.sleep) -> None:
        self.send = send
        self.pause = pause

    def ensure(
        self,
        kind: Kind[R],
        declared: R,
        if_exists: IfExists = "reuse",
        prepare: Callable[[R], R] = lambda declared: declared,
    ) -> Ensured[R]:
        """Make sure the declared resource is there, once.

        :param prepare: last checks and additions before a new one is made; not called for one that is there already.
        :raises AepConfigError: `if_exists` is unknown, or `prepare` objects.
        :raises AepConflictError: the name is taken by several resources, or by a different one.
        """
        if if_exists not in get_args(IfExists):
            raise AepConfigError(f"if_exists is {if_exists!r}; it is one of {', '.join(get_args(IfExists))}.")
        if if_exists == "create":
            return self._create(kind, prepare(declared), look=False)
        live = self._find(kind, declared)
        if live is None:
            return self._create(kind, prepare(declared), look=True)
        if if_exists == "fail":
            raise _conflict(kind, declared, f"exists already, as {kind.key(live)}", "Choose another name.")
        differences = kind.compare(declared, live)
        if not differences and not (if_exists == "update" and kind.always_update(declared)):
            return Ensured(kind.key(live), "reused", live, kind.etag(live))
        if if_exists == "reuse":
            raise _differs(kind, declared, live, differences)
        return self._update(kind, declared, live, differences)

    def _find(self, kind: Kind[R], declared: R) -> R | None:
        """The one live resource with the natural key. Several may be two tasks at work: they get time to settle."""
        for wait in (*_LOOKS, None):
            found = self._all(kind, declared)
            if len(found) <= 1:
                return found[0] if found else None
            if kind.delete is None and not any(kind.compare(declared, live) for live in found):
                return found[0]
            if wait is not None:
                self.pause(wait)
        ids = ", ".join(kind.key(live) for live in found)
        raise _conflict(kind, declared, f"exists {len(found)} times: {ids}", "Delete or rename all but one.")

    def _all(self, kind: Kind[R], declared: R) -> list[R]:
        found = [live for live in self.send(kind.find(declared)) if kind.same(declared, live)]
        return sorted(found, key=lambda live: (kind.born(live), kind.key(live)))

    def _create(self, kind: Kind[R], declared: R, *, look: bool) -> Ensured[R]:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = self.send(kind.create(declared))
            except (AepApiError, AepUnreachableError) as problem:
                taken = isinstance(problem, AepApiError) and _may_be_taken(problem)
                if not (taken or problem.retryable) or not look or attempt == _ATTEMPTS:
                    raise self._unsure(kind, declared, problem) from problem
                adopted = self._adopt(kind, declared, problem)
                if adopted is not None:
                    return adopted
                if taken:
                    raise
            else:
                made = Ensured[R](kind.key(answer), "created", answer, kind.etag(answer))
                return self._arbitrate(kind, declared, made) if look else made
        raise AssertionError("unreachable")  # pragma: no cover

    def _unsure(self, kind: Kind[R], declared: R, problem: AepApiError | AepUnreachableError) -> AepError:
        if problem.retryable:
            problem.args = (
                f"{problem} Whether the {kind.noun} {kind.label(declared)} was made is not known; a retry looks first.",
            )
        return problem

    def _adopt(self, kind: Kind[R], declared: R, problem: AepError) -> Ensured[R] | None:
        """After a lost answer: what the create made after all, if it did."""
        log.warning("%s Looking whether the %s was made before asking again.", problem, kind.noun)
        found: list[R] = []
        for wait in _LOOKS:
            self.pause(wait)
            found = self._all(kind, declared)
            # Several: others are at work, and they need a moment to remove theirs.
            if len(found) == 1:
                break
        if not found:
            return None
        live, *later = found
        differences = kind.compare(declared, live)
        if differences:
            raise _differs(kind, declared, live, differences)
        for one in later:
            # None was there before this create, and whoever got an answer to theirs has removed it by now.
            if not kind.compare(declared, one):
                self._give_way(kind, declared, live, kind.key(one))
        return Ensured(kind.key(live), "created", live, kind.etag(live))

    def _arbitrate(self, kind: Kind[R], declared: R, made: Ensured[R]) -> Ensured[R]:
        """Look who else made the same at the same moment. The oldest stays; whoever made another removes its own."""
        for wait in (*_LOOKS, None):
            found = self._all(kind, declared)
            ids = [kind.key(live) for live in found]
            if made.id in ids or not ids or wait is None:
                break
            self.pause(wait)
        if not ids or ids[0] == made.id or kind.compare(declared, found[0]):
            return made
        if made.id not in ids:
            # While one's own is not to be seen, its age is not known, and removing it might remove the last one.
            return Ensured(ids[0], "reused", found[0], kind.etag(found[0])) if self._gone(kind, made.id) else made
        self._give_way(kind, declared, found[0], made.id)
        return Ensured(ids[0], "reused", found[0], kind.etag(found[0]))

    def _gone(self, kind: Kind[R], id_: str) -> bool:
        """Whether somebody whose answer was lost took this one for its own and removed it."""
        if kind.get is None:
            return False
        try:
            self.send(kind.get(id_))
        except AepNotFoundError:
            return True
        return False

    def _give_way(self, kind: Kind[R], declared: R, first: R, own: str) -> None:
        """Remove what came second. Where the platform cannot, it stays, and nothing uses it."""
        removing = "removing" if kind.delete is not None else "the platform cannot delete"
        log.warning(
            "Another task made %s %s first, as %s; %s %s.",
            kind.noun,
            kind.label(declared),
            kind.key(first),
            removing,
            own,
        )
        if kind.delete is not None:
            self.remove(kind, own)

    def remove(self, kind: Kind[Any], id_: str) -> bool:
        """Delete a resource; one that is gone already is fine.

        :returns: whether it was there.
        """
        if kind.delete is None:
            raise AepConfigError(f"A {kind.noun} cannot be deleted: the platform has no call for it.")
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self.send(kind.delete(id_))
                return True
            except AepNotFoundError:
                # After a lost answer this is one's own success.
                return attempt > 1
            except (AepApiError, AepUnreachableError) as problem:
                if not problem.retryable or attempt == _ATTEMPTS:
                    raise
                self.pause(_LOOKS[0])
        raise AssertionError("unreachable")  # pragma: no cover

    def change(self, kind: Kind[R], declared: R, live: R) -> Ensured[R]:
        """Make a live resource what was declared, where it is not.

        :raises AepConflictError: the platform cannot change that in place, or somebody else changed it meanwhile.
        """
        differences = kind.compare(declared, live)
        if not differences:
            return Ensured(kind.key(live), "reused", live, kind.etag(live))
        return self._update(kind, declared, live, differences)

    def _update(self, kind: Kind[R], declared: R, live: R, differences: Differences) -> Ensured[R]:
        id_ = kind.key(live)
        for attempt in range(1, _ATTEMPTS + 1):
            _refuse_fixed(kind, declared, differences)
            try:
                answer = self.send(kind.update(declared, live, differences))
                return Ensured(id_, "updated", answer, kind.etag(answer))
            except (AepApiError, AepUnreachableError) as problem:
                stale = isinstance(problem, AepConflictError)
                if not (stale or problem.retryable) or attempt == _ATTEMPTS:
                    raise
                now = next((one for one in self._all(kind, declared) if kind.key(one) == id_), None)
                if now is None:
                    raise
                left = kind.compare(declared, now)
                if not left:
                    return Ensured(id_, "updated", now, kind.etag(now))
                _refuse_conflict(kind, declared, differences, left)
                live, differences = now, left
        raise AssertionError("unreachable")  # pragma: no cover


def _may_be_taken(problem: AepApiError) -> bool:
    """Whether the name may be taken: the platform says so, or refuses without a reason that can be read."""
    mute = problem.status == 400 and not problem.code and not problem.title
    return problem.code.endswith("1521-400") or mute


def _conflict(kind: Kind[R], declared: R, what: str, remedy: str) -> AepConflictError:
    return AepConflictError(f"The {kind.noun} {kind.label(declared)} {what}. {remedy}", status=409)


def _differs(kind: Kind[R], declared: R, live: R, differences: Differences) -> AepConflictError:
    listed = "; ".join(f"{path}: declared {wanted!r}, live {got!r}" for path, (wanted, got) in differences.items())
    return _conflict(
        kind,
        declared,
        f"exists as {kind.key(live)} and is different: {listed}",
        'Declare what is live, choose another name, or pass if_exists="update".',
    )


def _refuse_fixed(kind: Kind[R], declared: R, differences: Differences) -> None:
    reasons = [
        f"{path} (declared {wanted!r}, live {got!r}): {reason}"
        for path, (wanted, got) in differences.items()
        for prefix, reason in kind.fixed.items()
        if path == prefix or path.startswith(f"{prefix}/")
    ]
    if reasons:
        raise _conflict(kind, declared, "cannot be changed in place: " + "; ".join(reasons), "It needs a new one.")


def _refuse_conflict(kind: Kind[R], declared: R, before: Differences, after: Differences) -> None:
    """Somebody wrote between the reading and the writing. Where it was the same field, a person must decide."""
    both = [path for path in after if path not in before or after[path][1] != before[path][1]]
    if both:
        listed = "; ".join(
            f"{path}: declared {after[path][0]!r}, was {before[path][1] if path in before else after[path][0]!r} "
            f"when read, somebody else made it {after[path][1]!r}"
            for path in both
        )
        raise _conflict(kind, declared, f"was changed by somebody else meanwhile: {listed}", "Decide which one holds.")


def pick(resources: Sequence[R], noun: str, label: str, key: Callable[[R], str]) -> R:
    """The only one of a list that was asked for by name.

    :raises AepConflictError: there is none, or more than one.
    """
    if len(resources) == 1:
        return resources[0]
    if not resources:
        raise AepConflictError(f"There is no {noun} {label}.", status=404)
    ids = ", ".join(key(resource) for resource in resources)
    raise AepConflictError(f"There are {len(resources)} {noun}s {label}: {ids}. Name one by its id.", status=409)

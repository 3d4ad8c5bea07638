"""One mechanism for every resource: find it, compare what was declared, then create, reuse, update or refuse.

The platform has no idempotency key and lets most names repeat, so "never twice" is made here: after a lost answer a
create looks before it asks again, and after every create the one who came second removes its own.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
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
# Several of a name may become one: whoever came second removes its own, perhaps in the middle of an outage.
_SETTLING = (1.0, 3.0, 8.0, 15.0)
_LONGEST_PAUSE = 15.0
_FRESH_MS = 1000
# Flow Service's codes for a resource that is initializing, updating, enabling or disabling.
_BUSY = re.compile(r"(FLOW-)?(1420|1421|1456|1457|1458)-400")


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
    :param born: when the resource was made, epoch milliseconds; the oldest of several equal ones is the one that stays.
    :param update: the call that changes the live resource into the declared one.
    :param fixed: path -> why the platform cannot change what is at or below that path in place.
    :param get: the call for one by its id.
    :param terse: whether a list showed too little of a resource to compare or change it; then it is read by its id.
    :param caveat: what whoever gets a live one has to know, or an empty string.
    :param delete: None where the platform has no such call; then the oldest of several equal ones is used.
    """

    noun: str
    label: Callable[[R], str]
    find: Callable[[R], Call[list[R]]]
    same: Callable[[R, R], bool]
    compare: Callable[[R, R], Differences]
    create: Callable[[R], Call[Any]]
    key: Callable[[R], str]
    born: Callable[[R], int]
    update: Callable[[R, R, Differences], Call[Any]]
    fixed: Mapping[str, str]
    get: Callable[[str], Call[R]]
    delete: Callable[[str], Call[None]] | None = None
    etag: Callable[[Any], str | None] = lambda resource: None
    terse: Callable[[R], bool] = lambda live: False
    always_update: Callable[[R], bool] = lambda declared: False
    caveat: Callable[[R], str] = lambda live: ""


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
    :param now: the platform's time in epoch seconds.
    """

    def __init__(
        self, send: Send, pause: Callable[[float], None] = time.sleep, now: Callable[[], float] = time.time
    ) -> None:
        self.send = send
        self.pause = pause
        self.now = now

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
            before = {kind.key(live) for live in self._namesakes(kind, declared)}
            return self._create(kind, prepare(declared), if_exists, before)
        live = self._find(kind, declared)
        if live is None:
            return self._create(kind, prepare(declared), if_exists)
        return self._take(kind, declared, live, if_exists)

    def _take(self, kind: Kind[R], declared: R, live: R, if_exists: IfExists) -> Ensured[R]:
        """Reuse, update or refuse the one that is there."""
        if if_exists == "fail":
            raise _conflict(kind, declared, f"exists already, as {kind.key(live)}", "Choose another name.")
        differences = kind.compare(declared, live)
        if differences and if_exists != "update":
            raise _differs(kind, declared, live, differences)
        if caveat := kind.caveat(live):
            log.warning("%s %s (%s) %s", kind.noun.capitalize(), kind.label(live), kind.key(live), caveat)
        if not differences and not (if_exists == "update" and kind.always_update(declared)):
            return Ensured(kind.key(live), "reused", live, kind.etag(live))
        return self._update(kind, declared, live, differences)

    def _find(self, kind: Kind[R], declared: R) -> R | None:
        """The one live resource with the natural key. Several may be two tasks at work: they get time to settle."""
        found = self._all(kind, declared)
        if len(found) == 1 and abs(self.now() * 1000 - kind.born(found[0])) < _FRESH_MS:
            # Its maker may be about to give way to one that was made in the same moment.
            self.pause(_LOOKS[0])
            found = self._all(kind, declared)
        for wait in _SETTLING:
            if len(found) <= 1:
                break
            self.pause(wait)
            found = self._all(kind, declared)
        if len(found) > 1:
            ids = ", ".join(kind.key(live) for live in found)
            raise _conflict(kind, declared, f"exists {len(found)} times: {ids}", "Delete or rename all but one.")
        return found[0] if found else None

    def _namesakes(self, kind: Kind[R], declared: R) -> list[R]:
        """Everything with the natural key, the oldest first."""
        found = [live for live in self.send(kind.find(declared)) if kind.same(declared, live)]
        whole = [self._read(kind, kind.key(live)) if kind.terse(live) else live for live in found]
        return _oldest_first(kind, [live for live in whole if live is not None])

    def _read(self, kind: Kind[R], id_: str) -> R | None:
        """One by its id; None if it is gone: lists may show it for longer."""
        try:
            return self.send(kind.get(id_))
        except AepNotFoundError:
            return None

    def _all(self, kind: Kind[R], declared: R) -> list[R]:
        """What counts of the namesakes."""
        return _counting(kind, declared, self._namesakes(kind, declared))

    def _create(
        self, kind: Kind[R], declared: R, if_exists: IfExists, before: Collection[str] | None = None
    ) -> Ensured[R]:
        """Make a new one, once.

        :param before: ids of namesakes that were there already, if one more of them is wanted.
        """
        lost = False
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self.send(kind.create(declared))
                break
            except (AepApiError, AepUnreachableError) as problem:
                lost = lost or problem.retryable
                taken, busy = before is None and _may_be_taken(problem), _is_busy(problem)
                if attempt == _ATTEMPTS or not (problem.retryable or taken or busy):
                    if lost:
                        _admit_doubt(kind, declared, problem, if_exists)
                    raise
                if busy:
                    self.pause(_backoff(attempt))
                    continue
                said = str(problem).rstrip(".")
                log.warning("%s. Looking whether the %s was made before asking again.", said, kind.noun)
                found = self._settled(kind, declared, before)
                if before is not None and (len(found) > 1 or any(kind.compare(declared, live) for live in found)):
                    _admit_doubt(kind, declared, problem, if_exists)
                    raise
                if found:
                    return self._adopt(kind, declared, found, if_exists, lost=lost)
                if taken:
                    raise
        made = Ensured[R](kind.key(answer), "created", answer, kind.etag(answer))
        if before is not None:
            return made
        if lost and (found := self._settled(kind, declared, before, made.id)):
            return self._adopt(kind, declared, found, if_exists, lost=lost)
        return self._arbitrate(kind, declared, made, if_exists)

    def _settled(self, kind: Kind[R], declared: R, before: Collection[str] | None, own: str | None = None) -> list[R]:
        """What has come to be since the first look. Several: others are at work, and need a moment to remove theirs.

        :param own: the one that was certainly made: a list that does not show it yet is not the last word.
        """
        found: list[R] = []
        for wait in _LOOKS:
            self.pause(wait)
            seen = [live for live in self._namesakes(kind, declared) if kind.key(live) not in (before or ())]
            found = seen if before is not None else _counting(kind, declared, seen)
            if len(found) == 1 and (own is None or _has(kind, seen, own)):
                return found
        return found if own is None else _counting(kind, declared, self._with_own(kind, seen, own))

    def _adopt(self, kind: Kind[R], declared: R, found: Sequence[R], if_exists: IfExists, *, lost: bool) -> Ensured[R]:
        """After a lost answer: what the create made after all."""
        first, *later = found
        for one in later if lost else ():
            # None was there before this create, and whoever got an answer to theirs has removed it by now.
            if not kind.compare(declared, one):
                self._give_way(kind, declared, first, kind.key(one))
        if not lost or kind.compare(declared, first):
            return self._take(kind, declared, first, if_exists)
        return Ensured(kind.key(first), "created", first, kind.etag(first))

    def _arbitrate(self, kind: Kind[R], declared: R, made: Ensured[R], if_exists: IfExists) -> Ensured[R]:
        """Look who else made one at the same moment. The oldest stays; whoever made another removes its own, and begins
        anew, as if it had come later.
        """
        seen = self._namesakes(kind, declared)
        for wait in _LOOKS:
            # A list that does not show one's own yet does not show one that was made with it either.
            if _has(kind, seen, made.id):
                break
            self.pause(wait)
            seen = self._namesakes(kind, declared)
        found = _counting(kind, declared, self._with_own(kind, seen, made.id) if seen else seen)
        if not found or kind.key(found[0]) == made.id:
            return made
        if kind.delete is None:
            log.warning("%s %s is left over: the platform cannot delete it.", kind.noun.capitalize(), made.id)
        elif _has(kind, found, made.id):
            self._give_way(kind, declared, found[0], made.id)
        return self.ensure(kind, declared, if_exists)

    def _with_own(self, kind: Kind[R], seen: list[R], own: str) -> list[R]:
        """What a list showed, and one's own: while that is not to be seen, it is read, because its age decides."""
        if _has(kind, seen, own):
            return seen
        # It may be gone: somebody whose answer was lost took it for its own, and removed it.
        live = self._read(kind, own)
        return seen if live is None else _oldest_first(kind, [*seen, live])

    def _give_way(self, kind: Kind[R], declared: R, first: R, own: str) -> None:
        """Remove what came second."""
        log.warning(
            "Another task made %s %s first, as %s; removing %s.",
            kind.noun,
            kind.label(declared),
            kind.key(first),
            own,
        )
        self.remove(kind, own)

    def remove(self, kind: Kind[Any], id_: str) -> bool:
        """Delete a resource; one that is gone already is fine.

        :returns: whether it was there.
        """
        if kind.delete is None:
            raise AepConfigError(f"A {kind.noun} cannot be deleted: the platform has no call for it.")
        attempt = 0
        while True:
            attempt += 1
            try:
                self.send(kind.delete(id_))
                return True
            except AepNotFoundError:
                # After a lost answer this is one's own success.
                return attempt > 1
            except (AepApiError, AepUnreachableError) as problem:
                if attempt == _ATTEMPTS or not (problem.retryable or _is_busy(problem)):
                    raise
            self.pause(_backoff(attempt))

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
        attempt = 0
        while True:
            attempt += 1
            _refuse_fixed(kind, declared, differences)
            try:
                answer = self.send(kind.update(declared, live, differences))
                return Ensured(id_, "updated", answer, kind.etag(answer))
            except (AepApiError, AepUnreachableError) as problem:
                stale = isinstance(problem, AepConflictError)
                if attempt == _ATTEMPTS or not (stale or problem.retryable or _is_busy(problem)):
                    raise
                if not stale:
                    self.pause(_backoff(attempt))
                now = next((one for one in self._namesakes(kind, declared) if kind.key(one) == id_), None)
                if now is None:
                    raise
            left = kind.compare(declared, now)
            # Of secrets nothing is to be seen, so nothing tells that they arrived: they are sent again.
            if not left and not kind.always_update(declared):
                return Ensured(id_, "updated", now, kind.etag(now))
            _refuse_conflict(kind, declared, differences, left)
            live, differences = now, left


def _oldest_first(kind: Kind[R], found: list[R]) -> list[R]:
    return sorted(found, key=lambda live: (kind.born(live), kind.key(live)))


def _counting(kind: Kind[R], declared: R, namesakes: list[R]) -> list[R]:
    """What counts of several. Where nobody can delete, that is the oldest equal one, if there is one."""
    if kind.delete is None:
        return [live for live in namesakes if not kind.compare(declared, live)][:1] or namesakes
    return namesakes


def _has(kind: Kind[R], found: Sequence[R], id_: str) -> bool:
    return any(kind.key(one) == id_ for one in found)


def _backoff(attempt: int) -> float:
    return min(2.0**attempt, _LONGEST_PAUSE)


def _may_be_taken(problem: AepError) -> bool:
    """Whether the name may be taken: the platform says so, or refuses without a reason that can be read."""
    if not isinstance(problem, AepApiError):
        return False
    mute = problem.status == 400 and not problem.code and not problem.title
    return problem.code.endswith("1521-400") or mute


def _is_busy(problem: AepError) -> bool:
    """Whether the resource, or what it stands on, is between two states, which passes by itself."""
    return isinstance(problem, AepApiError) and _BUSY.fullmatch(problem.code) is not None


def _admit_doubt(kind: Kind[R], declared: R, problem: AepError, if_exists: IfExists) -> None:
    """Let the error say what is not known."""
    advice = "a retry looks first."
    if if_exists == "create":
        problem.retryable = False
        advice = 'look before trying again, because if_exists="create" would make another.'
    said = str(problem).rstrip(".")
    problem.args = (f"{said}. Whether the {kind.noun} {kind.label(declared)} was made is not known; {advice}",)


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

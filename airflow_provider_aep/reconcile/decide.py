"""What is to be done about a declared resource: pure functions of what was declared and what is live.

A `Decision` is a value; `ensure.py` does it, and a plan shows it. The sentences of all refusals stand here as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar, get_args

from airflow_provider_aep.exceptions import AepConfigError, AepConflictError
from airflow_provider_aep.reconcile.diff import Change, Diff
from airflow_provider_aep.reconcile.resource_type import IfExists, ResourceType

R = TypeVar("R")

# Milliseconds after its creation in which the task that made a resource may remove it in favour of an older one: its
# look-ups and the outages that it waits for take some minutes at most.
_MAY_BE_REMOVED_MS = 600_000


@dataclass(frozen=True)
class Decision(Generic[R]):
    """What is to be done.

    action    live          what it means
    create    None          there is none, or another one is wanted
    reuse     the live one  it is what was declared, or nothing of it may be changed
    update    the live one  `differences` are changed in place; without any, secrets are sent again
    replace   the live one  the platform cannot change it in place: it needs a new one; `reasons` say why, path by path
    refuse    None or one   `reasons` say why, in one sentence with the remedy

    :param warnings: sentences for whoever uses the live one.
    :param beside: ids of the live ones beside which one more is wanted.
    """

    action: Literal["create", "reuse", "update", "replace", "refuse"]
    live: R | None = None
    differences: Diff = ()
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def decide(
    type_: ResourceType[R], declared: R, candidates: Collection[R], *, if_exists: IfExists, now: float
) -> Decision[R]:
    """Create, reuse, update, replace or refuse.

    Of several with one natural key the one that is meant is used (`the_one_meant`); if none is, they are refused.

    :param candidates: the live resources with the declared one's natural key, in any order.
    :param now: the platform's time in epoch seconds.
    """
    found = contenders(type_, declared, candidates)
    ids = tuple(type_.id_of(live) for live in candidates)
    if if_exists == "create":
        return Decision("create", beside=ids)
    if not found:
        return Decision("create", warnings=_of_other_purpose(type_, candidates), beside=ids)
    live = found[0] if len(found) == 1 else None
    if live is not None and if_exists == "fail":
        return Decision("refuse", live, reasons=(f"exists already, as {type_.id_of(live)}. Choose another name.",))
    if live is None and if_exists != "fail":
        live = the_one_meant(type_, declared, found, if_exists, now)
    if live is None:
        listed = ", ".join(type_.id_of(live) for live in found)
        return Decision("refuse", reasons=(f"exists {len(found)} times: {listed}. Delete or rename all but one.",))
    decision = _decide_about(type_, declared, live, if_exists, now)
    namesakes = _namesakes(type_, declared, live, found)
    return replace(decision, warnings=decision.warnings + namesakes) if namesakes else decision


def _decide_about(type_: ResourceType[R], declared: R, live: R, if_exists: IfExists, now: float) -> Decision[R]:
    """What is to be done about the one that is there."""
    diff = type_.diff(declared, live)
    fixed = _fixed(type_, declared, live, diff, now)
    if diff and if_exists != "update":
        listed = "; ".join(map(str, diff))
        remedy = _remedy([reason for _, reason in fixed])
        said = f"exists as {type_.id_of(live)} and is different: {listed}. {remedy}"
        return Decision("refuse", live, diff, (said,))
    warnings = _warnings(type_, declared, live, if_exists)
    if fixed:
        reasons = tuple(
            f"{change.path} (declared {change.declared!r}, live {change.live!r}): {why}" for change, why in fixed
        )
        return Decision("replace", live, diff, reasons, warnings)
    if if_exists == "update":
        diff += type_.newer(declared, live)
        if diff or type_.sends_secrets(declared, live):
            return Decision("update", live, diff, warnings=warnings)
    return Decision("reuse", live, warnings=warnings)


def _fixed(type_: ResourceType[R], declared: R, live: R, diff: Diff, now: float) -> list[tuple[Change, str]]:
    """The differences that cannot be changed in place, each with the reason."""
    reasons = type_.requires_replace(declared, live, now).items()
    return [(change, reason) for change in diff for path, reason in reasons if change.is_within(path)]


def _remedy(reasons: Sequence[str]) -> str:
    """What an author can do about a live one that is different.

    :param reasons: why an update would be refused; none if it would help.
    """
    if not reasons:
        return 'Declare what is live, choose another name, or pass if_exists="update".'
    return f"Declare what is live or choose another name: {'; '.join(dict.fromkeys(reasons))}."


def _warnings(type_: ResourceType[R], declared: R, live: R, if_exists: IfExists) -> tuple[str, ...]:
    """What somebody who uses the live one has to know of it."""
    newer = () if if_exists == "update" else type_.newer(declared, live)
    listed = "; ".join(f"{change.path}: live {change.live!r}, latest {change.declared!r}" for change in newer)
    left = f'does not use the latest: {listed}. It is left so; if_exists="update" changes it.' if listed else ""
    return tuple(f"{_named(type_, live)} {said}" for said in (type_.warning(live), left) if said)


def _namesakes(type_: ResourceType[R], declared: R, live: R, found: Sequence[R]) -> tuple[str, ...]:
    """A warning of the others, where one of several is used."""
    others = [type_.id_of(other) for other in found if other is not live]
    if not others:
        return ()
    which = f"one of {len(found)} with this name that is as declared"
    if sum(not type_.diff(declared, each) for each in found) > 1:
        which = f"oldest of {len(found)} with this name and is as declared"
    said = f"is the {which}, so it is used; the others are"
    return (f"{_named(type_, live)} {said} {', '.join(others)}.",)


def _of_other_purpose(type_: ResourceType[R], candidates: Collection[R]) -> tuple[str, ...]:
    """A warning of each that has the name and does not count."""
    said = ((live, type_.other_purpose(live)) for live in candidates)
    return tuple(f"{_named(type_, live)} {purpose}" for live, purpose in said if purpose)


def _named(type_: ResourceType[R], live: R) -> str:
    return f"{type_.noun.capitalize()} {type_.label(live)} ({type_.id_of(live)})"


def check_if_exists(if_exists: Any) -> None:
    """:raises AepConfigError: it is not one of the four."""
    if if_exists not in get_args(IfExists):
        raise AepConfigError(f"if_exists is {if_exists!r}; it is one of {', '.join(get_args(IfExists))}.")


# Several with one natural key


def contenders(type_: ResourceType[R], declared: R, namesakes: Iterable[R]) -> list[R]:
    """Those of several with one natural key that count, the oldest first.

    None counts that serves another purpose. All others count where they can be deleted. Where the platform cannot
    delete, the oldest equal one counts alone; if none is equal, all of them.
    """
    counting = [live for live in namesakes if not type_.other_purpose(live)]
    oldest_first = sorted(counting, key=lambda live: by_age(type_, live))
    if type_.deletable or len(oldest_first) == 1:
        return oldest_first
    return [live for live in oldest_first if not type_.diff(declared, live)][:1] or oldest_first


def by_age(type_: ResourceType[R], live: R) -> tuple[int, str]:
    """What resources are sorted by, the oldest first; of two made in one millisecond the ids decide."""
    return type_.created_at(live), type_.id_of(live)


def the_one_meant(
    type_: ResourceType[R], declared: R, oldest_first: Sequence[R], if_exists: IfExists, now: float
) -> R | None:
    """The one of several that is what was declared: the others were made on purpose, with ``if_exists="create"`` or in
    the UI. If several are equal, the oldest of all may be reused, because all tasks agree on it; otherwise None,
    because then nobody can tell which one is meant.

    Of several that tasks made at the same moment the oldest stays. So a younger one is taken only if it has been there
    for longer than a task needs to remove its own.

    :param oldest_first: as `contenders` orders them.
    """
    equal = [live for live in oldest_first if not type_.diff(declared, live)]
    if if_exists == "reuse" and equal[:1] == list(oldest_first[:1]):
        return oldest_first[0]
    if len(equal) != 1:
        return None
    lasts = now * 1000 - type_.created_at(equal[0]) > _MAY_BE_REMOVED_MS
    return equal[0] if equal[0] is oldest_first[0] or lasts else None


@dataclass(frozen=True)
class Survivor(Generic[R]):
    """Which of several with one natural key stays.

    :param keep: the one that stays.
    :param remove: ids of those that this task made and has to delete.
    """

    keep: R
    remove: tuple[str, ...]


def survivor(type_: ResourceType[R], declared: R, namesakes: Collection[R], own: Collection[str]) -> Survivor[R]:
    """The oldest stays, so that all tasks that see the same keep the same one, and each deletes only its own.

    :param namesakes: the live resources with one natural key, at least one.
    :param own: ids of what this task made.
    """
    keep, *others = contenders(type_, declared, namesakes)
    ids = [type_.id_of(live) for live in others] if type_.deletable else []
    return Survivor(keep, tuple(id_ for id_ in ids if id_ in own))


# Errors


def refused(type_: ResourceType[R], declared: R, decision: Decision[R]) -> AepConflictError:
    """The error of a decision that is not to be done: refuse, or replace."""
    said = decision.reasons[0]
    if decision.action == "replace":
        said = f"cannot be changed in place: {'; '.join(decision.reasons)}. It needs a new one."
    error = _conflict(type_, declared, said)
    error.live_id = type_.id_of(decision.live) if decision.live is not None else None
    return error


def stored_otherwise(type_: ResourceType[R], declared: R, live: R, removed: bool) -> AepConflictError:
    """The error if the platform keeps another name than it was sent, so that no look-up would find it again."""
    left = "It has been removed" if removed else "It is left there: the platform cannot delete it"
    sent, kept = type_.natural_key(declared), type_.natural_key(live)
    name = next(theirs for ours, theirs in zip(sent, kept, strict=True) if ours != theirs)
    said = f"is stored by the platform under another name, {name!r}, so that no look-up finds {type_.id_of(live)} again"
    return _conflict(type_, declared, f"{said}. {left}. Declare the name as the platform keeps it.")


def gone_at_once(type_: ResourceType[R], declared: R, id_: str) -> AepConflictError:
    """The error if somebody else deleted what was just made, and no list shows another."""
    error = _conflict(type_, declared, f"was made as {id_}, and somebody else deleted it at once; a retry looks again.")
    error.retryable = True
    return error


def changed_by_others(type_: ResourceType[R], declared: R, before: Diff, after: Diff) -> AepConflictError | None:
    """The error if somebody wrote the same field between the reading and the writing: then a person must decide.

    :param before: the differences when the resource was first read.
    :param after: the differences now.
    """
    read = {change.path: change.live for change in before}
    both = [change for change in after if change.path not in read or change.live != read[change.path]]
    if not both:
        return None
    listed = "; ".join(_overwritten(change, read.get(change.path, change.declared)) for change in both)
    return _conflict(type_, declared, f"was changed by somebody else meanwhile: {listed}. Decide which one holds.")


def _overwritten(change: Change, read: Any) -> str:
    return f"{change.path}: declared {change.declared!r}, was {read!r} when read, somebody else made it {change.live!r}"


def _conflict(type_: ResourceType[R], declared: R, said: str) -> AepConflictError:
    return AepConflictError(f"The {type_.noun} {type_.label(declared)} {said}", status=409)


def exactly_one(found: Sequence[R], noun: str, label: str, ids: Sequence[str]) -> R:
    """The only one of a list that was asked for by name.

    :raises AepConflictError: there is none, or more than one.
    """
    if len(found) == 1:
        return found[0]
    if not found:
        raise AepConflictError(f"There is no {noun} {label}.", status=404)
    listed = ", ".join(ids)
    raise AepConflictError(f"There are {len(found)} {noun}s {label}: {listed}. Name one by its id.", status=409)

"""What is to be done about a declared resource: pure functions of what was declared and what is live.

A `Decision` is a value; `ensure.py` does it, and a plan shows it. The sentences of all refusals stand here as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, get_args

from airflow_provider_aep.exceptions import AepConfigError, AepConflictError
from airflow_provider_aep.reconcile.diff import Change, Diff
from airflow_provider_aep.reconcile.resource_type import IfExists, ResourceType

R = TypeVar("R")


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

    :param candidates: the live resources with the declared one's natural key, in any order.
    :param now: the platform's time in epoch seconds.
    """
    found = contenders(type_, declared, candidates)
    if if_exists == "create":
        return Decision("create", beside=tuple(type_.id_of(live) for live in candidates))
    if not found:
        return Decision("create")
    if len(found) > 1:
        ids = ", ".join(type_.id_of(live) for live in found)
        return Decision("refuse", reasons=(f"exists {len(found)} times: {ids}. Delete or rename all but one.",))
    (live,) = found
    id_ = type_.id_of(live)
    if if_exists == "fail":
        return Decision("refuse", live, reasons=(f"exists already, as {id_}. Choose another name.",))
    return _decide_about(type_, declared, live, if_exists, now)


def _decide_about(type_: ResourceType[R], declared: R, live: R, if_exists: IfExists, now: float) -> Decision[R]:
    """What is to be done about the one that is there."""
    diff, id_ = type_.diff(declared, live), type_.id_of(live)
    fixed = _fixed(type_, declared, live, diff, now)
    if diff and if_exists != "update":
        listed = "; ".join(map(str, diff))
        remedy = _remedy([reason for _, reason in fixed])
        return Decision("refuse", live, diff, (f"exists as {id_} and is different: {listed}. {remedy}",))
    said = type_.warning(live)
    warnings = (f"{type_.noun.capitalize()} {type_.label(live)} ({id_}) {said}",) if said else ()
    if fixed:
        reasons = tuple(
            f"{change.path} (declared {change.declared!r}, live {change.live!r}): {why}" for change, why in fixed
        )
        return Decision("replace", live, diff, reasons, warnings)
    if diff or (if_exists == "update" and type_.holds_secrets(declared)):
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


def check_if_exists(if_exists: Any) -> None:
    """:raises AepConfigError: it is not one of the four."""
    if if_exists not in get_args(IfExists):
        raise AepConfigError(f"if_exists is {if_exists!r}; it is one of {', '.join(get_args(IfExists))}.")


# Several with one natural key


def contenders(type_: ResourceType[R], declared: R, namesakes: Iterable[R]) -> list[R]:
    """Those of several with one natural key that count, the oldest first.

    All count where they can be deleted. Where the platform cannot delete, the oldest equal one counts alone; if none is
    equal, all of them.
    """
    oldest_first = sorted(namesakes, key=lambda live: (type_.created_at(live), type_.id_of(live)))
    if type_.deletable:
        return oldest_first
    return [live for live in oldest_first if not type_.diff(declared, live)][:1] or oldest_first


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
    if decision.action == "replace":
        return _conflict(
            type_, declared, f"cannot be changed in place: {'; '.join(decision.reasons)}. It needs a new one."
        )
    return _conflict(type_, declared, decision.reasons[0])


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

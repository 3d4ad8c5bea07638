"""Finding live resources by their natural key: one list a resource, or an index over everything of a type.

Both are a `Lookup` and find the same; which one is cheaper depends on how many resources are looked up.

Lists hold objects of all ages and makers. One that cannot be read is passed over, unless it bears the key that is
looked for: if it were taken for absent, it would be made a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from airflow_provider_aep.api.call import Call, Send, Unreadable
from airflow_provider_aep.exceptions import AepApiError, AepNotFoundError
from airflow_provider_aep.reconcile.failures import is_refused_filter
from airflow_provider_aep.reconcile.resource_type import ResourceType

R = TypeVar("R")


class Lookup(Protocol):
    """Finds the live resources with the natural key of a declared one, in any order."""

    def __call__(self, type_: ResourceType[R], declared: R, /) -> list[R]: ...


class OneByOne:
    """One request for each resource; more where a list shows a summary, or cannot be filtered by the natural key."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def __call__(self, type_: ResourceType[R], declared: R, /) -> list[R]:
        try:
            listed, unreadable = list_items(self._send, type_.lookup(declared))
        except AepApiError as problem:
            if not is_refused_filter(problem):
                raise
            listed, unreadable = list_items(self._send, type_.list_all())
        _check_readable(type_, declared, unreadable)
        key = type_.natural_key(declared)
        return in_full(self._send, type_, [live for live in listed if type_.natural_key(live) == key])


class Index:
    """One list of everything for each type, read when the first of its resources is looked up, and then kept.

    :param since_ms: epoch milliseconds. Of a list that comes newest first, pages of older ones are not asked for.
    """

    def __init__(self, send: Send, since_ms: int = 0) -> None:
        self._send = send
        self._since_ms = since_ms
        self._by_key: dict[ResourceType[Any], dict[tuple[str | None, ...], list[Any]]] = {}
        self._unreadable: dict[ResourceType[Any], list[Unreadable]] = {}

    def __call__(self, type_: ResourceType[R], declared: R, /) -> list[R]:
        if type_ not in self:
            self._by_key[type_] = self._read(type_)
        _check_readable(type_, declared, self._unreadable[type_])
        return in_full(self._send, type_, self._by_key[type_].get(type_.natural_key(declared), []))

    def __contains__(self, type_: ResourceType[Any]) -> bool:
        """Whether the list of a type has been read."""
        return type_ in self._by_key

    def everything(self, type_: ResourceType[R]) -> list[R]:
        """All of a type that can be read, as the list shows them."""
        if type_ not in self:
            self._by_key[type_] = self._read(type_)
        return [live for found in self._by_key[type_].values() for live in found]

    def _read(self, type_: ResourceType[R]) -> dict[tuple[str | None, ...], list[R]]:
        index: dict[tuple[str | None, ...], list[R]] = {}
        call = type_.list_all()
        if self._since_ms:
            call = replace(call, enough=lambda page: self._reaches_back(type_, page))
        listed, self._unreadable[type_] = list_items(self._send, call)
        for live in listed:
            index.setdefault(type_.natural_key(live), []).append(live)
        return index

    def _reaches_back(self, type_: ResourceType[R], page: Sequence[R]) -> bool:
        times = [type_.created_at(live) for live in page]
        # Only a list that really comes newest first may be cut short.
        return times == sorted(times, reverse=True) and bool(times) and times[-1] < self._since_ms


def list_items(send: Send, call: Call[list[R]]) -> tuple[list[R], list[Unreadable]]:
    """The items of a list, and those of them that cannot be read."""
    unreadable: list[Unreadable] = []
    return send(replace(call, on_unreadable=unreadable.append)), unreadable


def check_readable(noun: str, label: str, key: Mapping[str, str | None], unreadable: Sequence[Unreadable]) -> None:
    """Pass over the unreadable items of a list that are not the one that is looked for.

    :param key: field -> value, of what is looked for; the first field alone says what it is called.
    :raises AepApiError: one that is looked for cannot be read.
    """
    for one in unreadable:
        if _may_bear(key, one.item):
            id_ = one.item.get("id") or one.item.get("$id")
            named = f" with id {id_}" if isinstance(id_, str) and id_ else ""
            raise AepApiError(
                f"The {noun} {label} exists{named}, and what the platform tells of it cannot be read: {one.problem}. "
                "Mend or rename it in the UI, or choose another name.",
                status=200,
                title="unreadable answer",
                detail=one.problem,
            )


def _check_readable(type_: ResourceType[R], declared: R, unreadable: Sequence[Unreadable]) -> None:
    key = dict(zip(type_.key_fields, type_.natural_key(declared), strict=True))
    check_readable(type_.noun, type_.label(declared), key, unreadable)


def _may_bear(key: Mapping[str, str | None], item: Any) -> bool:
    """Whether an unreadable item may have this key: by its name, for the other fields may be what cannot be read."""
    name, *beside = ((_at(item, field), value) for field, value in key.items())
    return name[0] == name[1] is not None and all(shown in (value, None) for shown, value in beside)


def _at(item: Any, field: str) -> str | None:
    """The text at a place such as `connectionSpec.id`; None if there is none."""
    for step in field.split("."):
        item = item.get(step) if isinstance(item, Mapping) else None
    return item if isinstance(item, str) else None


def read(send: Send, type_: ResourceType[R], id_: str) -> R | None:
    """One by its id; None if it is gone."""
    return _unless_gone(send, type_.get(id_))


def _unless_gone(send: Send, call: Call[R]) -> R | None:
    try:
        return send(call)
    except AepNotFoundError:
        return None


def in_full(send: Send, type_: ResourceType[R], found: list[R]) -> list[R]:
    """Those of a list as a read by their ids shows them, without those that are gone although the list has them."""
    full = [_unless_gone(send, type_.get_listed(live)) if type_.is_summary(live) else live for live in found]
    return [live for live in full if live is not None]

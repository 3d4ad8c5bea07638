"""Finding live resources by their natural key: one list a resource, or an index over everything of a type.

Both are a `Lookup` and find the same; which one is cheaper depends on how many resources are looked up.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from airflow_provider_aep.api.call import Send
from airflow_provider_aep.exceptions import AepNotFoundError
from airflow_provider_aep.reconcile.resource_type import ResourceType

R = TypeVar("R")


class Lookup(Protocol):
    """Finds the live resources with the natural key of a declared one, in any order."""

    def __call__(self, type_: ResourceType[R], declared: R, /) -> list[R]: ...


class OneByOne:
    """One request for each resource; more where a list shows a summary."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def __call__(self, type_: ResourceType[R], declared: R, /) -> list[R]:
        key = type_.natural_key(declared)
        found = [live for live in self._send(type_.lookup(declared)) if type_.natural_key(live) == key]
        return _in_full(self._send, type_, found)


class Index:
    """One list of everything for each type, read when the first of its resources is looked up, and then kept."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._by_key: dict[ResourceType[Any], dict[tuple[str | None, ...], list[Any]]] = {}

    def __call__(self, type_: ResourceType[R], declared: R, /) -> list[R]:
        if type_ not in self._by_key:
            self._by_key[type_] = self._read(type_)
        return _in_full(self._send, type_, self._by_key[type_].get(type_.natural_key(declared), []))

    def _read(self, type_: ResourceType[R]) -> dict[tuple[str | None, ...], list[R]]:
        index: dict[tuple[str | None, ...], list[R]] = {}
        for live in self._send(type_.list_all()):
            index.setdefault(type_.natural_key(live), []).append(live)
        return index


def read(send: Send, type_: ResourceType[R], id_: str) -> R | None:
    """One by its id; None if it is gone."""
    try:
        return send(type_.get(id_))
    except AepNotFoundError:
        return None


def _in_full(send: Send, type_: ResourceType[R], found: list[R]) -> list[R]:
    """Each as it is to be compared; without those that a list still shows although they are gone."""
    full = [read(send, type_, type_.id_of(live)) if type_.is_summary(live) else live for live in found]
    return [live for live in full if live is not None]

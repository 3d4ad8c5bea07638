"""What is live, as a plan asks for it: by natural key, by id, and which dataflows use a connection."""

from __future__ import annotations

from typing import Any, TypeVar

from airflow_provider_aep.api import data_prep
from airflow_provider_aep.api.call import Send
from airflow_provider_aep.exceptions import AepNotFoundError
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.reconcile.lookup import OneByOne, list_items, read
from airflow_provider_aep.reconcile.resource_type import ResourceType

R = TypeVar("R")


class Inventory:
    """Asks for each resource when it is needed, and never twice for the same."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._look_up = OneByOne(send)
        self._by_key: dict[tuple[Any, ...], list[Any]] = {}
        self._by_id: dict[tuple[Any, str], Any] = {}

    def named(self, type_: ResourceType[R], declared: R) -> list[R]:
        """The live resources with the natural key of a declared one."""
        key = (type_, *type_.natural_key(declared))
        if key not in self._by_key:
            self._by_key[key] = self._look_up(type_, declared)
            self._by_id |= {(type_, type_.id_of(live)): live for live in self._by_key[key]}
        return self._by_key[key]

    def by_id(self, type_: ResourceType[R], id_: str) -> R | None:
        """One by its id; None if it is gone."""
        if (type_, id_) not in self._by_id:
            self._by_id[type_, id_] = read(self._send, type_, id_)
        found: R | None = self._by_id[type_, id_]
        return found

    def mapping_set(self, id_: str, version: int) -> MappingSet | None:
        """A mapping set at the version that a dataflow uses; None if it is gone."""
        if (version, id_) not in self._by_id:
            try:
                self._by_id[version, id_] = self._send(data_prep.get_mapping_set(id_, version))
            except AepNotFoundError:
                self._by_id[version, id_] = None
        found: MappingSet | None = self._by_id[version, id_]
        return found

    def all_of(self, type_: ResourceType[R]) -> list[R]:
        """All live resources of a type."""
        if (type_,) not in self._by_key:
            self._by_key[type_,], _ = list_items(self._send, type_.list_all())
        return self._by_key[type_,]

    def users(self, type_: ResourceType[Any], id_: str) -> list[str]:
        """The ids of the dataflows that use a source or target connection."""
        return type_.dependents(self._send, id_)

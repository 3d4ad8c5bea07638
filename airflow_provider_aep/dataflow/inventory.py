"""What is live, as a plan asks for it: by natural key, by id, and which dataflows use a connection.

Of a few dataflows each resource is asked for by itself. Of many, lists are read once:

    dataflows                   all pages, because only then is it known that there is no second one of a name
    the connections that they   by their ids, 50 in a request; or pages, newest first, until all ids have been seen:
    hold                        whichever is less
    mapping sets, datasets,     pages until all ids have been seen; or one by one, whichever is less
    schemas
    what is looked up by name   one by one for the first few, then all pages
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import ceil
from typing import Any, Final, TypeVar

from airflow_provider_aep.api import data_prep
from airflow_provider_aep.api.call import Call, Send, id_chunks
from airflow_provider_aep.dataflow.resources import TYPES
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.exceptions import AepApiError, AepNotFoundError
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.reconcile.lookup import Index, OneByOne, list_items, read
from airflow_provider_aep.reconcile.resource_type import ResourceType
from airflow_provider_aep.resources.flow import FLOW
from airflow_provider_aep.resources.mapping_set import MAPPING_SET

R = TypeVar("R")

# As many dataflows, and as many look-ups by name of one type, are asked for one by one.
FEW: Final = 3
_PAGE: Final = 100


class Inventory:
    """Reads what is live when it is needed, and never twice the same.

    :param many: whether so much is asked for that whole lists are worth it.
    """

    def __init__(self, send: Send, *, many: bool = False) -> None:
        self._send = send
        self._many = many
        self._few = FEW
        self._look_up = OneByOne(send)
        self._index = Index(send)
        self._by_key: dict[tuple[Any, ...], list[Any]] = {}
        self._by_id: dict[tuple[Any, str], Any] = {}
        self._asked: dict[ResourceType[Any], int] = {}

    def named(self, type_: ResourceType[R], declared: R) -> list[R]:
        """The live resources with the natural key of a declared one."""
        key = (type_, *type_.natural_key(declared))
        if key not in self._by_key:
            self._by_key[key] = self._lookup_for(type_)(type_, declared)
            self._keep(type_, self._by_key[key])
        return self._by_key[key]

    def _lookup_for(self, type_: ResourceType[Any]) -> OneByOne | Index:
        self._asked[type_] = self._asked.get(type_, 0) + 1
        if type_ in self._index or (self._many and self._asked[type_] > self._few):
            return self._index
        return self._look_up

    def expect_new(self) -> None:
        """Look up by name in whole lists from the first look-up on, because there will be many."""
        self._few = 0

    def by_id(self, type_: ResourceType[R], id_: str) -> R | None:
        """One by its id; None if it is gone."""
        found: R | None = self._by_id.get((type_, id_))
        if (type_, id_) not in self._by_id or (found is not None and type_.is_summary(found)):
            found = self._by_id[type_, id_] = read(self._send, type_, id_)
        return found

    def mapping_set(self, id_: str, version: int) -> MappingSet | None:
        """A mapping set at the version that a dataflow uses; None if it is gone."""
        listed: MappingSet | None = self._by_id.get((MAPPING_SET, id_))
        if listed is not None and (listed.version or 0) == version and not MAPPING_SET.is_summary(listed):
            return listed
        if (version, id_) not in self._by_id:
            try:
                self._by_id[version, id_] = self._send(data_prep.get_mapping_set(id_, version))
            except AepNotFoundError:
                self._by_id[version, id_] = None
        found: MappingSet | None = self._by_id[version, id_]
        return found

    def all_of(self, type_: ResourceType[R]) -> list[R]:
        """All live resources of a type, as the list shows them."""
        found = self._index.everything(type_)
        self._keep(type_, found)
        return found

    def users(self, type_: ResourceType[Any], id_: str) -> list[str]:
        """The ids of the dataflows that use a source or target connection."""
        if FLOW not in self._index:
            return type_.dependents(self._send, id_)
        return [str(flow.id) for flow in self.all_of(FLOW) if id_ in _held(flow)]

    def expect(self, type_: ResourceType[R], ids: Iterable[str | None]) -> list[R]:
        """Those with these ids that a list shows, read with as few requests as may be. What no list shows is read when
        it is asked for.
        """
        wanted = {id_ for id_ in ids if id_}
        missing = sorted(id_ for id_ in wanted if (type_, id_) not in self._by_id)
        # There are about as many of each type as there are dataflows.
        pages = ceil(len(self.all_of(FLOW)) / _PAGE)
        if type_ not in self._index and len(missing) > pages:
            self._read_some(type_, missing, pages)
        found = (self._by_id.get((type_, id_)) for id_ in sorted(wanted))
        return [live for live in found if live is not None]

    def _read_some(self, type_: ResourceType[Any], ids: Sequence[str], pages: int) -> None:
        calls = [type_.list_some(chunk) for chunk in id_chunks(ids)]
        known = [call for call in calls if call is not None]
        if not known or len(known) >= pages:
            known = [_until_seen(type_, ids)]
        try:
            found = [list_items(self._send, call)[0] for call in known]
        except AepApiError as problem:
            if problem.status != 400:
                raise
            # Whether a list takes several ids is not published of every type.
            found = [list_items(self._send, _until_seen(type_, ids))[0]]
        for listed in found:
            self._keep(type_, listed)

    def _keep(self, type_: ResourceType[R], found: Iterable[R]) -> None:
        for live in found:
            self._by_id.setdefault((type_, type_.id_of(live)), live)


def _until_seen(type_: ResourceType[R], ids: Iterable[str]) -> Call[list[R]]:
    """The list of a type as far as the page on which the last of these ids has been seen."""
    missing = set(ids)

    def enough(page: list[R]) -> bool:
        missing.difference_update(type_.id_of(live) for live in page)
        return not missing

    return replace(type_.list_all(), enough=enough)


def inventory_for(send: Send, specs: Sequence[DataflowSpec]) -> Inventory:
    """The inventory for the plan of these dataflows; of many, with what they hold in it."""
    if len(specs) <= FEW:
        return Inventory(send)
    inventory = Inventory(send, many=True)
    names, ids = {spec.name for spec in specs}, {spec.id for spec in specs}
    flows = [flow for flow in inventory.all_of(FLOW) if flow.name in names or flow.id in ids]
    if len(specs) - len(flows) > FEW:
        inventory.expect_new()
    sources = inventory.expect(
        TYPES["source_connection"], (id_ for flow in flows for id_ in flow.source_connection_ids)
    )
    targets = inventory.expect(
        TYPES["target_connection"], (id_ for flow in flows for id_ in flow.target_connection_ids)
    )
    inventory.expect(MAPPING_SET, (flow.mapping_set_id for flow in flows))
    inventory.expect(TYPES["base_connection"], (source.base_connection_id for source in sources))
    inventory.expect(TYPES["dataset"], (target.params.data_set_id for target in targets))
    schemas = (target.data.xdm_schema for target in targets)
    inventory.expect(TYPES["schema"], (schema.id for schema in schemas if schema))
    return inventory


def _held(flow: Flow) -> list[str]:
    return [*flow.source_connection_ids, *flow.target_connection_ids]

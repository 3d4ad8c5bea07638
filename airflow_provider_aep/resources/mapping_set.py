"""Mapping sets. Both dialects are compared by their meaning, target field by target field."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.api import data_prep
from airflow_provider_aep.api.call import Call, Send
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.tolerant import read_time
from airflow_provider_aep.reconcile.diff import Change, Diff
from airflow_provider_aep.reconcile.lookup import check_readable, list_items
from airflow_provider_aep.reconcile.resource_type import UNKNOWN_TIME, ResourceType


class MappingSetType(ResourceType[MappingSet]):
    noun = "mapping set"
    deletable = False

    def declare(self, **arguments: Any) -> MappingSet:
        return MappingSet.declare(**arguments)

    def natural_key(self, resource: MappingSet) -> tuple[str | None, ...]:
        return (resource.name,)

    def lookup(self, declared: MappingSet) -> Call[list[MappingSet]]:
        return data_prep.list_mapping_sets(declared.name)

    def list_all(self) -> Call[list[MappingSet]]:
        return data_prep.list_mapping_sets()

    def get(self, id_: str) -> Call[MappingSet]:
        return data_prep.get_mapping_set(id_)

    def get_listed(self, live: MappingSet) -> Call[MappingSet]:
        # Without a version the first one may be shown, and lists show the latest.
        return data_prep.get_mapping_set(self.id_of(live), live.version or None)

    def read_again(self, send: Send, live: MappingSet) -> MappingSet:
        # A first version that is shown in place of the latest would look like somebody else's change.
        listed, _ = list_items(send, data_prep.list_until_mapping_set(self.id_of(live), live.name))
        latest = next((one for one in listed if one.id == live.id), live)
        return send(self.get_listed(latest)) if latest is live or self.is_summary(latest) else latest

    def created_at(self, live: MappingSet) -> int:
        return read_time(live.created_date) or UNKNOWN_TIME

    def is_summary(self, live: MappingSet) -> bool:
        return not live.mappings

    def diff(self, declared: MappingSet, live: MappingSet) -> Diff:
        found = []
        if live.schema_id != declared.schema_id:
            found.append(Change("/xdmSchema", declared.schema_id, live.schema_id))
        if live.schema_version is not None and live.schema_version != declared.schema_version:
            found.append(Change("/xdmVersion", declared.schema_version, live.schema_version))
        wanted, got = declared.meaning, live.meaning
        fields = [field for field in sorted({*wanted, *got}) if wanted.get(field) != got.get(field)]
        return (*found, *(Change(f"/mappings/{field}", wanted.get(field), got.get(field)) for field in fields))

    def requires_replace(self, declared: MappingSet, live: MappingSet, now: float) -> dict[str, str]:
        return {"/xdmSchema": "a mapping set keeps its schema"}

    def create(self, declared: MappingSet) -> Call[MappingSet]:
        return data_prep.create_mapping_set(declared)

    def update(self, declared: MappingSet, live: MappingSet, diff: Diff) -> Call[MappingSet]:
        return data_prep.update_mapping_set(self.id_of(live), declared.beside(live))


def latest_version(send: Send, id_: str) -> int:
    """The latest version of a mapping set.

    Adobe's specification has 0 as the version that is shown when none is asked for; lists show the latest. So a list is
    asked for where 0 was shown.

    :raises AepNotFoundError: there is no such mapping set.
    :raises AepApiError: what a list tells of it cannot be read.
    """
    shown = send(data_prep.get_mapping_set(id_))
    if shown.version:
        return shown.version
    listed, unreadable = list_items(send, data_prep.list_until_mapping_set(id_, shown.name))
    check_readable(MAPPING_SET.noun, repr(shown.name or id_), {"id": id_}, unreadable)
    return max([0, *(one.version or 0 for one in listed if one.id == id_)])


MAPPING_SET = MappingSetType()

"""Datasets. Of the tags, only the entries that were declared are compared; all others stay as they are."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.api import catalog
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.tags import different_keys, merged
from airflow_provider_aep.reconcile.diff import Change, Diff, differences
from airflow_provider_aep.reconcile.resource_type import UNKNOWN_TIME, ResourceType
from airflow_provider_aep.resources.patching import declared_part


class DatasetType(ResourceType[Dataset]):
    noun = "dataset"

    def declare(self, **arguments: Any) -> Dataset:
        return Dataset.declare(**arguments)

    def natural_key(self, resource: Dataset) -> tuple[str | None, ...]:
        return (resource.name,)

    def lookup(self, declared: Dataset) -> Call[list[Dataset]]:
        return catalog.list_datasets(declared.name)

    def list_all(self) -> Call[list[Dataset]]:
        return catalog.list_datasets()

    def get(self, id_: str) -> Call[Dataset]:
        return catalog.get_dataset(id_)

    def created_at(self, live: Dataset) -> int:
        return live.created or UNKNOWN_TIME

    def diff(self, declared: Dataset, live: Dataset) -> Diff:
        compared = declared_part(declared, "description")
        seen: dict[str, Any] = {"description": live.description}
        if declared.schema_ref:
            compared["schemaRef"] = {"id": declared.schema_ref.id}
            seen["schemaRef"] = {"id": live.schema_ref.id if live.schema_ref else None}
        return (*differences(compared, seen), *_different_tags(declared, live))

    def requires_replace(self, declared: Dataset, live: Dataset, now: float) -> dict[str, str]:
        fixed = {"/schemaRef": "a dataset keeps its schema for life"}
        if not different_keys(["enabled:true"], (live.tags or {}).get("unifiedProfile", [])):
            # https://experienceleague.adobe.com/en/docs/experience-platform/catalog/datasets/enable-upsert
            fixed["/tags/unifiedProfile/isUpsert"] = (
                "a dataset takes this up only when it becomes enabled for Profile; disable it first, by hand"
            )
        return fixed

    def create(self, declared: Dataset) -> Call[Created]:
        return catalog.create_dataset(declared)

    def update(self, declared: Dataset, live: Dataset, diff: Diff) -> Call[Created]:
        changes: dict[str, Any] = {change.path[1:]: change.declared for change in diff if change.path == "/description"}
        if any(change.is_within("/tags") for change in diff):
            # Adobe promises no merging below the first level, so the tags of others have to go along.
            was = live.tags or {}
            now = {tag: merged(entries, was.get(tag, [])) for tag, entries in (declared.tags or {}).items()}
            changes["tags"] = {**was, **now}
        return catalog.update_dataset(self.id_of(live), changes)

    def delete(self, id_: str) -> Call[None]:
        return catalog.delete_dataset(id_)


def _different_tags(declared: Dataset, live: Dataset) -> Diff:
    return tuple(
        Change(f"/tags/{tag}/{key[:-1]}" if key.endswith(":") else f"/tags/{tag}", _alone(wanted), _alone(found))
        for tag, entries in (declared.tags or {}).items()
        for key, (wanted, found) in different_keys(entries, (live.tags or {}).get(tag, [])).items()
    )


def _alone(entries: list[Any]) -> Any:
    """An entry that is the only one of its key; otherwise all of them, or None."""
    return entries[0] if len(entries) == 1 else entries or None


DATASET = DatasetType()

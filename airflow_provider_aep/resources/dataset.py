"""Datasets. Of the tags, only those that were declared are compared."""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_aep.api import catalog
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.reconcile.diff import Diff, differences
from airflow_provider_aep.reconcile.resource_type import UNKNOWN_TIME, ResourceType


class DatasetType(ResourceType[Dataset]):
    noun = "dataset"

    def declare(self, **arguments: Any) -> Dataset:
        return Dataset.declare(**arguments)

    def natural_key(self, resource: Dataset) -> tuple[str | None, ...]:
        return (resource.name,)

    def label(self, resource: Dataset) -> str:
        return repr(resource.name or resource.id)

    def lookup(self, declared: Dataset) -> Call[list[Dataset]]:
        return catalog.list_datasets(declared.name)

    def list_all(self) -> Call[list[Dataset]]:
        return catalog.list_datasets()

    def get(self, id_: str) -> Call[Dataset]:
        return catalog.get_dataset(id_)

    def id_of(self, resource: Dataset) -> str:
        return str(resource.id)

    def created_at(self, live: Dataset) -> int:
        return live.created or UNKNOWN_TIME

    def diff(self, declared: Dataset, live: Dataset) -> Diff:
        compared: dict[str, Any] = {"tags": _tags(declared)}
        seen: dict[str, Any] = {"tags": _tags(live)}
        if declared.schema_ref:
            compared["schemaRef"] = {"id": declared.schema_ref.id}
            seen["schemaRef"] = {"id": live.schema_ref.id if live.schema_ref else None}
        return differences(compared, seen)

    def requires_replace(self, declared: Dataset, live: Dataset, now: float) -> dict[str, str]:
        return {"/schemaRef": "a dataset keeps its schema for life"}

    def create(self, declared: Dataset) -> Call[Created]:
        return catalog.create_dataset(declared)

    def update(self, declared: Dataset, live: Dataset, diff: Diff) -> Call[Created]:
        return catalog.update_dataset(self.id_of(live), {"tags": {**(live.tags or {}), **(declared.tags or {})}})

    def delete(self, id_: str) -> Call[None]:
        return catalog.delete_dataset(id_)


def _tags(dataset: Dataset) -> dict[str, list[str]]:
    # Adobe writes both "enabled:true" and "enabled: true".
    return {
        tag: sorted(re.sub(r"\s*:\s*", ":", value) for value in values) for tag, values in (dataset.tags or {}).items()
    }


DATASET = DatasetType()

"""Catalog: datasets and batches.

https://developer.adobe.com/experience-platform-apis/references/catalog/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_aep.api.call import Call, Params
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.validation import checked_id

BASE = "/data/foundation/catalog"
_PAGE = 100

# The wire says "@/dataSets/ID", Adobe's prose "@/datasets/ID".
_REFERENCE = re.compile(r"@/data[sS]ets/([^/?]+)")


def _keyed_by_id(response: Any) -> Any:
    if response and not any(isinstance(thing, Mapping) for thing in response.values()):
        # The body of an error is an object, too.
        raise ValueError("none of the answered fields is an object")
    return [{**thing, "id": id_} if isinstance(thing, Mapping) else thing for id_, thing in response.items()]


def _keyed_by_one_id(response: Any) -> Any:
    (thing,) = _keyed_by_id(response)
    return thing


def _reference(response: Any) -> Any:
    match = _REFERENCE.fullmatch(response[0])
    if not match:
        raise ValueError(f"{response[0]!r} is not a reference to a dataset")
    return {"id": match[1]}


def next_page(params: Params, response: Any) -> Params | None:
    """Catalog does not say whether there is more; a full page may not be the last."""
    if len(response) < _PAGE:
        return None
    return {**params, "start": str(int(str(params.get("start", "0"))) + _PAGE)}


def list_datasets(name: str | None = None) -> Call[list[Dataset]]:
    params = {"properties": "name,description,schemaRef,tags,created", "limit": str(_PAGE)} | (
        {"name": name} if name else {}
    )
    path = f"{BASE}/dataSets"
    return Call("GET", path, list[Dataset], params=params, unwrap=_keyed_by_id, next_page=next_page, id_shape="dataset")


def get_dataset(dataset_id: str) -> Call[Dataset]:
    return Call("GET", _dataset(dataset_id), Dataset, unwrap=_keyed_by_one_id, id_shape="dataset", about=dataset_id)


def create_dataset(dataset: Dataset) -> Call[Created]:
    return Call("POST", f"{BASE}/dataSets", Created, body=dataset.to_wire(), unwrap=_reference, id_shape="dataset")


def update_dataset(dataset_id: str, changes: dict[str, Any]) -> Call[Created]:
    """Merge `changes` into the dataset."""
    path = _dataset(dataset_id)
    return Call("PATCH", path, Created, body=changes, unwrap=_reference, id_shape="dataset", about=dataset_id)


def delete_dataset(dataset_id: str) -> Call[None]:
    return Call("DELETE", _dataset(dataset_id))


def _dataset(dataset_id: str) -> str:
    return f"{BASE}/dataSets/{checked_id('dataset_id', dataset_id, 'dataset')}"


def list_batches(dataset_id: str, *, created_since: int) -> Call[list[Batch]]:
    """Batches of a dataset, newest first.

    :param created_since: epoch milliseconds; exclusive, as Catalog's `createdAfter` is.
    """
    return list_batches_of([dataset_id], created_since=created_since)


def list_batches_of(dataset_ids: Sequence[str], *, created_since: int) -> Call[list[Batch]]:
    """Batches of any of these datasets, newest first. That a simple filter of Catalog matches any value of a list is
    documented (https://experienceleague.adobe.com/en/docs/experience-platform/catalog/api/filter-data); an example
    with `dataSet` is not.
    """
    params = {
        "dataSet": ",".join(checked_id("dataset_id", dataset_id, "dataset") for dataset_id in dataset_ids),
        "createdAfter": str(created_since),
        "orderBy": "desc:created",
        "limit": str(_PAGE),
    }
    path = f"{BASE}/batches"
    return Call("GET", path, list[Batch], params=params, unwrap=_keyed_by_id, next_page=next_page, id_shape="batch")


def get_batch(batch_id: str) -> Call[Batch]:
    path = f"{BASE}/batches/{checked_id('batch_id', batch_id, 'batch')}"
    return Call("GET", path, Batch, unwrap=_keyed_by_one_id, id_shape="batch", about=batch_id)

"""api/catalog.py: datasets and batches, keyed by their ids."""

import pytest

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.api.catalog import (
    create_dataset,
    delete_dataset,
    get_batch,
    get_dataset,
    list_batches,
    list_datasets,
    next_page,
    update_dataset,
)
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.dataset import Dataset

CATALOG = "/data/foundation/catalog"
ID = "5c8c3c555033b814b69f947f"
BATCH_ID = "01EF01X41KJD82Y9ZX6ET54PCZ"
SCHEMA_ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"


def asked(call):
    """What a call asks, without the functions that read its response."""
    return (call.method, call.path, call.returns, call.body, dict(call.params))


def test_create_a_dataset():
    call = create_dataset(Dataset.declare(name="Accounts", schema_id=SCHEMA_ID, enable_profile=True))
    assert asked(call) == (
        "POST",
        f"{CATALOG}/dataSets",
        Created,
        {
            "name": "Accounts",
            "schemaRef": {"id": SCHEMA_ID, "contentType": "application/vnd.adobe.xed-full-notext+json;version=1"},
            "tags": {"unifiedProfile": ["enabled:true"]},
        },
        {},
    )


@pytest.mark.parametrize("reference", ["@/dataSets/5c8c3c555033b814b69f947f", "@/datasets/5c8c3c555033b814b69f947f"])
def test_the_answer_to_a_create_refers_to_the_dataset(reference):
    assert create_dataset(Dataset()).unwrap([reference]) == {"id": ID}


def test_what_is_no_reference_to_a_dataset_is_refused():
    with pytest.raises(ValueError, match="'@/batches/1' is not a reference to a dataset"):
        create_dataset(Dataset()).unwrap(["@/batches/1"])


def test_list_datasets_of_a_name():
    call = list_datasets("Accounts & more")
    params = {"name": "Accounts & more", "properties": "name,description,schemaRef,tags,created", "limit": "100"}
    assert asked(call) == ("GET", f"{CATALOG}/dataSets", list[Dataset], None, params)
    assert call.next_page is next_page


def test_get_a_dataset():
    call = get_dataset(ID)
    assert asked(call) == ("GET", f"{CATALOG}/dataSets/{ID}", Dataset, None, {})
    assert call.unwrap({ID: {"name": "Accounts"}}) == {"id": ID, "name": "Accounts"}


def test_update_a_dataset_by_merging():
    call = update_dataset(ID, {"tags": {"unifiedProfile": ["enabled:true"]}})
    assert asked(call) == (
        "PATCH",
        f"{CATALOG}/dataSets/{ID}",
        Created,
        {"tags": {"unifiedProfile": ["enabled:true"]}},
        {},
    )
    assert call.unwrap([f"@/dataSets/{ID}"]) == {"id": ID}


def test_the_answer_to_a_delete_is_not_read():
    # It is ["@/dataSets/ID"], or [] where there was nothing to delete.
    assert delete_dataset(ID) == Call("DELETE", f"{CATALOG}/dataSets/{ID}")


def test_list_the_batches_of_a_dataset_newest_first():
    call = list_batches(ID, created_since=1596656095333)
    params = {"dataSet": ID, "createdAfter": "1596656095333", "orderBy": "desc:created", "limit": "100"}
    assert asked(call) == ("GET", f"{CATALOG}/batches", list[Batch], None, params)
    assert call.next_page is next_page


def test_get_a_batch():
    assert asked(get_batch(BATCH_ID)) == ("GET", f"{CATALOG}/batches/{BATCH_ID}", Batch, None, {})
    uuid = "6f6a900f-e40d-4f0e-9bb9-b614436c3465"
    assert get_batch(uuid).path == f"{CATALOG}/batches/{uuid}"


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (get_dataset, "dataset_id is '../x', which is not 24 hexadecimal digits such as 5c8c3c555033b814b69f947f."),
        (
            lambda id_: list_batches(id_, created_since=0),
            "dataset_id is '../x', which is not 24 hexadecimal digits such as 5c8c3c555033b814b69f947f.",
        ),
        (get_batch, "batch_id is '../x', which is not 26 letters and digits, or a UUID."),
    ],
)
def test_what_is_no_id_is_refused(ask, sentence):
    with pytest.raises(AepConfigError) as refused:
        ask("../x")
    assert str(refused.value) == sentence


def test_a_full_page_may_not_be_the_last():
    full = {f"{number:024x}": {} for number in range(100)}
    assert next_page({"limit": "100"}, full) == {"limit": "100", "start": "100"}
    assert next_page({"limit": "100", "start": "100"}, full) == {"limit": "100", "start": "200"}
    assert next_page({"limit": "100"}, {ID: {}}) is None

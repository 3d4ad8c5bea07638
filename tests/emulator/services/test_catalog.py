"""Catalog: datasets and batches."""

import re
from typing import Any

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import XED, Caller


def test_datasets_are_keyed_by_id(api: Caller) -> None:
    schema_id = api.schema()
    ids = {api.dataset(schema_id, name) for name in ("one", "two", "two")}
    listed = api.get("catalog/dataSets").json()
    assert set(listed) == ids
    twins = api.get("catalog/dataSets?name=two&properties=name,schemaRef").json()
    assert len(twins) == 2
    assert all(set(twin) == {"name", "schemaRef"} for twin in twins.values())
    one = ids.difference(twins).pop()
    assert list(api.get(f"catalog/dataSets/{one}").json()) == [one]


def test_datasets_are_paged(api: Caller) -> None:
    schema_id = api.schema()
    for number in range(25):
        api.dataset(schema_id, f"d{number:02}")
    assert len(api.get("catalog/dataSets").json()) == 20
    assert len(api.get("catalog/dataSets?limit=20&start=20").json()) == 5
    newest = api.get("catalog/dataSets?limit=1&orderBy=desc:name").json()
    assert [dataset["name"] for dataset in newest.values()] == ["d24"]
    for query in ("limit=0", "limit=101", "limit=few", "start=-1", "createdAfter=now"):
        assert api.get(f"catalog/dataSets?{query}").status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"schemaRef": None},
        {"schemaRef": {"id": "https://ns.adobe.com/aepemulator/schemas/none", "contentType": XED}},
        {"schemaRef": {"contentType": XED}},
        {"contentType": "application/json"},
        {"contentType": "application/vnd.adobe.xed+json"},
        {"contentType": "application/vnd.adobe.xed+json;version=2"},
    ],
)
def test_dataset_refusals(api: Caller, changes: dict[str, Any]) -> None:
    body: dict[str, Any] = {"name": "n", "schemaRef": {"id": api.schema(), "contentType": XED}}
    if "contentType" in changes:
        body["schemaRef"]["contentType"] = changes["contentType"]
    else:
        body |= changes
    response = api.post("catalog/dataSets", body)
    assert (response.status_code, response.json()["title"]) == (400, "BadRequestError")


def test_datasets_change_and_go(aep: AepEmulator, api: Caller) -> None:
    aep.switches.tag_enabled_at = False
    dataset = api.dataset(api.schema())
    path = f"catalog/dataSets/{dataset}"
    etag = api.get(path).headers["E-Tag"]
    assert api.patch(path, {"tags": {"unifiedProfile": ["enabled:true"]}}, '"old"').status_code == 412
    changed = api.patch(path, {"tags": {"unifiedProfile": ["enabled:true"]}}, etag)
    assert changed.json() == [f"@/dataSets/{dataset}"]
    assert api.get(path).json()[dataset]["tags"] == {
        "adobe/pqs/table": ["loyalty_members"],
        "adobe/siphon/table/format": ["delta"],
        "unifiedProfile": ["enabled:true"],
    }
    assert api.delete(path).json() == [f"@/dataSets/{dataset}"]
    assert (api.delete(path).status_code, api.delete(path).json()) == (200, [])
    assert api.get(path).status_code == 404


def test_the_time_of_enabling_is_added_once(aep: AepEmulator, api: Caller) -> None:
    schema_id = api.schema()
    body = {"name": "n", "schemaRef": {"id": schema_id, "contentType": XED}}
    tags = {"unifiedProfile": ["enabled: true", "isUpsert:true"], "unifiedIdentity": ["enabled:true"]}
    dataset = api.made("catalog/dataSets", body | {"tags": tags})[0].removeprefix("@/dataSets/")
    path = f"catalog/dataSets/{dataset}"
    first = api.get(path).json()[dataset]["tags"]
    assert first["unifiedProfile"][:2] == tags["unifiedProfile"]
    assert re.fullmatch(r"enabledAt:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", first["unifiedProfile"][2])
    assert first["unifiedIdentity"] == ["enabled:true"]
    aep.advance(3600)
    api.patch(path, {"description": "changed"})
    assert api.get(path).json()[dataset]["tags"] == first


def test_each_dataset_has_a_view_without_files(api: Caller) -> None:
    dataset = api.dataset(api.schema())
    shown = api.get(f"catalog/dataSets/{dataset}").json()[dataset]
    view_id = shown["viewId"]
    path = f"catalog/dataSets/{dataset}/views"
    assert shown["files"] == f"@/dataSets/{dataset}/views/{view_id}/files"
    assert api.get(path).json() == api.get(f"{path}/{view_id}").json()
    assert api.get(path).json()[view_id]["dataSetId"] == dataset
    assert api.get(f"{path}/{view_id}/files").json() == {}
    assert api.get(f"{path}/none").status_code == 404
    assert api.get("catalog/dataSets/none/views").status_code == 404


def test_batches_and_the_last_of_each_dataset(aep: AepEmulator, api: Caller) -> None:
    aep.script_run("failed_promotion")
    flow = api.flow()
    aep.advance(300 + 1800 + 120)
    (target,) = api.one(f"flow/flows/{flow}")["targetConnectionIds"]
    dataset = api.one(f"flow/targetConnections/{target}")["params"]["dataSetId"]
    newest_first = list(api.get(f"catalog/batches?dataSet={dataset}&orderBy=desc:created").json().items())
    assert [batch["status"] for _, batch in newest_first] == ["success", "failed"]
    assert list(api.get("catalog/batches?status=failed").json()) == [newest_first[1][0]]
    after = newest_first[1][1]["created"]
    assert list(api.get(f"catalog/batches?createdAfter={after}").json()) == [newest_first[0][0]]
    assert api.get(f"catalog/lastBatches?dataSetId={dataset},other").json() == {
        dataset: {
            "lastBatchId": newest_first[0][0],
            "lastBatchStatus": "success",
            "lastSuccessfulBatchId": newest_first[0][0],
            "lastFailedBatchId": newest_first[1][0],
        }
    }
    assert api.get("catalog/batches/none").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=two", ["two"]),
        ("description=second", ["two"]),
        ("tags=team", ["one", "two"]),
        ("tags=team:crm", ["one"]),
        ("tags=team:crm&tags=team:web", []),
        ("property=name==two", ["two"]),
        ("property=name!=two", ["one", "three"]),
        ("property=name~^t", ["three", "two"]),
        ("property=description", ["two"]),
        ("property=schemaRef.id~schemas&property=name==one", ["one"]),
    ],
)
def test_datasets_are_filtered(api: Caller, query: str, found: list[str]) -> None:
    schema = {"id": api.schema(), "contentType": XED}
    api.made("catalog/dataSets", {"name": "one", "schemaRef": schema, "tags": {"team": ["crm"]}})
    more = {"description": "second", "tags": {"team": ["web"]}}
    api.made("catalog/dataSets", {"name": "two", "schemaRef": schema, **more})
    api.made("catalog/dataSets", {"name": "three", "schemaRef": schema})
    listed = api.get(f"catalog/dataSets?{query}").json()
    assert sorted(dataset["name"] for dataset in listed.values()) == found


def test_a_filter_that_cannot_be_read(api: Caller) -> None:
    api.dataset(api.schema())
    assert api.get("catalog/dataSets?property===x").status_code == 400


def test_a_dataset_may_be_validated_only(aep: AepEmulator, api: Caller) -> None:
    body = {"name": "n", "schemaRef": {"id": api.schema(), "contentType": XED}}
    validate = {"Pragma": "validate-only"}
    assert api.post("catalog/dataSets", body, headers=validate).status_code == 200
    assert api.post("catalog/dataSets", {**body, "name": ""}, headers=validate).status_code == 400
    assert aep.state()["dataSets"] == {}


def test_lists_of_datasets_can_be_refused() -> None:
    with AepEmulator(refuse_dataset_lists=True) as aep, Caller(aep) as api:
        assert api.get("catalog/batches?dataSet=a,b").status_code == 400
        assert api.get("catalog/batches?dataSet=a").json() == {}

"""Catalog, Data Prep and the export of diagnostic files."""

import json
from typing import Any

import pytest

from airflow_provider_aep.emulator import AepEmulator

from .caller import XED, Caller, mapping_set_body


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
    answer = api.post("catalog/dataSets", body)
    assert (answer.status_code, answer.json()["title"]) == (400, "BadRequestError")


def test_datasets_change_and_go(api: Caller) -> None:
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


def test_mapping_sets_in_both_dialects(api: Caller) -> None:
    schema_id = api.schema()
    legacy = api.post("prep/mappingSets", mapping_set_body(schema_id))
    assert legacy.status_code == 200
    assert set(legacy.json()) == {"id", "version", "createdDate", "modifiedDate", "createdBy", "modifiedBy"}
    current = api.made(
        "prep/mappingSets",
        {
            "name": "members",
            "outputSchema": {"schemaRef": {"id": schema_id, "contentType": XED}},
            "mappings": [{"sourceType": "STATIC", "source": "web", "destination": "channel"}],
        },
    )
    shown = api.get(f"prep/mappingSets/{current['id']}").json()
    assert shown["xdmSchema"] == shown["outputSchema"]["schemaRef"]["id"] == schema_id
    assert shown["mappings"][0]["destinationXdmPath"] == "channel"
    assert len(api.get(f"prep/mappingSets/{current['id']}/mappings").json()) == 1


def test_mapping_sets_are_listed_only_with_limit_and_start(api: Caller) -> None:
    schema_id = api.schema()
    ids = [api.mapping_set(schema_id, name=f"m{number}") for number in range(3)]
    assert api.get("prep/mappingSets").status_code == 400
    assert api.get("prep/mappingSets?limit=2").status_code == 400
    page = api.get("prep/mappingSets?limit=2&start=2").json()
    assert [each["id"] for each in page["data"]] == ids[2:]
    named = api.get("prep/mappingSets?limit=2&start=0&name=m1").json()
    assert [each["id"] for each in named["data"]] == [ids[1]]


def test_replacing_a_mapping_set_counts_its_version(api: Caller) -> None:
    schema_id = api.schema()
    path = f"prep/mappingSets/{api.mapping_set(schema_id)}"
    assert api.call("PUT", path, mapping_set_body(schema_id)).json()["version"] == 1
    assert api.get(f"{path}?version=0").status_code == 404
    assert api.get("prep/mappingSets/none").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"xdmSchema": None},
        {"xdmSchema": "https://ns.adobe.com/aepemulator/schemas/none"},
        {"mappings": []},
        {"mappings": None},
        {"mappings": [{"sourceAttribute": "a"}]},
        {"mappings": [{"destinationXdmPath": "a"}]},
        {"mappings": [{"source": "a", "destination": "b", "sourceType": "MAGIC"}]},
    ],
)
def test_mapping_set_refusals(api: Caller, changes: dict[str, Any]) -> None:
    assert api.post("prep/mappingSets", mapping_set_body(api.schema()) | changes).status_code == 400


def test_validation_answers_200_even_for_failures(api: Caller) -> None:
    answer = api.post("prep/mappingSets/validate", {"mappings": [{"source": "a", "destination": ""}]})
    assert answer.status_code == 200
    assert answer.json()["validationResponse"][0]["status"] == "FAILED"


def test_the_error_files_of_a_partial_run(aep: AepEmulator, api: Caller) -> None:
    aep.script_run("partial", records=100, failed_records=30)
    api.run(api.once_flow())
    aep.advance(100)
    (batch_id,) = aep.state()["batches"]
    meta = f"export/batches/{batch_id}/meta"
    (file,) = api.get(f"{meta}?path=row_errors").json()["data"]
    lines = api.get(f"{meta}?path=row_errors/{file['name']}").text.splitlines()
    assert len(lines) == 30
    assert set(json.loads(lines[0])) == {"_errors", "_filename", "_corrupt_record"}
    assert len(api.get(f"{meta}?path=row_error_samples.json").text.splitlines()) == 20
    assert api.get(f"{meta}?path=input_files").json()["_page"] == {"count": 1, "limit": 100}
    assert api.get(f"{meta}?path=nothing").status_code == 404
    assert api.get(meta).status_code == 400
    assert api.get("export/batches/none/meta?path=row_errors").status_code == 404


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

"""Data Prep: mapping sets."""

from typing import Any

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import XED, Caller, mapping_set_body


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
    assert api.get(f"{path}?version=2").status_code == 404
    assert api.get("prep/mappingSets/none").status_code == 404


def test_every_version_of_a_mapping_set_is_kept(aep: AepEmulator, api: Caller) -> None:
    schema_id = api.schema()
    path = f"prep/mappingSets/{api.mapping_set(schema_id)}"
    changed = mapping_set_body(schema_id)
    changed["mappings"] = [{"source": "last_name", "destination": "person.name.lastName"}]
    api.put(path, changed)

    def source(query: str = "") -> str:
        return str(api.get(f"{path}{query}").json()["mappings"][0]["source"])

    assert (source("?version=0"), source("?version=1"), source()) == ("first_name", "last_name", "last_name")
    assert api.get(f"{path}/mappings?version=0").json()[0]["source"] == "first_name"
    aep.switches.first_mapping_set_version = True
    assert source() == "first_name"


def test_a_mapping_set_cannot_be_deleted(api: Caller) -> None:
    """Adobe publishes no such endpoint."""
    assert api.delete(f"prep/mappingSets/{api.mapping_set(api.schema())}").status_code == 404


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
        {"mappings": [{"source": "a" * 4097, "destination": "b", "sourceType": "EXPRESSION"}]},
    ],
)
def test_mapping_set_refusals(api: Caller, changes: dict[str, Any]) -> None:
    assert api.post("prep/mappingSets", mapping_set_body(api.schema()) | changes).status_code == 400


def test_validation_answers_200_even_for_failures(api: Caller) -> None:
    response = api.post("prep/mappingSets/validate", {"mappings": [{"source": "a", "destination": ""}]})
    assert response.status_code == 200
    assert response.json()["validationResponse"][0]["status"] == "FAILED"


def test_a_preview_maps_rows(api: Caller) -> None:
    mappings = [
        {"sourceAttribute": "email", "destinationXdmPath": "personalEmail.address"},
        {"sourceType": "STATIC", "source": "web", "destination": "channel"},
        {"sourceType": "EXPRESSION", "source": "upper(email)", "destination": "other"},
    ]
    body = {"data": [{"email": "x"}, {}], "mappingSet": {"mappings": mappings}}
    found, missing = api.post("prep/mappingSets/preview", body).json()
    assert found == {"data": {"personalEmail.address": "x", "channel": "web"}, "errors": None}
    assert missing["errors"][0]["source"] == "email"
    assert api.post("prep/mappingSets/preview", {"data": "x"}).status_code == 400

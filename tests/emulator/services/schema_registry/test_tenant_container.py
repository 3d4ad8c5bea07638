"""Schema Registry: the schemas, field groups, classes and data types of the tenant."""

from typing import Any
from urllib.parse import quote

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import PROFILE, Caller

from .bodies import BODIES, DETAILS, RESOURCE_TYPES, XED_FULL, XED_ID, one, titles, xdm_code


def test_a_schema_is_found_by_either_of_its_names(aep: AepEmulator, api: Caller) -> None:
    tenant = api.get("schema/stats").json()["tenantId"]
    schema_id = api.schema("Members")
    assert schema_id.startswith(f"https://ns.adobe.com/{tenant}/schemas/")
    alternative = f"_{tenant}.schemas.{schema_id.rpartition('/')[2]}"
    for name in (alternative, quote(schema_id, safe="")):
        response = api.get(f"schema/tenant/schemas/{name}", headers=XED_FULL)
        assert (response.json()["$id"], response.json()["meta:altId"]) == (schema_id, alternative)
    assert aep.unknown_routes == []


def test_schema_titles_are_unique(api: Caller) -> None:
    schema_id = api.schema("Members")
    response = api.post("schema/tenant/schemas", {"title": "Members", "allOf": [{"$ref": PROFILE}]})
    assert xdm_code(response) == "1521-400"
    assert schema_id in response.json()["report"]["detailed-message"]
    found = api.get("schema/tenant/schemas?property=title==Members", headers=XED_ID).json()
    assert [result["$id"] for result in found["results"]] == [schema_id]
    assert api.get("schema/tenant/schemas?property=title==None", headers=XED_ID).json()["results"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"title": "t"},
        {"title": "t", "allOf": []},
        {"allOf": [{"$ref": PROFILE}]},
        {"title": "t", "allOf": [{"$ref": "https://ns.adobe.com/aepemulator/mixins/none"}]},
    ],
)
def test_schema_refusals(api: Caller, body: dict[str, Any]) -> None:
    assert api.post("schema/tenant/schemas", body).status_code == 400


def test_the_accept_header_is_mandatory_and_versioned(api: Caller) -> None:
    path = f"schema/tenant/schemas/{quote(api.schema(), safe='')}"
    for accept in ("*/*", "application/json", "application/vnd.adobe.xed+json"):
        assert xdm_code(api.get(path, headers={"Accept": accept})) == "1007-400"
    assert api.get(path, headers={"Accept": "application/vnd.adobe.xed+json;version=1"}).status_code == 200
    assert api.get(path, headers={"Accept": "application/vnd.adobe.xed+json;version=2"}).status_code == 404
    assert xdm_code(api.get("schema/tenant/schemas", headers={"Accept": "*/*"})) == "1006-400"


def test_schemas_are_paged_by_title(api: Caller) -> None:
    for title in ("a", "b", "c"):
        api.schema(title)
    path = "schema/tenant/schemas?limit=2"
    assert xdm_code(api.get(path, headers=XED_ID)) == "1002-400"
    first = api.get(f"{path}&orderby=title", headers=XED_ID).json()
    assert [result["title"] for result in first["results"]] == ["a", "b"]
    second = api.get(f"{path}&orderby=title&start={first['_page']['next']}", headers=XED_ID).json()
    assert [result["title"] for result in second["results"]] == ["c"]
    assert second["_page"]["next"] is None


def test_schemas_can_be_patched_and_deleted(api: Caller) -> None:
    schema_id = api.schema()
    path = f"schema/tenant/schemas/{quote(schema_id, safe='')}"
    union = [{"op": "add", "path": "/meta:immutableTags", "value": ["union"]}]
    assert api.patch(path, union).json()["meta:immutableTags"] == ["union"]
    api.schema("Taken")
    assert xdm_code(api.patch(path, [{"op": "replace", "path": "/title", "value": "Taken"}])) == "1521-400"
    assert xdm_code(api.patch(path, [{"op": "replace", "path": "/nothing", "value": 1}])) == "1005-400"
    identity = {
        "@type": "xdm:descriptorIdentity",
        "xdm:sourceSchema": schema_id,
        "xdm:sourceProperty": "/personalEmail/address",
    }
    assert api.post("schema/tenant/descriptors", identity).status_code == 201
    assert api.delete(path).status_code == 204
    assert xdm_code(api.delete(path)) == "1012-404"


@pytest.mark.parametrize("collection", BODIES)
def test_a_resource_lives(aep: AepEmulator, api: Caller, collection: str) -> None:
    body = BODIES[collection]
    response = api.post(f"schema/tenant/{collection}", body)
    made = response.json()
    assert response.status_code == 201
    assert made["$id"].startswith(f"https://ns.adobe.com/aepemulator/{RESOURCE_TYPES[collection]}/")
    assert made["meta:altId"] == f"_aepemulator.{RESOURCE_TYPES[collection]}.{made['$id'].rpartition('/')[2]}"
    assert aep.state()[collection] == {made["$id"]: made}
    assert api.get(one(collection, made["meta:altId"]), headers=XED_FULL).json() == made
    assert titles(api.get(f"schema/tenant/{collection}/", headers=XED_ID)) == [body["title"]]

    path = one(collection, made["$id"])
    patched = api.patch(path, [{"op": "replace", "path": "/title", "value": "Other"}]).json()
    assert (patched["title"], patched["version"]) == ("Other", "1.1")
    replaced = api.put(path, body | {"description": "Anew"}).json()
    assert (replaced["title"], replaced["description"], replaced["version"]) == (body["title"], "Anew", "1.2")
    assert replaced["$id"] == made["$id"]
    dates = [each["meta:registryMetadata"]["repo:createdDate"] for each in (made, replaced)]
    assert dates[0] == dates[1]

    assert api.delete(path).status_code == 204
    for again in (api.delete(path), api.get(path, headers=XED_FULL), api.put(path, body)):
        assert xdm_code(again) == "1012-404"
    assert aep.unknown_routes == []


def test_a_field_group_has_two_addresses(api: Caller) -> None:
    made = api.made("schema/tenant/mixins", BODIES["fieldgroups"])
    for name in ("mixins", "fieldgroups"):
        assert titles(api.get(f"schema/tenant/{name}", headers=XED_ID)) == ["Loyalty"]
        assert api.get(one(name, made["$id"]), headers=XED_FULL).json() == made


def test_titles_are_unique_among_all_kinds(api: Caller) -> None:
    made = api.made("schema/tenant/datatypes", BODIES["datatypes"])
    for collection in ("fieldgroups", "classes", "schemas"):
        response = api.post(f"schema/tenant/{collection}", BODIES[collection] | {"title": "Room"})
        assert xdm_code(response) == "1521-400"
        assert made["$id"] in response.json()["report"]["detailed-message"]


def test_a_schema_is_built_of_the_tenants_own(api: Caller) -> None:
    room = api.made("schema/tenant/datatypes", BODIES["datatypes"])["$id"]
    hotel = api.made("schema/tenant/classes", BODIES["classes"])["$id"]
    definitions = {"stay": {"properties": {"_aepemulator": {"type": "object", "properties": {"room": {"$ref": room}}}}}}
    group = BODIES["fieldgroups"] | {"meta:intendedToExtend": [hotel], "definitions": definitions}
    stay = api.made("schema/tenant/fieldgroups", group)
    assert stay["refs"] == [room]
    body = {"title": "Hotels", "allOf": [{"$ref": stay["$id"]}, {"$ref": hotel}]}
    schema = api.made("schema/tenant/schemas", body)
    assert schema["meta:class"] == hotel
    assert schema["meta:extends"] == [stay["$id"], hotel]
    # A list is searched for the value.
    for expression in (f"meta:class=={hotel}", f"meta:extends=={hotel}", f"meta:extends!={PROFILE}"):
        assert titles(api.get("schema/tenant/schemas", params={"property": expression}, headers=XED_ID)) == ["Hotels"]
    none = api.get("schema/tenant/schemas", params={"property": f"meta:extends!={hotel}"}, headers=XED_ID)
    assert titles(none) == []


def test_a_patched_schema_keeps_to_the_rules(api: Caller) -> None:
    group = api.made("schema/tenant/fieldgroups", BODIES["fieldgroups"])["$id"]
    path = one("schemas", api.schema())
    added = api.patch(path, [{"op": "add", "path": "/allOf/-", "value": {"$ref": group}}]).json()
    assert added["meta:extends"] == [PROFILE, group]
    assert (added["meta:class"], added["allOf"][1]["type"]) == (PROFILE, "object")
    wrong = [{"op": "add", "path": "/allOf/-", "value": {"$ref": f"{group}0"}}]
    assert xdm_code(api.patch(path, wrong)) == "1503-400"
    assert xdm_code(api.patch(path, [{"op": "remove", "path": "/allOf/0"}])) == "1502-400"
    assert api.patch(path, [{"op": "replace", "path": "description", "value": "d"}]).json()["description"] == "d"


@pytest.mark.parametrize(
    ("collection", "changes", "code"),
    [
        ("fieldgroups", {"title": None}, "1501-400"),
        ("fieldgroups", {"type": "array"}, "1504-400"),
        ("fieldgroups", {"meta:intendedToExtend": []}, "1507-400"),
        ("fieldgroups", {"meta:intendedToExtend": ["https://ns.adobe.com/aepemulator/classes/none"]}, "1503-400"),
        ("fieldgroups", {"definitions": {"a": {"$ref": "https://ns.adobe.com/t/datatypes/none"}}}, "1503-400"),
        ("fieldgroups", {"allOf": [1]}, "1505-400"),
        ("classes", {"allOf": [{"$ref": PROFILE}]}, "1506-400"),
        ("classes", {"allOf": "record"}, "1505-400"),
        ("datatypes", {"type": "string"}, "1504-400"),
        ("datatypes", {"properties": {"a": {"$ref": "https://ns.adobe.com/t/datatypes/none"}}}, "1503-400"),
        ("schemas", {"allOf": [{"$ref": DETAILS}]}, "1502-400"),
        ("schemas", {"allOf": [{"$ref": PROFILE}, {"properties": {}}]}, "1503-400"),
    ],
)
def test_refusals(api: Caller, collection: str, changes: dict[str, Any], code: str) -> None:
    assert xdm_code(api.post(f"schema/tenant/{collection}", BODIES[collection] | changes)) == code
    assert xdm_code(api.post(f"schema/tenant/{collection}", [])) == "1000-400"


def test_an_array_can_be_a_data_type(api: Caller) -> None:
    body = {"title": "Rooms", "type": "array", "items": {"type": "string"}}
    assert api.made("schema/tenant/datatypes", body)["meta:xdmType"] == "array"


RELATIONAL = "https://ns.adobe.com/xdm/data/adhoc-v2"


def test_a_relational_schema_extends_a_behaviour_and_has_no_class(api: Caller) -> None:
    fields = {"type": "object", "properties": {"customer_id": {"type": "string"}}, "required": ["customer_id"]}
    body = {
        "type": "object",
        "title": "marketing.customers",
        "description": "Customers.",
        "definitions": {"customFields": fields},
        "allOf": [{"$ref": "#/definitions/customFields", "meta:xdmType": "object"}],
        "meta:extends": [RELATIONAL],
        "meta:behaviorType": "record",
    }
    made = api.made("schema/tenant/schemas", body)
    assert made["meta:extends"] == [RELATIONAL]
    assert made["definitions"] == body["definitions"]
    assert "meta:class" not in made
    del body["meta:extends"]
    refused = api.post("schema/tenant/schemas", body | {"title": "no behaviour"})
    assert xdm_code(refused) == "1502-400"


def test_what_the_tenant_wrote_into_extends_stays(api: Caller) -> None:
    behaviour = "https://ns.adobe.com/xdm/data/record"
    body = {"type": "object", "title": "t", "allOf": [{"$ref": PROFILE}], "meta:extends": [PROFILE, behaviour]}
    assert api.made("schema/tenant/schemas", body)["meta:extends"] == [PROFILE, behaviour]

"""Schema Registry: Adobe's own resources, how lists are read, and what is said about schemas."""

from typing import Any

import pytest

from airflow_provider_aep.emulator import AepEmulator

from .caller import PROFILE, Caller
from .test_schema_registry import BODIES, DETAILS, RECORD, XED_FULL, XED_ID, one, titles, xdm_code

# Adobe's own


@pytest.mark.parametrize(
    ("collection", "identifier", "title"),
    [
        ("classes", PROFILE, "XDM Individual Profile"),
        ("fieldgroups", DETAILS, "Demographic Details"),
        ("mixins", "_xdm.context.profile-personal-details", "Personal Contact Details"),
        ("datatypes", "_xdm.context.webinfo", "Web information"),
        ("behaviors", RECORD, "Record Schema"),
    ],
)
def test_adobes_own_resources(api: Caller, collection: str, identifier: str, title: str) -> None:
    found = api.get(one(collection, identifier, "global"), headers=XED_FULL).json()
    assert found["title"] == title
    listed = api.get(f"schema/global/{collection}?orderby=title", headers=XED_ID).json()["results"]
    assert {name: found[name] for name in ("$id", "meta:altId", "version", "title")} in listed
    assert xdm_code(api.get(one(collection, "_xdm.none", "global"), headers=XED_FULL)) == "1012-404"


def test_field_groups_are_found_by_their_class(api: Caller) -> None:
    query = {"property": f"meta:intendedToExtend=={PROFILE}", "orderby": "title"}
    found = api.get("schema/global/fieldgroups", params=query, headers=XED_ID)
    assert titles(found) == ["Demographic Details", "Personal Contact Details"]


def test_nobody_changes_what_is_adobes(aep: AepEmulator, api: Caller) -> None:
    for collection, body in BODIES.items():
        assert api.post(f"schema/global/{collection}", body).status_code == 404
    assert api.delete(one("classes", PROFILE, "global")).status_code == 404
    assert len(aep.unknown_routes) == 5


# Reading


@pytest.mark.parametrize(
    ("path", "accept", "code"),
    [
        ("tenant/classes", "application/vnd.adobe.xdm-id+json", None),
        ("tenant/classes", "application/vnd.adobe.xdm+json", None),
        ("tenant/classes", "application/vnd.adobe.xed+json; version=1", "1006-400"),
        ("tenant/descriptors", "application/vnd.adobe.xdm+json", None),
        ("tenant/descriptors", "application/vnd.adobe.xdm-link+json", None),
        ("tenant/descriptors", "application/vnd.adobe.xdm-v2-id+json", None),
        ("global/descriptors", "application/vnd.adobe.xdm-v2+json", None),
        ("tenant/descriptors", "application/vnd.adobe.xed+json", "1008-400"),
        ("tenant/descriptors/none", "application/vnd.adobe.xed+json;version=1", "1009-400"),
        ("global/behaviors/_xdm.data.record", "application/vnd.adobe.xdm-full+json; version=1.0", None),
        ("global/behaviors/_xdm.data.record", "application/vnd.adobe.xdm-full+json", "1007-400"),
    ],
)
def test_accept_headers(api: Caller, path: str, accept: str, code: str | None) -> None:
    answer = api.get(f"schema/{path}", headers={"Accept": accept})
    assert (xdm_code(answer) if code else answer.status_code) == (code or 200)


def test_pages_backwards_and_of_equal_values(api: Caller) -> None:
    for title in ("a", "b", "c"):
        api.schema(title)
    path = "schema/tenant/schemas"
    first = api.get(f"{path}?orderby=-title&limit=2", headers=XED_ID)
    following = first.json()["_page"]["next"]
    assert titles(first) == ["c", "b"]
    assert titles(api.get(f"{path}?orderby=-title&limit=2&start={following}", headers=XED_ID)) == ["a"]
    whole = api.get(f"{path}?orderby=version,-title&limit=1", headers=XED_ID)
    assert titles(whole) == ["c", "b", "a"]
    assert whole.json()["_page"]["next"] is None


def test_limit_may_go_without_orderby_if_a_test_wants_it(aep: AepEmulator, api: Caller) -> None:
    aep.switches.refuse_limit_without_orderby = False
    assert api.get("schema/global/classes?limit=300", headers=XED_ID).status_code == 200


# Descriptors, unions and numbers


def descriptor_body(schema_id: str) -> dict[str, Any]:
    return {
        "@type": "xdm:descriptorIdentity",
        "xdm:sourceSchema": schema_id,
        "xdm:sourceVersion": 1,
        "xdm:sourceProperty": "/personalEmail/address",
    }


def test_descriptors_in_every_form(api: Caller) -> None:
    schema_id = api.schema()
    identity = api.made("schema/tenant/descriptors", descriptor_body(schema_id))
    names = descriptor_body(schema_id) | {"@type": "xdm:alternateDisplayInfo"}
    other = api.made("schema/tenant/descriptors", names)

    def listed(form: str, query: str = "") -> Any:
        accept = f"application/vnd.adobe.xdm{form}+json"
        return api.get(f"schema/tenant/descriptors{query}", headers={"Accept": accept}).json()

    assert listed("") == {"xdm:descriptorIdentity": [identity], "xdm:alternateDisplayInfo": [other]}
    assert listed("-id")["xdm:descriptorIdentity"] == [identity["@id"]]
    assert listed("-link")["xdm:descriptorIdentity"] == [f"/tenant/descriptors/{identity['@id']}"]
    assert listed("-v2", "?property=@type==xdm:descriptorIdentity")["results"] == [identity]
    page = listed("-v2-id", "?orderby=@id&limit=1")
    following = listed("-v2-id", f"?orderby=@id&limit=1&start={page['_page']['next']}")
    assert sorted([identity["@id"], other["@id"]]) == page["results"] + following["results"]


def test_a_descriptor_lives(api: Caller) -> None:
    body = descriptor_body(api.schema())
    made = api.made("schema/tenant/descriptors", body)
    path = f"schema/tenant/descriptors/{made['@id']}"
    assert api.get(path).json() == made
    assert api.put(path, body | {"xdm:isPrimary": True}).json()["xdm:isPrimary"] is True
    assert xdm_code(api.put(path, body | {"xdm:sourceSchema": "none"})) == "1503-400"
    assert api.delete(path).status_code == 204
    assert xdm_code(api.get(path)) == "1012-404"


def test_schemas_for_profile_make_a_union(api: Caller) -> None:
    for title, group in (("a", DETAILS), ("b", "https://ns.adobe.com/xdm/context/profile-personal-details")):
        union = [{"op": "add", "path": "/meta:immutableTags", "value": ["union"]}]
        api.patch(one("schemas", api.schema(title, group)), union)
    api.schema("c")
    (found,) = api.get("schema/tenant/unions", headers={"Accept": "application/vnd.adobe.xed+json"}).json()["results"]
    assert (found["$id"], found["title"]) == (f"{PROFILE}__union", "XDM Individual Profile")
    assert [part["$ref"].rpartition("/")[2] for part in found["allOf"]] == [
        "profile",
        "profile-person-details",
        "profile-personal-details",
    ]
    assert api.get(one("unions", "_xdm.context.profile__union"), headers=XED_FULL).json() == found
    tagged = "property=meta:immutableTags==union"
    assert len(titles(api.get(f"schema/tenant/schemas?{tagged}", headers=XED_ID))) == 2


def test_stats_count(aep: AepEmulator, api: Caller) -> None:
    for collection, body in BODIES.items():
        api.made(f"schema/tenant/{collection}", body)
        aep.advance(1)
    stats = api.get("schema/stats").json()
    assert stats["counts"] == {"schemas": 1, "classes": 1, "mixins": 1, "datatypes": 1, "unions": 0}
    created = [each["title"] for each in stats["recentlyCreatedResources"]]
    assert created == ["Guests", "Room", "Hotel", "Loyalty"]

"""Adobe's own resources, and how lists of resources are read."""

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import PROFILE, Caller

from .bodies import BODIES, DETAILS, RECORD, XED_FULL, XED_ID, one, titles, xdm_code


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
    response = api.get(f"schema/{path}", headers={"Accept": accept})
    assert (xdm_code(response) if code else response.status_code) == (code or 200)


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

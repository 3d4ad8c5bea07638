"""Union schemas."""

from emulator.caller import PROFILE, Caller

from .bodies import DETAILS, XED_FULL, XED_ID, one, titles


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

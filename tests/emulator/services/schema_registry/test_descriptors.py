"""Descriptors, in every form they are shown in."""

from typing import Any

from emulator.caller import Caller

from .bodies import xdm_code


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

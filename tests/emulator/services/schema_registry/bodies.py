"""Bodies and media types of Schema Registry, and what tests read from its responses."""

from typing import Any
from urllib.parse import quote

from emulator.caller import PROFILE

XED_ID = {"Accept": "application/vnd.adobe.xed-id+json"}

XED_FULL = {"Accept": "application/vnd.adobe.xed-full+json; version=1"}


def xdm_code(response: Any) -> str:
    return str(response.json()["type"]).rpartition("XDM-")[2]


RECORD = "https://ns.adobe.com/xdm/data/record"

DETAILS = "https://ns.adobe.com/xdm/context/profile-person-details"

LOYALTY = {"loyalty": {"properties": {"_aepemulator": {"type": "object", "properties": {"tier": {"type": "string"}}}}}}

BODIES: dict[str, dict[str, Any]] = {
    "fieldgroups": {
        "type": "object",
        "title": "Loyalty",
        "meta:intendedToExtend": [PROFILE],
        "definitions": LOYALTY,
        "allOf": [{"$ref": "#/definitions/loyalty"}],
    },
    "classes": {"type": "object", "title": "Hotel", "description": "", "allOf": [{"$ref": RECORD}]},
    "datatypes": {"type": "object", "title": "Room", "properties": {"beds": {"type": "integer"}}},
    "schemas": {"type": "object", "title": "Guests", "description": "", "allOf": [{"$ref": PROFILE}]},
}

RESOURCE_TYPES = {"fieldgroups": "mixins", "classes": "classes", "datatypes": "datatypes", "schemas": "schemas"}


def one(collection: str, identifier: str, container: str = "tenant") -> str:
    return f"schema/{container}/{collection}/{quote(identifier, safe='')}"


def titles(response: Any) -> list[str]:
    return [result["title"] for result in response.json()["results"]]

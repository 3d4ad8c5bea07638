"""The `global` container: of Adobe's own resources, those that its tutorials and specifications name."""

from __future__ import annotations

from airflow_provider_aep.emulator.services.schema_registry.lookup import alternative_id
from airflow_provider_aep.emulator.state.json import Json

NAMESPACE = "https://ns.adobe.com"
#: what lies below these is Adobe's, and is taken on trust where a body refers to it
GLOBAL_PREFIXES = (f"{NAMESPACE}/xdm/", f"{NAMESPACE}/experience/")
VERSION = "1.27.4"

RECORD = f"{NAMESPACE}/xdm/data/record"
TIME_SERIES = f"{NAMESPACE}/xdm/data/time-series"
RELATIONAL = f"{NAMESPACE}/xdm/data/adhoc-v2"
PROFILE = f"{NAMESPACE}/xdm/context/profile"
JOURNEY = "experience/journeyOrchestration/stepEvents"


def _resource(resource_type: str, path: str, title: str, **more: list[str]) -> Json:
    identifier = f"{NAMESPACE}/{path}"
    return {
        "$id": identifier,
        "meta:altId": alternative_id(identifier),
        "meta:resourceType": resource_type,
        "version": VERSION,
        "title": title,
        "type": "object",
        "meta:extensible": True,
        "meta:abstract": True,
        "meta:xdmType": "object",
        "meta:status": "stable",
        **more,
    }


def _class(path: str, title: str, behavior: str) -> Json:
    return _resource("classes", path, title, **{"meta:extends": [behavior]})


def _field_group(path: str, title: str) -> Json:
    return _resource("mixins", path, title, **{"meta:intendedToExtend": [PROFILE]})


#: collection -> its resources
LIBRARY: dict[str, tuple[Json, ...]] = {
    "schemas": (),
    "behaviors": (
        _resource("behaviors", "xdm/data/record", "Record Schema"),
        _resource("behaviors", "xdm/data/adhoc", "Ad Hoc Schema"),
        _resource("behaviors", "xdm/data/time-series", "Time-series Schema"),
    ),
    "classes": (
        _class("xdm/context/profile", "XDM Individual Profile", RECORD),
        _class("xdm/context/experienceevent", "XDM ExperienceEvent", TIME_SERIES),
        _class("xdm/context/segmentdefinition", "Segment definition", RECORD),
        _class(f"{JOURNEY}/journey", "Journey Orchestration Class", RECORD),
        _class(f"{JOURNEY}/journeyStepEvent", "Journey Step Event", TIME_SERIES),
    ),
    "fieldgroups": (
        _field_group("xdm/context/profile-person-details", "Demographic Details"),
        _field_group("xdm/context/profile-personal-details", "Personal Contact Details"),
    ),
    "datatypes": (
        _resource("datatypes", "xdm/context/webinfo", "Web information"),
        _resource("datatypes", "xdm/content/productlistitem", "Product list item"),
    ),
}

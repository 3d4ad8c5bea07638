"""The two names of an XDM resource, finding it by either, and reading major versions out of media types."""

from __future__ import annotations

import re
from collections.abc import Iterable

from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.sandbox import Sandbox

VERSION = re.compile(r"version\s*=\s*(\d{1,9})(?!\d)")


def find_schema(sandbox: Sandbox, name: str) -> Json | None:
    return find_resource(sandbox["schemas"].values(), name)


def find_resource(resources: Iterable[Json], name: str) -> Json | None:
    """`name` is the `$id` or the `meta:altId`."""
    for resource in resources:
        if name in (resource["$id"], resource["meta:altId"]):
            return resource
    return None


def alternative_id(identifier: str) -> str:
    """The `meta:altId` of an `$id`: `_xdm.context.profile` of https://ns.adobe.com/xdm/context/profile."""
    path = identifier.split("/", maxsplit=3)[3]
    return f"_{path.replace('/', '.')}"


def major_version(media_type: str) -> int | None:
    """The 1 of `application/vnd.adobe.xed+json; version=1`, whatever the blanks and the minor version."""
    match = VERSION.search(media_type)
    return int(match[1]) if match else None

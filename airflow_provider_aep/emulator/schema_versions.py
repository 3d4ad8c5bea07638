"""Finding a schema by either of its names, and reading major versions out of media types."""

from __future__ import annotations

import re

from airflow_provider_aep.emulator.exchange import Record
from airflow_provider_aep.emulator.sandbox import Sandbox

VERSION = re.compile(r"version\s*=\s*(\d+)")


def find_schema(sandbox: Sandbox, name: str) -> Record | None:
    """`name` is the `$id` or the `meta:altId`."""
    for schema in sandbox["schemas"].values():
        if name in (schema["$id"], schema["meta:altId"]):
            return schema
    return None


def major_version(media_type: str) -> int | None:
    """The 1 of `application/vnd.adobe.xed+json; version=1`, whatever the blanks and the minor version."""
    match = VERSION.search(media_type)
    return int(match[1]) if match else None

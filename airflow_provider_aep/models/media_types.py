"""Media types of XDM schemas, which Adobe writes in several spellings.

https://developer.adobe.com/experience-platform-apis/references/schema-registry/ (``Accept``)
"""

from __future__ import annotations

import re
from typing import Any


def media_type(value: str) -> str:
    """A media type in one spelling: Adobe writes ``; version=1``, ``;version=1`` and ``;version=1.0``."""
    return re.sub(r"(;version=\d+)\.\d+$", r"\1", ";".join(part.strip() for part in value.split(";")))


def major_version(value: str | None) -> int | None:
    """The 1 of ``application/...;version=1`` and of ``1.0``; None where none is told."""
    match = re.search(r"(?:^|version=)(\d+)(\.\d+)?$", value or "")
    return int(match[1]) if match else None


def schema_media_type(version: Any, family: str = "application/vnd.adobe.xed-full+json") -> str:
    """The media type for a schema version given as 1, "1", "1.0" or as a media type.

    :raises ValueError: none of these; the message completes "<field> ...".
    """
    text = media_type(str(version))
    if "/" in text:
        return text
    match = re.fullmatch(r"([1-9]\d*)(\.\d+)?", text)
    if not match:
        raise ValueError(f"is {version!r}; write the major version of the schema, such as 1")
    return f"{family};version={match[1]}"

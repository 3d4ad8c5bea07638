"""What exploring a source asks for: the type of object, its path, and how a file is to be read.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/explore/cloud-storage
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from airflow_provider_aep.connectors import CONNECTORS, Connector
from airflow_provider_aep.validation import Problems

DATA_LANDING_ZONE = CONNECTORS["data-landing-zone"].connection_spec_id
OBJECT_TYPES = ("root", "table", "file", "folder", "rest")
# Options that Adobe wants as JSON in base64.
_ENCODED = ("sourceParams", "filters")
_FLAGS = ("determineProperties", "preview")
_FILE_PROPERTIES = ("fileType", "compressionType", "columnDelimiter")
OPTIONS = (*_FILE_PROPERTIES, "encoding", *_FLAGS, *_ENCODED)
# The pages write a tab like this, not as the character.
_TAB = r"\t"

_FILE_TYPES: dict[str, dict[str, str]] = {
    ".csv": {"fileType": "delimited"},
    ".tsv": {"fileType": "delimited", "columnDelimiter": _TAB},
    ".txt": {"fileType": "delimited"},
    ".json": {"fileType": "json"},
    ".parquet": {"fileType": "parquet"},
}
_COMPRESSIONS = {
    ".gz": "gzip",
    ".bz2": "bzip2",
    ".zip": "zipDeflate",
    ".deflate": "deflate",
    ".tar": "tar",
    ".tgz": "tarGzip",
    ".tar.gz": "tarGzip",
}
_ENCRYPTIONS = (".gpg", ".pgp")


def explore_params(
    connector: Connector, object_path: Any = None, object_type: Any = None, options: Any = None
) -> dict[str, str]:
    """The query that explores a source.

    :param connector: decides on the type, where none is given.
    :param object_path: a table, file or folder; None for the root.
    :param object_type: one of `OBJECT_TYPES`.
    :param options: keys of `OPTIONS`.
    :raises AepConfigError: every problem at once.
    """
    problems = Problems("request to explore")
    problems.text("object_path", object_path, required=False)
    if object_type is not None and str(object_type).lower() not in OBJECT_TYPES:
        problems.add("object_type", f"is {object_type!r}; it is one of {', '.join(OBJECT_TYPES)}")
    given = _options(problems, options)
    problems.raise_if_any()
    type_ = str(object_type).lower() if object_type is not None else _object_type(connector, object_path, given)
    if type_ == "root" and object_path is not None:
        problems.add("object_path", "must be left out for the root")
    if type_ in ("table", "file", "folder") and object_path is None:
        problems.add("object_path", f"is missing: it names the {type_}")
    problems.raise_if_any()
    params = {"objectType": type_} | ({"object": object_path} if object_path is not None else {})
    if type_ == "rest":
        # Each page about a REST source has this object and this type of file.
        params |= {"object": object_path or "json", "fileType": "json", "preview": "true"}
    if type_ == "file":
        params |= {"preview": "true", **_how_to_read(problems, str(object_path), given)}
    problems.raise_if_any()
    return params | given


def _options(problems: Problems, options: Any) -> dict[str, str]:
    """The author's options as they are sent."""
    if options is not None and not isinstance(options, Mapping):
        problems.add("options", f"must be a dict, not a {type(options).__name__}")
        return {}
    sent: dict[str, str] = {}
    for key, value in (options or {}).items():
        if key not in OPTIONS:
            problems.add(f"options.{key}", f"is unknown; there are {', '.join(OPTIONS)}")
        elif value is not None:
            sent[key] = _as_sent(problems, key, value)
    delimiter = sent.get("columnDelimiter", ",")
    if len(delimiter) != 1 and delimiter != _TAB:
        problems.add("options.columnDelimiter", f"is {delimiter!r}; the delimiter is exactly one character")
    if sent.get("determineProperties") == "true" and (both := [key for key in _FILE_PROPERTIES if key in sent]):
        problems.add("options.determineProperties", f"must be left out, or else {', '.join(both)}: one tells the other")
    return sent


def _as_sent(problems: Problems, key: str, value: Any) -> str:
    if key in _FLAGS:
        return str(problems.flag(f"options.{key}", value)).lower()
    if key in _ENCODED and isinstance(value, Mapping):
        return b64encode(json.dumps(dict(value), separators=(",", ":")).encode()).decode()
    if not isinstance(value, str) or not value:
        problems.add(f"options.{key}", f"must be a non-empty string, not {value!r}")
    return _TAB if value == "\t" else str(value)


def _object_type(connector: Connector, path: str | None, options: Mapping[str, str]) -> str:
    if connector.flow_spec == "RestStorageToAEP" or "sourceParams" in options:
        return "rest"
    if path is None:
        return "root"
    tells_file = any(key in options for key in (*_FILE_PROPERTIES, "encoding", "determineProperties"))
    if connector.category != "file":
        return "file" if tells_file and connector.category == "unknown" else "table"
    if path.endswith("/"):
        return "folder"
    return "file" if tells_file or PurePosixPath(path).suffix else "folder"


def _how_to_read(problems: Problems, path: str, options: Mapping[str, str]) -> dict[str, str]:
    """What the name of a file tells of it; a file whose name tells nothing is for the platform to look into."""
    if options.get("determineProperties") == "true":
        return {}
    found = _by_name(path)
    if options.get("fileType", found.get("fileType")) != found.get("fileType"):
        found.pop("columnDelimiter", None)  # of the other type of file
    if "fileType" in found or "fileType" in options:
        return found
    if any(key in options for key in _FILE_PROPERTIES):
        problems.add("options.fileType", f"is missing: the name {path!r} does not tell it (delimited, json or parquet)")
    return {"determineProperties": "true"}


def _by_name(path: str) -> dict[str, str]:
    """Of `leads.csv.gz` that it is delimited and compressed. The ending of an encrypted file is passed over."""
    name = PurePosixPath(path.lower()).name
    for ending in _ENCRYPTIONS:
        name = name.removesuffix(ending)
    found: dict[str, str] = {}
    # The longest ending first: .tar.gz is not merely .gz.
    for ending in sorted(_COMPRESSIONS, key=len, reverse=True):
        if name.endswith(ending):
            found["compressionType"] = _COMPRESSIONS[ending]
            name = name.removesuffix(ending)
            break
    return found | _FILE_TYPES.get(PurePosixPath(name).suffix, {})

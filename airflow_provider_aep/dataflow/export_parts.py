"""The sections of a document on the account, source, schema, dataset and target of a live dataflow, without defaults.

Each function returns a section of the document and the comments on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.dataflow.rules.source import is_secret
from airflow_provider_aep.dataflow.spec import TargetSpec
from airflow_provider_aep.dataflow.yaml_writer import Path
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.media_types import major_version
from airflow_provider_aep.models.schema import XDM, Schema
from airflow_provider_aep.models.source_connection import FILE_PROPERTIES, SourceConnection, default_format
from airflow_provider_aep.models.tags import different_keys, key_of
from airflow_provider_aep.models.target_connection import TargetConnection
from airflow_provider_aep.resources.base_connection import is_shown

Section = tuple[dict[str, Any], dict[Path, str]]

TODO: Final = "TODO"
# What the platform itself says of an HTTP API account.
INLET: Final = ("inletUrl", "inletId")
# What Catalog itself writes into the tags of a dataset, and the tags that have arguments of their own.
_CATALOG_TAG: Final = "adobe/"
_TAG_ARGUMENTS: Final = {"unifiedProfile": "enable_profile", "unifiedIdentity": "enable_identity"}
_ENABLED: Final = "enabled:true"
# Entries of those tags that follow from them.
_ENABLED_KEYS: Final = {"enabled:", "enabledAt:"}
_MASKED = re.compile(r"\*{3,}")


def writable_name(name: str | None) -> str | None:
    """A name by which something can be looked up, or None."""
    return name if name and name == name.strip() else None


def reference(key: str, name: str | None, id_: str, with_id: bool) -> Any:
    """What refers to something that is there: its name alone, or its id if it has none."""
    written = writable_name(name)
    return {**({key: written} if written else {}), "id": id_} if with_id or written is None else written


def base_connection(live: BaseConnection, with_id: bool) -> Section:
    """The account, with the parameters that the platform shows; a comment names the others."""
    params = live.auth.params if live.auth else {}
    shown = {key: value for key, value in params.items() if is_shown(key, value) and not is_secret(key, value)}
    shown = {key: value for key, value in shown.items() if key not in INLET}
    hidden = sorted(set(params) - set(shown) - set(INLET))
    name = writable_name(live.name)
    comments: dict[Path, str] = {}
    if hidden or not params:
        needed = f"the Airflow connection that holds {', '.join(hidden)}" if hidden else "an Airflow connection"
        comments["base_connection", "credentials_conn_id"] = needed
    said = present(
        name=name,
        id=live.id if with_id or name is None else None,
        auth_spec_name=live.auth.spec_name if live.auth else None,
        auth_params=shown or None,
        credentials_conn_id=TODO if comments else None,
        description=text_or_none(live.description),
    )
    return said, comments


def source(live: SourceConnection, flow_name: str | None) -> Section:
    """The source. Columns have a key of their own if each has a name and a type."""
    connector = get_connector(live.connection_spec.id)
    params = live.params or {}
    if connector.category == "file":
        params = _with_file_properties(params, live.data.properties or {})
    params, left_out = without_hidden(params)
    are_columns = _are_columns(params.get("columns"))
    columns = params.pop("columns", None) if are_columns or connector.category == "table" else None
    said = present(
        name=_other_name(live.name, flow_name),
        table=_taken(params, "tableName"),
        path=_taken(params, "path"),
        data_format=live.data.format if live.data.format != default_format(connector) else None,
        columns=columns if are_columns else None,
        params=params or None,
        description=text_or_none(live.description),
    )
    # Without params there is no place for a comment on them.
    place = ("source", "params") if params else ("source",) if said else ()
    return ({"source": said} if said else {}), ({place: left_out} if left_out else {})


def _with_file_properties(params: dict[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """The params, with the file properties among them, as a file says them."""
    nested = params.get("properties") if isinstance(params.get("properties"), dict) else {}
    known = {**{key: params[key] for key in FILE_PROPERTIES if key in params}, **(nested or {}), **properties}
    delimiter = known.get("columnDelimiter")
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1):
        del known["columnDelimiter"]
    others = {key: value for key, value in params.items() if key not in (*FILE_PROPERTIES, "properties")}
    beside = {key: value for key, value in known.items() if key in FILE_PROPERTIES and value is not None}
    further = {key: value for key, value in known.items() if key not in FILE_PROPERTIES}
    return {**others, **beside, **({"properties": further} if further else {})}


def _are_columns(columns: Any) -> bool:
    """Whether these are columns that can be declared."""
    return (
        isinstance(columns, list)
        and bool(columns)
        and all(
            isinstance(each, dict)
            and all(isinstance(each.get(key), str) and each[key].strip() for key in ("name", "type"))
            for each in columns
        )
    )


def schema(live: Schema, with_id: bool) -> Section:
    """The schema with its class and field groups; one that has fields of its own is only referred to."""
    title = writable_name(live.title)
    class_ = (live.model_extra or {}).get("meta:class") or next(iter(live.parts), None)
    groups = [part for part in dict.fromkeys(live.parts) if part != class_]
    said_by_parts = class_ in live.parts and all(part.startswith(XDM) for part in live.parts)
    if title is None or live.is_relational or not said_by_parts:
        return {"schema": reference("title", title, str(live.id), with_id)}, {}
    description = text_or_none(live.description)
    said = present(
        title=title,
        id=live.id if with_id else None,
        schema_class=class_,
        field_groups=groups or None,
        description=description if description != title else None,
    )
    return {"schema": said}, {}


def dataset(live: Dataset, flow_name: str | None, with_id: bool) -> Section:
    """The dataset, with those of its tags that people wrote."""
    said = present(
        name=_other_name(live.name, flow_name),
        id=live.id if with_id or writable_name(live.name) is None else None,
        **_tags(live.tags or {}),
    ) | present(description=text_or_none(live.description))
    return ({"dataset": said} if said else {}), {}


def _tags(live: Mapping[str, list[Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    tags: dict[str, list[str]] = {}
    for tag, entries in live.items():
        if tag.startswith(_CATALOG_TAG):
            continue
        kept = [entry for entry in entries if isinstance(entry, str)]
        argument = _TAG_ARGUMENTS.get(tag)
        if argument:
            said |= {argument: True} if not different_keys([_ENABLED], kept) else {}
            kept = [entry for entry in kept if key_of(entry) not in _ENABLED_KEYS]
        if kept:
            tags[tag] = kept
    return {**said, **({"tags": tags} if tags else {})}


def target(live: TargetConnection, flow_name: str | None) -> Section:
    """The target connection, of which most keys have their defaults."""
    default = TargetSpec()
    version = major_version(live.data.xdm_schema.version) if live.data.xdm_schema else None
    said = present(
        name=_other_name(live.name, flow_name),
        schema_version=version if version != default.schema_version else None,
        data_format=live.data.format if live.data.format != default.data_format else None,
        description=text_or_none(live.description),
    )
    return ({"target": said} if said else {}), {}


def without_hidden(live: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The values that are no secrets, and a comment that names the others: they stay as they are if not declared."""
    shown = {key: value for key, value in live.items() if not _is_hidden(key, value)}
    left_out = sorted(set(live) - set(shown))
    return shown, f"without {', '.join(left_out)}: a secret, or hidden" if left_out else ""


def _is_hidden(key: str, value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_is_hidden(str(inner), each) for inner, each in value.items())
    if isinstance(value, list):
        return any(_is_hidden(key, each) for each in value)
    return isinstance(value, str) and (_MASKED.fullmatch(value) is not None or is_secret(key, value))


def present(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def _taken(params: dict[str, Any], key: str) -> str | None:
    """A text among the params that has a key of its own."""
    return params.pop(key) if isinstance(params.get(key), str) else None


def text_or_none(value: str | None) -> str | None:
    return value if value and value.strip() else None


def _other_name(name: str | None, flow_name: str | None) -> str | None:
    """A name that is not the dataflow's, which is the default."""
    return writable_name(name) if name != flow_name else None

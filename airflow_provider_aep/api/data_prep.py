"""Data Prep: mapping sets. Its base path ends in /conversion, which the streaming tutorial forgets.

https://developer.adobe.com/experience-platform-apis/references/data-prep/
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from airflow_provider_aep.api.call import Call, Params
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.validation import checked_id

BASE = "/data/foundation/conversion"
_PAGE = 100
_SHAPE = "mapping set"


def _data(response: Any) -> Any:
    return response["data"]


def next_page(params: Params, response: Any) -> Params | None:
    """`start` counts mapping sets; a full page may not be the last."""
    if len(response["data"]) < _PAGE:
        return None
    return {**params, "start": str(int(str(params["start"])) + _PAGE)}


def list_mapping_sets(name: str | None = None) -> Call[list[MappingSet]]:
    params = {"limit": str(_PAGE), "start": "0"} | ({"name": name} if name else {})
    path = f"{BASE}/mappingSets"
    return Call("GET", path, list[MappingSet], params=params, unwrap=_data, next_page=next_page, id_shape=_SHAPE)


def list_until_mapping_set(mapping_set_id: str, name: str | None) -> Call[list[MappingSet]]:
    """The list as far as the page that shows one mapping set, at its latest version.

    :param name: the name of the mapping set, if it has one: then the list is short.
    """

    def enough(found: list[MappingSet]) -> bool:
        return any(one.id == mapping_set_id for one in found)

    return replace(list_mapping_sets(name), enough=enough)


def get_mapping_set(mapping_set_id: str, version: int | None = None) -> Call[MappingSet]:
    """One mapping set at a version. Without one, which version is shown is not published for sure: 0, or the latest."""
    params = {} if version is None else {"version": str(version)}
    return Call("GET", _path(mapping_set_id), MappingSet, params=params, id_shape=_SHAPE, about=mapping_set_id)


def create_mapping_set(mapping_set: MappingSet) -> Call[MappingSet]:
    return Call("POST", f"{BASE}/mappingSets", MappingSet, body=mapping_set.to_wire(), id_shape=_SHAPE)


def update_mapping_set(mapping_set_id: str, mapping_set: MappingSet) -> Call[MappingSet]:
    """Replace the whole mapping set; its version goes up."""
    body = mapping_set.to_wire()
    return Call("PUT", _path(mapping_set_id), MappingSet, body=body, id_shape=_SHAPE, about=mapping_set_id)


def _path(mapping_set_id: str) -> str:
    return f"{BASE}/mappingSets/{checked_id('mapping_set_id', mapping_set_id, _SHAPE)}"

"""Data Prep: mapping sets. Its base path ends in /conversion, which the streaming tutorial forgets.

https://developer.adobe.com/experience-platform-apis/references/data-prep/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def get_mapping_set(mapping_set_id: str, version: int | str | None = None) -> Call[MappingSet]:
    """One mapping set at a version. Without one, which version is shown is not published for sure: 0, or the latest."""
    params = {} if version is None else {"version": str(version)}
    return Call("GET", _path(mapping_set_id), MappingSet, params=params, id_shape=_SHAPE, about=mapping_set_id)


def create_mapping_set(mapping_set: MappingSet) -> Call[MappingSet]:
    return Call("POST", f"{BASE}/mappingSets", MappingSet, body=mapping_set.to_wire(), id_shape=_SHAPE)


def update_mapping_set(mapping_set_id: str, mapping_set: MappingSet) -> Call[MappingSet]:
    """Replace the whole mapping set; its version goes up."""
    body = mapping_set.to_wire()
    return Call("PUT", _path(mapping_set_id), MappingSet, body=body, id_shape=_SHAPE, about=mapping_set_id)


def validate_mapping_set(mapping_set: MappingSet) -> Call[list[str]]:
    """What is wrong with a mapping set that has not been made, a sentence each. Nothing is stored."""
    path = f"{BASE}/mappingSets/validate"
    return Call("POST", path, list[str], body=mapping_set.in_newer_dialect().to_wire(), unwrap=_failures)


def preview_mapping_set(mapping_set: MappingSet, rows: Sequence[Mapping[str, Any]]) -> Call[list[str]]:
    """What goes wrong when a mapping set that has not been made maps these rows. Nothing is stored."""
    body = {"data": [dict(row) for row in rows], "mappingSet": mapping_set.in_newer_dialect().to_wire()}
    return Call("POST", f"{BASE}/mappingSets/preview", list[str], body=body, unwrap=_row_errors)


def _failures(response: Any) -> list[str]:
    # The status is 200 also where a mapping failed.
    failed = [one for one in response["validationResponse"] if one.get("status") != "SUCCESS"]
    return [_error_text(error) for one in failed for error in one.get("errors") or [{}]]


def _row_errors(response: Any) -> list[str]:
    # Adobe's specification has an object, its pages a list of them.
    rows = response if isinstance(response, list) else [response]
    return [_error_text(error) for row in rows for error in row.get("errors") or []]


def _error_text(error: Any) -> str:
    """The place and the words of one error."""
    said = error if isinstance(error, Mapping) else {"exception": error}
    words = said.get("exception") or said.get("errorMessage") or said.get("message") or "refused without a reason"
    return f"{said.get('source')} -> {said.get('destination')}: {words}" if said.get("destination") else str(words)


def _path(mapping_set_id: str) -> str:
    return f"{BASE}/mappingSets/{checked_id('mapping_set_id', mapping_set_id, _SHAPE)}"

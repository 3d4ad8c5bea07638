"""Flow Service: signing in to a source and looking into it, by an account or, without one, by the connection spec.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/explore/cloud-storage
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_aep.api.call import Call, Params, only_item
from airflow_provider_aep.api.flow_service import BASE
from airflow_provider_aep.exceptions import AepApiError
from airflow_provider_aep.models.explored import Explored, read_explored
from airflow_provider_aep.validation import checked_id


def explore_connection(base_connection_id: str, params: Params) -> Call[Explored]:
    """
    :param params: of `explore_params`.
    """
    return _explore("connections", "base_connection_id", base_connection_id, params)


def explore_connection_spec(connection_spec_id: str, params: Params) -> Call[Explored]:
    """Of a source without accounts: a Data Landing Zone.

    :param params: of `explore_params`.
    """
    return _explore("connectionSpecs", "connection_spec_id", connection_spec_id, params)


def try_sign_in(base_connection_id: str) -> Call[bool]:
    """Whether the platform can sign in to the source. A refusal may come as an error, too."""
    path = f"{BASE}/connections/{checked_id('base_connection_id', base_connection_id)}/test"
    return Call("GET", path, bool, unwrap=_result)


def _explore(resource: str, field: str, id_: str, params: Params) -> Call[Explored]:
    path = f"{BASE}/{resource}/{checked_id(field, id_)}/explore"
    return Call("GET", path, Explored, params=params, unwrap=_explored)


def _explored(response: Any) -> Explored:
    """:raises AepApiError: the response has a shape of its own. Asking again would not change it."""
    try:
        return read_explored(response)
    except (ValueError, RecursionError) as problem:
        reason = str(problem) if isinstance(problem, ValueError) else "it is nested too deeply"
        raise AepApiError(
            f"The source was explored, and the answer cannot be read: {reason}. AepHook.request returns it as it came.",
            status=200,
            title="unreadable answer",
            detail=reason,
        ) from None


def _result(response: Any) -> Any:
    """The answer in any of the forms that Adobe shows: an object, an envelope with one, the bare value."""
    found = only_item(response) if isinstance(response, list | Mapping) else response
    return found.get("result") if isinstance(found, Mapping) else found

"""Flow Service: looking into a source, by an account or, without one, by the connection spec.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/explore/cloud-storage
"""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.api.call import Call, Params
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

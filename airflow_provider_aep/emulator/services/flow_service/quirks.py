"""Undocumented behaviour that Flow Service may have; `switches` turns it on."""

from __future__ import annotations

from airflow_provider_aep.emulator.http.errors import FlowServiceError, ServiceError
from airflow_provider_aep.emulator.http.message import Request
from airflow_provider_aep.emulator.query.filters import EXPRESSION
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.switches import Switches

ENDS = ("sourceConnections", "targetConnections")
#: what a brief list shows nevertheless, beside plain values
SHOWN_BRIEFLY = ("connectionSpec", "flowSpec", "inheritedAttributes", "scheduleParams", "lastRunDetails")


def check_filters(collection: str, request: Request, switches: Switches) -> None:
    """Refuse the filters that this platform does not take."""
    lists_refused = {
        ("runs", "id"): switches.refuse_run_id_lists,
        ("runs", "flowId"): switches.refuse_flow_id_lists,
        ("connections", "id"): switches.refuse_connection_id_lists,
    }
    for expression in request.query.get("property", []):
        match = EXPRESSION.match(expression)
        path = match["path"].strip() if match else ""
        if match and "," in match["value"] and lists_refused.get((collection, path)):
            raise FlowServiceError("1443-400", "Operator '==' is not allowed for multiple values.")
        if switches.refuse_end_name_filters and collection in ENDS and path == "name":
            raise FlowServiceError("1449-400", "Invalid field name in filter params.")


def briefly(records: list[Json], switches: Switches) -> list[Json]:
    """The items of a list as this platform shows them."""
    if not switches.brief_flow_service_lists:
        return records
    return [{name: value for name, value in record.items() if _is_shown(name, value)} for record in records]


def check_name(platform: Platform, request: Request, collection: str, name: str | None, own: str = "") -> None:
    """Refuse a name that another object has.

    :param own: the id of the object that is to be called so, if it is there already.
    """
    others = [other for id_, other in request.sandbox[collection].items() if id_ != own]
    taken = platform.switches.unique_names and name is not None
    if taken and any(other.get("name") == name for other in others):
        raise ServiceError(409, "Conflict", f"An entity named {name} already exists.")


def kept_name(platform: Platform, fields: Json) -> Json:
    """The fields of a new object with its name as it is kept."""
    name = fields.get("name")
    return {**fields, "name": name.strip()} if platform.switches.trim_names and isinstance(name, str) else fields


def _is_shown(name: str, value: object) -> bool:
    plain = not isinstance(value, (dict, list)) and name not in ("etag", "version")
    return plain or name in SHOWN_BRIEFLY or name.endswith("ConnectionIds")

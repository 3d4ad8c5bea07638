"""Reading a flow: its transformations by name, and what its connections point to."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.sandbox import Sandbox


def transformation(flow: Json, name: str) -> Json | None:
    for each in flow.get("transformations") or []:
        if each.get("name") == name:
            found: Json = each
            return found
    return None


def delta_column(flow: Json) -> Any:
    copy = transformation(flow, "Copy")
    return (copy.get("params") or {}).get("deltaColumn") if copy else None


def target_dataset_id(sandbox: Sandbox, flow: Json) -> str:
    target = sandbox["targetConnections"][flow["targetConnectionIds"][0]]
    dataset_id: str = target["params"]["dataSetId"]
    return dataset_id


def base_connection_id(sandbox: Sandbox, flow: Json) -> str | None:
    """None for a source that needs no base connection."""
    return _source(sandbox, flow).get("baseConnectionId")


def inlet_of(sandbox: Sandbox, flow: Json) -> str | None:
    """The streaming inlet of the flow: one of its own or that of its base connection; None if it has none."""
    url = (flow.get("options") or {}).get("inletUrl")
    if isinstance(url, str):
        return url.rpartition("/")[2]
    base = sandbox["connections"].get(base_connection_id(sandbox, flow) or "")
    return inlet_params(base).get("inletId") if base else None


def inlet_params(connection: Json) -> Json:
    """`auth.params` of a base connection: among them its inlet, if it has one."""
    params = (connection.get("auth") or {}).get("params")
    return params if isinstance(params, dict) else {}


def _source(sandbox: Sandbox, flow: Json) -> Json:
    return sandbox["sourceConnections"][flow["sourceConnectionIds"][0]]


def frequency(flow: Json) -> str:
    return str((flow.get("scheduleParams") or {}).get("frequency", ""))

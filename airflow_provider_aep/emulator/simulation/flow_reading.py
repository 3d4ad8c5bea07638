"""Reading a flow: its transformations by name, and what its connections point to."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.emulator.http.message import Record
from airflow_provider_aep.emulator.services.specs.connection_specs import HTTP_API
from airflow_provider_aep.emulator.state.sandbox import Sandbox


def transformation(flow: Record, name: str) -> Record | None:
    for each in flow.get("transformations") or []:
        if each.get("name") == name:
            found: Record = each
            return found
    return None


def delta_column(flow: Record) -> Any:
    copy = transformation(flow, "Copy")
    return (copy.get("params") or {}).get("deltaColumn") if copy else None


def target_dataset_id(sandbox: Sandbox, flow: Record) -> str:
    target = sandbox["targetConnections"][flow["targetConnectionIds"][0]]
    dataset_id: str = target["params"]["dataSetId"]
    return dataset_id


def base_connection_id(sandbox: Sandbox, flow: Record) -> str | None:
    """None for a source that needs no base connection."""
    return _source(sandbox, flow).get("baseConnectionId")


def has_inlet(sandbox: Sandbox, flow: Record) -> bool:
    return bool(_source(sandbox, flow)["connectionSpec"]["id"] == HTTP_API)


def _source(sandbox: Sandbox, flow: Record) -> Record:
    return sandbox["sourceConnections"][flow["sourceConnectionIds"][0]]


def frequency(flow: Record) -> str:
    return str((flow.get("scheduleParams") or {}).get("frequency", ""))

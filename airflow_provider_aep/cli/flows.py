"""``airflow-aep flows``: the source dataflows of a sandbox."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from rich.text import Text

from airflow_provider_aep.cli.connection import connect
from airflow_provider_aep.cli.terminal import cell, print_json, print_table, progress
from airflow_provider_aep.connectors import connector_name
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.run_state import Phase, run_phase
from airflow_provider_aep.models.times import iso_time
from airflow_provider_aep.runs.flow_list import list_flows

_COLUMNS = ("name", "connector", "state", "schedule", "last run", "began (UTC)", "id")
_STATES = {"enabled": "good", "disabled": "quiet", "draft": "quiet"}
_PHASES = {Phase.FAILED: "bad", Phase.SUCCEEDED: "good", Phase.RUNNING: "warning"}


def run(args: Namespace) -> int:
    """Print the table: one request for each hundred dataflows.

    :raises AepError: the platform cannot be asked, or no dataflow has a name that was given.
    """
    with progress("Listing dataflows") as advance:
        client = connect(args, on_exchange=lambda *exchange: advance())
        flows = [flow for flow in list_flows(client.send, args.names) if args.state in (None, flow.state)]
    rows = [_to_json(flow) for flow in flows]
    if args.json:
        print_json(rows)
    else:
        print_table(_COLUMNS, [_row(row) for row in rows])
    return 0


def _to_json(flow: Flow) -> dict[str, Any]:
    last, spec, base = flow.last_run_details, flow.source.connection_spec, flow.source.base_connection
    return {
        "id": flow.id,
        "name": flow.name,
        "connector": connector_name(spec.id) if spec else None,
        "base_connection_id": base.id if base else None,
        "state": flow.state,
        "schedule": flow.schedule_params.describe() if flow.schedule_params else None,
        "last_run": {"id": last.id, "status": last.state, "started_at": iso_time(last.started_at_utc)}
        if last
        else None,
    }


def _row(flow: dict[str, Any]) -> list[Any]:
    last = flow["last_run"] or {}
    return [
        flow["name"],
        flow["connector"],
        cell(flow["state"], _STATES.get(flow["state"], "warning")),
        flow["schedule"],
        status_cell(last.get("status")),
        minute_of(last.get("started_at")),
        flow["id"],
    ]


def status_cell(status: str | None) -> Text:
    """The status of a run, coloured by what it means."""
    return cell(status, _PHASES.get(run_phase(status), ""))


def minute_of(iso_time: str | None) -> str | None:
    """A time in UTC as a table shows it."""
    return iso_time and iso_time[:16].replace("T", " ")

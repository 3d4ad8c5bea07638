"""``airflow-aep runs``: the flow runs of a dataflow, or of a sandbox."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime, timedelta
from typing import Any

from airflow_provider_aep.api.flow_service import list_runs
from airflow_provider_aep.api.sandbox_lists import list_all_runs
from airflow_provider_aep.cli.connection import connect
from airflow_provider_aep.cli.flows import minute_of, status_cell
from airflow_provider_aep.cli.terminal import cell, print_json, print_table, progress
from airflow_provider_aep.client.http import AepClient
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.runs.flow_list import list_flows

_COLUMNS = ("dataflow", "status", "began (UTC)", "seconds", "read", "written", "failed", "id")
_NUMBERS = ("seconds", "read", "written", "failed")


def run(args: Namespace) -> int:
    """Print the table, the newest run first.

    :raises AepError: the platform cannot be asked, or no dataflow has the name that was given.
    """
    with progress("Listing flow runs") as advance:
        client = connect(args, on_exchange=lambda *exchange: advance())
        names = {str(flow.id): flow.name for flow in list_flows(client.send, [args.flow] if args.flow else ())}
        runs = _runs(client, list(names), args.since)
    runs.sort(key=lambda run: (-(run.created_at_or_started or 0), names[str(run.flow_id)] or "", run.id))
    if args.failed:
        runs = [run for run in runs if run.verdict(RunPolicy()).outcome == "failure"]
    rows = [{"flow_name": names[str(run.flow_id)], **run.summary()} for run in runs]
    if args.json:
        print_json(rows)
    else:
        print_table(_COLUMNS, [_row(row) for row in rows], numbers=_NUMBERS)
    return 0


def _runs(client: AepClient, flow_ids: list[str], since: timedelta | datetime) -> list[FlowRun]:
    """The runs of these dataflows since then, newest first."""
    begin = since.timestamp() if isinstance(since, datetime) else client.now() - since.total_seconds()
    created_since = int(begin * 1000)
    if len(flow_ids) == 1:
        # One that does not name its dataflow is of the one that was asked for.
        listed = client.send(list_runs(flow_ids[0], created_since=created_since))
        listed = [run.model_copy(update={"flow_id": flow_ids[0]}) for run in listed]
    else:
        listed = client.send(list_all_runs(created_since=created_since))
    return [run for run in listed if run.flow_id in flow_ids and (run.created_at_or_started or 0) >= created_since]


def _row(run: dict[str, Any]) -> list[Any]:
    records, seconds = run["records"], run["duration_seconds"]
    return [
        run["flow_name"],
        status_cell(run["status"]),
        minute_of(run["started_at"]),
        None if seconds is None else f"{seconds:.0f}",
        records["input"],
        records["output"],
        cell(records["failed"], "bad" if records["failed"] else ""),
        run["run_id"],
    ]

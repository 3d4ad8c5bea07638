"""Decides, when a run is created, everything that will happen to it; later its life is only a matter of time.

A plan is a plain dict (it goes into the state file). Its times are epoch seconds; `endsAt` None: never.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from airflow_provider_aep.emulator.simulation.flow_reading import target_dataset_id
from airflow_provider_aep.emulator.simulation.outcomes import OUTCOMES, Script, claim
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox

COPY_SHARE = 0.6
BYTES_PER_RECORD = 240
PARTIAL_RECORDS = 100


def create_run(
    platform: Platform,
    sandbox: Sandbox,
    flow: Json,
    *,
    created_at: float,
    client_id: str,
    window: tuple[float, float],
    starts_at: float = 0.0,
    parent: str | None = None,
    records: int | None = None,
) -> Json:
    """Add a run (and its plan) to the sandbox and return the run; a script's number of records comes first."""
    script = claim(platform.scripts, flow)
    if script.records is None:
        script = replace(script, records=records)
    if script.outcome == "success":
        script = replace(script, outcome=_outcome(sandbox, flow, window))
    run = _new_run(platform, sandbox, flow, created_at, client_id)
    if parent:
        run["parentFlowRunId"] = parent
    queued_for = script.details.get("queue_time", platform.switches.run_queue_time)
    starts = max(created_at + float(queued_for), starts_at)
    sandbox["runs"][run["id"]] = run
    sandbox["plans"][run["id"]] = _plan(platform, sandbox, flow, script, run, starts, window)
    platform.next_event_at = 0.0
    return run


def _new_run(platform: Platform, sandbox: Sandbox, flow: Json, created_at: float, client_id: str) -> Json:
    created_ms = int(created_at * 1000)
    return {
        **platform.audit(client_id),
        "createdAt": created_ms,
        "updatedAt": created_ms,
        "sandboxId": sandbox.id,
        "sandboxName": sandbox.name,
        "id": platform.identifiers.uuid(),
        "flowId": flow["id"],
        "flowSpec": flow["flowSpec"],
        "providerRefId": f"M-{flow['id']}-incremental-0:{platform.identifiers.uuid()}",
        "etag": platform.identifiers.etag(created_at),
        "metrics": {"statusSummary": {"status": "scheduled"}},
        "activities": [],
    }


def _outcome(sandbox: Sandbox, flow: Json, window: tuple[float, float]) -> str:
    """What becomes of a run that would succeed: without its dataset it fails, an empty window moves nothing."""
    if target_dataset_id(sandbox, flow) not in sandbox["dataSets"]:
        return "failed_batch"
    return "empty" if window[0] == window[1] else "success"


def _plan(
    platform: Platform,
    sandbox: Sandbox,
    flow: Json,
    script: Script,
    run: Json,
    starts: float,
    window: tuple[float, float],
) -> Json:
    outcome = OUTCOMES[script.outcome]
    created = run["createdAt"] / 1000
    once = str(flow.get("scheduleParams", {}).get("frequency")) == "once"
    return {
        "outcome": script.outcome,
        "status": script.details.get("status", outcome.status),
        "errors": script.details.get("errors"),
        "createdAt": created,
        "visibleAt": created + platform.switches.run_visibility_lag,
        "queuedAt": created + (starts - created) / 2,
        "startsAt": starts,
        "copiedAt": starts + script.duration * COPY_SHARE,
        "endsAt": None if outcome.never_ends else starts + script.duration,
        "windowStart": int(window[0] * 1000),
        "windowEnd": int(window[1] * 1000),
        "type": "one-time" if once else "incremental",
        "sourceConnectionId": flow["sourceConnectionIds"][0],
        "targetConnectionId": flow["targetConnectionIds"][0],
        "dataSetId": target_dataset_id(sandbox, flow),
        "adfRunId": platform.identifiers.uuid(),
        "batchId": platform.identifiers.ulid(starts),
        "options": flow.get("options", {}),
        "seen": False,
        "changesAt": created,
        "settled": False,
        **_volume(platform, script),
    }


def _volume(platform: Platform, script: Script) -> dict[str, Any]:
    outcome = OUTCOMES[script.outcome]
    records = script.records
    if records is None:
        records = PARTIAL_RECORDS if outcome.drops_records else platform.identifiers.random.randint(100, 5000)
    if outcome.empty:
        records = 0
    failed = 0
    if outcome.drops_records:
        failed = int(script.details.get("failed_records", 1))
    if outcome.promotion_fails:
        failed = records
    return {"records": records, "failed": failed, "bytes": records * BYTES_PER_RECORD}

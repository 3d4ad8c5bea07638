"""Batches in Catalog: made by a run's promotion, or by a streaming flow every quarter of an hour."""

from __future__ import annotations

from airflow_provider_aep.emulator.simulation.outcomes import OUTCOMES
from airflow_provider_aep.emulator.simulation.run_report import finished_at, ingest_errors
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform
from airflow_provider_aep.emulator.state.sandbox import Sandbox


def promote(platform: Platform, sandbox: Sandbox, plan: Json, now: float) -> None:
    """Bring the batch of a run to where it is at that moment."""
    batch = sandbox["batches"].get(plan["batchId"])
    if batch is None:
        batch = _new_batch(platform, plan["batchId"], plan["dataSetId"], plan["copiedAt"])
        batch["tags"] |= {
            "acp_enableErrorDiagnostics": [str(plan["options"].get("errorDiagnosticsEnabled", False)).lower()],
            "acp_partialIngestionPercent": [str(plan["options"].get("partialIngestionPercent", 0))],
            "flowRunId": [plan["adfRunId"]],
        }
        sandbox["batches"][plan["batchId"]] = batch
    if not finished_at(plan, now):
        return
    ended_ms = int(plan["endsAt"] * 1000)
    failed = OUTCOMES[plan["outcome"]].promotion_fails
    batch.update(status="failed" if failed else "success", updated=ended_ms, completed=ended_ms)
    batch["metrics"] = _metrics(plan["records"], plan["failed"], plan["bytes"], batch["started"], ended_ms)
    batch["errors"] = [
        {
            "code": error["code"],
            "description": error["message"],
            "recordCount": error.get("recordCount", plan["failed"]),
        }
        for error in ingest_errors(plan)
    ]
    if failed:
        batch["failedBatchLocation"] = f"adl://emulator/failed/{plan['batchId']}"


def add_streaming_batch(platform: Platform, sandbox: Sandbox, dataset_id: str, at: float, records: int) -> None:
    """A finished batch: streamed data appears in the lake without a flow run."""
    batch_id = platform.identifiers.ulid(at)
    batch = _new_batch(platform, batch_id, dataset_id, at)
    ended_ms = int(at * 1000)
    batch.update(status="success", completed=ended_ms)
    batch["metrics"] = _metrics(records, 0, records * 200, batch["started"], ended_ms)
    sandbox["batches"][batch_id] = batch


def _new_batch(platform: Platform, batch_id: str, dataset_id: str, at: float) -> Json:
    at_ms = int(at * 1000)
    return {
        "id": batch_id,
        "imsOrg": platform.switches.org_id,
        "status": "loading",
        "created": at_ms,
        "updated": at_ms,
        "started": at_ms,
        "createdClient": "acp_foundation_push",
        "createdUser": "acp_foundation_push@AdobeID",
        "version": "1.0.1",
        "inputFormat": {"format": "parquet"},
        "relatedObjects": [{"type": "dataSet", "id": dataset_id}],
        "tags": {},
        "errors": [],
        "metrics": {},
    }


def _metrics(records: int, failed: int, size: int, started_ms: int, ended_ms: int) -> Json:
    return {
        "inputByteSize": size,
        "inputFileCount": 1,
        "inputRecordCount": records,
        "outputByteSize": int(size * 0.7),
        "outputFileCount": 1,
        "outputRecordCount": records - failed,
        "failedRecordCount": failed,
        "partitionCount": 1,
        "startTime": started_ms,
        "endTime": ended_ms,
    }

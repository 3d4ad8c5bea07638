"""What a run looks like at a given moment: metrics and activities, shaped as in Adobe's monitoring page."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.emulator.simulation.outcomes import OUTCOMES
from airflow_provider_aep.emulator.state.json import Json

EXPORT = "https://platform.adobe.io/data/foundation/export/batches"

PROMOTION_ERROR = {"code": "CONNECTOR-2001-500", "message": "Error occurred at promotion activity."}


def status_at(plan: Json, now: float) -> str | None:
    """The value of statusSummary.status; None: the key is absent."""
    if now < plan["queuedAt"]:
        return "scheduled"
    if now < plan["startsAt"]:
        return "queued"
    if not finished_at(plan, now):
        return "inProgress"
    status: str | None = plan["status"]
    return status


def finished_at(plan: Json, now: float) -> bool:
    return plan["endsAt"] is not None and now >= plan["endsAt"]


def has_batch(plan: Json, now: float) -> bool:
    outcome = OUTCOMES[plan["outcome"]]
    return now >= plan["copiedAt"] and not outcome.copy_fails and not outcome.empty


def ingest_errors(plan: Json) -> list[Json]:
    """What promotion says about the rows it dropped."""
    dropped, kept = plan["failed"], plan["records"] - plan["failed"]
    if not dropped:
        return []
    return [
        {
            "code": "INGEST-1212-400",
            "message": f"Encountered {dropped} errors in the data. Successfully ingested {kept} rows. "
            "Review the associated diagnostic files for additional details.",
        },
        {"code": "MAPPER-3700-400", "recordCount": dropped, "message": "Mapper Transform Error"},
    ]


def describe(plan: Json, now: float) -> tuple[Json, list[Json]]:
    """(metrics, activities) of the run at that moment."""
    if now < plan["startsAt"]:
        return {"statusSummary": {"status": status_at(plan, now)}}, []
    activities = [_copy_activity(plan, now)]
    if now >= plan["copiedAt"] and not OUTCOMES[plan["outcome"]].copy_fails:
        activities.append(_promotion_activity(plan, now))
    return _metrics(plan, now), activities


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _metrics(plan: Json, now: float) -> Json:
    summary: Json = {"errors": [], "activityRefs": ["promotionActivity"]}
    status = status_at(plan, now)
    if status is not None:
        summary["status"] = status
    metrics: Json = {
        "durationSummary": {"startedAtUTC": _ms(plan["startsAt"])},
        "sizeSummary": {},
        "recordSummary": {},
        "fileSummary": {},
        "statusSummary": summary,
    }
    if not finished_at(plan, now):
        return metrics
    summary["errors"] = _run_errors(plan)
    if OUTCOMES[plan["outcome"]].copy_fails:
        # As in the published failure payload: no completedAtUTC, sizes unknown.
        metrics["sizeSummary"] = {"inputBytes": -1, "outputBytes": -1}
        metrics["fileSummary"] = {
            "inputFileCount": -1,
            "outputFileCount": -1,
            "activityRefs": ["copyActivity"],
        }
        summary["activityRefs"] = ["copyActivity"]
        return metrics
    metrics["durationSummary"]["completedAtUTC"] = _ms(plan["endsAt"])
    metrics["sizeSummary"] = _sizes(plan)
    metrics["recordSummary"] = _records(plan)
    files = 1 if plan["records"] else 0
    metrics["fileSummary"] = {
        "inputFileCount": files,
        "outputFileCount": files,
        "activityRefs": ["promotionActivity"],
    }
    return metrics


def _run_errors(plan: Json) -> list[Any]:
    if plan["errors"] is not None:
        return list(plan["errors"])
    outcome = OUTCOMES[plan["outcome"]]
    if outcome.copy_fails:
        return [outcome.error]
    return [PROMOTION_ERROR] if plan["failed"] else []


def _sizes(plan: Json) -> Json:
    kept = plan["records"] - plan["failed"]
    return {
        "inputBytes": plan["bytes"],
        "outputBytes": int(plan["bytes"] * 0.7 * kept / max(plan["records"], 1)),
    }


def _records(plan: Json) -> Json:
    return {
        "inputRecordCount": plan["records"],
        "outputRecordCount": plan["records"] - plan["failed"],
        "failedRecordCount": plan["failed"],
    }


def _copy_activity(plan: Json, now: float) -> Json:
    fails = OUTCOMES[plan["outcome"]].copy_fails
    # A copy that fails ends when its run does.
    done = now >= plan["copiedAt"] and (not fails or finished_at(plan, now))
    files = 1 if plan["records"] else 0
    copied = done and not fails
    source = {
        "id": plan["sourceConnectionId"],
        "type": "SourceConnection",
        "reference": {"type": "AdfRunId", "ids": [plan["adfRunId"]]},
    }
    return {
        "id": "copyActivity",
        "name": "Copy Activity",
        "updatedAtUTC": _ms(plan["copiedAt"] if now >= plan["copiedAt"] else plan["startsAt"]),
        "durationSummary": {
            "startedAtUTC": _ms(plan["startsAt"]),
            "extensions": {"windowStart": plan["windowStart"], "windowEnd": plan["windowEnd"]},
            **({"completedAtUTC": _ms(plan["copiedAt"])} if done else {}),
        },
        "sizeSummary": {"inputBytes": plan["bytes"], "outputBytes": plan["bytes"]} if copied else {},
        "recordSummary": {},
        "fileSummary": {"inputFileCount": files, "outputFileCount": files} if copied else {},
        "statusSummary": _copy_status(plan, done, fails),
        "sourceInfo": [source],
    }


def _copy_status(plan: Json, done: bool, fails: bool) -> Json:
    extensions: Json = {"type": plan["type"]}
    if not done:
        return {"status": "inProgress", "extensions": extensions}
    if not fails:
        return {"status": "success", "extensions": extensions}
    message = "ErrorCode=UserErrorFailedToConnectToSource: the source refused the connection."
    errors = [{"code": "2200", "message": message}]
    return {
        "status": "failed",
        "extensions": {**extensions, "errors": errors},
        "errors": [OUTCOMES[plan["outcome"]].error],
    }


def _promotion_activity(plan: Json, now: float) -> Json:
    done = finished_at(plan, now)
    activity: Json = {
        "id": "promotionActivity",
        "name": "Promotion Activity",
        "updatedAtUTC": _ms(plan["endsAt"] if done else plan["copiedAt"]),
        "durationSummary": {"startedAtUTC": _ms(plan["copiedAt"])},
        "sizeSummary": _sizes(plan) if done else {},
        "recordSummary": _records(plan) if done else {},
        "fileSummary": {},
        "statusSummary": {"status": "inProgress"},
    }
    if has_batch(plan, now):
        reference = {"type": "Batch", "ids": [plan["batchId"]]}
        activity["targetInfo"] = [
            {"id": plan["targetConnectionId"], "type": "TargetConnection", "reference": reference}
        ]
    if done:
        activity["durationSummary"]["completedAtUTC"] = _ms(plan["endsAt"])
        manifest = {"fileInfo": f"{EXPORT}/{plan['batchId']}/meta?path=input_files"}
        activity["fileSummary"] = {
            "inputFileCount": 1,
            "outputFileCount": 1,
            "extensions": {"manifest": manifest},
        }
        activity["statusSummary"] = _promotion_status(plan)
    return activity


def _promotion_status(plan: Json) -> Json:
    fails = OUTCOMES[plan["outcome"]].promotion_fails
    summary: Json = {"status": "failed" if fails else "success"}
    if plan["failed"]:
        summary["errors"] = [PROMOTION_ERROR]
        summary["extensions"] = {
            "manifest": {
                "failedRecords": f"{EXPORT}/{plan['batchId']}/meta?path=row_errors",
                "sampleErrors": f"{EXPORT}/{plan['batchId']}/meta?path=row_error_samples.json",
            },
            "errors": ingest_errors(plan),
        }
    return summary

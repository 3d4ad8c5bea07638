"""Batches: what dataflows brought in. Runs and streaming flows make them; the API only shows them."""

from __future__ import annotations

from airflow_provider_aep.emulator.http.errors import bad_request
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.services.catalog.listing import by_id, by_time, existing, page
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform


def list_all(platform: Platform, request: Request) -> Response:
    """GET /batches: filters dataSet, status, createdAfter and createdBefore (epoch milliseconds)."""
    batches = list(request.sandbox["batches"].values())
    dataset_id = request.first("dataSet") or request.first("dataSetId")
    if dataset_id is not None:
        wanted = dataset_id.split(",")
        if platform.switches.refuse_dataset_lists and len(wanted) > 1:
            raise bad_request("The filter dataSet takes one value.")
        batches = [batch for batch in batches if _dataset_of(batch) in wanted]
    status = request.first("status")
    if status is not None:
        batches = [batch for batch in batches if batch["status"] in status.split(",")]
    return Response(
        200,
        by_id(request, page(request, by_time(request, batches, inclusive=platform.switches.created_after_inclusive))),
    )


def get_one(platform: Platform, request: Request, batch_id: str) -> Response:
    return Response(200, by_id(request, [existing(request, "batches", batch_id)]))


def list_last(platform: Platform, request: Request) -> Response:
    """GET /lastBatches?dataSetId=a,b."""
    wanted = (request.first("dataSetId") or "").split(",")
    found: Json = {}
    for batch in sorted(request.sandbox["batches"].values(), key=lambda batch: int(batch["created"])):
        dataset_id = _dataset_of(batch)
        if dataset_id not in wanted:
            continue
        entry = found.setdefault(dataset_id, {})
        entry.update(lastBatchId=batch["id"], lastBatchStatus=batch["status"])
        if batch["status"] == "success":
            entry["lastSuccessfulBatchId"] = batch["id"]
        elif batch["status"] == "failed":
            entry["lastFailedBatchId"] = batch["id"]
    return Response(200, found)


def _dataset_of(batch: Json) -> str:
    dataset_id: str = batch["relatedObjects"][0]["id"]
    return dataset_id

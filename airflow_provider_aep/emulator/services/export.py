"""Data access: the diagnostic files of a batch (input files, rows in error, a sample of the errors)."""

from __future__ import annotations

import json

from airflow_provider_aep.emulator.http.errors import bad_request, not_found
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

PAGE_LIMIT = 100
MOST_SAMPLES = 20
INPUT_FILE = "part-00000-emulator.parquet"
ERROR_FILE = "conversion_errors_0.json"
SAMPLE_FILE = "row_error_samples.json"


def get_batch_meta(platform: Platform, request: Request, batch_id: str) -> Response:
    """GET /batches/{id}/meta?path=input_files | row_errors | row_errors/NAME | row_error_samples.json."""
    batch = request.sandbox["batches"].get(batch_id)
    if batch is None:
        raise not_found(f"The batch {batch_id} could not be found.")
    path = request.first("path")
    failed = batch["metrics"].get("failedRecordCount", 0)
    if path == "input_files":
        return _files(request, "input_files", {INPUT_FILE: batch["metrics"].get("inputByteSize", 0)})
    if path == "row_errors":
        lines = _lines(batch, failed)
        return _files(request, "row_errors", {ERROR_FILE: len(lines)} if failed else {})
    if path == f"row_errors/{ERROR_FILE}" and failed:
        return _content(_lines(batch, failed))
    if path == SAMPLE_FILE and failed:
        return _content(_lines(batch, min(failed, MOST_SAMPLES)))
    if path is None:
        raise bad_request("The query parameter path is required.")
    raise not_found(f"The batch {batch_id} has no file {path}.")


def _files(request: Request, folder: str, sizes: dict[str, int]) -> Response:
    files: list[Json] = []
    for name, size in sizes.items():
        href = f"https://platform.adobe.io{request.path}?path={folder}%2F{name}"
        files.append({"name": name, "length": str(size), "_links": {"self": {"href": href}}})
    return Response(200, {"data": files, "_page": {"count": len(files), "limit": PAGE_LIMIT}})


def _lines(batch: Json, count: int) -> bytes:
    errors = [
        {"code": error["code"].rpartition("-")[0].rpartition("-")[2], "message": error["description"]}
        for error in batch["errors"]
    ]
    rows = (
        {"_errors": errors[-1:], "_filename": INPUT_FILE, "_corrupt_record": f"row {number}"}
        for number in range(1, count + 1)
    )
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def _content(lines: bytes) -> Response:
    return Response(200, lines, {"Content-Type": "application/octet-stream"})

"""Data access: the diagnostics of a batch, kept for 30 days.

https://experienceleague.adobe.com/en/docs/experience-platform/ingestion/quality/error-diagnostics
"""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.api.json_text import parse_json
from airflow_provider_aep.validation import checked_id

BASE = "/data/foundation/export"
SAMPLES = "row_error_samples.json"


def meta_path(batch_id: str) -> str:
    """Where the diagnostics of a batch are, below the platform's host."""
    return f"{BASE}/batches/{checked_id('batch_id', batch_id, 'batch')}/meta"


def get_row_error_samples(batch_id: str) -> Call[list[dict[str, Any]]]:
    return Call("GET", meta_path(batch_id), list[dict[str, Any]], params={"path": SAMPLES}, decode=_json_lines)


def _json_lines(text: str) -> list[Any]:
    # Not splitlines: the rows' own text may hold other line separators, such as U+2028.
    lines = [line for line in text.split("\n") if line.strip()]
    rows = [_row(line) for line in lines]
    if lines and rows == lines:
        raise ValueError("none of the lines is JSON")
    return rows


def _row(line: str) -> Any:
    """The row of a line; the line itself where it is no JSON, such as the last one of a text that was cut off."""
    try:
        return parse_json(line)
    except ValueError:
        return line

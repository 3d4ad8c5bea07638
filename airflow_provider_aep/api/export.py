"""Data access: the diagnostics of a batch, kept for 30 days.

https://experienceleague.adobe.com/en/docs/experience-platform/ingestion/quality/error-diagnostics
"""

from __future__ import annotations

import json
from typing import Any

from airflow_provider_aep.api.call import Call
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
    return [json.loads(line) for line in text.split("\n") if line.strip()]

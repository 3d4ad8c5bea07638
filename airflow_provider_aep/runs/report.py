"""What a person reads about a run: one paragraph when it went well, everything that helps when it did not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_aep.client.remedies import run_remedy

MAX_SAMPLES = 5


def describe(summary: Mapping[str, Any]) -> str:
    """The summary of a run or batch in one line."""
    parts = [f"status {summary.get('status')}"]
    if summary.get("duration_seconds") is not None:
        parts.append(f"{summary['duration_seconds']:.0f} s")
    records = {kind: count for kind, count in summary.get("records", {}).items() if count is not None}
    if records:
        parts.append("records " + ", ".join(f"{kind} {count}" for kind, count in records.items()))
    sizes = {kind: size for kind, size in summary.get("bytes", {}).items() if size is not None}
    if sizes:
        parts.append("bytes " + ", ".join(f"{kind} {size}" for kind, size in sizes.items()))
    if summary.get("batch_ids"):
        parts.append("batches " + ", ".join(summary["batch_ids"]))
    return "; ".join(parts)


def explain(
    what: str,
    reason: str,
    summary: Mapping[str, Any],
    *,
    samples: Sequence[Mapping[str, Any]] = (),
    diagnostics: Sequence[str] = (),
    url: str | None = None,
) -> str:
    """Why a run failed, line by line: reason, counts, errors with what usually mends them, where to look.

    :param samples: rows of the diagnostics; at most five are shown.
    :param diagnostics: URLs of the batches' diagnostics.
    """
    lines = [f"The {what} {reason}.", f"  {describe(summary)}"]
    for error in summary.get("errors", []):
        place = f" in {error['activity']}" if error.get("activity") else ""
        lines.append(f"  {error.get('code') or 'no code'}{place}: {error.get('message')}")
        advice = run_remedy(error.get("code"))
        if advice:
            lines.append(f"    {advice}")
    if summary.get("errors_left_out"):
        lines.append(f"  and {summary['errors_left_out']} more errors")
    lines += [f"  sample row: {json.dumps(row, default=str)[:500]}" for row in samples[:MAX_SAMPLES]]
    lines += [f"  diagnostics (kept for 30 days): {place}" for place in diagnostics]
    if url:
        lines.append(f"  {url}")
    return "\n".join(lines)

"""What a person reads about a run: one paragraph when it went well, everything that helps when it did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_aep.client.remedies import run_remedy
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun


def describe(summary: Mapping[str, Any]) -> str:
    """The summary of a run or batch in one line."""
    parts = [f"status {summary.get('status')}"]
    if summary.get("duration_seconds") is not None:
        parts.append(f"{summary['duration_seconds']:.0f} s")
    records = {name: count for name, count in summary.get("records", {}).items() if count is not None}
    if records:
        parts.append("records " + ", ".join(f"{name} {count}" for name, count in records.items()))
    sizes = {name: size for name, size in summary.get("bytes", {}).items() if size is not None}
    if sizes:
        parts.append("bytes " + ", ".join(f"{name} {size}" for name, size in sizes.items()))
    if summary.get("batch_ids"):
        parts.append("batches " + ", ".join(summary["batch_ids"]))
    return "; ".join(parts)


def noun(seen: FlowRun | Batch) -> str:
    return "flow run" if isinstance(seen, FlowRun) else "batch"


def name_and_state(seen: FlowRun | Batch) -> str:
    """A run or batch as it was seen last, in one line."""
    return f"{noun(seen)} {seen.id}, {describe(seen.summary())}"


def explain(
    what: str,
    reasons: Sequence[str],
    summary: Mapping[str, Any],
    *,
    diagnostics: Sequence[str] = (),
    logged_rows: int = 0,
    url: str | None = None,
) -> str:
    """Why a run failed, line by line: reasons, counts, errors with what usually mends them, where to look.

    :param reasons: of the verdict; the first one comes first.
    :param diagnostics: URLs of the batches' diagnostics.
    :param logged_rows: how many rejected rows are in the task log. They are data of customers: no row is in this text.
    """
    first, *others = reasons
    lines = [f"The {what} {first}.", *(f"  It also {other}." for other in others), f"  {describe(summary)}"]
    for error in summary.get("errors", []):
        place = f" in {error['activity']}" if error.get("activity") else ""
        lines.append(f"  {error.get('code') or 'no code'}{place}: {error.get('message')}")
        advice = run_remedy(error.get("code"), rows_logged=logged_rows > 0)
        if advice:
            lines.append(f"    {advice}")
    if summary.get("errors_left_out"):
        lines.append(f"  and {summary['errors_left_out']} more errors")
    if logged_rows:
        lines.append(f"  rejected rows in the task log: {logged_rows}")
    lines += [f"  diagnostics (kept for 30 days): {place}" for place in diagnostics]
    if url:
        lines.append(f"  {url}")
    return "\n".join(lines)

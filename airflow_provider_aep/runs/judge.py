"""From a run that has ended to what a task does about it: one way for operators and sensors, in every mode."""

from __future__ import annotations

import json
import logging
from itertools import islice
from typing import Any

from airflow_provider_aep.api.call import Send
from airflow_provider_aep.api.export import get_row_error_samples, meta_path
from airflow_provider_aep.exceptions import AepConfigError, AepError, AepFlowRunFailedError
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.policy import RunPolicy, Verdict
from airflow_provider_aep.runs.report import describe, explain

log = logging.getLogger(__name__)


# Seconds for which sample rows are asked for. Without them a failure is reported all the same, and soon.
SAMPLES_PATIENCE = 5.0
SAMPLE_ROWS = 5
_LONGEST_ROW = 500


class EmptyRunError(Exception):
    """The run moved no records, and the policy says to skip then."""


def row_limit(value: Any) -> int:
    """How many rejected rows are logged: an integer, or its spelling, as templates deliver text.

    :raises AepConfigError: naming the value.
    """
    if isinstance(value, int | str) and not isinstance(value, bool) and str(value).strip().isdecimal():
        return int(value)
    raise AepConfigError(f"sample_rows is {value!r}; it is how many rejected rows are logged, an integer from 0 up.")


def summary_or_fail(
    ended: FlowRun | Batch,
    policy: RunPolicy,
    *,
    send: Send,
    host: str = "",
    url: str | None = None,
    rerun: bool = False,
    sample_rows: int = SAMPLE_ROWS,
) -> dict[str, Any]:
    """The summary of a run or batch that is as its policy demands, with `warnings`: what it lost, or reports oddly.

    :param send: fetches sample rows of a failed one.
    :param host: of the platform, for the URLs of the diagnostics.
    :param url: of the run in the platform's UI.
    :param rerun: whether a retry of the task runs a failed run again. Dropped records would be dropped again.
    :param sample_rows: how many rejected rows of a failed one are logged: data of customers, which stay in the log.
    :raises AepFlowRunFailedError: it is not as the policy demands.
    :raises EmptyRunError: it moved no records and the policy is to skip.
    """
    what = f"flow run {ended.id}" if isinstance(ended, FlowRun) else f"batch {ended.id}"
    summary = ended.summary()
    verdict = ended.verdict(policy)
    if verdict.outcome == "empty" and policy.on_empty == "skip":
        raise EmptyRunError(f"The {what} moved no records.")
    if verdict.outcome == "success" or (verdict.outcome == "empty" and policy.on_empty == "succeed"):
        _log_success(what, verdict, summary)
        return {**summary, "warnings": list(verdict.reasons)}
    places = _diagnostics(summary["batch_ids"])
    text = explain(
        what,
        verdict.reasons,
        summary,
        diagnostics=[f"{host}{path}?path=row_errors" for path in places.values()],
        logged_rows=_log_samples(send, places, sample_rows),
        url=url,
    )
    raise AepFlowRunFailedError(text, summary, retryable=rerun and ended.failed)


def _log_success(what: str, verdict: Verdict, summary: dict[str, Any]) -> None:
    log.info("The %s ended: %s", what, describe(summary))
    for reason in verdict.reasons:
        log.warning("The %s %s.", what, reason)
    for error in summary["errors"]:
        log.warning("The %s succeeded, with %s: %s", what, error["code"] or "no code", error["message"])


def _diagnostics(batch_ids: list[str]) -> dict[str, str]:
    places = {}
    for batch_id in batch_ids:
        try:
            places[batch_id] = meta_path(batch_id)
        except AepConfigError as problem:
            log.warning("No diagnostics: %s", problem)
    return places


def _log_samples(send: Send, places: dict[str, str], limit: int) -> int:
    """Log up to `limit` rejected rows, and say how many. Rows that cannot be read are no reason to fail differently."""
    logged = 0
    for batch_id in places:
        if logged >= limit:
            break
        try:
            rows = send(get_row_error_samples(batch_id))
        except AepError as problem:
            log.info("No sample rows of batch %s: %s", batch_id, problem)
            continue
        for row in islice(rows, limit - logged):
            log.warning("Rejected row of batch %s: %s", batch_id, json.dumps(row, default=str)[:_LONGEST_ROW])
            logged += 1
    return logged

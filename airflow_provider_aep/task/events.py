"""The events of triggers as plain JSON: what a trigger writes into one, and how its task reads that again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_aep.exceptions import (
    AepApiError,
    AepAuthError,
    AepConfigError,
    AepConflictError,
    AepError,
    AepNotFoundError,
)
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun


def raise_error_in(event: Mapping[str, Any]) -> None:
    """Raise the error that ended the wait of a trigger, if its event has one.

    :raises AepError: that error.
    """
    if event.get("refused"):
        raise error_from_json(event["refused"])


def run_in(event: Mapping[str, Any]) -> FlowRun | None:
    """The run that a trigger saw last; None if it saw none."""
    return FlowRun.model_validate(event["run"]) if event.get("run") else None


def batch_in(event: Mapping[str, Any]) -> Batch | None:
    """The batch that a trigger saw last; None if it saw none."""
    return Batch.model_validate(event["batch"]) if event.get("batch") else None


def error_to_json(error: AepApiError | AepConfigError) -> dict[str, Any]:
    """An error as plain JSON, for the event of a trigger: ``kind`` and ``message``; of an error of the platform also
    ``status``, ``code`` and ``request_id``.
    """
    values = {"kind": type(error).__name__, "message": str(error)}
    if isinstance(error, AepConfigError):
        return values
    return {**values, "status": error.status, "code": error.code, "request_id": error.request_id}


def error_from_json(values: Mapping[str, Any]) -> AepError:
    """The error of which `error_to_json` made these values; of a class that is not known, an `AepApiError`."""
    if values["kind"] == AepConfigError.__name__:
        return AepConfigError(values["message"])
    classes = {each.__name__: each for each in (AepApiError, AepAuthError, AepNotFoundError, AepConflictError)}
    error_class = classes.get(values["kind"], AepApiError)
    return error_class(values["message"], status=values["status"], code=values["code"], request_id=values["request_id"])

"""How an error travels from a trigger to its task: as facts in the event."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.exceptions import (
    AepApiError,
    AepAuthError,
    AepConfigError,
    AepConflictError,
    AepError,
    AepNotFoundError,
)


def facts_of(problem: AepApiError | AepConfigError) -> dict[str, Any]:
    """What a trigger's event says of the refusal that ended the wait: plain JSON."""
    facts = {"kind": type(problem).__name__, "message": str(problem)}
    if isinstance(problem, AepConfigError):
        return facts
    return {**facts, "status": problem.status, "code": problem.code, "request_id": problem.request_id}


def refusal_of(facts: dict[str, Any]) -> AepError:
    """The error of which a trigger sent the facts."""
    if facts["kind"] == AepConfigError.__name__:
        return AepConfigError(facts["message"])
    kinds = {kind.__name__: kind for kind in (AepApiError, AepAuthError, AepNotFoundError, AepConflictError)}
    rest = {key: facts[key] for key in ("status", "code", "request_id")}
    return kinds.get(facts["kind"], AepApiError)(facts["message"], **rest)

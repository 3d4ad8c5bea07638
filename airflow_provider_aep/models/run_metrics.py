"""What a run and its activities measured."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from airflow_provider_aep.models.base import AepModel


class RunError(AepModel):
    code: str | None = None
    message: str | None = None


class Duration(AepModel):
    # epoch milliseconds
    started_at_utc: int | None = Field(None, alias="startedAtUTC")
    completed_at_utc: int | None = Field(None, alias="completedAtUTC")
    extensions: dict[str, Any] | None = None


class Sizes(AepModel):
    input_bytes: int | None = None
    output_bytes: int | None = None


class Records(AepModel):
    input_record_count: int | None = None
    output_record_count: int | None = None
    created_record_count: int | None = None
    updated_record_count: int | None = None
    skipped_record_count: int | None = None
    failed_record_count: int | None = None
    warning_record_count: int | None = None
    deleted_record_count: int | None = None
    failed_info: list[RunError] | None = None


class Files(AepModel):
    input_file_count: int | None = None
    output_file_count: int | None = None
    failed_file_count: int | None = None


class Status(AepModel):
    status: str | None = None
    errors: list[RunError] | None = None
    extensions: dict[str, Any] | None = None


class Metrics(AepModel):
    duration_summary: Duration | None = None
    size_summary: Sizes | None = None
    record_summary: Records | None = None
    file_summary: Files | None = None
    status_summary: Status | None = None

    @property
    def all_errors(self) -> list[RunError]:
        """What is said of errors: in the status, in its extensions (by the service at work), and of failed records."""
        status, records = self.status_summary or Status(), self.record_summary or Records()
        nested = (status.extensions or {}).get("errors")
        details = [one for one in nested if isinstance(one, dict)] if isinstance(nested, list) else []
        return [
            *(status.errors or []),
            *(RunError(code=_text(one.get("code")), message=_text(one.get("message"))) for one in details),
            *(records.failed_info or []),
        ]


class Reference(AepModel):
    type: str | None = None
    ids: list[str] = []


class Target(AepModel):
    id: str | None = None
    reference: Reference | None = None


class Activity(Metrics):
    id: str | None = None
    name: str | None = None
    target_info: list[Target] | None = None


def known(counts: dict[str, int | None]) -> dict[str, int | None]:
    """The counts, with None for -1, by which the platform says that it does not know."""
    return {key: value if value is not None and value >= 0 else None for key, value in counts.items()}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)

"""What a run and its activities measured.

https://developer.adobe.com/experience-platform-apis/references/flow-service/ (Runs, ``metrics`` and ``activities``)
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from airflow_provider_aep.models.base import AepModel

# A time, an error or a text in a form that nobody published must not make the whole run unreadable: a wait for it would
# last until its deadline.


def _readable_time(value: Any) -> int | None:
    """Epoch milliseconds (or seconds) from a number, its spelling or an ISO time; None from anything else."""
    try:
        return int(float(value)) if not isinstance(value, int) else value
    except (TypeError, ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(str(value).strip())
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def as_list(value: Any) -> list[Any]:
    """Errors as a list: a single one may come bare."""
    if isinstance(value, list):
        return [one for one in value if one is not None]
    return [value] if value else []


def as_error(value: Any) -> Any:
    """An error that is a text only has no code."""
    return value if isinstance(value, AepModel | dict) else {"message": str(value)}


Time = Annotated[int | None, BeforeValidator(_readable_time)]
Text = Annotated[str | None, BeforeValidator(_text)]


class RunError(AepModel):
    code: Text = None
    message: Text = None


Errors = Annotated[list[Annotated[RunError, BeforeValidator(as_error)]], BeforeValidator(as_list)]


class Duration(AepModel):
    # epoch milliseconds
    started_at_utc: Time = Field(None, alias="startedAtUTC")
    completed_at_utc: Time = Field(None, alias="completedAtUTC")
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
    failed_info: Errors | None = None


class Files(AepModel):
    input_file_count: int | None = None
    output_file_count: int | None = None
    failed_file_count: int | None = None


class Status(AepModel):
    status: str | None = None
    errors: Errors | None = None
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
            *(RunError(code=one.get("code"), message=one.get("message")) for one in details),
            *(records.failed_info or []),
        ]

    @property
    def detail(self) -> str | None:
        """What the service at work said, in its own words, where no error is listed."""
        return _text(((self.status_summary or Status()).extensions or {}).get("errorDetail"))


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


def unknown_to_none(counts: dict[str, int | None]) -> dict[str, int | None]:
    """The counts, with None for -1, by which the platform says that it does not know."""
    return {key: value if value is not None and value >= 0 else None for key, value in counts.items()}


# So many errors, and so many characters of each, go into XCom and the log.
_MOST_ERRORS = 50
_LONGEST_MESSAGE = 2000


def truncate_errors(errors: Iterable[dict[str, str | None]]) -> dict[str, Any]:
    """The part of a summary that tells of errors. A run may have as many as it has records."""
    found = list(errors)
    short = [{key: value and value[:_LONGEST_MESSAGE] for key, value in one.items()} for one in found[:_MOST_ERRORS]]
    left_out = len(found) - len(short)
    return {"errors": short, "errors_left_out": left_out} if left_out else {"errors": short}

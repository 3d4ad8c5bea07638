"""What a run and its activities measured.

https://developer.adobe.com/experience-platform-apis/references/flow-service/ (Runs, ``metrics`` and ``activities``)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from airflow_provider_aep.models.base import AepModel
from airflow_provider_aep.models.tolerant import Count, Lenient, Name, Object, Text, Texts, Time, as_text, only_objects


def as_list(value: Any) -> list[Any]:
    """Errors as a list: a single one may come bare."""
    if isinstance(value, list):
        return [one for one in value if one is not None]
    return [value] if value else []


def as_error(value: Any) -> Any:
    """An error that is a text only has no code."""
    return value if isinstance(value, AepModel | dict) else {"message": as_text(value)}


class RunError(AepModel):
    code: Text = None
    message: Text = None
    record_count: Count = None


Errors = Annotated[list[Annotated[RunError, BeforeValidator(as_error)]], BeforeValidator(as_list)]


class Duration(AepModel):
    # epoch milliseconds
    started_at_utc: Time = Field(None, alias="startedAtUTC")
    completed_at_utc: Time = Field(None, alias="completedAtUTC")
    extensions: Object = None


class Sizes(AepModel):
    input_bytes: Count = None
    output_bytes: Count = None


class Records(AepModel):
    input_record_count: Count = None
    output_record_count: Count = None
    created_record_count: Count = None
    updated_record_count: Count = None
    skipped_record_count: Count = None
    failed_record_count: Count = None
    warning_record_count: Count = None
    deleted_record_count: Count = None
    failed_info: Errors | None = None


class Files(AepModel):
    input_file_count: Count = None
    output_file_count: Count = None
    skipped_file_count: Count = None
    failed_file_count: Count = None


class Status(AepModel):
    status: Text = None
    errors: Errors | None = None
    extensions: Object = None


class Metrics(AepModel):
    duration_summary: Annotated[Duration | None, Lenient] = None
    size_summary: Annotated[Sizes | None, Lenient] = None
    record_summary: Annotated[Records | None, Lenient] = None
    file_summary: Annotated[Files | None, Lenient] = None
    status_summary: Annotated[Status | None, Lenient] = None

    @property
    def status(self) -> str | None:
        """The status as the platform spells it."""
        return self.status_summary.status if self.status_summary else None

    @property
    def all_errors(self) -> list[RunError]:
        """What is said of errors: in the status, in its extensions (by the service at work), and of failed records."""
        status, records = self.status_summary or Status(), self.record_summary or Records()
        nested = (status.extensions or {}).get("errors")
        details = [one for one in nested if isinstance(one, dict)] if isinstance(nested, list) else []
        return [
            *(status.errors or []),
            *(_nested_error(one) for one in details),
            *(records.failed_info or []),
        ]

    @property
    def detail(self) -> str | None:
        """What the service at work said, in its own words, where no error is listed."""
        return as_text(((self.status_summary or Status()).extensions or {}).get("errorDetail"))


def _nested_error(error: dict[str, Any]) -> RunError:
    message = error.get("message", error.get("description"))
    return RunError(code=error.get("code"), message=message, record_count=error.get("recordCount"))


class Reference(AepModel):
    type: Name = None
    ids: Texts = []


class Target(AepModel):
    id: Name = None
    reference: Annotated[Reference | None, Lenient] = None


class Activity(Metrics):
    id: Name = None
    name: Name = None
    target_info: Annotated[list[Target], BeforeValidator(only_objects)] = []


def unknown_to_none(counts: dict[str, int | None]) -> dict[str, int | None]:
    """The counts, with None for -1, by which the platform says that it does not know."""
    return {key: value if value is not None and value >= 0 else None for key, value in counts.items()}


def highest(counts: Iterable[int | None]) -> int | None:
    """The highest of the counts that are known."""
    return max((count for count in counts if count is not None and count >= 0), default=None)


# So many errors, and so many characters of each, go into XCom and the log.
_MOST_ERRORS = 50
_LONGEST_MESSAGE = 2000


def truncate_errors(errors: Iterable[dict[str, str | None]]) -> dict[str, Any]:
    """The part of a summary that tells of errors. A run may have as many as it has records."""
    found = list(errors)
    short = [{key: value and value[:_LONGEST_MESSAGE] for key, value in one.items()} for one in found[:_MOST_ERRORS]]
    left_out = len(found) - len(short)
    return {"errors": short, "errors_left_out": left_out} if left_out else {"errors": short}

"""What counts as success, and the judgement that comes of it.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/monitor
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.validation import validation_messages

Outcome = Literal["running", "success", "empty", "failure"]


class RunPolicy(BaseModel):
    """What counts as success. AEP calls a run "success" that dropped records, files or activities; by default that
    fails here.

    A run passes if it lost at most `max_failed_records` records, or at most `max_failed_percent` of its input, and at
    most `max_failed_files` files. `max_failed_percent=100` allows any loss of records, also where nobody says how many;
    but not a run with status PARTIAL_SUCCESS that does not say which records failed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_failed_records: int = Field(0, ge=0)
    max_failed_percent: float | None = Field(None, ge=0, le=100)
    on_empty: Literal["succeed", "skip", "fail"] = "succeed"
    max_failed_files: int = Field(0, ge=0)

    @classmethod
    def of(cls, given: Any) -> Self:
        """A policy from None (the default), a dict or a policy.

        :raises AepConfigError: naming every wrong key and value.
        """
        if isinstance(given, cls):
            return given
        try:
            return cls.model_validate({} if given is None else given)
        except ValidationError as problem:
            keys = ", ".join(cls.model_fields)
            problems = "; ".join(validation_messages("policy", problem))
            raise AepConfigError(
                f"policy is {given!r}, which cannot be used (known keys: {keys}): {problems}."
            ) from None


@dataclass(frozen=True, init=False)
class Verdict:
    """The outcome and what speaks against a flawless success: of a failure, first what makes it one."""

    outcome: Outcome
    reasons: tuple[str, ...]

    def __init__(self, outcome: Outcome, *reasons: str) -> None:
        object.__setattr__(self, "outcome", outcome)
        object.__setattr__(self, "reasons", reasons)

    @property
    def reason(self) -> str:
        """All reasons in one sentence; empty for a flawless success."""
        return "; ".join(self.reasons)


@dataclass(frozen=True)
class Report:
    """What a run or batch that calls itself a success reports. A count that is None is not known.

    :param partial: whether it calls itself a success of which a part failed.
    :param errors: how many errors it lists.
    :param error_records: how many records one of these errors is about, at most. They need not be lost: where a mapping
        fails for a column that is not required, the record arrives without it.
    :param failed_activities: the names of the activities that failed.
    :param odd_activities: names and statuses of the activities that neither succeeded nor failed.
    """

    status: str
    read: int | None = None
    written: int | None = None
    skipped: int | None = None
    failed: int | None = None
    warned: int | None = None
    files_read: int | None = None
    files_written: int | None = None
    files_skipped: int | None = None
    files_failed: int | None = None
    errors: int = 0
    error_records: int | None = None
    partial: bool = False
    failed_activities: tuple[str, ...] = ()
    odd_activities: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether no records were moved: by their counts or, where these are not known, because there was no file."""
        if self.read is not None:
            return self.read == 0
        return self.written == 0 or (self.written is None and self.files_read == 0)


@dataclass(frozen=True)
class Finding:
    """Something in the report of a success that is not flawless."""

    fails: bool
    text: str


def judge_report(policy: RunPolicy, report: Report) -> Verdict:
    """The judgement on what calls itself a success: by its counts, errors and activities."""
    findings = [
        *_lost_records(policy, report),
        *_lost_files(policy, report),
        *_failed_activities(policy, report),
        *_contradictions(report),
    ]
    failures = [finding.text for finding in findings if finding.fails]
    warnings = [finding.text for finding in findings if not finding.fails]
    if failures:
        return Verdict("failure", *failures, *warnings)
    if report.empty and not report.failed and not report.files_failed:
        return Verdict("empty", "moved no records", *warnings)
    return Verdict("success", *warnings)


_ANY_LOSS = 'to allow any loss, pass policy={"max_failed_percent": 100}'


def _lost_records(policy: RunPolicy, report: Report) -> Iterator[Finding]:
    failed, read = report.failed, report.read
    if failed is None and (report.partial or report.errors):
        untold = "with errors, and does not say how many records failed"
        if report.partial:
            yield Finding(True, f"reports {report.status!r} {untold}")
        else:
            yield _unless_any_loss(policy, report, untold)
    elif report.partial and not failed:
        yield Finding(True, f"reports {report.status!r} and does not say which records failed")
    elif failed:
        percent = 100 * failed / read if read and failed < read else 100.0
        lost = f"dropped {_of(failed, read, 'record')}" + (f" ({percent:.2f} %)" if read else "")
        most = policy.max_failed_percent
        allowed = failed <= policy.max_failed_records or (most is not None and percent <= most)
        yield _loss(report, lost, allowed, f'{{"max_failed_records": {failed}}} or {{"max_failed_percent": ...}}')


def _lost_files(policy: RunPolicy, report: Report) -> Iterator[Finding]:
    failed, read = report.files_failed, report.files_read
    if failed:
        lost = f"lost {_of(failed, read, 'file')}"
        yield _loss(report, lost, failed <= policy.max_failed_files, f'{{"max_failed_files": {failed}}}')


def _loss(report: Report, lost: str, allowed: bool, remedy: str) -> Finding:
    """A loss of a known amount.

    :param remedy: the policy that would allow it.
    """
    if allowed:
        return Finding(False, f"{lost}, which its policy allows")
    return Finding(True, f"reports {report.status!r} but {lost}; to allow that, pass policy={remedy}")


def _failed_activities(policy: RunPolicy, report: Report) -> Iterator[Finding]:
    if report.failed_activities:
        names = ", ".join(repr(name) for name in report.failed_activities)
        yield _unless_any_loss(policy, report, f"although its activity {names} failed")


def _unless_any_loss(policy: RunPolicy, report: Report, what: str) -> Finding:
    """A loss of an unknown amount: only a policy that allows any loss allows it."""
    if policy.max_failed_percent == 100:
        return Finding(False, f"reports {report.status!r} {what}, which its policy allows")
    return Finding(True, f"reports {report.status!r} {what}; {_ANY_LOSS}")


def _contradictions(report: Report) -> Iterator[Finding]:
    """Figures that do not agree with each other, or warnings: no sign of a loss, but a person should check them."""
    if report.errors and report.failed == 0:
        about = f" about {_counted(report.error_records, 'record')}" if report.error_records else ""
        yield Finding(False, f"lists {_counted(report.errors, 'error')}{about} and says that 0 records failed")
    yield from _missing_records(report)
    if report.files_read and report.files_written == 0 and not report.files_skipped and not report.files_failed:
        yield Finding(False, f"read {_counted(report.files_read, 'file')} and wrote 0")
    for name, status in report.odd_activities:
        yield Finding(False, f"shows its activity {name!r} with status {status!r}")
    if report.warned:
        yield Finding(False, f"has warnings for {_counted(report.warned, 'record')}")


def _missing_records(report: Report) -> Iterator[Finding]:
    """Records that were read, and neither written nor skipped."""
    if not report.read or report.written is None or report.written + (report.skipped or 0) >= report.read:
        return
    if report.failed is None:
        # Adobe's own example of a success does not say it either.
        others = "does not say what became of the others"
        yield Finding(False, f"wrote {report.written} of {report.read} records and {others}")
    elif report.written == 0 and report.failed == 0:
        yield Finding(False, f"wrote 0 of {report.read} records and says that 0 failed")


def _of(part: int, whole: int | None, noun: str) -> str:
    """A part of the whole; alone where the whole is not known, or is told to be less."""
    return f"{part} of {_counted(whole, noun)}" if whole and part <= whole else _counted(part, noun)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

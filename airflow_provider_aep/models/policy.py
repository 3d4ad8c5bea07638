"""What counts as success, and the judgement that comes of it.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/monitor
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.validation import validation_messages

Outcome = Literal["running", "success", "empty", "failure"]


class RunPolicy(BaseModel):
    """What counts as success. AEP calls a run "success" that dropped records; by default that fails here.

    A run passes if it lost at most `max_failed_records` records, or at most `max_failed_percent` of its input.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_failed_records: int = Field(0, ge=0)
    max_failed_percent: float | None = Field(None, ge=0, le=100)
    on_empty: Literal["succeed", "skip", "fail"] = "succeed"

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


@dataclass(frozen=True)
class Verdict:
    """`outcome` and, for anything but "running" and a flawless "success", the reason in words."""

    outcome: Outcome
    reason: str = ""


def quality(
    policy: RunPolicy,
    status: str,
    *,
    read: int | None,
    written: int | None,
    failed: int | None,
    empty: bool,
    errors: bool,
    skipped: int | None = None,
    partial: bool = False,
) -> Verdict:
    """The judgement on a run or batch that calls itself a success: by its counts, where None is not known."""
    if failed is None and (partial or errors):
        return Verdict("failure", f"reports {status!r} with errors, and does not say how many records failed")
    if partial and not failed:
        return Verdict("failure", f"reports {status!r} and does not say which records failed")
    if failed:
        percent = 100 * failed / read if read else 100.0
        lost = f"dropped {failed} of {read} records ({percent:.2f} %)" if read else f"dropped {failed} records"
        allowed = policy.max_failed_percent
        if failed > policy.max_failed_records and (allowed is None or percent > allowed):
            return Verdict(
                "failure",
                f"reports {status!r} but {lost}; to allow that, "
                f'pass policy={{"max_failed_records": {failed}}} or {{"max_failed_percent": ...}}',
            )
        return Verdict("success", f"{lost}, which its policy allows")
    if empty:
        return Verdict("empty", "moved no records")
    if failed is None and read and written is not None and written + (skipped or 0) < read:
        # So does Adobe's own example of a success.
        return Verdict("success", f"wrote {written} of {read} records and does not say what became of the others")
    return Verdict("success")

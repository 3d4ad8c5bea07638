"""A run of a dataflow, and the one place where it is judged.

https://developer.adobe.com/experience-platform-apis/references/flow-service/ (Runs)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import AliasChoices, BeforeValidator, Field

from airflow_provider_aep.models.base import AepModel, Ref
from airflow_provider_aep.models.policy import Report, RunPolicy, Verdict, judge_report
from airflow_provider_aep.models.run_metrics import (
    Activity,
    Duration,
    Files,
    Metrics,
    Records,
    Sizes,
    Status,
    highest,
    truncate_errors,
    unknown_to_none,
)
from airflow_provider_aep.models.run_state import Phase, is_partial, run_phase
from airflow_provider_aep.models.times import iso_time, wire_seconds
from airflow_provider_aep.models.tolerant import Lenient, Name, Time, object_or_empty, only_objects


class FlowRun(AepModel):
    id: str
    flow_id: Name = None
    flow_spec: Annotated[Ref | None, Lenient] = None
    etag: Name = Field(None, validation_alias=AliasChoices("etag", "eTag"))
    created_at: Time = None
    created_client: Name = None
    provider_ref_id: Name = None
    metrics: Annotated[Metrics, BeforeValidator(object_or_empty)] = Field(default_factory=Metrics)
    # Adobe's OpenAPI spells it "activites", every payload "activities".
    activities: Annotated[list[Activity], BeforeValidator(only_objects)] | None = Field(
        None, validation_alias=AliasChoices("activities", "activites")
    )

    @property
    def status(self) -> str | None:
        """The status as the platform spells it."""
        return self.metrics.status

    @property
    def created_at_or_started(self) -> float | None:
        """When the run was made, in epoch milliseconds; where that is not told, when it began."""
        if self.created_at is not None:
            return self.created_at
        began = wire_seconds((self.metrics.duration_summary or Duration()).started_at_utc)
        return None if began is None else began * 1000

    @classmethod
    def with_status(cls, id_: str, flow_id: str | None, status: str | None) -> Self:
        """A run of which only its ids and status are known."""
        return cls(id=id_, flow_id=flow_id, metrics=Metrics(status_summary=Status(status=status)))

    @property
    def finished(self) -> bool:
        """Whether the run has ended: by its status or, where that says nothing known, by its completion time."""
        return self.phase is not Phase.RUNNING and (self.phase is not Phase.UNKNOWN or self._has_completed)

    @property
    def phase(self) -> Phase:
        """What the platform says by the run's status."""
        return run_phase(self.status)

    @property
    def _has_completed(self) -> bool:
        return wire_seconds((self.metrics.duration_summary or Duration()).completed_at_utc) is not None

    @property
    def failed(self) -> bool:
        """Whether the platform calls the run failed. Only then is its window run again: what it calls anything else may
        have landed.
        """
        return self.phase is Phase.FAILED

    def verdict(self, policy: RunPolicy) -> Verdict:
        """The judgement on this run. Unknown or missing status: wait while it goes on, failure once it has ended."""
        if self.phase is Phase.RUNNING:
            return Verdict("running")
        if self.phase is Phase.FAILED:
            return Verdict("failure", f"ended with status {self.status!r}")
        if self.phase is Phase.SUCCEEDED:
            return judge_report(policy, self._report)
        if self._has_completed:
            return Verdict("failure", f"ended with status {self.status!r}, which nobody published")
        return Verdict("running", f"has status {self.status!r}, which nobody published")

    @property
    def _report(self) -> Report:
        records, files = self.records, self.files
        return Report(
            str(self.status),
            read=records["input"],
            written=records["output"],
            skipped=records["skipped"],
            failed=records["failed"],
            warned=records["warning"],
            files_read=files["input"],
            files_written=files["output"],
            files_skipped=(self.metrics.file_summary or Files()).skipped_file_count,
            files_failed=files["failed"],
            errors=len(self.errors),
            error_records=highest(
                error.record_count for part in [*(self.activities or []), self.metrics] for error in part.all_errors
            ),
            partial=is_partial(self.status),
            failed_activities=tuple(self._failed_activities),
            odd_activities=tuple(self._odd_activities),
        )

    @property
    def _failed_activities(self) -> Iterator[str]:
        """The names of the activities that failed, or succeeded in part and no count of failed records says how far."""
        untold = not self.records["failed"]
        for name, status in self._activity_statuses:
            if run_phase(status) is Phase.FAILED or (untold and is_partial(status)):
                yield name

    @property
    def _odd_activities(self) -> Iterator[tuple[str, str]]:
        """Names and statuses of the activities that tell a status which is neither success nor failure."""
        for name, status in self._activity_statuses:
            if status and run_phase(status) in (Phase.RUNNING, Phase.UNKNOWN):
                yield name, status

    @property
    def _activity_statuses(self) -> Iterator[tuple[str, str | None]]:
        for place, activity in enumerate(self.activities or [], 1):
            yield activity.name or activity.id or f"number {place}", activity.status

    @property
    def records(self) -> dict[str, int | None]:
        """Record counts. A count that is missing or -1 is None: it is not known.

        Of failed records and of those with warnings, the highest count counts: the run's own or that of an activity.
        """
        summary = self.metrics.record_summary or Records()
        parts = [summary, *(activity.record_summary or Records() for activity in self.activities or [])]
        return unknown_to_none(
            {
                "input": summary.input_record_count,
                "output": summary.output_record_count,
                "created": summary.created_record_count,
                "updated": summary.updated_record_count,
                "skipped": summary.skipped_record_count,
                "failed": highest(part.failed_record_count for part in parts),
                "warning": highest(part.warning_record_count for part in parts),
            }
        )

    @property
    def files(self) -> dict[str, int | None]:
        """File counts, read as those of records."""
        summary = self.metrics.file_summary or Files()
        parts = [summary, *(activity.file_summary or Files() for activity in self.activities or [])]
        return unknown_to_none(
            {
                "input": summary.input_file_count,
                "output": summary.output_file_count,
                "failed": highest(part.failed_file_count for part in parts),
            }
        )

    @property
    def errors(self) -> list[dict[str, str | None]]:
        """Errors of the run and of its activities, each once, with the activity they come from."""
        found: dict[tuple[str | None, str | None], dict[str, str | None]] = {}
        for part in [*(self.activities or []), self.metrics]:
            activity = getattr(part, "name", None) or getattr(part, "id", None)
            for error in part.all_errors:
                described = {"code": error.code, "message": error.message, "activity": activity}
                found.setdefault((error.code, error.message), described)
        return [*found.values(), *self._failures_without_code]

    @property
    def _failures_without_code(self) -> list[dict[str, str | None]]:
        """What a failed run or activity says in free text, and which activities failed without any error."""
        found = []
        for part in self.activities or []:
            failed = run_phase(part.status) is Phase.FAILED
            text = part.detail if failed or self.failed else None
            if text is None and failed and self.failed and not part.all_errors:
                text = f"ended with status {part.status!r} and names no error"
            if text is not None:
                found.append({"code": None, "message": text, "activity": part.name or part.id})
        return found

    @property
    def batch_ids(self) -> list[str]:
        """The Catalog batches the run wrote, from the promotion activity's target info."""
        references = [
            target.reference
            for activity in self.activities or []
            for target in activity.target_info
            if target.reference
        ]
        ids = [
            batch for reference in references if (reference.type or "").lower() == "batch" for batch in reference.ids
        ]
        return list(dict.fromkeys(ids))

    @property
    def window(self) -> tuple[str, str] | None:
        """Start and end of the data window, once the copy activity tells; as the platform spells them."""
        for activity in self.activities or []:
            extensions = (activity.duration_summary.extensions if activity.duration_summary else None) or {}
            if extensions.get("windowStart") is not None and extensions.get("windowEnd") is not None:
                return str(extensions["windowStart"]), str(extensions["windowEnd"])
        return None

    def summary(self) -> dict[str, Any]:
        """What goes into XCom: ids, status, ISO times, seconds, bytes, counts, batches, errors. All plain JSON."""
        duration = self.metrics.duration_summary or Duration()
        sizes = self.metrics.size_summary or Sizes()
        started, completed = wire_seconds(duration.started_at_utc), wire_seconds(duration.completed_at_utc)
        return {
            "run_id": self.id,
            "flow_id": self.flow_id,
            "status": self.status,
            "started_at": iso_time(duration.started_at_utc),
            "completed_at": iso_time(duration.completed_at_utc),
            "duration_seconds": round(completed - started, 3) if started and completed else None,
            "records": self.records,
            "files": self.files,
            "bytes": unknown_to_none({"input": sizes.input_bytes, "output": sizes.output_bytes}),
            "batch_ids": self.batch_ids,
            **truncate_errors(self.errors),
        }


def first_run(runs: list[FlowRun], since: int) -> FlowRun | None:
    """The first run made at or after `since` (epoch milliseconds)."""
    eligible = [
        (run.created_at_or_started, run.id, run)
        for run in runs
        if run.created_at_or_started is not None and run.created_at_or_started >= since
    ]
    return min(eligible, key=lambda made: made[:2])[2] if eligible else None

"""A batch of Catalog: what landed in a dataset. Streaming dataflows have batches where others have flow runs.

https://developer.adobe.com/experience-platform-apis/references/catalog/ (Batches)
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from airflow_provider_aep.models.base import AepModel
from airflow_provider_aep.models.policy import Report, RunPolicy, Verdict, judge_report
from airflow_provider_aep.models.run_metrics import as_error, as_list, highest, truncate_errors, unknown_to_none
from airflow_provider_aep.models.run_state import Phase, batch_phase
from airflow_provider_aep.models.times import iso_time, wire_seconds
from airflow_provider_aep.models.tolerant import Count, Name, Text, Time, object_or_empty, only_objects


class BatchError(AepModel):
    code: Text = None
    description: Text = Field(None, validation_alias=AliasChoices("description", "message"))
    record_count: Count = None


class BatchMetrics(AepModel):
    input_byte_size: Count = None
    input_file_count: Count = None
    output_file_count: Count = None
    input_record_count: Count = None
    output_record_count: Count = None
    failed_record_count: Count = None


class RelatedObject(AepModel):
    type: Name = None
    id: Name = None


class Batch(AepModel):
    id: str
    status: Text = None
    # epoch milliseconds
    created: Time = None
    started: Time = None
    completed: Time = None
    errors: Annotated[list[Annotated[BatchError, BeforeValidator(as_error)]], BeforeValidator(as_list)] | None = None
    # Adobe's specification tells these two of the batch itself, its payloads in the metrics.
    record_count: Count = None
    failed_record_count: Count = None
    metrics: Annotated[BatchMetrics, BeforeValidator(object_or_empty)] = Field(default_factory=BatchMetrics)
    related_objects: Annotated[list[RelatedObject], BeforeValidator(only_objects)] = []

    @property
    def created_at_or_started(self) -> float | None:
        """When the batch was made, in epoch milliseconds; where that is not told, when it began."""
        if self.created is not None:
            return self.created
        began = wire_seconds(self.started)
        return None if began is None else began * 1000

    @property
    def failed(self) -> bool:
        """Whether the batch ended with a status of failure."""
        return self.phase is Phase.FAILED

    @property
    def finished(self) -> bool:
        """Whether the batch has ended. An unknown status is waited on."""
        return self.phase in (Phase.SUCCEEDED, Phase.FAILED)

    @property
    def phase(self) -> Phase:
        """What the platform says by the batch's status."""
        return batch_phase(self.status)

    def verdict(self, policy: RunPolicy) -> Verdict:
        """The judgement on this batch. An unknown status is waited on, never success."""
        if self.phase is Phase.FAILED:
            return Verdict("failure", f"ended with status {self.status!r}")
        if self.phase is Phase.RUNNING:
            return Verdict("running")
        if self.phase is Phase.UNKNOWN:
            return Verdict("running", f"has status {self.status!r}, which nobody published")
        records = self.records
        files = unknown_to_none({"input": self.metrics.input_file_count, "output": self.metrics.output_file_count})
        report = Report(
            str(self.status),
            read=records["input"],
            written=records["output"],
            failed=records["failed"],
            files_read=files["input"],
            files_written=files["output"],
            errors=len(self.errors or []),
            error_records=highest(error.record_count for error in self.errors or []),
        )
        return judge_report(policy, report)

    @property
    def records(self) -> dict[str, int | None]:
        """Record counts; None is not known. Of two counts of failed records, the higher one counts."""
        metrics = self.metrics
        read = highest([metrics.input_record_count])
        return unknown_to_none(
            {
                "input": self.record_count if read is None else read,
                "output": metrics.output_record_count,
                "failed": highest([metrics.failed_record_count, self.failed_record_count]),
            }
        )

    def summary(self) -> dict[str, Any]:
        """What goes into XCom, named as those of a flow run."""
        datasets = [other.id for other in self.related_objects if (other.type or "").lower() == "dataset"]
        return {
            # A batch is not told which run wrote it; the keys are those of a run's summary.
            "run_id": None,
            "flow_id": None,
            "batch_ids": [self.id],
            "dataset_id": datasets[0] if datasets else None,
            "status": self.status,
            "started_at": iso_time(self.started or self.created),
            "completed_at": iso_time(self.completed),
            "records": self.records,
            "bytes": {"input": self.metrics.input_byte_size},
            **truncate_errors({"code": error.code, "message": error.description} for error in self.errors or []),
        }


def first_batch(batches: list[Batch], since: int) -> Batch | None:
    """The first batch made at or after `since`: one that has ended if there is any, else one under way."""
    eligible = [batch for batch in batches if (batch.created_at_or_started or 0) >= since]
    ended = [batch for batch in eligible if batch.finished]
    return min(ended or eligible, key=lambda batch: (batch.created_at_or_started or 0, batch.id), default=None)

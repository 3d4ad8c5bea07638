"""A batch of Catalog: what landed in a dataset. Streaming dataflows have batches where others have flow runs."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from airflow_provider_aep.models.base import AepModel, iso_time
from airflow_provider_aep.models.policy import RunPolicy, Verdict, quality
from airflow_provider_aep.models.run_metrics import known

# "active" means success and "failure" failed; "retrying" and "stalled" may still go either way.
RUNNING = {"processing", "queued", "retrying", "stalled", "loading", "loaded", "staged", "staging"}
SUCCEEDED = {"success", "active"}
FAILED = {"failed", "failure", "aborted", "abandoned", "inactive", "deleted"}


class BatchError(AepModel):
    code: str | None = None
    description: str | None = None


class BatchMetrics(AepModel):
    input_byte_size: int | None = None
    input_record_count: int | None = None
    output_record_count: int | None = None
    failed_record_count: int | None = None


class RelatedObject(AepModel):
    type: str | None = None
    id: str | None = None


class Batch(AepModel):
    id: str
    status: str | None = None
    # epoch milliseconds
    created: int | None = None
    started: int | None = None
    completed: int | None = None
    errors: list[BatchError] | None = None
    metrics: BatchMetrics = Field(default_factory=BatchMetrics)
    related_objects: list[RelatedObject] | None = None

    @property
    def failed(self) -> bool:
        """Whether the batch ended with a status of failure."""
        return (self.status or "").lower() in FAILED

    def verdict(self, policy: RunPolicy) -> Verdict:
        """The judgement on this batch. An unknown status is waited on, never success."""
        status = (self.status or "").lower()
        if status in FAILED:
            return Verdict("failure", f"ended with status {self.status!r}")
        if status not in SUCCEEDED:
            return Verdict(
                "running", "" if status in RUNNING else f"has status {self.status!r}, which nobody published"
            )
        records = self.records
        return quality(
            policy,
            str(self.status),
            read=records["input"],
            written=records["output"],
            failed=records["failed"],
            empty=records["input"] == 0 or (records["input"] is None and records["output"] == 0),
            errors=bool(self.errors),
        )

    @property
    def records(self) -> dict[str, int | None]:
        """Record counts; None is not known."""
        return known(
            {
                "input": self.metrics.input_record_count,
                "output": self.metrics.output_record_count,
                "failed": self.metrics.failed_record_count,
            }
        )

    def summary(self) -> dict[str, Any]:
        """The facts for XCom, named as those of a flow run."""
        datasets = [other.id for other in self.related_objects or [] if (other.type or "").lower() == "dataset"]
        return {
            "batch_ids": [self.id],
            "dataset_id": datasets[0] if datasets else None,
            "status": self.status,
            "started_at": iso_time(self.started or self.created),
            "completed_at": iso_time(self.completed),
            "records": self.records,
            "bytes": {"input": self.metrics.input_byte_size},
            "errors": [{"code": error.code, "message": error.description} for error in self.errors or []],
        }


def first_batch(batches: list[Batch], since: int) -> Batch | None:
    """The first batch made at or after `since`: one that has ended if there is any, else one under way."""
    eligible = [batch for batch in batches if (batch.created or 0) >= since]
    ended = [batch for batch in eligible if batch.verdict(RunPolicy()).kind != "running"]
    return min(ended or eligible, key=lambda batch: (batch.created or 0, batch.id), default=None)

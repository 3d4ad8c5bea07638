"""The trigger that waits for a batch in a dataset."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.api import catalog
from airflow_provider_aep.models.batch import Batch, first_batch
from airflow_provider_aep.runs.watch import RunWatcher
from airflow_provider_aep.triggers.base import AepTrigger
from airflow_provider_aep.triggers.poll import poll_until


class AepDatasetBatchTrigger(AepTrigger):
    """Waits until a batch has landed in a dataset.

    :param dataset_id: the dataset.
    :param since: epoch milliseconds on the platform's clock; the first batch made at or after it is waited for.
    """

    arguments = ("dataset_id", "since", *AepTrigger.arguments)

    def __init__(self, *, dataset_id: str, since: int, **common: Any) -> None:
        super().__init__(**common)
        self.dataset_id = dataset_id
        self.since = since

    async def wait(self, watcher: RunWatcher) -> dict[str, Any]:
        """The event is ``{"batch": ..., "timeout": ..., "since": ...}``: the batch as the platform sent it, or None."""
        state = None

        def first(batches: list[Batch]) -> Batch | None:
            nonlocal state
            batch = first_batch(batches, self.since)
            if batch is not None and (batch.id, batch.status) != state:
                state = (batch.id, batch.status)
                self.log.info("Batch %s: %s", *state)
            return batch

        polled = await poll_until(
            watcher.pacer,
            catalog.list_batches(self.dataset_id, created_since=self.since),
            first,
            lambda batch: batch.finished,
            what=f"a batch in dataset {self.dataset_id}",
            poll_interval=self.poll_interval,
            deadline=self.deadline,
        )
        batch = polled.found.model_dump(mode="json", by_alias=True, exclude_none=True) if polled.found else None
        return {"batch": batch, "timeout": polled.timed_out, "since": self.since, "problem": polled.problem}

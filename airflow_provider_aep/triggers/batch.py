"""The trigger that waits for a batch in a dataset."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.runs.watch import RunWatcher
from airflow_provider_aep.triggers.base import AepTrigger


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
        watched = await watcher.wait_for_batch(
            self.dataset_id, self.since, poll_interval=self.poll_interval, deadline=self.deadline
        )
        batch = watched.run.model_dump(mode="json", by_alias=True, exclude_none=True) if watched.run else None
        return {"batch": batch, "timeout": watched.timed_out, "since": self.since, "problem": watched.problem}

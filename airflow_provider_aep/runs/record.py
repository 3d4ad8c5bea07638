"""What one try of a task writes down of its flow run, for the tries after it.

A record lies in Airflow's task state store (3.3 and later) under one key. Neither the key nor a field may change: a run
whose record a later version cannot read is started twice.

    at_ms       when the run was asked for, epoch milliseconds on the platform's clock
    run_id      the run; null until the platform has answered
    generation  changes when a person clears the task
    attached    true if the task waits for a run that it did not start; otherwise left out
    failed      [id, creation time] of the task's own run that is run again; otherwise left out
    flow_id, window, repeats    the request, see `RunRequest.to_record`
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from airflow_provider_aep.runs.request import RunRef, RunRequest

KEY = "aep_own_run"


class TaskStateStore(Protocol):
    """Airflow's task state store, which outlives a try."""

    def get(self, key: str, default: Any = None) -> Any: ...

    def set(self, key: str, value: Any) -> None: ...


@dataclass(frozen=True)
class RunRecord:
    """One record.

    :param at_ms: when the run was asked for, epoch milliseconds on the platform's clock.
    :param run_id: None until the platform has answered.
    :param generation: changes when a person clears the task, and not when Airflow retries it.
    :param attached: whether the task waits for a run that it did not start.
    :param failed: the task's own failed run, if the record is of its repetition.
    """

    at_ms: int
    run_id: str | None
    generation: int | None
    attached: bool = False
    failed: RunRef | None = None

    @classmethod
    def read(cls, store: TaskStateStore | None, request: RunRequest) -> RunRecord | None:
        """What was written down for this request; None if nothing was, or it is gone."""
        record = store.get(KEY) if store is not None else None
        if not record or not request.is_in(record):
            return None
        failed = record.get("failed")
        return cls(
            at_ms=int(record["at_ms"]),
            run_id=record.get("run_id"),
            generation=record.get("generation"),
            attached=bool(record.get("attached")),
            failed=RunRef(*failed) if failed else None,
        )

    def write(self, store: TaskStateStore, request: RunRequest) -> None:
        """Write the record down, instead of the one before."""
        fields: dict[str, Any] = {"at_ms": self.at_ms, "run_id": self.run_id, "generation": self.generation}
        if self.attached:
            fields["attached"] = True
        if self.failed:
            fields["failed"] = list(self.failed)
        store.set(KEY, {**request.to_record(), **fields})

"""How a try of a task came about, as far as Airflow's context says."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from airflow_provider_aep import runs

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.runs.next_step import Attempt


class Clock(Protocol):
    """What is needed here of an `AepClient`."""

    def now(self) -> float: ...


def try_numbers(context: Context, retries: int) -> tuple[int, int]:
    """The number of this try, from 1 on, and Airflow's `max_tries`, which grows when a person clears the task.

    A context made by hand has neither: it is the first try.
    """
    ti = context.get("ti")
    found = (getattr(ti, "try_number", None), getattr(ti, "max_tries", None))
    try_number, max_tries = (value if isinstance(value, int) else None for value in found)
    return 1 if try_number is None else try_number, retries if max_tries is None else max_tries


def attempt_by_number(try_number: int, max_tries: int, retries: int) -> Attempt:
    """What the numbers say of this try. That a person cleared the task is seen in the first try after it only."""
    attempt = runs.next_step.Attempt
    if try_number <= 1:
        return attempt.FIRST
    # Clearing a task, Airflow adds its retries to the tries there were.
    return attempt.CLEARED if try_number == max_tries - retries + 1 else attempt.RETRIED


def seconds_since_start(context: Context) -> float:
    """How long this try of the task has taken, by this machine's clock, its time in the triggerer included.

    A context made by hand does not know: it has just begun.
    """
    start = getattr(context.get("ti"), "start_date", None)
    return max(0.0, time.time() - start.timestamp()) if isinstance(start, datetime) else 0.0


def earliest_start_ms(context: Context, client: Clock) -> int:
    """Epoch milliseconds, on the platform's clock, before which no try of this task began.

    By the earlier of both clocks: better to look at a run too many than to miss the task's own.
    """
    start = getattr(context.get("dag_run"), "start_date", None)
    offset = min(0.0, client.now() - time.time())
    return int((start.timestamp() + offset) * 1000) if isinstance(start, datetime) else 0

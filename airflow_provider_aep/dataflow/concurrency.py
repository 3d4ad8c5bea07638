"""Many things at a time: a few threads, and half as many whenever the platform says that it is too much (429)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from airflow_provider_aep.api.call import Call

T = TypeVar("T")


class ConcurrencyLimit:
    """How many threads work at a time.

    :param most: how many at first.
    """

    def __init__(self, most: int) -> None:
        self.most = max(1, most)
        self.limit = self.most
        self._working = 0
        self._halved_at = 0.0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._working < self.limit)
            self._working += 1

    def __exit__(self, *error: object) -> None:
        with self._changed:
            self._working -= 1
            self._changed.notify_all()

    def on_exchange(self, call: Call[Any], status: int | None, seconds: float, attempt: int) -> None:
        """Halve the limit after a 429; those that were on their way at that moment count once.

        The arguments are those of `AepClient`'s `on_exchange`.
        """
        if status != 429:
            return
        with self._changed:
            now = time.monotonic()
            if now - seconds >= self._halved_at:
                self.limit = max(1, self.limit // 2)
                self._halved_at = now


def run_all(tasks: Sequence[Callable[[], T]], slots: ConcurrencyLimit) -> list[T]:
    """The results of all tasks, in their order. An exception of one is raised, and those that wait are not begun."""
    if slots.most == 1 or len(tasks) < 2:
        return [task() for task in tasks]

    def in_turn(task: Callable[[], T]) -> T:
        with slots:
            return task()

    with ThreadPoolExecutor(slots.most, thread_name_prefix="aep-apply") as pool:
        futures = [pool.submit(in_turn, task) for task in tasks]
        try:
            return [future.result() for future in futures]
        finally:
            # After an exception, and after Ctrl-C, nothing further is begun.
            pool.shutdown(wait=False, cancel_futures=True)

"""Changing and deleting a live resource, safe after a lost answer. The protocol is drawn in `ensure.py`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from airflow_provider_aep.api.call import Send
from airflow_provider_aep.client.backoff import LIST_LAG, RESOURCE, retry
from airflow_provider_aep.exceptions import AepError, AepNotFoundError
from airflow_provider_aep.reconcile.decide import changed_by_others, decide, refused
from airflow_provider_aep.reconcile.diff import Diff
from airflow_provider_aep.reconcile.failures import is_busy, is_stale
from airflow_provider_aep.reconcile.resource_type import Ensured, ResourceType

R = TypeVar("R")


class ResourceWriter:
    """Changes and deletes resources through one `send`.

    :param pause: waits for seconds; tests pass something faster.
    :param now: the platform's time in epoch seconds.
    :param list_lag: seconds after which a list shows what was made, at the latest.
    """

    def __init__(
        self,
        send: Send,
        pause: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
        list_lag: float = LIST_LAG,
    ) -> None:
        self.send = send
        self.pause = pause
        self.now = now
        self.list_lag = list_lag

    def update(self, type_: ResourceType[R], declared: R, live: R, differences: Diff) -> Ensured[R]:
        """Change a live resource in place.

        :param differences: where it is not what was declared; each can be changed in place.
        :raises AepConflictError: somebody else wrote the same field meanwhile, or one that cannot be changed in place.
        """
        id_ = type_.id_of(live)

        def attempt() -> Ensured[R]:
            answer = self.send(type_.update(declared, live, differences))
            return Ensured(id_, "updated", answer, type_.etag_of(answer))

        def read_again(problem: AepError) -> Ensured[R] | None:
            nonlocal live, differences
            try:
                current = type_.read_again(self.send, live)
            except AepNotFoundError:
                raise problem from None
            again = decide(type_, declared, [current], if_exists="update", now=self.now())
            if again.action == "reuse":
                return Ensured(id_, "updated", current, type_.etag_of(current))
            if conflict := changed_by_others(type_, declared, differences, again.differences):
                raise conflict
            if again.action == "replace":
                raise refused(type_, declared, again)
            live, differences = current, again.differences
            return None

        return retry(
            attempt,
            RESOURCE,
            retry_if=lambda problem: problem.retryable or is_stale(problem) or is_busy(problem),
            pause_after=lambda problem, pause: 0 if is_stale(problem) else pause,
            between=read_again,
            sleep=self.pause,
        )

    def remove(self, type_: ResourceType[Any], id_: str) -> bool:
        """Delete a resource; one that is gone already is fine.

        :returns: whether it was there.
        :raises AepConfigError: the platform has no call for it.
        """
        attempts = 0

        def attempt() -> bool:
            nonlocal attempts
            attempts += 1
            try:
                self.send(type_.delete(id_))
            except AepNotFoundError:
                # After a lost answer this is our own success.
                return attempts > 1
            return True

        return retry(
            attempt, RESOURCE, retry_if=lambda problem: problem.retryable or is_busy(problem), sleep=self.pause
        )

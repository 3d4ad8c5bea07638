"""A retry policy for tasks that talk to AEP. Needs Airflow 3.3, which brought retry policies."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from airflow.sdk.definitions.retry_policy import RetryDecision, RetryPolicy

from airflow_provider_aep.exceptions import AepApiError, AepError

if TYPE_CHECKING:
    from airflow.sdk import Context

_TOO_MANY_REQUESTS = 429


class AepRetryPolicy(RetryPolicy):
    """Retries what passes, when it is likely to have passed; ends the task at once where no retry can help.

    Usage: ``default_args={"retries": 3, "retry_policy": AepRetryPolicy()}``. Errors of other packages are left to the
    task's own settings.

    :param busy: how long to wait after 429, unless the platform says how long (`Retry-After`).
    :param unwell: how long to wait after an outage.
    """

    def __init__(self, *, busy: timedelta = timedelta(minutes=2), unwell: timedelta = timedelta(minutes=1)) -> None:
        self.busy = busy
        self.unwell = unwell

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        if not isinstance(exception, AepError):
            return RetryDecision.default()
        if not exception.retryable:
            return RetryDecision.fail("no retry can mend this")
        if isinstance(exception, AepApiError) and exception.retry_after is not None:
            asked_for = timedelta(seconds=exception.seconds_to_wait(0.0))
            return RetryDecision.retry(asked_for, "as long as the platform asked for")
        if isinstance(exception, AepApiError) and exception.status == _TOO_MANY_REQUESTS:
            return RetryDecision.retry(self.busy, "too many requests")
        return RetryDecision.retry(self.unwell, "this passes")

    def serialize(self) -> dict[str, Any]:
        return {"busy": self.busy.total_seconds(), "unwell": self.unwell.total_seconds()}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Self:
        return cls(busy=timedelta(seconds=data["busy"]), unwell=timedelta(seconds=data["unwell"]))

"""What can go wrong, by who can mend it.

AepError                    everything this package raises on purpose
|- AepConfigError           what the DAG or the connection asks for cannot be sent; no request was made for it
|- AepApiError              the platform responded: it refuses, or the response cannot be read
|  |- AepAuthError          401, 403, a refused token request
|  |- AepNotFoundError      404, and the 400s by which Flow Service says "not found"
|  `- AepConflictError      stale etag, ambiguous name, declared and live resource differ
|- AepUnreachableError      no response came
|- AepFlowRunFailedError    a flow run or a batch ended, and not as its policy demands
`- AepApplyError            some of the dataflows that were to be applied, or deleted, are not as their files say

`retryable` says whether the same request may succeed later with nobody changing anything. Operators end a task
without retries when it is False.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self, TypeVar

    E = TypeVar("E", bound="AepError")


# Seconds of a `Retry-After` that are kept at most.
LONGEST_WAIT = 900.0


class AepError(Exception):
    """Root of all errors of this package."""

    retryable = False
    # Seconds that the platform asked us to wait, if it did.
    retry_after: float | None = None

    def seconds_to_wait(self, otherwise: float) -> float:
        """Seconds that the platform asked for, but no more than a quarter of an hour; or else these.

        One response with an absurd number must not silence everybody who waits.
        """
        return otherwise if self.retry_after is None else min(self.retry_after, LONGEST_WAIT)

    def copy(self) -> Self:
        """The same error as an object of its own, without the traceback, which threads must not share."""
        return _rebuild(type(self), self.args, self.__dict__)

    def __reduce__(self) -> tuple[Any, ...]:
        # The constructors take more than a message, which pickle would not know.
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(type_: type[E], args: tuple[Any, ...], attributes: dict[str, Any]) -> E:
    error = type_.__new__(type_, *args)
    error.__dict__.update(attributes)
    return error


class AepConfigError(AepError):
    """What was declared is wrong: the message names the field, the value and the remedy.

    `problems` holds each problem as a sentence of its own that begins with the field, where that is known.
    """

    problems: tuple[str, ...] = ()


class AepApiError(AepError):
    """The platform refused a request, or its response cannot be read.

    :param message: the whole sentence for the task log.
    :param status: HTTP status.
    :param code: Adobe's code, e.g. ``FLOW-1412-400`` or the gateway's ``403025``; empty if there is none.
    :param title: Adobe's short text.
    :param detail: Adobe's longer text.
    :param request_id: what Adobe's support asks for.
    :param retryable: whether the same request may succeed later.
    :param retry_after: seconds the platform asked us to wait, if it did; see also `AepError.seconds_to_wait`.
    :param from_platform: False if the response is not in the platform's own words: a proxy or a firewall sent it.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str = "",
        title: str = "",
        detail: str = "",
        request_id: str = "",
        retryable: bool = False,
        retry_after: float | None = None,
        from_platform: bool = True,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.request_id = request_id
        self.retryable = retryable
        self.retry_after = retry_after
        self.from_platform = from_platform


class AepAuthError(AepApiError):
    """The token, key, organisation or permission was refused."""


class AepNotFoundError(AepApiError):
    """The platform does not know the id, or the caller may not see it."""


class AepConflictError(AepApiError):
    """What is live is not what the caller believed or declared."""

    # The id of the one live resource that is in the way, if there is one and it is known.
    live_id: str | None = None


class AepUnreachableError(AepError):
    """No response came.

    :param sent: False if the request surely never left this machine, so that repeating it is harmless.
    """

    retryable = True

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class AepFlowRunFailedError(AepError):
    """A flow run (or a batch) ended badly.

    :param summary: the same keys as the sensor's XCom value.
    :param retryable: whether a retry of the task would run it again.
    """

    def __init__(self, message: str, summary: Mapping[str, Any], *, retryable: bool = False) -> None:
        super().__init__(message)
        self.summary = dict(summary)
        self.retryable = retryable


class AepApplyError(AepError):
    """Some of the dataflows that were to be applied, or deleted, are not as their files say.

    :param report: what became of each resource, as `airflow_provider_aep.dataflow.report.Report.to_json` has it.
    :param retryable: whether the same may succeed later with nobody changing anything.
    """

    def __init__(self, message: str, report: Mapping[str, Any], *, retryable: bool = False) -> None:
        super().__init__(message)
        self.report = dict(report)
        self.retryable = retryable

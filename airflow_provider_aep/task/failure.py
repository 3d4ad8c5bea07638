"""How an error ends a task: at once where no retry can mend it; as a skip where the author of a sensor wants one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow_provider_aep.exceptions import AepConfigError, AepError, AepFlowRunFailedError
from airflow_provider_aep.task.compat import (
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferralError,
)


@contextmanager
def fail_without_retry() -> Iterator[None]:
    """Let an error that no retry can mend end the task at once.

    Airflow decides by the exception's type: it does not retry an `AirflowFailException`. Failure callbacks and the
    retry policy need the AepError. So the error goes on as what it is, and becomes an `AirflowFailException` besides.
    """
    try:
        yield
    except AepError as error:
        if not error.retryable and not isinstance(error, AirflowFailException):
            type_ = type(error)
            error.__class__ = type(type_.__name__, (type_, AirflowFailException), {"__module__": type_.__module__})
        if isinstance(error, AepConfigError | AepFlowRunFailedError):
            _cut_traceback(error)
        raise


@contextmanager
def skip_or_fail(soft_fail: bool, never_fail: bool) -> Iterator[None]:
    """`fail_without_retry`, and what a sensor's `soft_fail` and `never_fail` make of an error.

    :raises AirflowSkipException: the time is up and one of the two is set; or, with `never_fail`, any other error came.
    """
    try:
        with fail_without_retry():
            yield
    except (AirflowSensorTimeout, AirflowTaskTimeout) as late:
        if soft_fail or never_fail:
            raise AirflowSkipException(f"Skipped, as soft_fail or never_fail says: {late}") from late
        raise
    except (AepError, TaskDeferralError) as problem:
        if never_fail:
            raise AirflowSkipException(f"Skipped, as never_fail says: {problem}") from problem
        raise


def _cut_traceback(error: AepError) -> None:
    """Leave out of an error's traceback what is below the task: its text names what is wrong with the arguments, or
    with the run, and a screen of this package's frames would hide it.
    """
    error.__suppress_context__ = True
    entry = error.__traceback__
    while entry is not None and entry.tb_frame.f_code.co_filename == __file__:
        entry = entry.tb_next
    if entry is not None:
        entry.tb_next = None

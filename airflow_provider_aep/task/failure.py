"""How an error of this package ends a task: at once where no retry can mend it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.task.compat import AirflowFailException

_final: dict[type[AepError], type[AepError]] = {}


def _final_kind(kind: type[AepError]) -> type[AepError]:
    if kind not in _final:
        _final[kind] = type(kind.__name__, (kind, AirflowFailException), {"__module__": kind.__module__})
    return _final[kind]


@contextmanager
def fail_without_retry() -> Iterator[None]:
    """Let an error that no retry can mend end the task at once.

    Such an error is raised as what it is and, besides, as an `AirflowFailException`, which Airflow does not retry.
    """
    try:
        yield
    except AepError as problem:
        if problem.retryable or isinstance(problem, AirflowFailException):
            raise
        final = problem.copy(_final_kind(type(problem)))
        raise final.with_traceback(problem.__traceback__) from problem.__cause__

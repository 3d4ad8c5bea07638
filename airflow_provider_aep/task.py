"""What operators and sensors share: how an error ends a task, and how facts become XComs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow_provider_aep.compat import AirflowFailException
from airflow_provider_aep.exceptions import AepError

if TYPE_CHECKING:
    from airflow.sdk import Context

COMMON_FIELDS = ("aep_conn_id", "sandbox")

# Seconds that the last look may take.
_LAST_LOOK = 10.0

_final: dict[type[AepError], type[AepError]] = {}


def _final_kind(kind: type[AepError]) -> type[AepError]:
    if kind not in _final:
        _final[kind] = type(kind.__name__, (kind, AirflowFailException), {"__module__": kind.__module__})
    return _final[kind]


@contextmanager
def ends_task() -> Iterator[None]:
    """Let an error that no retry can mend end the task at once.

    Such an error is raised as what it is and, besides, as an `AirflowFailException`, which Airflow does not retry.
    """
    try:
        yield
    except AepError as problem:
        if problem.retryable or isinstance(problem, AirflowFailException):
            raise
        twin = problem.twin(_final_kind(type(problem)))
        raise twin.with_traceback(problem.__traceback__) from problem.__cause__


def before_alarm(limit: float) -> float:
    """Seconds until a worker looks for the last time, which Airflow's alarm at `execution_timeout` would cut off."""
    return limit - min(_LAST_LOOK, limit / 20)


def push(context: Context, **values: Any) -> None:
    """Push XCom values, leaving out what is not known.

    Where there is no task, as in a test of one operator, there is nowhere to push them to.
    """
    ti = context.get("ti")
    for key, value in values.items():
        if ti is not None and value is not None:
            ti.xcom_push(key=key, value=value)

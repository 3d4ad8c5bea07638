"""How results of a task become XComs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import Context


def push(context: Context, **values: Any) -> None:
    """Push XCom values, leaving out what is not known.

    Where there is no task, as in a test of one operator, there is nowhere to push them to.
    """
    ti = context.get("ti")
    for key, value in values.items():
        if ti is not None and value is not None:
            ti.xcom_push(key=key, value=value)


def pushed_earlier(context: Context, key: str) -> list[Any]:
    """What this task pushed under a key in earlier DAG runs, in any order.

    Where it is a mapped task, all of its instances; where there is no task, nothing.
    """
    ti: Any = context.get("ti")
    found = ti.xcom_pull(key=key, include_prior_dates=True) if ti is not None else None
    return found if isinstance(found, list) else [found]

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

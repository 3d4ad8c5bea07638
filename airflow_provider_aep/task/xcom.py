"""How results of a task become XComs, among them the addresses behind its links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_aep.links import (
    FLOW_URL_KEY,
    RUN_URL_KEY,
    AepDataflowLink,
    AepFlowRunLink,
    dataflow_url,
    flow_run_url,
)

if TYPE_CHECKING:
    from airflow.sdk import Context


class Place(Protocol):
    """An `AepClient` as far as it says where it sends its calls."""

    @property
    def org_id(self) -> str: ...
    @property
    def sandbox(self) -> str: ...


def push(context: Context, **values: Any) -> None:
    """Push XCom values, leaving out what is not known.

    Where there is no task, as in a test of one operator, there is nowhere to push them to.
    """
    ti = context.get("ti")
    for key, value in values.items():
        if ti is not None and value is not None:
            ti.xcom_push(key=key, value=value)


def link_dataflow(context: Context, client: Place, flow_id: str | None) -> None:
    """Let the task's link lead to a dataflow from now on. Airflow asks for a link when the task ends; with the key of
    the link its address is there while the task runs or waits.
    """
    url = dataflow_url(client.org_id, client.sandbox, flow_id) if flow_id else None
    push(context, **{FLOW_URL_KEY: url, AepDataflowLink().xcom_key: url})


def link_run(context: Context, client: Place, flow_id: str | None, run_id: str) -> None:
    """Let the task's link lead to a flow run from now on. Without its dataflow a run has no page."""
    url = flow_run_url(client.org_id, client.sandbox, flow_id, run_id) if flow_id else None
    push(context, **{RUN_URL_KEY: url, AepFlowRunLink().xcom_key: url})


def unlink_dataflow(context: Context) -> None:
    """Take back the link to a dataflow that is gone."""
    push(context, **{FLOW_URL_KEY: "", AepDataflowLink().xcom_key: ""})


def pushed_earlier(context: Context, key: str) -> list[Any]:
    """What this task pushed under a key in earlier DAG runs, in any order.

    Where it is a mapped task, all of its instances; where there is no task, nothing.
    """
    ti: Any = context.get("ti")
    found = ti.xcom_pull(key=key, include_prior_dates=True) if ti is not None else None
    return found if isinstance(found, list) else [found]

"""Buttons on a task that open what it made in Experience Platform's own pages.

Only the two addresses that Adobe publishes are built here (they stand in the payloads of its alerts):
https://experienceleague.adobe.com/en/docs/experience-platform/observability/alerts/rules
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from airflow.sdk import BaseOperatorLink
from airflow.sdk.execution_time.xcom import XCom

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

FLOW_URL_KEY: Final = "aep_flow_url"
"""XCom key an operator pushes ``dataflow_url(...)`` under."""

RUN_URL_KEY: Final = "aep_run_url"
"""XCom key an operator or sensor pushes ``flow_run_url(...)`` under."""


def dataflow_url(org_id: str, sandbox: str, flow_id: str) -> str:
    """Return the page of one dataflow: its list of runs. ``org_id`` is the whole ``...@AdobeOrg``."""
    place = f"@{quote(org_id, safe='@')}/sname:{quote(sandbox, safe='')}"
    return f"https://experience.adobe.com/#/{place}/platform/source/dataflows/{quote(flow_id, safe='')}/activity"


def flow_run_url(org_id: str, sandbox: str, flow_id: str, run_id: str) -> str:
    """Return the page of one flow run."""
    return f"{dataflow_url(org_id, sandbox, flow_id)}/{quote(run_id, safe='')}"


def _pushed(key: str, ti_key: TaskInstanceKey) -> str:
    """What the task pushed, or "".

    Airflow logs an error, as the last line of the task, where one XCom is asked for and is not there. So all of the
    task are asked for first: no such list is an error. (Those of a mapped task do not tell whose they are.)
    """
    pushed = XCom.get_all(key=key, dag_id=ti_key.dag_id, task_id=ti_key.task_id, run_id=ti_key.run_id)
    return (XCom.get_value(key=key, ti_key=ti_key) if pushed else None) or ""


class AepDataflowLink(BaseOperatorLink):
    """Opens the dataflow the task made or used; empty until the task has pushed its address."""

    name = "Dataflow in Experience Platform"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the address the task pushed, or "" if it pushed none. Asks the platform nothing."""
        return _pushed(FLOW_URL_KEY, ti_key)


class AepFlowRunLink(BaseOperatorLink):
    """Opens the flow run the task waited for; empty until the task has pushed its address."""

    name = "Flow run in Experience Platform"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the address the task pushed, or "" if it pushed none. Asks the platform nothing."""
        return _pushed(RUN_URL_KEY, ti_key)

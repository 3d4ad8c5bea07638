"""Lists over a whole sandbox, for whoever looks at many dataflows at once.

https://developer.adobe.com/experience-platform-apis/references/flow-service/
"""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_aep.api import flow_service, run_page
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.validation import checked_id


def list_source_flows() -> Call[list[Flow]]:
    """The dataflows that bring data in, newest first; not those to destinations."""
    return flow_service.list_newest_first("flows", Flow, ["inheritedAttributes.properties.isSourceFlow==true"])


def list_all_runs(*, created_since: int) -> Call[list[FlowRun]]:
    """The runs of all dataflows of the sandbox, newest first, those to destinations included.

    :param created_since: epoch milliseconds; pages of older runs are not asked for. The response may still hold some.
    """
    return flow_service.list_newest_first("runs", FlowRun, enough=run_page.reaches_back_to(created_since))


def list_latest_runs(flow_ids: Sequence[str]) -> Call[list[FlowRun]]:
    """The newest runs of these dataflows, a hundred in all, with one request; all of them where the list does not come
    newest first. That `==` takes several values is documented; that `flowId` does is not.
    """
    ids = ",".join(checked_id("flow_id", flow_id) for flow_id in flow_ids)
    return run_page.newest_runs(flow_service.list_newest_first("runs", FlowRun, [f"flowId=={ids}"]))


def get_base_connections(base_connection_ids: Sequence[str]) -> Call[list[BaseConnection]]:
    """Many base connections in one request."""
    ids = ",".join(checked_id("base_connection_id", id_) for id_ in base_connection_ids)
    return flow_service.list_newest_first("connections", BaseConnection, [f"id=={ids}"])

"""Flow Service, for a page that shows many dataflows at once: one request for all of them, and no further pages.

https://developer.adobe.com/experience-platform-apis/references/flow-service/
"""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_aep.api.call import Call, items
from airflow_provider_aep.api.flow_service import BASE, PAGE
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.validation import checked_id


def list_latest_runs(flow_ids: Sequence[str]) -> Call[list[FlowRun]]:
    """The newest runs of these dataflows, a hundred in all. That `==` takes several values is documented; that `flowId`
    does is not.
    """
    ids = ",".join(checked_id("flow_id", flow_id) for flow_id in flow_ids)
    params = {"property": [f"flowId=={ids}"], "limit": PAGE, "orderby": "-createdAt"}
    return Call("GET", f"{BASE}/runs", list[FlowRun], params=params, unwrap=items, id_shape="uuid")

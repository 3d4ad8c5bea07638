"""links.py: the addresses of a dataflow and a flow run in Experience Platform's own pages."""

from types import SimpleNamespace

import pytest
from airflow.sdk.execution_time.xcom import XCom

from airflow_provider_aep.links import AepDataflowLink, AepFlowRunLink, dataflow_url, flow_run_url

ORG = "9C991D2E622D76190A495E39@AdobeOrg"


def test_the_addresses_are_those_of_adobes_alert_payloads():
    flow = "https://experience.adobe.com/#/@9C991D2E622D76190A495E39@AdobeOrg/sname:prod/platform/source/dataflows"
    assert dataflow_url(ORG, "prod", "f-1") == f"{flow}/f-1/activity"
    assert flow_run_url(ORG, "prod", "f-1", "r-2") == f"{flow}/f-1/activity/r-2"


def test_what_goes_into_an_address_is_quoted():
    url = flow_run_url("a/b@AdobeOrg", "my sandbox", "../x", "?y")
    assert url.endswith("#/@a%2Fb@AdobeOrg/sname:my%20sandbox/platform/source/dataflows/..%2Fx/activity/%3Fy")


@pytest.mark.parametrize(("link", "key"), [(AepDataflowLink(), "aep_flow_url"), (AepFlowRunLink(), "aep_run_url")])
def test_a_link_is_what_the_task_pushed(mocker, link, key):
    pushed = {key: "https://experience.adobe.com/#/somewhere"}
    ti_key = SimpleNamespace(dag_id="dag", task_id="task", run_id="run", map_index=-1)
    mocker.patch.object(XCom, "get_all", side_effect=lambda *, key, **of: [pushed[key]] if key in pushed else None)
    one = mocker.patch.object(XCom, "get_value", side_effect=lambda *, key, ti_key: pushed.get(key))
    assert link.get_link(SimpleNamespace(), ti_key=ti_key) == pushed[key]
    pushed.clear()
    one.reset_mock()
    assert link.get_link(SimpleNamespace(), ti_key=ti_key) == ""
    one.assert_not_called()  # Airflow would log an error.

"""links.py: the addresses of a dataflow and a flow run in Experience Platform's own pages."""

from types import SimpleNamespace

import pytest
from airflow.sdk import DAG
from airflow.sdk.execution_time.xcom import XCom
from emulator.caller import Caller

from airflow_provider_aep.links import AepDataflowLink, AepFlowRunLink, dataflow_url, flow_run_url
from airflow_provider_aep.operators.flow_run import AepRunFlowOperator
from airflow_provider_aep.operators.flow_service import AepCreateFlowOperator
from airflow_provider_aep.sensors.flow_run import AepFlowRunSensor

WINDOW = {"window_start": 1_900_000_000, "window_end": 1_900_003_600}
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


UNKNOWN = "11111111-2222-4333-8444-555555555555"


def test_a_try_that_ends_without_a_run_leaves_no_error_of_airflow_in_the_log(aep, run_dag, capfd, caplog):
    """Airflow asks for the links when a task ends, and would log "XCom not found" last."""
    with DAG("without_a_run", schedule=None) as dag:
        AepRunFlowOperator(task_id="run", flow_id=UNKNOWN, **WINDOW)
        AepRunFlowOperator.partial(task_id="mapped", **WINDOW).expand(flow_id=[UNKNOWN, UNKNOWN])
        AepFlowRunSensor(task_id="wait", flow_id=UNKNOWN)
        AepCreateFlowOperator(
            task_id="flow", name="", flow_spec_id=UNKNOWN, source_connection_id="x", target_connection_id="x"
        )
    result = run_dag(dag)
    assert result.states == {"run": "failed", "mapped": ["failed"] * 2, "wait": "failed", "flow": "failed"}
    assert not result.xcom("run", "_link_AepFlowRunLink")
    shown = caplog.text + "".join(capfd.readouterr())
    assert "XCom not found" not in shown


@pytest.mark.aep(auto_advance=30)
def test_a_run_that_an_earlier_leg_of_the_task_has_found_keeps_its_link(aep, run_dag):
    """The wait ends with an error: the leg that is resumed has seen no run."""
    with Caller(aep) as api:
        run_id = api.run(api.once_flow())
    aep.fault("GET", "*/runs*", nth=2, times=None, kind="status", status=403)
    with DAG("refused", schedule=None) as dag:
        AepFlowRunSensor(task_id="wait", run_id=run_id, deferrable=True, poll_interval=0.01)
    result = run_dag(dag)
    assert result.states == {"wait": "failed"}
    assert result.xcom("wait", "_link_AepFlowRunLink").endswith(f"/activity/{run_id}")

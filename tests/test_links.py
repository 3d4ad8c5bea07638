"""links.py: the addresses of a dataflow and a flow run in Experience Platform's own pages."""

from types import SimpleNamespace

import pytest
from airflow.sdk import DAG
from airflow.sdk.execution_time.xcom import XCom
from emulator.caller import Caller
from operators.execution import make_context
from provisioning import DELTA_COLUMN, Provisioning

from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.links import AepDataflowLink, AepFlowRunLink, dataflow_url, flow_run_url
from airflow_provider_aep.operators.flow_run import AepRetryFlowRunOperator, AepRunFlowOperator
from airflow_provider_aep.operators.flow_service import (
    AepCreateFlowOperator,
    AepDeleteFlowOperator,
    AepSetFlowStateOperator,
    AepUpdateFlowOperator,
)
from airflow_provider_aep.sensors.flow_run import AepFlowRunSensor
from airflow_provider_aep.task.compat import AirflowSkipException

try:
    from airflow.sdk.exceptions import TaskDeferred
except ImportError:  # Airflow 3.1
    from airflow.exceptions import TaskDeferred

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


@pytest.fixture
def flow_id(aep):
    return Provisioning(AepHook().get_conn()).build().flow


@pytest.fixture
def links():
    """Where the links of a task lead, whatever became of it: what its buttons show at that moment."""

    def links(operator):
        context = make_context()
        try:
            operator.execute(context)
            ended = "success"
        except (AepError, AirflowSkipException, TaskDeferred) as end:
            ended = type(end).__name__
        xcoms = context["ti"].xcoms
        return ended, xcoms.get("_link_AepDataflowLink"), xcoms.get("_link_AepFlowRunLink")

    return links


def pages(aep, flow_id, run_id=None):
    """The page of the dataflow, and that of the run, if there is one."""
    of_the_flow = dataflow_url(aep.org_id, aep.sandbox, flow_id)
    return of_the_flow, run_id and flow_run_url(aep.org_id, aep.sandbox, flow_id, run_id)


def run_operator(flow_id, **arguments):
    return AepRunFlowOperator(task_id="run", flow_id=flow_id, delta_column=DELTA_COLUMN, **WINDOW, **arguments)


def test_a_deferred_run_links_its_dataflow_and_the_run_in_progress(aep, flow_id, links):
    ended, *urls = links(run_operator(flow_id, deferrable=True))
    (run_id,) = aep.state()["runs"]
    assert (ended, *urls) == ("TaskDeferred", *pages(aep, flow_id, run_id))


def test_a_task_that_waits_for_its_turn_links_the_run_it_waits_for(aep, flow_id, links):
    links(run_operator(flow_id, wait=False))
    (run_id,) = aep.state()["runs"]
    assert links(run_operator(flow_id, deferrable=True)) == ("TaskDeferred", *pages(aep, flow_id, run_id))


def test_a_task_that_fails_or_is_skipped_before_it_has_a_run_links_its_dataflow(aep, flow_id, links):
    state = AepSetFlowStateOperator(task_id="state", flow_id=flow_id, state="disabled")
    assert links(state) == ("success", *pages(aep, flow_id))
    assert links(run_operator(flow_id)) == ("AepConfigError", *pages(aep, flow_id))
    state.state = "enabled"
    assert links(state) == ("success", *pages(aep, flow_id))
    links(run_operator(flow_id, wait=False))
    aep.advance(3600)
    assert links(run_operator(flow_id, if_loaded="skip")) == ("AirflowSkipException", *pages(aep, flow_id))


def test_a_repetition_links_the_dataflow_of_the_run_that_it_was_told(aep, flow_id, links):
    links(run_operator(flow_id, wait=False))
    (run_id,) = aep.state()["runs"]
    assert links(AepRetryFlowRunOperator(task_id="again", run_id=run_id)) == ("AepConflictError", *pages(aep, flow_id))


def test_a_sensor_links_its_dataflow_while_there_is_no_run_yet(aep, flow_id, links):
    assert links(AepFlowRunSensor(task_id="wait", flow_id=flow_id, deferrable=True)) == (
        "TaskDeferred",
        *pages(aep, flow_id),
    )


def test_a_sensor_that_was_told_a_run_links_both(aep, flow_id, links):
    links(run_operator(flow_id, wait=False))
    (run_id,) = aep.state()["runs"]
    sensor = AepFlowRunSensor(task_id="wait", run_id=run_id, deferrable=True)
    assert links(sensor) == ("TaskDeferred", *pages(aep, flow_id, run_id))


def test_a_change_that_fails_links_the_dataflow_all_the_same(aep, flow_id, links):
    update = AepUpdateFlowOperator(task_id="update", flow_id=flow_id, changes={"nonsense": 1})
    assert links(update) == ("AepConfigError", *pages(aep, flow_id))


@pytest.mark.parametrize(("if_exists", "options"), [("fail", None), ("reuse", {"partialIngestionPercent": 50})])
def test_a_dataflow_that_is_in_the_way_is_linked(aep, links, if_exists, options):
    chain = Provisioning(AepHook().get_conn()).build()
    create = AepCreateFlowOperator(
        task_id="flow",
        name="CRM flow",
        flow_spec_id="14518937-270c-4525-bdec-c2ba7cce3860",
        source_connection_id=chain.source_connection,
        target_connection_id=chain.target_connection,
        mapping_set_id=chain.mapping_set,
        schedule_params={"frequency": "once"},
        options=options,
        if_exists=if_exists,
    )
    assert links(create) == ("AepConflictError", *pages(aep, chain.flow))


def test_a_deleted_dataflow_has_no_page_any_more(aep, flow_id, links):
    delete = AepDeleteFlowOperator(task_id="delete", flow_id=flow_id)
    aep.fault("DELETE", "*/flows/*", times=1, kind="status", status=403)
    assert links(delete) == ("AepAuthError", *pages(aep, flow_id))
    assert links(delete) == ("success", "", None)

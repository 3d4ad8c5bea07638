"""A walk through Airflow's UI with the example DAGs: what a user sees of the provider, in a real browser.

Real Airflow, with all its components. `SCREENSHOTS=FOLDER make browser` keeps what it shows.
"""

import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from tab import Tab

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "crash"), str(ROOT / "scripts")]

from local_aep import local_aep, script  # noqa: E402
from provisioning import Provisioning  # noqa: E402
from real_airflow import RealAirflow  # noqa: E402
from stage import airflow_settings  # noqa: E402

from airflow_provider_aep.hooks.aep import AepHook  # noqa: E402

pytestmark = pytest.mark.browser

CRM, ON_DEMAND = "example_crm_dataflow", "example_on_demand_run"


@pytest.fixture(scope="module")
def walk():
    """Airflow with the example DAGs, the CRM pipeline done, and a run on demand that is waited for."""
    folder = Path(tempfile.mkdtemp(prefix="aep-walk-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        aep = stack.enter_context(local_aep(folder, auto_advance=120))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("AIRFLOW_CONN_AEP_DEFAULT", aep.connection)
        flow_id = Provisioning(AepHook().get_conn(), name="On demand", pause=lambda seconds: None).build().flow
        given = {key: value for key, value in airflow_settings(folder).items() if key.startswith("AIRFLOW_CONN")}
        environment = given | {
            "AIRFLOW_CONN_AEP_DEFAULT": aep.connection,
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "example_dags"),
        }
        airflow = stack.enter_context(RealAirflow(folder, environment))
        airflow.until_parsed([CRM, ON_DEMAND])
        for dag_id in (CRM, ON_DEMAND):
            airflow.request("PATCH", f"/dags/{dag_id}", json={"is_paused": False})
        script(aep, flow_id, outcome="never_ending")
        day = {"window_start": "2026-01-01T00:00:00+00:00", "window_end": "2026-01-02T00:00:00+00:00"}
        airflow.trigger(ON_DEMAND, {"flow_id": flow_id, **day})
        airflow.trigger(CRM, {})
        airflow.until_tasks(ON_DEMAND, "the run is waited for", lambda tasks: states(tasks) == {"deferred"}, 120)
        airflow.until_tasks(CRM, "the pipeline is done", lambda tasks: states(tasks) == {"success"}, 240)
        yield airflow


def states(tasks):
    return {task["state"] for task in tasks.values()}


@pytest.fixture
def tab(chromium, walk):
    tab = Tab(chromium, walk.url)
    yield tab
    tab.context.close()


def links_of(airflow, dag_id, task_id):
    path = f"/dags/{dag_id}/dagRuns/crash/taskInstances/{task_id}/links"
    return airflow.request("GET", path)["extra_links"]


def test_a_pipeline_shows_each_step(tab):
    tab.page.goto(f"{tab.site}/dags/{CRM}/runs/crash")
    for step in ("base_connection", "mapping_set", "flow"):
        tab.page.wait_for_selector(f"text={step}")
    tab.keep("ui-pipeline")


def test_a_deferred_task_links_the_run_in_progress(tab, walk):
    links = links_of(walk, ON_DEMAND, "run")
    assert all("/platform/source/dataflows/" in address for address in links.values()), links
    run_id = walk.xcom(ON_DEMAND, "run", key="run_id")
    assert any(address.endswith(run_id) for address in links.values()) if run_id else len(links) == 2
    tab.page.goto(f"{tab.site}/dags/{ON_DEMAND}/runs/crash/tasks/run/details")
    tab.keep("ui-deferred-link")
    tab.page.wait_for_selector("text=Flow run in Experience Platform")
    tab.keep("ui-deferred-link")


def test_xcoms_hold_ids_and_what_was_done(tab, walk):
    assert walk.xcom(CRM, "flow", key="change") == "created"
    tab.page.goto(f"{tab.site}/dags/{CRM}/runs/crash/tasks/flow/xcom")
    tab.page.wait_for_selector("text=aep_flow_url")
    tab.keep("ui-xcom")


def test_the_connection_form_asks_for_what_is_needed(tab):
    tab.page.goto(f"{tab.site}/connections")
    tab.page.click("button:has-text('Add Connection')")
    tab.page.locator("[role=dialog] input[role=combobox]").first.focus()
    tab.page.keyboard.type("Adobe")
    tab.page.keyboard.press("Enter")
    tab.page.set_viewport_size({"width": 1440, "height": 1400})
    tab.page.wait_for_selector("text=Client ID")
    assert "Client secret" in tab.page.inner_text("[role=dialog]")
    # One section is open at a time.
    tab.page.click("text=Extra Fields >> nth=0")
    tab.page.wait_for_selector("text=Sandbox")
    assert "IMS organisation ID" in tab.page.inner_text("[role=dialog]")
    tab.keep("ui-connection-form")

"""The snippets of the docs that a reader puts into a project of his own: DAGs, tests, settings. Each one is run."""

import json
import re
import subprocess
import sys
from ast import literal_eval
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk import Connection
from asset_events import extras
from docs_pages import block, snippets
from named_tests import ROOT
from operators.execution import make_context
from reader import environment
from transcripts import replay
from triggers.triggerer import Store, turn

from airflow_provider_aep.emulator import AepEmulator, pytest_plugin
from airflow_provider_aep.emulator.profile import read_profile
from airflow_provider_aep.get_provider_info import OPTIONS
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.task.compat import AirflowSensorTimeout
from airflow_provider_aep.triggers.flow_run import AepFlowRunEventTrigger

try:
    from airflow.dag_processing.dagbag import DagBag
except ModuleNotFoundError:  # Airflow 3.1
    from airflow.models.dagbag import DagBag

# Defined again, for sessions in which the package is not installed and so no plugin.
aep_emulator = pytest_plugin.aep_emulator
# What everybody has his own of, as the pages show it.
OWN = {
    "8256cfb4-17e6-432c-a469-6aedafb16cd5": "id",
    "5c8c3c555033b814b69f947f": "dataset_id",
    "9a603322-19d2-4de9-89c6-c98bd54eb184": "source_connection_id",
    "4ee890c7-519c-4291-bd20-d64186b62da8": "target_connection_id",
    "500a9b747fcf4908a21917d49bd61780": "mapping_set_id",
}
SALESFORCE = {
    **{"conn_type": "generic", "login": "me@example.com", "password": "secret"},
    "extra": {"securityToken": "token"},
}
ORG = "0123456789ABCDEF01234567@AdobeOrg"


@pytest.fixture
def dags(tmp_path, airflow_db):
    """Writes a snippet into a DAGs folder. Returns its DAGs by id, with nothing changed but their patience."""

    def dags(code, aep, flow=None):
        for shown, name in OWN.items() if flow else ():
            code = code.replace(shown, getattr(flow, name))
        file = tmp_path / "dags" / "snippet.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(code.replace(ORG, aep.org_id))
        bag = DagBag(file)
        assert bag.import_errors == {}
        for task in [task for dag in bag.dags.values() for task in dag.tasks if hasattr(task, "poll_interval")]:
            task.poll_interval = 0.1
            task.timeout = 60
        return bag.dags

    return dags


@pytest.mark.aep(auto_advance=600)
@snippets("README.md", code="AepCreateFlowOperator")
def test_a_dataflow_is_made_of_its_parts(code, aep, dags, run_dag):
    parts = aep.dataflow("salesforce", name="Accounts")
    result = run_dag(dags(code, aep, parts)["crm_to_aep"])
    assert result.run.state == "success"
    assert result.xcom("flow") in aep.state()["flows"]


@snippets("connection.md", connection="AIRFLOW_CONN_AEP_DEFAULT", credentials="AIRFLOW_CONN_SALESFORCE_CRM")
def test_connections_are_environment_variables(connection, credentials, monkeypatch):
    show = """printf '%s\\0' "$AIRFLOW_CONN_AEP_DEFAULT" "$AIRFLOW_CONN_SALESFORCE_CRM" """
    script = f"{connection}\n{credentials}\n{show}"
    exported = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, env={}).stdout
    own, source, _ = exported.split("\0")
    monkeypatch.setenv("AIRFLOW_CONN_AEP_DEFAULT", own)
    monkeypatch.setenv("AIRFLOW_CONN_SALESFORCE_CRM", source)
    assert AepHook().get_conn().sandbox == "dev"
    salesforce = Connection.get("salesforce_crm")
    assert (salesforce.login, list(salesforce.extra_dejson)) == ("integration@example.com", ["securityToken"])


@snippets("connection.md", check="test_connection()", ask="landing_zone():")
def test_the_connection_in_a_task(check, ask, aep, dags, run_dag):
    assert run_dag(dags(check, aep)["check_aep"]).run.state == "success"
    asked = run_dag(dags(ask, aep)["look_up_landing_zone"])
    assert asked.xcom("landing_zone")["containerName"]


@pytest.mark.aep(auto_advance=600)
@snippets("waiting.md", code="max_failed_percent", summary='"duration_seconds"')
def test_a_wait_and_its_summary(code, summary, aep, dags, run_dag):
    flow = aep.dataflow("salesforce", name="Accounts", frequency="hour")
    aep.script_run("partial", records=1_000, failed_records=3)
    result = run_dag(dags(code, aep, flow)["wait_for_accounts"])
    assert result.run.state == "success"
    assert differences(literal_eval(summary), result.xcom("wait")) == []


@snippets("waiting.md", code="AepFlowRunSensor(", said="Still waiting")
def test_what_a_sensor_says_when_its_time_is_up(code, said, aep, dags):
    flow = aep.dataflow("salesforce", name="Accounts", frequency="hour")
    aep.advance(600)
    (task,) = dags(code, aep, flow)["wait_for_accounts"].tasks
    task.deferrable = False  # The text is the same in every mode.
    task.timeout = 0.4
    with pytest.raises(AirflowSensorTimeout) as ended:
        task.execute(make_context())
    printed = str(ended.value).replace("0:00:00.400000", "1:00:00")
    assert still(printed) == still(" ".join(said.split()))


@snippets("waiting.md", code="AssetWatcher")
def test_a_dag_that_starts_when_a_run_has_ended(code, aep, dags, capsys):
    pytest.importorskip("airflow.triggers.shared_stream", reason="Airflow shares streams since 3.3")
    flow = aep.dataflow("salesforce", name="Accounts", frequency="hour")
    dag = dags(code, aep, flow)["after_accounts"]
    check = dag.get_task("check").python_callable
    accounts = check.__globals__["accounts"]
    trigger = accounts.watchers[0].trigger
    watching = AepFlowRunEventTrigger(**(trigger.serialize()[1] | {"poll_interval": 0.01}))
    watching.asset_state_store = Store()
    assert turn(watching) == []
    aep.advance(3_600)
    (told,) = turn(watching)
    check(triggering_asset_events={accounts: [SimpleNamespace(extra={"payload": told})]})
    assert f"{told['flow_run_id']} success {{'input': " in capsys.readouterr().out


@pytest.mark.aep(auto_advance=600)
@snippets("lineage.md", code="aep_dataset", extra='"flow_run_id"')
def test_the_event_of_an_asset(code, extra, aep, dags, run_dag):
    flow = aep.dataflow("amazon-s3", name="Accounts")
    found = dags(code, aep, flow)
    result = run_dag(found["load_accounts"], logical_date=datetime(2026, 1, 31, 6, tzinfo=UTC))
    assert result.run.state == "success"
    (real,) = extras(result, found["load_accounts"].tasks[0].outlets[0])
    assert differences(literal_eval(extra), real) == []
    assert found["use_accounts"].tasks == []


@pytest.mark.aep(auto_advance=600)
@snippets("running.md", code="AepRetryPolicy")
def test_a_policy_of_retries(code, aep, dags, run_dag):
    pytest.importorskip("airflow.sdk.definitions.retry_policy", reason="Airflow has retry policies since 3.3")
    dag = dags(code, aep, aep.dataflow("amazon-s3", name="Accounts"))["load_accounts"]
    (task,) = dag.tasks
    assert (task.retries, type(task.retry_policy).__name__) == (3, "AepRetryPolicy")
    assert run_dag(dag, logical_date=datetime(2026, 1, 31, tzinfo=UTC)).run.state == "success"


@pytest.mark.aep(auto_advance=600)
@snippets("applying.md", code="aep_dataflow(")
def test_a_file_as_a_task_group(code, aep, dags, run_dag, tmp_path, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_SALESFORCE_CRM", json.dumps(SALESFORCE))
    file = tmp_path / "dags" / "dataflows" / "salesforce-accounts.yaml"
    file.parent.mkdir(parents=True)
    file.write_text((ROOT / "example_dags" / "dataflows" / "salesforce-accounts.yaml").read_text())
    result = run_dag(dags(code, aep)["salesforce_accounts"])
    assert result.run.state == "success"
    assert [flow["name"] for flow in aep.state()["flows"].values()] == ["Salesforce accounts to AEP"]


@snippets("emulator.md", code="def test_the_dag")
def test_a_test_of_a_dag(code, dags, run_dag, aep, aep_emulator, monkeypatch):
    dag = dags(block("testing-your-dags.md", '"orders",').body, aep)["orders"]
    # The DAG lies in no DAGs folder of this session, so that Airflow has to be told of it.
    known = SimpleNamespace(test=lambda **arguments: run_dag(dag, **arguments).run)
    monkeypatch.setitem(sys.modules, "orders", SimpleNamespace(dag=known))
    names_in(code)["test_the_dag_reports_dropped_records"](aep_emulator)


@snippets("emulator.md", code="with AepEmulator(")
def test_an_emulator_without_pytest(code, aep, capsys, monkeypatch):
    exec(code, {})
    assert capsys.readouterr().out.startswith("(True, ")


@snippets("testing-your-dags.md", code="auto_advance = 0", said="no run used the scripted")
def test_the_clock_and_what_was_never_used(code, said, aep_emulator):
    names_in(code)["test_an_hourly_dataflow_runs_hourly"](aep_emulator)
    aep_emulator.script_run("failed_copy", flow_name="Ordres")
    assert aep_emulator.unused == [said.strip()]
    aep_emulator.clear_scripts()


@snippets("scaling.md", code="sys.argv")
def test_a_worker_loads_the_provider_before_it_forks(code, monkeypatch):
    for argv, loaded in (["airflow", "celery", "worker"], True), (["airflow", "triggerer"], False):
        monkeypatch.setattr(sys, "argv", argv)
        namespace = {}
        exec(code, namespace)
        assert ("airflow_provider_aep" in namespace) is loaded


@snippets("ui-page.md", code="ui_plugin_enabled")
def test_the_settings_of_the_page(code, tmp_path):
    (tmp_path / "airflow.cfg").write_text(code)
    script = """if True:
        import json
        from airflow.configuration import conf
        from airflow_provider_aep.plugins.aep import AepPlugin
        print(json.dumps([conf.getsection("aep"), [each["name"] for each in AepPlugin.react_apps]]))"""
    command = [sys.executable, "-c", script]
    settings = environment(tmp_path) | {"AIRFLOW_HOME": str(tmp_path)}
    shown = subprocess.run(command, env=settings, capture_output=True, text=True, check=True).stdout
    section, pages = json.loads(shown.splitlines()[-1])
    assert section.keys() == OPTIONS.keys()
    assert (section["ui_access"], pages) == ("connection", ["AEP dataflows"])


@pytest.mark.parametrize("page", ["dataflow-files.md", "sources.md"])
def test_the_transcripts_are_what_the_commands_print(page, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    replayed = replay(page, capsys)
    assert replayed
    for said, printed in replayed:
        assert printed == said


def test_doctor_writes_the_profile_of_a_platform(aep, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ((_, printed),) = replay("assumptions.md", capsys)
    assert "run-id-lists" in printed.printed
    assert AepEmulator(profile=read_profile(Path("profile.json")))


def names_in(code):
    """What a snippet defines."""
    namespace = {}
    exec(code, namespace)
    return namespace


def still(text):
    """A text without what differs from run to run."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+", "...", text)


def differences(shown, real, path=""):
    """Where a sample shows what is not there, or of another type; what it leaves out is none."""
    if isinstance(shown, dict) and isinstance(real, dict):
        return [each for key in shown for each in differences(shown[key], real.get(key, KeyError), f"{path}.{key}")]
    return [] if type(shown) is type(real) else [f"{path}: {real!r}"]

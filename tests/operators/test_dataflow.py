"""The operators for specs: in DAGs that run on the emulator, with what they push and how they fail."""

import json
import socket
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
from airflow.sdk import DAG, Asset, ObjectStoragePath
from dataflow.world import CRM, KINESIS, spec_of

from airflow_provider_aep.operators.dataflow import (
    AepApplyDataflowOperator,
    AepApplyDataflowsOperator,
    AepDestroyDataflowOperator,
    aep_dataflow,
)

try:
    from airflow.serialization.serialized_objects import DagSerialization
except ImportError:  # Airflow 3.1
    from airflow.serialization.serialized_objects import SerializedDAG as DagSerialization

SEVEN = ("base_connection", "schema", "source_connection", "dataset", "mapping_set", "target_connection", "flow")
pytestmark = pytest.mark.usefixtures("one_api_server")


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    secrets = {"login": "crm@example.com", "password": "canary-password", "extra": {"securityToken": "canary-token"}}
    monkeypatch.setenv("AIRFLOW_CONN_SALESFORCE_CRM", json.dumps({"conn_type": "generic", **secrets}))
    secrets = {"accessKeyId": "canary-key", "secretKey": "canary-secret"}
    monkeypatch.setenv("AIRFLOW_CONN_KINESIS", json.dumps({"conn_type": "generic", "extra": secrets}))


@pytest.fixture
def run(run_dag):
    """Runs tasks in a DAG of their own."""

    def run_tasks(make, **options):
        with DAG("dataflows", schedule=None, **options) as dag:
            make()
        return run_dag(dag)

    return run_tasks


def changed(document, **change):
    return {**document, **change}


def test_a_dataflow_is_applied_and_its_ids_are_pushed(aep, run):
    result = run(lambda: AepApplyDataflowOperator(task_id="apply", spec=CRM))
    assert result.states == {"apply": "success"}
    returned = result.xcom("apply")
    assert tuple(returned["ids"]) == SEVEN
    assert returned["changes"] == dict.fromkeys(SEVEN, "created")
    assert returned["fingerprint"] == result.xcom("apply", "fingerprint")
    assert result.xcom("apply", "has_changes") is True
    assert returned["ids"]["flow"] in aep.state()["flows"]
    again = run(lambda: AepApplyDataflowOperator(task_id="apply", spec=CRM))
    assert again.xcom("apply")["changes"] == {}
    assert again.xcom("apply", "has_changes") is False
    assert "canary" not in json.dumps([result.xcoms, again.xcoms], default=str)


def test_a_folder_is_applied_and_what_fails_ends_the_task_after_the_others_are_done(aep, run, tmp_path):
    for number, document in enumerate([CRM, KINESIS]):
        (tmp_path / f"{number}.json").write_text(json.dumps(document))
    aep.fault("POST", "/sourceConnections", kind="status", status=400)
    result = run(lambda: AepApplyDataflowsOperator(task_id="apply", specs=str(tmp_path)))
    assert result.states == {"apply": "failed"}
    assert len(aep.state()["flows"]) == 1
    again = run(lambda: AepApplyDataflowsOperator(task_id="apply", specs=[ObjectStoragePath(f"file://{tmp_path}")]))
    assert again.states == {"apply": "success"}
    assert sorted(again.xcom("apply")["ids"]) == ["CRM accounts", "Web events"]


def test_a_plan_writes_nothing_and_is_pushed(aep, run):
    result = run(lambda: AepApplyDataflowsOperator(task_id="plan", specs=[CRM, KINESIS], mode="plan"))
    assert result.xcom("plan", "has_changes") is True
    assert result.xcom("plan")["fingerprint"] == result.xcom("plan", "fingerprint")
    assert "Fingerprint" in result.xcom("plan", "plan")
    assert [record for record in aep.requests if record.method != "GET" and "/ims/" not in record.path] == []


def test_a_check_fails_for_good_if_the_plan_is_not_empty(aep, run):
    make = lambda: AepApplyDataflowOperator(task_id="check", spec=CRM, mode="check", retries=3)  # noqa: E731
    assert run(make).states == {"check": "failed"}
    run(lambda: AepApplyDataflowOperator(task_id="apply", spec=CRM))
    assert run(make).states == {"check": "success"}


def test_what_was_approved_is_applied_by_its_fingerprint(aep, run):
    def make():
        plan = AepApplyDataflowOperator(task_id="plan", spec=CRM, mode="plan")
        apply = AepApplyDataflowOperator(
            task_id="apply", spec=CRM, expect="{{ ti.xcom_pull('plan', key='fingerprint') }}"
        )
        plan >> apply

    result = run(make)
    assert result.states == {"plan": "success", "apply": "success"}
    refused = run(lambda: AepApplyDataflowOperator(task_id="apply", spec=CRM, expect="0badcafe", retries=3))
    assert refused.states == {"apply": "failed"}


@pytest.mark.assumes("names-repeat")
def test_templates_deliver_text_and_are_read(aep, run):
    run(lambda: AepApplyDataflowOperator(task_id="apply", spec=CRM))
    result = run(
        lambda: AepApplyDataflowOperator(
            task_id="apply",
            spec=changed(CRM, source={"name": "CRM source", "table": "{{ params.table }}"}),
            allow_replace="{{ params.consent }}",
            rotate_credentials="{{ params.rotate }}",
        ),
        params={"table": "Contacts", "consent": "reload", "rotate": "false"},
    )
    assert result.states == {"apply": "success"}
    assert result.xcom("apply")["changes"] == {"source_connection": "replaced", "flow": "replaced"}


@pytest.mark.parametrize(
    "arguments",
    [
        {"mode": "look"},
        {"allow_destroy": "perhaps"},
        {"if_exists": "maybe"},
        {"spec": {**CRM, "conector": "salesforce"}},
        {"spec": "no/such/file.yaml"},
    ],
)
def test_what_the_author_must_mend_ends_the_task_without_retry(aep, run, arguments):
    result = run(lambda: AepApplyDataflowOperator(task_id="apply", retries=3, **{"spec": CRM, **arguments}))
    assert result.states == {"apply": "failed"}
    assert aep.state()["flows"] == {}


def test_one_operator_takes_one_dataflow(aep, run, tmp_path):
    for number, document in enumerate([CRM, KINESIS]):
        (tmp_path / f"{number}.json").write_text(json.dumps(document))
    assert run(lambda: AepApplyDataflowOperator(task_id="apply", spec=str(tmp_path))).states == {"apply": "failed"}


@pytest.mark.parametrize("mode", ["apply", "plan"])
def test_the_event_of_an_outlet_says_what_was_planned_or_done(aep, mode):
    asset, event = Asset("dataflows"), SimpleNamespace(extra={})
    events = MagicMock()
    events.__getitem__.return_value = event
    operator = AepApplyDataflowOperator(task_id="apply", spec=CRM, mode=mode, outlets=[asset])
    operator.execute({"outlet_events": events})
    events.__getitem__.assert_called_once_with(asset)
    assert event.extra["fingerprint"]
    assert event.extra["format_version"] == "1.0"


def test_a_dataflow_is_destroyed_and_a_second_time_gone(aep, run):
    run(lambda: AepApplyDataflowOperator(task_id="apply", spec=CRM))
    make = lambda: AepDestroyDataflowOperator(task_id="destroy", spec=CRM, include=["dataset"])  # noqa: E731
    assert run(make).xcom("destroy") == {
        "flow": "deleted",
        "target_connection": "deleted",
        "source_connection": "deleted",
        "dataset": "deleted",
        "base_connection": "left",
    }
    assert set(run(make).xcom("destroy").values()) == {"gone", "left"}


# The task group


def test_a_group_and_an_apply_agree(aep, run):
    """Section 12.20: what the group made leaves an apply nothing to do, and the other way round."""
    result = run(lambda: aep_dataflow("crm", CRM))
    assert set(result.states.values()) == {"success"}, result.states
    assert set(result.states) == {f"crm.{task}" for task in (*SEVEN, "columns")}
    again = run(lambda: AepApplyDataflowOperator(task_id="check", spec=CRM, mode="check"))
    assert again.states == {"check": "success"}
    once_more = run(lambda: aep_dataflow("crm", CRM))
    assert {once_more.xcom(f"crm.{step}", "change") for step in SEVEN} == {"reused"}


def test_a_group_refers_to_what_is_there(aep, run):
    run(lambda: aep_dataflow("crm", CRM))
    other = changed(
        CRM,
        name="Leads",
        base_connection="Salesforce",
        schema="CRM schema",
        source={"table": "Leads"},
        target={},
        dataset={},
        state="disabled",
    )
    result = run(lambda: aep_dataflow("leads", other))
    assert set(result.states.values()) == {"success"}, result.states
    assert len(aep.state()["connections"]) == len(aep.state()["schemas"]) == 1
    assert [flow["state"] for flow in aep.state()["flows"].values() if flow["name"] == "Leads"] == ["disabled"]
    assert run(lambda: AepApplyDataflowOperator(task_id="check", spec=other, mode="check")).states == {
        "check": "success"
    }


@pytest.mark.aep(auto_advance=600)
def test_a_group_waits_for_the_first_run(aep, run):
    def make():
        group = aep_dataflow("crm", CRM, wait=True)
        run_task = group.children["crm.run"]
        run_task.poll_interval, run_task.timeout = 0.1, 60

    result = run(make)
    assert result.xcom("crm.run")["records"]["failed"] == 0


def test_a_group_is_parsed_without_a_network_and_serializes(mocker):
    mocker.patch.object(socket.socket, "connect", side_effect=AssertionError("no network"))
    with DAG("dataflows", schedule=None) as dag:
        aep_dataflow("crm", CRM, retries=2)
        aep_dataflow("web", KINESIS, aep_conn_id="another")
        AepApplyDataflowsOperator(task_id="apply", specs=["dataflows/"])
    serialized = DagSerialization.to_dict(dag)
    again = DagSerialization.from_dict(serialized)
    assert {task.task_id for task in again.tasks} == {task.task_id for task in dag.tasks}
    assert dag.get_task("crm.flow").upstream_task_ids == {
        "crm.source_connection",
        "crm.target_connection",
        "crm.mapping_set",
    }
    assert dag.get_task("crm.flow").retries == 2
    assert dag.get_task("web.flow").aep_conn_id == "another"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({**CRM, "conector": "salesforce"}, "conector"),
        ({**CRM, "state": "absent"}, "state is 'absent', which a task group cannot bring about"),
        ({**CRM, "sandboxes": {"dev": {}, "prod": {}}}, "sandbox"),
    ],
)
def test_a_group_says_what_is_wrong_with_its_spec(spec, said):
    from airflow_provider_aep.exceptions import AepConfigError

    with DAG("dataflows", schedule=None), pytest.raises(AepConfigError, match=said):
        aep_dataflow("crm", spec)


def test_the_spec_of_a_sandbox_is_that_of_the_group():
    spec = {**CRM, "sandboxes": {"dev": {}, "prod": {"schedule": {"frequency": "minute", "interval": 15}}}}
    with DAG("dataflows", schedule=None) as dag:
        aep_dataflow("crm", spec, sandbox="prod")
    assert dag.get_task("crm.flow").schedule_params == {"frequency": "minute", "interval": 15}
    assert dag.get_task("crm.flow").sandbox == "prod"
    assert spec_of(CRM).schedule.frequency == "hour"

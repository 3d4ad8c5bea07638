"""The example DAGs, which the documentation quotes and users copy, run as they are on the emulator."""

import json
import runpy
import socket
from pathlib import Path

import pytest
from ailing import fill

EXAMPLES = Path(__file__).resolve().parent.parent / "example_dags"
CREDENTIALS = {
    "SALESFORCE_CRM": {
        "conn_type": "generic",
        "login": "user",
        "password": "secret",
        "extra": {"securityToken": "token"},
    },
    "KINESIS_STREAM": {"conn_type": "generic", "extra": {"accessKeyId": "key", "secretKey": "secret"}},
}


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    for name, connection in CREDENTIALS.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))


def load(name):
    return runpy.run_path(str(EXAMPLES / f"{name}.py"))["dag"]


def impatient(name):
    """The example with nothing changed but its patience."""
    dag = load(name)
    for task in dag.tasks:
        task.retries = 0
        if hasattr(task, "poll_interval"):
            task.poll_interval = 0.1
            task.timeout = 60
    return dag


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_is_parsed_without_a_network(path, mocker):
    def refuse(*args):
        raise AssertionError("a DAG file must not use the network")

    mocker.patch.object(socket.socket, "connect", refuse)
    dag = load(path.stem)
    assert dag.dag_id == path.stem
    assert {"example", "aep"} <= dag.tags
    assert dag.schedule is None


@pytest.mark.aep(auto_advance=600)
@pytest.mark.parametrize(
    ("name", "wait", "resources"),
    [("example_crm_dataflow", "first_run", 7), ("example_streaming_dataflow", "first_batch", 7)],
)
def test_an_example_runs_and_running_it_again_makes_nothing(name, wait, resources, aep, run_dag):
    first = run_dag(impatient(name))
    assert first.run.state == "success", first.states
    assert changes(first) == ["created"] * resources
    assert first.xcom(wait)["records"]["failed"] == 0
    made = {collection: list(objects) for collection, objects in aep.state().items()}

    second = run_dag(impatient(name))
    assert second.run.state == "success", second.states
    assert changes(second) == ["reused"] * resources
    for collection in set(made) - {"runs", "batches"}:  # these the platform makes
        assert list(aep.state()[collection]) == made[collection]


@pytest.mark.aep(speed=0)
def test_the_health_of_a_sandbox_is_told_if_there_is_something_to_mend(aep, run_dag):
    dag = load("example_dataflow_health")
    assert run_dag(dag).states == {"health": "success", "something_to_mend": "success", "tell": "skipped"}
    fill(aep)
    ailing = run_dag(dag)
    assert ailing.states["tell"] == "success"
    assert ailing.xcom("health")["failing"] == 3


@pytest.mark.aep(auto_advance=600)
def test_a_folder_is_applied_and_applying_it_again_changes_nothing(aep, run_dag):
    first = run_dag(load("example_apply_dataflows"))
    assert first.run.state == "success", first.states
    assert len(first.xcom("apply")["changes"]) == 14
    assert run_dag(load("example_apply_dataflows")).xcom("apply")["changes"] == {}


@pytest.fixture
def approved(mocker):
    """A person who approves everything, and the bodies that were shown."""
    from airflow.providers.standard.operators.hitl import ApprovalOperator

    bodies = []

    def approve(self, context):
        bodies.append(self.body)
        return {"chosen_options": ["Approve"], "params_input": {}}

    mocker.patch.object(ApprovalOperator, "execute", approve)
    return bodies


def test_what_was_approved_for_production_is_what_is_applied(aep, run_dag, approved):
    dag = load("example_promote_dataflows")
    for task in dag.tasks:
        task.retries = 0
    # Nothing is promoted that does not work in development.
    assert run_dag(dag).states["development"] == "failed"
    run_dag(load("example_apply_dataflows"))

    promoted = run_dag(dag)

    assert promoted.run.state == "success", promoted.states
    # Dataflows that do not need each other are applied at the same time: which is made first is nobody's promise.
    assert sorted(flow["name"] for flow in aep.state("prod")["flows"].values()) == [
        "Kinesis web events to AEP",
        "Salesforce accounts to AEP",
    ]
    assert "Plan: 14 to create" in approved[0]
    assert f"Fingerprint {promoted.xcom('plan', 'fingerprint')}" in approved[0]
    again = run_dag(dag)
    assert again.states["changes"] == "success"
    assert again.states["apply"] == "skipped"


def changes(result):
    return [change for task in result.states if (change := result.xcom(task, "change"))]

"""The example DAGs, which the documentation quotes and users copy, run as they are on the emulator."""

import json
import runpy
import socket
from pathlib import Path

import pytest

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


def ready_to_run(name, aep):
    """The example with nothing changed but its patience."""
    dag = load(name)
    for task in dag.tasks:
        task.retries = 0
        if hasattr(task, "poll_interval"):
            task.poll_interval = 0.1
            task.timeout = 60
    return dag


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_is_parsed_without_a_network(path, monkeypatch):
    def refuse(*args):
        raise AssertionError("a DAG file must not use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    dag = load(path.stem)
    assert dag.dag_id == path.stem
    assert {"example", "aep"} <= dag.tags
    assert dag.schedule is None

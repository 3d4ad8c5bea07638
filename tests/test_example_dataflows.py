"""Section 12.1: the files of both tutorials say in under 40 lines what the example DAGs make step by step."""

import json
import re
import runpy
from pathlib import Path

import pytest

from airflow_provider_aep.dataflow.apply import apply
from airflow_provider_aep.dataflow.lint import lint, load_checked
from airflow_provider_aep.emulator import AepEmulator

EXAMPLES = Path(__file__).resolve().parent.parent / "example_dags"
SECRETS = {
    "salesforce_crm": {"username": "user", "password": "secret", "securityToken": "token"},
    "kinesis_stream": {"accessKeyId": "key", "secretKey": "secret"},
}
FILES = sorted((EXAMPLES / "dataflows").glob("*.yaml"))
# By which DAG the same is made, step by step.
PAIRS = [("example_crm_dataflow", "salesforce-accounts"), ("example_streaming_dataflow", "kinesis-web-events")]
HARMLESS = ("/token/v3", "/validate", "/preview")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_short_and_without_mistakes(file):
    own = file.read_text().split("sandboxes:")[0]
    assert len(own.splitlines()) <= 40
    for sandbox in ("dev", "prod"):
        assert lint(str(file), sandbox=sandbox) == []


@pytest.mark.aep(auto_advance=600)
@pytest.mark.parametrize(("dag_id", "file"), PAIRS)
def test_a_file_sends_what_the_example_dag_sends(dag_id, file, aep, run_dag, monkeypatch):
    for name, secrets in SECRETS.items():
        connection = {"conn_type": "generic", "extra": secrets}
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection))
    dag = runpy.run_path(str(EXAMPLES / f"{dag_id}.py"))["dag"]
    # The wait sends nothing that makes anything.
    steps = dag.partial_subset([task.task_id for task in dag.tasks if not hasattr(task, "poll_interval")])
    assert run_dag(steps).run.state == "success"
    with AepEmulator() as other:
        from dataflow.applied import client_of

        specs = load_checked(str(EXAMPLES / "dataflows" / f"{file}.yaml"), sandbox="dev").dataflows
        assert apply(client_of(other), specs, credentials=SECRETS.__getitem__).ok
        assert bodies(other) == bodies(aep)


def bodies(aep):
    """What was posted, sorted: without times, and with ids by the order in which the services came to make them."""
    posted = [each for each in aep.requests if each.method == "POST" and not each.path.endswith(HARMLESS)]
    text = json.dumps(sorted([each.path, comparable(each.body)] for each in posted), sort_keys=True)
    names = {}
    for collection, objects in aep.state().items():
        for id_, one in objects.items():
            if isinstance(one, dict):
                names[id_] = f"the {collection} {one.get('title') or one.get('name')}"
    found = re.sub(r"airflow-[0-9a-f]{12}", "a name by its content", text)
    for id_, name in names.items():
        found = found.replace(id_, re.sub(r"airflow-[0-9a-f]{12}", "", name))
    return sorted(json.loads(found), key=str)


def comparable(body):
    found = json.loads(json.dumps(body))
    if isinstance(found, dict):
        (found.get("scheduleParams") or {}).pop("startTime", None)
    return json.dumps(found, sort_keys=True)

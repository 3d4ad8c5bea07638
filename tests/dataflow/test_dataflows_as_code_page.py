"""docs/dataflows-as-code.md from an empty folder to drift: its commands are run against the emulator, and compared."""

import json
from pathlib import Path

import pytest
import yaml
from named_tests import ROOT
from transcripts import replay

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.cli.main import _parser

PAGE = "dataflows-as-code.md"
CREDENTIALS = {"login": "crm@example.com", "password": "canary-password", "extra": {"securityToken": "canary-token"}}


def change_the_schedule(world):
    """As somebody does in the UI, an hour later."""
    world.aep.advance(3_600)
    (flow,) = world.client.send(flow_service.list_flows())
    patch = [{"op": "replace", "path": "/scheduleParams/interval", "value": 24}]
    world.client.send(flow_service.update_flow(flow.id, flow.etag, patch))
    with world.aep._platform.lock:
        world.aep._platform.sandboxes[world.aep.sandbox]["flows"][flow.id]["updatedClient"] = "exc_app"


@pytest.mark.aep(speed=0)
def test_the_transcripts_are_what_the_commands_print(world, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for conn_id in ("SALESFORCE_CRM", "SALESFORCE_CRM_PROD"):
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id}", json.dumps({"conn_type": "generic", **CREDENTIALS}))
    replayed = replay(PAGE, capsys, {"somebody changes the schedule": lambda: change_the_schedule(world)})
    for said, printed in replayed:
        assert printed == said
    assert "canary" not in (ROOT / "docs" / PAGE).read_text()


def test_the_commands_of_the_ci_job_are_commands():
    job = yaml.safe_load((ROOT / "docs" / "ci" / "github-actions.yml").read_text())["jobs"]
    runs = [step["run"] for each in job.values() for step in each["steps"] if "run" in step]
    commands = [line for run in runs for line in run.splitlines() if line.strip().startswith("airflow-aep ")]
    assert [command.split()[1] for command in commands] == ["lint", "plan", "apply"]
    for command in commands:
        words = command.split(">")[0].replace("${{ needs.plan.outputs.fingerprint }}", "7c1e0b9d").split()
        assert _parser().parse_args(words[1:]).paths == [str(Path("dataflows"))]

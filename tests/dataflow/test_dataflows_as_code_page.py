"""docs/dataflows-as-code.md from an empty folder to drift: its commands are run against the emulator, and compared."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from named_tests import ROOT
from transcripts import replay

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.cli.main import _parser

from .world import CRM

PAGE = "dataflows-as-code.md"
CI = yaml.safe_load((ROOT / "docs" / "ci" / "github-actions.yml").read_text())["jobs"]
CREDENTIALS = {"login": "crm@example.com", "password": "canary-password", "extra": {"securityToken": "canary-token"}}


def change_the_schedule(world):
    """As somebody does in the UI, an hour later."""
    world.aep.advance(3_600)
    (listed,) = world.client.send(flow_service.list_flows())
    flow = world.client.send(flow_service.get_flow(listed.id))
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
    runs = [step["run"] for each in CI.values() for step in each["steps"] if "run" in step]
    commands = [line for run in runs for line in run.splitlines() if line.strip().startswith("airflow-aep ")]
    assert [command.split()[1] for command in commands] == ["lint", "plan", "apply"]
    for command in commands:
        words = command.split(">")[0].replace("${{ needs.plan.outputs.fingerprint }}", "7c1e0b9d").split()
        assert _parser().parse_args(words[1:]).paths == [str(Path("dataflows"))]


@pytest.mark.parametrize(("spec", "code", "said"), [(CRM, 0, "changes=2"), ({**CRM, "schedule": {}}, 1, "")])
def test_the_plan_of_the_ci_job_fails_for_errors_and_not_for_changes(aep, tmp_path, spec, code, said):
    steps = CI["plan"]["steps"]
    script = "\n".join(step["run"] for step in steps if step.get("name") in ("Lint", "Plan"))
    (tmp_path / "dataflows").mkdir()
    (tmp_path / "dataflows" / "crm.json").write_text(json.dumps(spec))
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "AIRFLOW_CONN_AEP_PROD": aep.connection_json(),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    done = subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    output = tmp_path / "output"
    assert said in (output.read_text() if output.exists() else "")
    if not code:
        assert "Plan: 7 to create" in (tmp_path / "summary.md").read_text()
        assert re.search(r"fingerprint=[0-9a-f]{8}$", output.read_text(), re.MULTILINE)

"""Airflow's own commands know the provider. Each is a process of its own, as on a command line; all start at once."""

import json
import os
import subprocess
import sys

import pytest

from airflow_provider_aep import __version__
from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.get_provider_info import get_provider_info

COMMANDS = {
    "get": ("providers", "get", "airflow-provider-aep", "--full", "--output", "json"),
    "hooks": ("providers", "hooks", "--output", "json"),
    "test": ("connections", "test", "aep_default"),
    "failing test": ("connections", "test", "aep_wrong"),
}


@pytest.fixture(scope="module")
def outputs(request):
    """What each command printed, and its exit code."""
    request.getfixturevalue("airflow_db")
    with AepEmulator() as aep:
        wrong = {**json.loads(aep.connection_json()), "password": "wrong-secret-of-the-test"}
        environment = {
            **os.environ,
            "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
            "AIRFLOW_CONN_AEP_DEFAULT": aep.connection_json(),
            "AIRFLOW_CONN_AEP_WRONG": json.dumps(wrong),
            "PYTHONWARNINGS": "ignore",
        }
        running = {
            name: subprocess.Popen(
                [sys.executable, "-m", "airflow", *command],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for name, command in COMMANDS.items()
        }
        found = {name: (process.communicate(timeout=120)[0], process.returncode) for name, process in running.items()}
        return {**found, "asked": [request.path for request in aep.requests]}


def rows(output):
    """The JSON of a table, after whatever was logged before it."""
    return json.loads(output[output.index("\n[") if not output.startswith("[") else 0 :])


def test_providers_get_shows_the_whole_provider(outputs):
    output, code = outputs["get"]
    assert code == 0, output
    (shown,) = rows(output)
    info = get_provider_info()
    text = json.dumps(shown)
    assert shown["package-name"] == "airflow-provider-aep"
    assert __version__ in shown["versions"]
    for key in ("operators", "sensors", "hooks", "triggers"):
        for module in info[key][0]["python-modules"]:
            assert module in text
    assert "airflow_provider_aep.links.AepFlowRunLink" in text


def test_providers_hooks_shows_the_connection_type(outputs):
    output, code = outputs["hooks"]
    assert code == 0, output
    (ours,) = [row for row in rows(output) if row["connection_type"] == "aep"]
    assert ours["class"] == "airflow_provider_aep.hooks.aep.AepHook"
    assert ours["conn_id_attribute_name"] == "aep_conn_id"
    assert ours["package_name"] == "airflow-provider-aep"
    assert ours["hook_name"] == "Adobe Experience Platform"


def test_connections_test_asks_the_platform(outputs):
    output, code = outputs["test"]
    assert code == 0, output
    assert "Connection success!" in output
    assert any(path.endswith("/flowSpecs") for path in outputs["asked"])


def test_connections_test_names_the_step_that_fails(outputs):
    output, _ = outputs["failing test"]
    assert "Connection failed!" in output
    assert "IMS: " in output
    assert "invalid_client" in output
    assert "wrong-secret-of-the-test" not in output

"""The fixture that the package brings."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from airflow_provider_aep.emulator import AepEmulator, pytest_plugin
from emulator.caller import Caller

# Defined again, for sessions in which the package is not installed and so no plugin.
aep_emulator = pytest_plugin.aep_emulator
ROOT = Path(__file__).parents[2]


def test_the_fixture_sets_the_airflow_connection(aep_emulator: AepEmulator) -> None:
    assert json.loads(os.environ["AIRFLOW_CONN_AEP_DEFAULT"])["host"] == aep_emulator.url
    assert requests.get(f"{aep_emulator.url}/_emulator/clock", timeout=5).ok


def test_the_clock_of_the_fixture_moves_until_it_is_held(aep_emulator: AepEmulator) -> None:
    with Caller(aep_emulator) as api:
        begun = aep_emulator.now()
        api.get("flow/runs")
        moved = aep_emulator.now()
        aep_emulator.auto_advance = 0
        api.get("flow/runs")
        held = aep_emulator.now()
    assert moved - begun >= 600
    assert held - moved < 60


def test_loading_the_plugin_loads_neither_server_nor_airflow() -> None:
    code = (
        "import sys; import airflow_provider_aep.emulator.pytest_plugin\n"
        "print([name for name in ('uvicorn', 'jsonschema', 'airflow', 'asyncio.base_events') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "uvicorn" not in result.stdout
    assert "airflow'" not in result.stdout


USE = """
from emulator.caller import Caller

def test_a_run(aep_emulator):
    aep_emulator.script_run("empty", flow_name={name!r})
    with Caller(aep_emulator) as api:
        api.run(api.once_flow())
"""


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("Accounts", "1 passed"), ("Acounts", "no run used the scripted outcome 'empty' for the flow 'Acounts'")],
)
def test_a_script_for_a_misspelt_dataflow_is_not_silently_unused(tmp_path: Path, name: str, outcome: str) -> None:
    (tmp_path / "test_use.py").write_text(USE.format(name=name))
    plugin = ["-p", "no:aep", "-p", "airflow_provider_aep.emulator.pytest_plugin", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome in result.stdout
    assert (result.returncode == 0) is (name == "Accounts")

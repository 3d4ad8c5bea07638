"""The fixture that the package brings."""

import json
import os
import subprocess
import sys
from pathlib import Path

import requests

from airflow_provider_aep.emulator import AepEmulator, pytest_plugin

# Defined again, for sessions in which the package is not installed and so no plugin.
aep_emulator = pytest_plugin.aep_emulator
ROOT = Path(__file__).parents[2]


def test_the_fixture_sets_the_airflow_connection(aep_emulator: AepEmulator) -> None:
    assert json.loads(os.environ["AIRFLOW_CONN_AEP_DEFAULT"])["host"] == aep_emulator.url
    assert requests.get(f"{aep_emulator.url}/_emulator/clock", timeout=5).ok


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

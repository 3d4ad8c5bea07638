"""The emulator as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[2]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """`python -m airflow_provider_aep.emulator` and the connection file it writes."""
    file = tmp_path / "connection.json"
    arguments = ["--connection-file", str(file), "--state-file", str(tmp_path / "state.json"), "--auto-advance", "5"]
    process = subprocess.Popen(
        [sys.executable, "-m", "airflow_provider_aep.emulator", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while not file.exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    yield process, file
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_as_a_process_of_its_own(served: tuple[subprocess.Popen[str], Path], number: signal.Signals) -> None:
    process, file = served
    host = json.loads(file.read_text())["host"]
    assert requests.get(f"{host}/_emulator/clock", timeout=5).status_code == 200
    process.send_signal(number)
    assert process.wait(5) == 0
    assert process.stdout is not None
    assert process.stdout.read() == "", "with a connection file nothing is printed"
    assert process.stderr is not None
    assert process.stderr.read() == f"The emulator is listening on {host} (Ctrl+C stops it)\n"
    assert (file.parent / "state.json").exists()


def test_specs_come_from_files(tmp_path: Path) -> None:
    spec = {
        "id": "z",
        "name": "zendesk",
        "providerId": "0ed90a81-07f4-4586-8190-b40eccef1c5a",
        "version": "1.0",
        "sourceSpec": {},
    }
    file = tmp_path / "specs.json"
    file.write_text(json.dumps({"items": [spec]}))
    state = tmp_path / "state.json"
    command = [sys.executable, "-m", "airflow_provider_aep.emulator", "--spec", str(file), "--state-file", str(state)]
    with subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["conn_type"] == "aep"
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    assert json.loads(state.read_text())["specs"]["connectionSpecs"]["z"]["name"] == "zendesk"

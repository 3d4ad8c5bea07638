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
    assert (file.parent / "state.json").exists()

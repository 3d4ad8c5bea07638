"""`make up`, but for Airflow itself: what it prepares, and what it says."""

import json
import os
import re
import runpy
import shlex
import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def up(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    yield import_module("up")
    for name in ("up", "stage"):
        del sys.modules[name]


def test_a_taken_port_is_said_at_once(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        command = [sys.executable, str(ROOT / "scripts" / "up.py"), str(tmp_path / "up"), port]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Port {port} cannot be used")
    assert "make up PORT=8081" in ended.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("port", ["https", "99999"])
def test_what_is_no_port_is_said_too(up, port):
    with pytest.raises(SystemExit, match=f"Port {port} cannot be used"):
        up.refuse_taken_port(port)


@pytest.mark.aep(auto_advance=600)
def test_the_form_of_the_example_on_demand_is_filled_in_and_it_goes_green(up, aep, tmp_path, run_dag):
    flow_id = up.on_demand_flow(aep.url)
    assert up.on_demand_flow(aep.url) == flow_id
    up.copy_examples(tmp_path / "dags", flow_id)
    up.copy_examples(tmp_path / "dags", flow_id)
    dag = runpy.run_path(str(tmp_path / "dags" / "example_on_demand_run.py"))["dag"]
    for task in dag.tasks:
        task.poll_interval = 0.1
    ended = run_dag(dag)
    assert ended.run.state == "success", ended.states
    assert [run["flowId"] for run in aep.state()["runs"].values()] == [flow_id]


def test_what_it_says_to_do_next_can_be_done(up, aep, tmp_path):
    said = up.next_steps(tmp_path, "http://localhost:8080", aep.url)
    posted = re.findall(r"curl -X POST (\S+) -d ('.*')", said)
    assert len(posted) == 3
    for url, body in posted:
        with urlopen(Request(url, data=shlex.split(body)[0].encode()), timeout=10) as answer:
            assert answer.status in (200, 201)
    with urlopen(re.search(r"curl (\S+/)$", said, re.MULTILINE)[1], timeout=10) as answer:
        assert "routes" in json.load(answer)

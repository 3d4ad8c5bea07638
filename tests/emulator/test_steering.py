"""The emulator itself: its admin routes, request log, state file, threads, command line and fixture."""

import ast
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from airflow_provider_aep import emulator
from airflow_provider_aep.emulator import AepEmulator, pytest_plugin

from .caller import Caller, base_connection_body

# Defined again, for sessions in which the package is not installed and so no plugin.
aep_emulator = pytest_plugin.aep_emulator
PACKAGE = Path(emulator.__file__).parent


def test_it_is_steered_over_http_as_by_its_methods(aep: AepEmulator, api: Caller) -> None:
    assert api.post("_emulator/runs/outcomes", {"outcome": "failed_copy", "duration": 10}).status_code == 204
    run_id = api.run(api.once_flow())
    before = api.get("_emulator/clock").json()["now"]
    assert api.post("_emulator/clock", {"advance": 100}).json()["now"] >= before + 100
    state = api.get("_emulator/state?sandbox=dev").json()
    assert state["runs"][run_id]["metrics"]["statusSummary"]["status"] == "failed"
    fault = {"method": "GET", "path": "/flows", "kind": "status", "status": 503, "times": None}
    assert api.post("_emulator/faults", fault).status_code == 204
    assert api.get("flow/flows").status_code == 503
    assert api.delete("_emulator/faults").status_code == 204
    assert api.post("_emulator/chaos", {"rate": 1.0, "kinds": ["html"]}).status_code == 204
    assert api.get("flow/flows").status_code == 502
    assert api.post("_emulator/chaos", {"rate": 0}).status_code == 204
    assert api.call("PATCH", "_emulator/switches", {"run_response": "plain"}).json()["run_response"] == "plain"
    assert aep.switches.run_response == "plain"
    assert api.delete("_emulator/tokens").status_code == 204
    assert api.get("flow/flows").status_code == 401
    assert api.get("_emulator/connection").json() == json.loads(aep.connection_json())
    assert api.get("_emulator/unknown-routes").json() == []
    assert api.get("_emulator/requests").json()[0]["path"] == "/ims/token/v3"
    assert api.post("_emulator/reset").status_code == 204
    assert aep.requests == []
    assert not any(aep.state().values())


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "runs/outcomes", {"outcome": "unheard of"}),
        ("POST", "faults", {"kind": "unheard of"}),
        ("POST", "faults", {"colour": "red"}),
        ("POST", "chaos", {"kinds": ["unheard of"]}),
        ("POST", "clock", {"advance": -1}),
        ("PATCH", "switches", {"unheard_of": 1}),
        ("GET", "state?sandbox=nowhere", None),
        ("POST", "clock", None),
    ],
)
def test_wrong_steering_is_refused(api: Caller, method: str, path: str, body: object) -> None:
    assert api.call(method, f"_emulator/{path}", body).status_code == 400


def test_the_request_log_shows_everything_but_secrets(aep: AepEmulator, api: Caller) -> None:
    api.get("flow/flows?property=name==a&property=state==enabled")
    api.post("flow/connections", base_connection_body())
    token, listing, creation = aep.requests
    assert token.body["client_secret"] == token.response["access_token"] == "****"
    assert listing.query == {"property": ["name==a", "state==enabled"]}
    assert listing.headers["authorization"] == "Bearer ****"
    assert (listing.method, listing.status, listing.response["items"]) == ("GET", 200, [])
    assert (creation.path, creation.status) == ("/data/foundation/flowservice/connections", 201)
    assert creation.body == base_connection_body()
    assert creation.at == pytest.approx(aep.now(), abs=5)


def test_reset_forgets_everything_but_the_clock(aep: AepEmulator, api: Caller) -> None:
    aep.advance(1000)
    aep.fault(kind="status", times=None)
    aep.script_run("failed_copy")
    aep.reset()
    assert (aep.requests, aep.token_requests) == ([], 0)
    assert api.get("flow/flows").status_code == 401
    assert aep.now() > time.time() + 999


def test_the_same_seed_gives_the_same_ids() -> None:
    ids = []
    for seed in (5, 5, 0):
        with AepEmulator(seed=seed) as aep, Caller(aep) as api:
            ids.append(api.base_connection())
    assert ids[0] == ids[1] != ids[2]


def test_the_clock_may_run_faster() -> None:
    with AepEmulator(speed=10_000) as aep:
        first = aep.now()
        time.sleep(0.01)
        assert aep.now() - first >= 100


def test_a_state_file_keeps_the_platform(tmp_path: Path) -> None:
    file = str(tmp_path / "state.json")
    with AepEmulator(state_file=file) as aep, Caller(aep) as api:
        flow_id = api.flow()
        aep.advance(3600 * 2)
        before, stopped_at = aep.state(), aep.now()
    assert "hunter2" not in Path(file).read_text()
    with AepEmulator(state_file=file) as aep, Caller(aep) as api:
        assert aep.now() >= stopped_at
        assert aep.state() == before
        runs = len(api.get(f"flow/runs?property=flowId=={flow_id}").json()["items"])
        aep.advance(1800)
        assert len(api.get(f"flow/runs?property=flowId=={flow_id}").json()["items"]) == runs + 1
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def ended(connection: socket.socket) -> bool:
    """Whether the other side closed it, politely or not."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_it_releases_its_port_although_a_connection_is_open() -> None:
    with AepEmulator() as aep:
        port = int(aep.url.rpartition(":")[2])
        kept_open = socket.create_connection(("127.0.0.1", port), timeout=5)
    with kept_open:
        assert ended(kept_open)
    with AepEmulator(port) as again:
        assert again.url == f"http://127.0.0.1:{port}"


def test_many_callers_at_once(aep: AepEmulator, api: Caller) -> None:
    flow_id = api.once_flow()
    headers = dict(api.session.headers)

    def work(number: int) -> int:
        base = f"{aep.url}/data/foundation/flowservice"
        with requests.Session() as session:
            session.headers.update(headers)
            made = session.post(f"{base}/connections", json=base_connection_body(), timeout=20).status_code
            listed = session.get(f"{base}/runs?property=flowId=={flow_id}", timeout=20).status_code
        return made + listed

    with ThreadPoolExecutor(60) as pool:
        assert set(pool.map(work, range(240))) == {401}
    assert len(aep.state()["connections"]) == 241


def test_the_airflow_connection(aep: AepEmulator) -> None:
    connection = json.loads(aep.connection_json())
    assert connection == {
        "conn_type": "aep",
        "host": aep.url,
        "login": aep.client_id,
        "password": aep.client_secret,
        "extra": {"ims_org_id": aep.org_id, "sandbox": "dev", "ims_url": aep.url},
    }
    assert aep.connection_uri().startswith(f"aep://{aep.client_id}:")


def test_the_uri_and_the_json_are_the_same_connection(aep: AepEmulator) -> None:
    models = pytest.importorskip("airflow.models")
    by_uri = models.Connection(conn_id="x", uri=aep.connection_uri())
    by_json = models.Connection.from_json(aep.connection_json(), conn_id="x")
    for field in ("conn_type", "host", "login", "password", "extra_dejson"):
        assert getattr(by_uri, field) == getattr(by_json, field)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """`python -m airflow_provider_aep.emulator` and the connection file it writes."""
    file = tmp_path / "connection.json"
    arguments = ["--connection-file", str(file), "--state-file", str(tmp_path / "state.json"), "--auto-advance", "5"]
    process = subprocess.Popen(
        [sys.executable, "-m", "airflow_provider_aep.emulator", *arguments],
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent.parent)},
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
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "uvicorn" not in result.stdout
    assert "airflow'" not in result.stdout


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_it_shares_no_code_with_what_it_tests(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported = [node.module or ""]
        else:
            continue
        for name in imported:
            if name.startswith("airflow"):
                assert name.startswith("airflow_provider_aep.emulator")
    lines = path.read_text().count("\n")
    assert lines < 300, f"{lines} lines"


def test_no_emulator_has_the_free_port_of_an_earlier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client keeps its token by the address, and a test that counts requests would count another one."""
    real = socket.create_server
    with AepEmulator() as first:
        taken = int(first.url.rpartition(":")[2])
    offered = iter([taken])  # and then whatever is free
    monkeypatch.setattr(socket, "create_server", lambda address, **more: real((address[0], next(offered, 0)), **more))
    with AepEmulator() as second:
        assert next(offered, None) is None
        assert int(second.url.rpartition(":")[2]) != taken

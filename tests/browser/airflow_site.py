"""Airflow's API server with the page switched on, beside a local AEP that has many dataflows."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import requests

BIN = Path(sys.executable).parent
USERS = {"admin": "admin", "someone": "user", "looker": "viewer"}


@contextmanager
def airflow_site(folder, connection, **settings):
    """An API server with a database of its own; yields its address. Each user's password is the user's name."""
    folder.mkdir(parents=True, exist_ok=True)
    plugins = folder / "plugins"
    plugins.mkdir()
    # As the entry point of the installed package would say.
    (plugins / "aep.py").write_text("from airflow_provider_aep.plugins.aep import AepPlugin  # noqa: F401\n")
    passwords = folder / "simple_auth_manager_passwords.json.generated"
    passwords.write_text(json.dumps({name: name for name in USERS}))
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")} | {
        # The package that stands beside these tests, also where another copy of it is installed.
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW_CONN_AEP_DEFAULT": connection,
        "AIRFLOW__AEP__UI_PLUGIN_ENABLED": "True",
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": "for-this-test-only-" + "x" * 64,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in USERS.items()),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "NO_PROXY": "127.0.0.1,localhost",
        **settings,
    }
    log = (folder / "api-server.log").open("w")
    subprocess.run([BIN / "airflow", "db", "migrate"], env=environment, stdout=log, stderr=log, check=True, timeout=180)
    command = [BIN / "airflow", "api-server", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _until_healthy(url, server)
        yield url
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)
        log.close()


def _until_healthy(url, server):
    deadline = time.monotonic() + 90
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(requests.RequestException):
            if requests.get(f"{url}/api/v2/monitor/health", timeout=5).ok:
                return
        time.sleep(0.3)
    raise RuntimeError("the API server does not come up")


def token_of(url, user):
    """A bearer token of a user."""
    answer = requests.post(f"{url}/auth/token", json={"username": user, "password": user}, timeout=30)
    answer.raise_for_status()
    return answer.json()["access_token"]

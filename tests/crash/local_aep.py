"""The emulator in a process of its own, which outlives none of the tests that use it."""

import json
import subprocess
import time
from contextlib import contextmanager

import requests
from real_airflow import BIN


class LocalAep:
    """The emulator in a process of its own, steered over HTTP."""

    def __init__(self, connection):
        self.connection = connection
        self._url = json.loads(connection)["host"]
        self._session = requests.Session()
        self._session.trust_env = False

    def request(self, method, path, body=None):
        answer = self._session.request(method, f"{self._url}/_emulator{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.text else None

    @property
    def state(self):
        return self.request("GET", "/state")

    def started(self, flow_ids):
        """How many runs were started of these dataflows, by our own client."""
        return sum(run["flowId"] in flow_ids for run in self.state["runs"].values())


@contextmanager
def local_aep(folder, auto_advance=0):
    file = folder / "connection.json"
    with (folder / "emulator.log").open("w") as log:
        command = [BIN / "airflow-aep", "emulator", "--port", "0", "--connection-file", file]
        command += ["--auto-advance", str(auto_advance)]
        emulator = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while not file.exists():
            assert emulator.poll() is None, "the emulator ended at once"
            assert time.monotonic() < deadline, "the emulator does not listen"
            time.sleep(0.05)
        yield LocalAep(file.read_text())
    finally:
        emulator.terminate()
        emulator.wait(timeout=20)


def script(aep, flow_id, **how):
    aep.request("POST", "/runs/outcomes", {"flow_id": flow_id, "queue_time": 0.5, **how})

"""Airflow's web interface with the example DAGs and a local AEP, until Ctrl-C.

Usage: python scripts/up.py FOLDER PORT
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from stage import AUTO_ADVANCE, BIN, ROOT, airflow_settings, local_aep

ON_DEMAND = "Orders on demand"

NEXT_STEPS = """
Airflow                        {url}
the local Experience Platform  {aep}

What to do next
  1. Open {url}/dags and trigger example_crm_dataflow. It makes a dataflow and everything that belongs to it,
     then waits for the first run: a minute, or a few if other DAGs move the clock meanwhile.
  2. Trigger example_streaming_dataflow and example_on_demand_run, whose form is filled in: its dataflow,
     "{on_demand}", is there already.
  3. Trigger example_crm_dataflow again: everything is reused, nothing is made. Only its last task takes a while.
     It waits for a run that is new, and the dataflow runs once an hour; each look at the runs, every 30 s, moves
     the local platform's clock by {minutes} minutes.
  4. Trigger example_apply_dataflows, which makes two dataflows from files; then example_promote_dataflows, whose plan
     for production waits for your approval in Browse > Required Actions.
  5. Browse > AEP dataflows shows what the platform holds.

Let the next run fail, then trigger a DAG again
  curl -X POST {aep}/_emulator/runs/outcomes -d '{{"outcome": "failed_copy"}}'
Let it drop three records, which the platform calls a success
  curl -X POST {aep}/_emulator/runs/outcomes -d '{{"outcome": "partial", "failed_records": 3}}'
Move its clock by an hour, so that nobody waits
  curl -X POST {aep}/_emulator/clock -d '{{"advance": 3600}}'
All else that it does on demand
  curl {aep}/

The command line, in another terminal
  export AIRFLOW_CONN_AEP_DEFAULT="$(cat {connection_file})"
  {bin}/airflow-aep flows

Ctrl-C ends everything; what was made is kept in {folder}.
"""


def main(folder, port):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    refuse_taken_port(port)
    folder.mkdir(parents=True, exist_ok=True)
    log_path = folder / "up.log"
    url = f"http://localhost:{port}"
    with log_path.open("w") as log, local_aep(folder, log) as connection:
        aep = json.loads(connection)["host"]
        copy_examples(folder / "dags", on_demand_flow(aep))
        airflow = _start(folder, port, url, connection, log)
        print(f"Starting Airflow; its output goes to {log_path}", flush=True)
        try:
            _wait_until_healthy(f"{url}/api/v2/monitor/health", airflow)
            print(next_steps(folder, url, aep), flush=True)
            airflow.wait()
        except KeyboardInterrupt:
            print("\nStopping.")
        finally:
            _end(airflow)


def refuse_taken_port(port):
    """End at once, with a way out, rather than after Airflow has tried for minutes."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except (OSError, OverflowError, ValueError) as error:
            raise SystemExit(f"Port {port} cannot be used ({error}). Choose another: make up PORT=8081") from error


def on_demand_flow(aep):
    """The id of the dataflow that example_on_demand_run runs; it is made if it is not there yet."""
    with urlopen(f"{aep}/_emulator/state?sandbox=dev", timeout=10) as answer:
        flows = json.load(answer)["flows"].values()
    for flow in flows:
        if flow["name"] == ON_DEMAND:
            return flow["id"]
    body = json.dumps({"connector": "salesforce", "name": ON_DEMAND}).encode()
    with urlopen(Request(f"{aep}/_emulator/dataflows", data=body), timeout=10) as answer:
        return json.load(answer)["id"]


def copy_examples(dags, flow_id):
    """The example DAGs as they are, but that the form of the one on demand has its dataflow and yesterday filled in."""
    shutil.rmtree(dags, ignore_errors=True)
    shutil.copytree(ROOT / "example_dags", dags, ignore=shutil.ignore_patterns("__pycache__"))
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    params = {
        "flow_id": flow_id,
        "window_start": (today - timedelta(days=1)).isoformat(),
        "window_end": today.isoformat(),
    }
    path = dags / "example_on_demand_run.py"
    text = path.read_text()
    for name, value in params.items():
        empty = f'"{name}": Param("",'
        assert empty in text, f"{path.name} has no parameter {name} to fill in"
        text = text.replace(empty, f'"{name}": Param("{value}",')
    path.write_text(text)


def next_steps(folder, url, aep):
    return NEXT_STEPS.format(
        url=url,
        aep=aep,
        on_demand=ON_DEMAND,
        minutes=AUTO_ADVANCE // 60,
        connection_file=folder / "aep-connection.json",
        bin=BIN,
        folder=folder,
    )


def _start(folder, port, url, connection, log):
    settings = airflow_settings(folder) | {
        "AIRFLOW_CONN_AEP_DEFAULT": connection,
        "AIRFLOW__AEP__UI_PLUGIN_ENABLED": "True",
        "AIRFLOW__API__HOST": "127.0.0.1",  # whoever reaches it is an administrator
        "AIRFLOW__API__PORT": port,
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
    }
    return subprocess.Popen(
        [BIN / "airflow", "standalone"], env=settings, stdout=log, stderr=log, start_new_session=True
    )


def _wait_until_healthy(url, airflow):
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if airflow.poll() is not None:
            raise SystemExit(f"Airflow ended at once, with exit code {airflow.returncode}.")
        try:
            urlopen(url, timeout=5).close()
        except (URLError, OSError):
            time.sleep(1)
        else:
            return
    raise SystemExit("Airflow did not come up within 3 minutes.")


def _end(airflow):
    """`airflow standalone` starts processes of its own, all in its group; the last of them is waited for."""
    with suppress(ProcessLookupError):
        os.killpg(airflow.pid, signal.SIGTERM)
        for _ in range(100):
            time.sleep(0.2)
            airflow.poll()
            os.killpg(airflow.pid, 0)  # raises once the group is empty
        os.killpg(airflow.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2])

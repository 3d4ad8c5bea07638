"""Airflow's web interface with the example DAGs and a local AEP, until Ctrl-C.

Usage: python scripts/up.py FOLDER PORT
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from stage import BIN, airflow_settings, local_aep


def main(folder, port):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    folder.mkdir(parents=True, exist_ok=True)
    log_path = folder / "up.log"
    url = f"http://localhost:{port}"
    with log_path.open("w") as log, local_aep(folder, log) as connection:
        settings = airflow_settings(folder) | {
            "AIRFLOW_CONN_AEP_DEFAULT": connection,
            "AIRFLOW__API__HOST": "127.0.0.1",  # whoever reaches it is an administrator
            "AIRFLOW__API__PORT": port,
            "AIRFLOW__API__BASE_URL": url,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        }
        airflow = subprocess.Popen(
            [BIN / "airflow", "standalone"], env=settings, stdout=log, stderr=log, start_new_session=True
        )
        print(f"Starting Airflow; its output goes to {log_path}", flush=True)
        try:
            _wait_until_healthy(f"{url}/api/v2/monitor/health", airflow)
            print(f"Open {url} and trigger the DAGs tagged 'aep'. Ctrl-C ends everything.", flush=True)
            airflow.wait()
        except KeyboardInterrupt:
            print("\nStopping.")
        finally:
            _end(airflow)


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

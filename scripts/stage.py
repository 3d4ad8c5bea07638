"""What `make demo` and `make up` play on: settings for an Airflow of their own, and a local AEP."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

# Each question for runs or batches moves the emulator's clock by this many seconds, so that an hourly
# dataflow is due at the seventh at the latest.
AUTO_ADVANCE = 600


def airflow_settings(folder):
    """Environment variables for an Airflow that lives in `folder` and knows only the example DAGs."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
    salesforce = {
        "conn_type": "generic",
        "login": "demo@example.com",
        "password": "not-a-password",
        "extra": {"securityToken": "not-a-token"},
    }
    kinesis = {
        "conn_type": "generic",
        "extra": {"accessKeyId": "not-a-key", "secretKey": "not-a-secret"},
    }
    return inherited | {
        "PATH": f"{BIN}{os.pathsep}{inherited.get('PATH', '')}",
        "NO_PROXY": "127.0.0.1,localhost",
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "example_dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder}/airflow/airflow.db",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW_CONN_SALESFORCE_CRM": json.dumps(salesforce),
        "AIRFLOW_CONN_KINESIS_STREAM": json.dumps(kinesis),
    }


@contextmanager
def local_aep(folder, log):
    """Run the emulator as a process of its own, with its state kept in `folder`.

    Yields the Airflow connection that leads to it, as JSON.
    """
    connection_file = folder / "aep-connection.json"
    connection_file.unlink(missing_ok=True)
    emulator = subprocess.Popen(
        [
            *(BIN / "airflow-aep", "emulator", "--port", "0"),
            *("--connection-file", connection_file),
            *("--state-file", folder / "aep-state.json"),
            *("--auto-advance", str(AUTO_ADVANCE)),
        ],
        stdout=log,
        stderr=log,
        start_new_session=True,  # a Ctrl-C reaches us first, and we end it in our own time
    )
    try:
        yield _once_written(connection_file, emulator)
    finally:
        emulator.terminate()
        emulator.wait(timeout=10)


def _once_written(connection_file, emulator):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if emulator.poll() is not None:
            raise SystemExit(f"The emulator ended at once, with exit code {emulator.returncode}.")
        if connection_file.exists() and (text := connection_file.read_text()).strip():
            json.loads(text)
            return text
        time.sleep(0.05)
    raise SystemExit("The emulator did not begin to listen within 30 seconds.")

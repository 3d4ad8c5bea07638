"""Airflow as it runs in production: every component a process of its own, tasks on an executor, a shared database.

Everything lives in one folder and in process groups of its own, and `stop` ends all of it.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
import requests

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
PRELOAD = """
import sys

if "scheduler" in sys.argv or "celery" in sys.argv:
    import threading
    import airflow.sdk
    import airflow_provider_aep.operators.flow_run
    import airflow_provider_aep.operators.flow_service
    import airflow_provider_aep.operators.catalog
    import airflow_provider_aep.operators.data_prep
    import airflow_provider_aep.operators.schema_registry
"""
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")


class RealAirflow:
    """Use it as a context manager.

    :param folder: is made and filled; the caller removes it.
    :param environment: variables for every process, such as connections.
    :param executor: `LocalExecutor` or `CeleryExecutor`, which needs Redis and the Celery provider.
    :param workers: how many Celery workers: `worker-1` and so on.
    """

    def __init__(self, folder, environment, executor="LocalExecutor", workers=1):
        self.folder = folder
        self.executor = executor
        self.workers = [f"worker-{number + 1}" for number in range(workers)] if executor == "CeleryExecutor" else []
        self.processes = {}
        self.ended = []
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = None
        self._given = environment
        self._stack = ExitStack()
        self._session = requests.Session()
        self._session.trust_env = False

    def __enter__(self):
        with ExitStack() as stack:
            self.database, connection = stack.enter_context(database(self.folder))
            self.environment = self._environment(connection)
            if self.executor == "CeleryExecutor":
                self.environment |= stack.enter_context(celery(self.folder, connection))
            stack.callback(self.stop_all)
            self._preload()
            self._migrate()
            for name in (*COMPONENTS, *self.workers):
                self.start(name)
            self._until("Airflow is healthy", self._healthy, 120)
            self._sign_in()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        self._stack.close()

    def _environment(self, connection):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
        return (
            inherited
            | {
                "PATH": f"{BIN}{os.pathsep}{inherited.get('PATH', '')}",
                # The package that stands beside these tests, also where another copy of it is installed.
                "PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parents[1]}",
                "NO_PROXY": "127.0.0.1,localhost",
                "AIRFLOW_HOME": str(self.folder / "airflow"),
                "AIRFLOW__API__BASE_URL": self.url,
                "AIRFLOW__API__HOST": "127.0.0.1",
                "AIRFLOW__API__PORT": str(self.port),
                "AIRFLOW__API__WORKERS": "1",
                "AIRFLOW__API_AUTH__JWT_SECRET": "for-this-test-only-" + "x" * 64,
                "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
                "AIRFLOW__CORE__DAGS_FOLDER": str(HERE / "dags"),
                "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
                "AIRFLOW__CORE__EXECUTOR": self.executor,
                "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
                "AIRFLOW__CORE__PARALLELISM": "12",
                "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
                "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": connection,
                "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.folder / "logs"),
                "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
                "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
                "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
                "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
                # A worker that is gone with its supervisor is missed after this many seconds.
                "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
                "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
                "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "3",
                # Another triggerer takes over what a dead one held after this many seconds.
                "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "1",
                "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "5",
                "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            }
            | self._given
        )

    def _preload(self):
        """Let the scheduler import what its forks need: otherwise each task would spend seconds on it."""
        settings = self.folder / "airflow" / "config" / "airflow_local_settings.py"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(PRELOAD)

    def _migrate(self):
        with (self.folder / "migrate.log").open("w") as log:
            subprocess.run(
                [BIN / "airflow", "db", "migrate"],
                env=self.environment,
                stdout=log,
                stderr=log,
                check=True,
                timeout=180,
            )

    def start(self, name):
        """Start a component, in a process group of its own."""
        command = self._worker(name) if name in self.workers else [name]
        with (self.folder / f"{name}.log").open("a") as log:
            self.processes[name] = subprocess.Popen(
                [BIN / "airflow", *command],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self.folder,
            )

    def _worker(self, name):
        """Two of them on one machine must not share a name, a file with a process id, or the port that serves logs."""
        own = ("--celery-hostname", f"{name}@%h", "--pid", self.folder / f"{name}.pid", "--skip-serve-logs")
        return ["celery", "worker", "--concurrency", "6", *own]

    def signal(self, name, number):
        """To a component and all its children, tasks too: each has a process group of its own. Returns their ids."""
        process = psutil.Process(self.processes[name].pid)
        everyone = [process, *process.children(recursive=True)]
        for one in everyone:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(number)
        return {one.pid for one in everyone}

    def kill(self, name):
        """SIGKILL a component and all its children."""
        self.signal(name, signal.SIGKILL)
        self.processes.pop(name).wait(timeout=30)

    def revive(self):
        """Start again what ended by itself, as any deployment does: some races bring down Airflow 3.1's scheduler."""
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.ended.append((name, process))
                self.start(name)

    def stop_all(self):
        processes = [*self.processes.values(), *(process for _, process in self.ended)]
        for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 30)):
            for process in processes:
                # The leader may be gone and its group not.
                signal_group(process.pid, number)
            deadline = time.monotonic() + patience
            for process in processes:
                try:
                    process.wait(timeout=max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    continue
        self.processes.clear()

    def _healthy(self):
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise RuntimeError(f"The {name} ended at once:\n{tail(self.folder / f'{name}.log')}")
        try:
            health = self._session.get(f"{self.url}/api/v2/monitor/health", timeout=5).json()
        except (requests.RequestException, ValueError):
            return False
        return all((health.get(part) or {}).get("status") == "healthy" for part in health)

    def _sign_in(self):
        token = self._session.get(f"{self.url}/auth/token", timeout=30).json()["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def _until(self, what, true, patience, pause=0.5):
        deadline = time.monotonic() + patience
        while True:
            found = true()
            if found:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"Waited {patience} s until {what}.")
            time.sleep(pause)

    def request(self, method, path, **arguments):
        """A question to Airflow's REST API, below /api/v2."""
        answer = self._session.request(method, f"{self.url}/api/v2{path}", timeout=60, **arguments)
        if answer.status_code >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.text else None

    def until_parsed(self, dag_ids):
        def parsed():
            errors = self.request("GET", "/importErrors")["import_errors"]
            if errors:
                raise RuntimeError(errors[0]["stack_trace"])
            known = {dag["dag_id"] for dag in self.request("GET", "/dags")["dags"]}
            return known >= set(dag_ids)

        self._until("the DAGs are parsed", parsed, 120)

    def trigger(self, dag_id, conf):
        body = {"dag_run_id": "crash", "logical_date": None, "conf": conf}
        self.request("POST", f"/dags/{dag_id}/dagRuns", json=body)

    def tasks(self, dag_id):
        """task id -> task instance."""
        path = f"/dags/{dag_id}/dagRuns/crash/taskInstances"
        found, offset, total = {}, 0, 1
        while offset < total:
            page = self.request("GET", path, params={"limit": 100, "offset": offset})
            found |= {ti["task_id"]: ti for ti in page["task_instances"]}
            offset, total = offset + 100, page["total_entries"]
        # A task that is tried again meanwhile may move to another page.
        return found if len(found) == total else self.tasks(dag_id)

    def until_tasks(self, dag_id, what, true, patience):
        """Wait until something is true of the task instances, and return them."""
        seen = {}

        def poll():
            self.revive()
            seen.update(self.tasks(dag_id))
            return seen if true(seen) else None

        try:
            return self._until(what, poll, patience)
        except TimeoutError as problem:
            states = ", ".join(f"{task_id} {ti['state']} ({ti['try_number']})" for task_id, ti in seen.items())
            raise TimeoutError(f"{problem} {states}") from None

    def until_runs(self, dag_id, number, patience):
        """Wait until the DAG has that number of runs and all have ended, and return them."""

        def poll():
            self.revive()
            runs = self.request("GET", f"/dags/{dag_id}/dagRuns", params={"limit": 100})["dag_runs"]
            ended = [run for run in runs if run["state"] in ("success", "failed")]
            return runs if len(ended) == len(runs) == number else None

        return self._until(f"{number} runs of {dag_id} have ended", poll, patience)

    def xcom(self, dag_id, task_id, key="return_value"):
        """None if there is none."""
        path = f"/dags/{dag_id}/dagRuns/crash/taskInstances/{task_id}/xcomEntries/{key}"
        answer = self._session.get(f"{self.url}/api/v2{path}", params={"stringify": "false"}, timeout=60)
        value = answer.json()["value"] if answer.status_code == 200 else None
        return json.loads(value) if isinstance(value, str) and value.startswith("{") else value

    def clear(self, dag_id, task_id):
        body = {"dry_run": False, "dag_run_id": "crash", "task_ids": [task_id], "only_failed": False}
        self.request("POST", f"/dags/{dag_id}/clearTaskInstances", json=body)

    def mark_failed(self, dag_id, task_id):
        self.request("PATCH", f"/dags/{dag_id}/dagRuns/crash/taskInstances/{task_id}", json={"new_state": "failed"})

    def logs(self, task_id):
        """What the task's processes and its triggers wrote, of all tries."""
        files = sorted((self.folder / "logs").rglob(f"*task_id={task_id}/*"))
        return "\n".join(file.read_text(errors="replace") for file in files if file.is_file())


def signal_group(group, number):
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tail(path, lines=30):
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


@contextmanager
def database(folder):
    """PostgreSQL if it is there and DATABASE does not say SQLite. Yields its name, and its address for SQLAlchemy."""
    binaries = postgresql_binaries()
    missing = [driver for driver in ("psycopg2", "asyncpg") if find_spec(driver) is None]
    reasons = {
        "asked for": os.environ.get("DATABASE") == "SQLite",
        "no PostgreSQL server is installed": binaries is None,
        f"{' and '.join(missing)} is not installed": missing,
    }
    why = next((reason for reason, holds in reasons.items() if holds), None)
    if why:
        (folder / "airflow").mkdir(parents=True, exist_ok=True)
        yield f"SQLite, as {why}", f"sqlite:///{folder}/airflow/airflow.db"
        return
    with postgresql(folder / "postgresql", binaries) as address:
        yield "PostgreSQL", address


def postgresql_binaries():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def postgresql(folder, binaries):
    """A server of its own, which root may not run."""
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder.mkdir(parents=True)
    if as_user:
        shutil.chown(folder, "postgres", "postgres")
        # Only the folder that is ours: the one above is the machine's /tmp.
        folder.parent.chmod(0o755)
    port = free_port()
    data = folder / "data"
    command = [*as_user, binaries / "initdb", "--auth", "trust", "--username", "airflow", "--no-sync", "-D", data]
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=folder)
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "fsync": "off",
        "max_connections": 200,
    }
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [
                *(*as_user, binaries / "postgres", "-D", data),
                *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
            ],
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
        )
    try:
        address = f"postgresql+psycopg2://airflow@127.0.0.1:{port}/postgres"
        _until_connected(port, server, folder / "server.log")
        yield address
    finally:
        signal_group(server.pid, signal.SIGINT)  # "fast shutdown"
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            signal_group(server.pid, signal.SIGKILL)
            server.wait(timeout=20)


def _until_connected(port, server, log):
    import psycopg2

    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg2.connect(host="127.0.0.1", port=port, user="airflow", dbname="postgres").close()
            return
        except psycopg2.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{tail(log)}") from None
            time.sleep(0.1)


@contextmanager
def celery(folder, connection):
    """Redis, and what Airflow must know about it."""
    if not connection.startswith("postgresql"):
        raise RuntimeError("CeleryExecutor needs PostgreSQL here.")
    port = free_port()
    with (folder / "redis.log").open("w") as log:
        server = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
        )
    try:
        yield {
            "AIRFLOW__CELERY__BROKER_URL": f"redis://127.0.0.1:{port}/0",
            "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{connection}",
        }
    finally:
        server.terminate()
        server.wait(timeout=20)

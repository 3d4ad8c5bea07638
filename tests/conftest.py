"""What the tests stand on: an Airflow of their own, an emulated AEP, and a way to run a DAG for real."""

import atexit
import os
import shutil
import sys
import tempfile
import threading
from collections import ChainMap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import settings

# Airflow reads its settings when it is first imported, so they are made here, and the caller's have no say.
assert "airflow" not in sys.modules, "Something imported Airflow before tests/conftest.py could configure it."
for _name in [name for name in os.environ if name.startswith("AIRFLOW_")]:
    del os.environ[_name]
_home = Path(tempfile.mkdtemp(prefix="airflow-provider-aep-tests-"))
atexit.register(shutil.rmtree, _home, ignore_errors=True)
(_home / "dags").mkdir()
os.environ |= {
    "AIRFLOW_HOME": str(_home),
    "AIRFLOW__CORE__DAGS_FOLDER": str(_home / "dags"),  # empty: tests hand their DAGs over as objects
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",  # two tests may give one dag_id two shapes
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{_home}/airflow.db",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
}

# A shared machine is slow now and then, which is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@dataclass(frozen=True)
class DagResult:
    """How a DAG run ended. XComs and states are by task id; a mapped task's are lists by map index."""

    run: Any
    states: dict[str, Any]
    xcoms: dict[str, Any]

    def xcom(self, task_id, key="return_value"):
        """The value that a task pushed, or None; for a mapped task the list of them."""
        values = self.xcoms.get(task_id, {})
        return [each.get(key) for each in values] if isinstance(values, list) else values.get(key)


def pytest_addoption(parser):
    parser.addoption("--aep-profile", metavar="FILE", help="let the emulator do as this profile of a platform says")


@pytest.fixture(scope="session")
def profile(request):
    """The profile of the platform that the tests run on; None: the emulator as it is."""
    from airflow_provider_aep.emulator.profile import read_profile

    file = request.config.getoption("--aep-profile")
    return read_profile(file) if file else None


@pytest.fixture(scope="session")
def airflow_db():
    """A migrated metadata database, made once."""
    from airflow.utils.db import initdb

    initdb()


@pytest.fixture
def aep(request, monkeypatch, profile):
    """A fresh emulated AEP, reachable as the connection `aep_default`.

    `@pytest.mark.aep(...)` has its arguments, a module's mark those of all its tests. The test fails if it asked
    for a route that the emulator does not know, unless marked `unknown_routes`.

    With `--aep-profile` the platform does as the profile says, and a test is skipped if one of the assumptions that its
    mark `assumes(...)` names does not hold there. Only its lists do not lag, as most tests let no time pass.
    """
    from airflow_provider_aep.emulator import AepEmulator

    if profile:
        skip_unless_assumed(profile, request.node.iter_markers("assumes"))
    marked = [marker.kwargs for marker in request.node.iter_markers("aep")]  # the closest mark first
    arguments = ChainMap(*marked, {"list_lag": 0.0})
    with AepEmulator(profile=profile, **arguments) as emulator:
        monkeypatch.setenv("AIRFLOW_CONN_AEP_DEFAULT", emulator.connection_json())
        yield emulator
        unknown = list(emulator.unknown_routes)
    if unknown and not request.node.get_closest_marker("unknown_routes"):
        pytest.fail(f"Asked for routes that the emulator does not know: {unknown}", pytrace=False)


def skip_unless_assumed(profile, marks):
    from airflow_provider_aep.probe.profile import assumed_profile

    assumed, answers = assumed_profile()["answers"], profile["answers"]
    for id_ in [id_ for mark in marks for id_ in mark.args]:
        if answers.get(id_) not in (None, assumed[id_]):
            pytest.skip(f"assumes {id_}, which does not hold on this platform")


@pytest.fixture(scope="session", autouse=True)
def lock_folder():
    """The locks of tasks that start runs lie in a folder that is removed, with all that the tests leave behind."""
    from airflow_provider_aep.runs import start_guard

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(start_guard, "gettempdir", lambda: str(_home))
        yield


@pytest.fixture
def request_threads(mocker):
    """The threads that have made a request, one for each request."""
    request = requests.Session.request
    threads = []

    def outside(*arguments, **options):
        threads.append(threading.current_thread())
        return request(*arguments, **options)

    mocker.patch.object(requests.Session, "request", outside)
    return threads


@pytest.fixture
def run_dag(airflow_db):
    """Runs a DAG with `dag.test()`, as often as called, and returns a DagResult each time."""

    def run(dag, **kwargs):
        _register(dag)
        dag_run = dag.test(**kwargs)
        return DagResult(dag_run, _states(dag_run), _xcoms(dag_run))

    return run


def _register(dag):
    """Make Airflow know a DAG that lies in no DAGs folder: a run needs a DAG version."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager

    try:
        from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    except ModuleNotFoundError:  # Airflow 3.1
        from airflow.models.dagbag import DagBag, sync_bag_to_db

    DagBundlesManager().sync_bundles_to_db()
    bag = DagBag(dag_folder=_home / "dags")
    dag.relative_fileloc = f"{dag.dag_id}.py"
    bag.bag_dag(dag)
    sync_bag_to_db(bag, "dags-folder", None)


def _states(dag_run):
    return _by_task((ti.task_id, ti.map_index, ti.state) for ti in dag_run.get_task_instances())


def _xcoms(dag_run):
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    pushed = {}
    with create_session() as session:
        of_the_run = select(XComModel).where(XComModel.dag_id == dag_run.dag_id, XComModel.run_id == dag_run.run_id)
        for xcom in session.scalars(of_the_run):
            value = XComModel.deserialize_value(xcom)
            pushed.setdefault((xcom.task_id, xcom.map_index), {})[xcom.key] = value
    return _by_task((task_id, map_index, values) for (task_id, map_index), values in pushed.items())


def _by_task(rows):
    """{task id: value}, or {task id: [values by map index]} for a mapped task."""
    found = {}
    for task_id, map_index, value in sorted(rows, key=lambda row: row[:2]):
        if map_index < 0:
            found[task_id] = value
        else:
            found.setdefault(task_id, []).append(value)
    return found

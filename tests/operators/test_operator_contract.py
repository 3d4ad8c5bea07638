"""What every operator and sensor keeps, so that it can be mapped, templated, serialised and parsed anywhere."""

import importlib
import inspect
import json
import os
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from airflow.sdk import DAG, BaseOperator, BaseSensorOperator

from airflow_provider_aep.get_provider_info import get_provider_info
from airflow_provider_aep.operators.base import AepCreateOperator, AepOperator
from airflow_provider_aep.operators.catalog import AepCreateDatasetOperator
from airflow_provider_aep.sensors.base import AepSensor

try:
    from airflow.serialization.serialized_objects import DagSerialization
except ImportError:  # Airflow 3.1
    from airflow.serialization.serialized_objects import SerializedDAG as DagSerialization

ROOT = Path(__file__).resolve().parent.parent.parent
BASES = {AepOperator, AepCreateOperator, AepSensor}
# Airflow itself looks at these when it makes a sensor; they are numbers of the author, never templated.
AIRFLOWS_OWN = {"poke_interval", "poll_interval", "timeout"}


def task_classes():
    """Every operator and sensor that the provider says it has."""
    info = get_provider_info()
    names = [name for key in ("operators", "sensors") for entry in info[key] for name in entry["python-modules"]]
    found = {
        member
        for name in names
        for _, member in inspect.getmembers(importlib.import_module(name), inspect.isclass)
        if issubclass(member, BaseOperator) and member.__module__.startswith("airflow_provider_aep")
    }
    abstract = {
        task_class
        for task_class in found
        if any(task_class is not one and issubclass(one, task_class) for one in found)
    }
    return sorted(found - BASES - abstract, key=lambda task_class: task_class.__name__)


every_task = pytest.mark.parametrize("task_class", task_classes(), ids=lambda task_class: task_class.__name__)


def own_arguments(task_class):
    """The arguments that this package added, whichever class of the hierarchy takes them."""
    found = {}
    for one in task_class.__mro__:
        if one.__module__.startswith("airflow_provider_aep"):
            found |= {
                name: parameter
                for name, parameter in inspect.signature(one.__init__).parameters.items()
                if parameter.kind is parameter.KEYWORD_ONLY and name not in found
            }
    return found


def test_the_operators_of_the_public_api_are_all_there():
    names = {task_class.__name__ for task_class in task_classes()}
    assert names >= {
        "AepCreateBaseConnectionOperator",
        "AepExploreConnectionOperator",
        "AepCreateSourceConnectionOperator",
        "AepCreateSchemaOperator",
        "AepCreateDatasetOperator",
        "AepCreateTargetConnectionOperator",
        "AepCreateMappingSetOperator",
        "AepGetFlowSpecOperator",
        "AepCreateFlowOperator",
        "AepUpdateFlowOperator",
        "AepSetFlowStateOperator",
        "AepRunFlowOperator",
        "AepRetryFlowRunOperator",
        "AepDeleteFlowOperator",
        "AepFlowRunSensor",
        "AepDatasetBatchSensor",
    }


@every_task
def test_arguments_are_keywords_and_the_common_ones_are_there(task_class):
    positional = [
        name
        for name, parameter in inspect.signature(task_class).parameters.items()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    assert positional == []
    assert own_arguments(task_class)["aep_conn_id"].default == "aep_default"
    assert own_arguments(task_class)["sandbox"].default is None


@every_task
def test_template_fields_are_arguments_under_the_same_name(task_class):
    """F23. Otherwise a mapped task, or a rendered view, would miss them."""
    arguments = own_arguments(task_class)
    assert set(task_class.template_fields) <= set(arguments)
    assert {"aep_conn_id", "sandbox"} <= set(task_class.template_fields)
    assert set(task_class.template_fields_renderers) <= set(task_class.template_fields)
    task = task_class(task_id="task", **{name: f"value of {name}" for name in required(task_class)})
    for name in task_class.template_fields:
        expected = f"value of {name}" if name in required(task_class) else arguments[name].default
        assert getattr(task, name) == expected


def required(task_class):
    return [name for name, parameter in own_arguments(task_class).items() if parameter.default is parameter.empty]


@every_task
def test_ids_and_bodies_are_templated(task_class):
    never = {"deferrable", "on_kill"} | (
        {"poll_interval", "poke_interval", "timeout"} if issubclass(task_class, BaseSensorOperator) else set()
    )
    assert set(own_arguments(task_class)) - never <= set(task_class.template_fields)


class Nonsense:
    """Cannot be looked at, compared or counted."""

    def refuse(self, *args):
        raise AssertionError("__init__ looked at its arguments")

    __bool__ = __len__ = __iter__ = __str__ = __eq__ = __lt__ = __int__ = __float__ = __contains__ = refuse
    __getitem__ = __hash__ = refuse


@every_task
def test_nothing_is_looked_at_before_the_task_runs(task_class):
    """Neither an error nor a look-up at parse time: rendered values and mapped ones are there only later."""
    arguments = {name: Nonsense() for name in own_arguments(task_class) if name not in AIRFLOWS_OWN}
    task_class(task_id="task", **arguments)


# Templates


def templated(task_class):
    """Each template field holds templates: as a text, in a list, in a dict, and deeper."""
    return {
        name: {"deep": [f"{{{{ params.{name} }}}}", {"k": f"{name} {{{{ 1 + 1 }}}}"}]}
        for name in task_class.template_fields
    }


@every_task
@pytest.mark.parametrize("native", [False, True], ids=["text", "native"])
def test_every_template_field_is_rendered_at_every_depth(task_class, native):
    params = {name: f"rendered {name}" for name in task_class.template_fields}
    with DAG("templates", schedule=None, render_template_as_native_obj=native) as dag:
        others = {name: "x" for name in required(task_class) if name not in task_class.template_fields}
        task = task_class(task_id="task", **templated(task_class), **others)
    task.render_template_fields({"params": params, "dag": dag}, jinja_env=dag.get_template_env())
    for name in task_class.template_fields:
        assert getattr(task, name) == {"deep": [params[name], {"k": f"{name} 2"}]}


@every_task
def test_no_template_field_is_taken_for_a_file(task_class):
    assert tuple(task_class.template_ext) == ()


# Serialisation


@every_task
def test_a_task_survives_the_serialisation_of_its_dag(task_class, mocker):
    # Airflow switches links off for the whole process when a test clears a task, as its scheduler does.
    mocker.patch.object(DagSerialization, "_load_operator_extra_links", True)
    values = {name: "{{ params.x }}" if name in task_class.template_fields else "x" for name in required(task_class)}
    optional = {name: {"nested": ["{{ params.x }}", 1, None]} for name in set(task_class.template_fields) - set(values)}
    with DAG("serialised", schedule=None, start_date=datetime(2030, 1, 1, tzinfo=UTC)) as dag:
        task_class(task_id="plain", **values, **optional)
        mapped = next(iter(task_class.template_fields))
        rest = {name: value for name, value in {**values, **optional}.items() if name != mapped}
        task_class.partial(task_id="mapped", **rest).expand(**{mapped: ["a", "b"]})
    wire = json.loads(json.dumps(DagSerialization.to_dict(dag)))
    again = DagSerialization.from_dict(wire)
    assert sorted(again.task_ids) == ["mapped", "plain"]
    assert again.get_task("plain").task_type == task_class.__name__
    for name, value in {**values, **optional}.items():
        if name in task_class.template_fields:
            assert getattr(again.get_task("plain"), name) == value
    assert getattr(again.get_task("mapped"), "is_mapped", True)
    links = {link.name for link in dag.get_task("plain").operator_extra_links}
    assert set(again.get_task("plain").extra_links) == links
    if issubclass(task_class, BaseSensorOperator):
        with DAG("rescheduled", schedule=None) as dag:
            task_class(task_id="plain", mode="reschedule", **values)
        wire = DagSerialization.to_dict(dag)
        assert DagSerialization.from_dict(wire).get_task("plain").reschedule is True


@every_task
def test_a_task_can_be_copied_and_pickled(task_class):
    values = {name: "x" for name in required(task_class)}
    with DAG("copied", schedule=None):
        task = task_class(task_id="task", **values)
    assert pickle.loads(pickle.dumps(task)).task_id == "task"


@every_task
def test_every_argument_is_documented(task_class):
    """Each `:param` is in the class's docstring or in that of a class it comes from."""
    documented = " ".join(
        one.__doc__ or "" for one in task_class.__mro__ if one.__module__.startswith("airflow_provider_aep")
    )
    missing = [name for name in own_arguments(task_class) if f":param {name}:" not in documented]
    assert set(missing) <= {"window_end", "deferrable"}


# Parsing (F17)

PARSE = """
import socket, sys
def refuse(*args, **kwargs):
    raise AssertionError("a module used the network")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.create_connection = socket.getaddrinfo = refuse
import importlib
from pathlib import Path
for name in sys.argv[2:]:
    importlib.import_module(name)
from airflow.sdk.bases.hook import BaseHook
BaseHook.get_connection = refuse
import runpy
dags = [runpy.run_path(str(path))["dag"] for path in sorted(Path(sys.argv[1]).glob("*.py"))]
print(len(dags), sum(len(dag.tasks) for dag in dags))
"""


def test_modules_and_example_dags_are_imported_without_network_and_without_connections(tmp_path):
    """In a process of its own: here everything is imported already."""
    info = get_provider_info()
    keys = ("operators", "sensors", "hooks", "triggers")
    names = [name for key in keys for entry in info[key] for name in entry["python-modules"]]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AIRFLOW_CONN_")}
    done = subprocess.run(
        [sys.executable, "-c", PARSE, str(ROOT / "example_dags"), *names],
        env={**environment, "AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    dags, tasks = map(int, done.stdout.split()[-2:])
    assert dags == len(list((ROOT / "example_dags").glob("*.py")))
    assert tasks >= 18


@pytest.mark.parametrize("path", sorted((ROOT / "example_dags").glob("*.py")), ids=lambda path: path.stem)
def test_an_example_dag_survives_serialisation(path):
    import runpy

    dag = runpy.run_path(str(path))["dag"]
    again = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(dag))))
    assert sorted(again.task_ids) == sorted(dag.task_ids)


# Create operators


@pytest.mark.parametrize(
    "task_class",
    [task_class for task_class in task_classes() if issubclass(task_class, AepCreateOperator)],
    ids=lambda task_class: task_class.__name__,
)
def test_a_create_operator_declares_every_argument_of_its_own(task_class):
    """A new argument is said in its docstring, in `__init__` and where the model declares it: nowhere else."""
    own = [name for name in inspect.signature(task_class).parameters if name != "kwargs"]
    assert list(task_class.declared_fields) == own
    assert set(task_class.template_fields) == {*own, "if_exists", "aep_conn_id", "sandbox"}


class AepCreateLabelledDatasetOperator(AepCreateDatasetOperator):
    """What a user may write: an operator of ours with an argument more."""

    template_fields = (*AepCreateDatasetOperator.template_fields, "labels")

    def __init__(self, *, labels=(), **kwargs):
        super().__init__(**kwargs)
        self.labels = labels


def test_an_operator_of_ours_can_be_extended():
    with DAG("extended", schedule=None):
        task = AepCreateLabelledDatasetOperator(task_id="task", name="n", schema_id="s", labels=["core/C1"])
    assert task.declared_fields == ("name", "schema_id", "enable_profile", "enable_identity", "tags", "description")
    assert task.arguments() == {
        "name": "n",
        "schema_id": "s",
        "enable_profile": False,
        "enable_identity": False,
        "tags": None,
        "description": None,
    }
    assert task.labels == ["core/C1"]

"""What only a running task needs is loaded when it is first named: every DAG file would pay for it."""

import subprocess
import sys
from importlib import import_module

import pytest

PACKAGE = "airflow_provider_aep"
ROOMS = ["api", "reconcile", "resources", "runs"]
DAG_FILE = f"""
import sys
from {PACKAGE}.hooks.aep import AepHook
from {PACKAGE}.operators.catalog import AepCreateDatasetOperator
from {PACKAGE}.operators.data_prep import AepCreateMappingSetOperator
from {PACKAGE}.operators.flow_service import AepCreateFlowOperator, AepRunFlowOperator
from {PACKAGE}.operators.schema_registry import AepCreateSchemaOperator
from {PACKAGE}.sensors.flow_run import AepFlowRunSensor

AepCreateFlowOperator(
    task_id="create_flow", name="Leads", flow_spec_id="a", source_connection_id="b", target_connection_id="c"
)
AepRunFlowOperator(task_id="run_flow", flow_id="d")
AepFlowRunSensor(task_id="wait", flow_id="d")
print(*(module for module in sys.modules if module.startswith("{PACKAGE}.")))
"""


def test_a_dag_file_loads_neither_endpoints_nor_engine_nor_http():
    probe = [sys.executable, "-c", DAG_FILE]
    loaded = subprocess.run(probe, capture_output=True, text=True, check=True).stdout.split()
    assert f"{PACKAGE}.sensors.flow_run" in loaded
    modules = ["api.flow_service", "client.http", "reconcile.ensure", "resources.flow", "runs.start", "runs.watch"]
    assert set(loaded).isdisjoint(f"{PACKAGE}.{module}" for module in modules)


@pytest.mark.parametrize("room", ROOMS)
def test_each_module_that_a_room_names_is_there(room):
    package = import_module(f"{PACKAGE}.{room}")
    assert [package.__getattr__(name).__name__ for name in package.__all__] == [
        f"{PACKAGE}.{room}.{name}" for name in package.__all__
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_does_not_name_is_no_attribute_of_it(room):
    with pytest.raises(AttributeError, match=f"{PACKAGE}.{room}' has no attribute 'attic'"):
        import_module(f"{PACKAGE}.{room}").attic  # noqa: B018

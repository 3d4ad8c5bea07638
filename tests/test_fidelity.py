"""Every request of the example pipelines and of every operator is valid by Adobe's specifications."""

import pytest
from openapi.contract import violations
from operators.test_flow_change import run
from provisioning import DELTA_COLUMN, Provisioning
from test_example_dags import credentials, impatient  # noqa: F401 - the fixture gives the sources' secrets

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.operators.flow_service import (
    AepDeleteFlowOperator,
    AepRunFlowOperator,
    AepSetFlowStateOperator,
    AepUpdateFlowOperator,
)


def assert_valid(aep):
    found = {str(record): problems for record in aep.requests if (problems := violations(record))}
    assert found == {}
    assert len(aep.requests) > 10, "nothing was looked at"


@pytest.mark.aep(auto_advance=600)
@pytest.mark.parametrize("name", ["example_crm_dataflow", "example_streaming_dataflow"])
def test_the_examples_send_what_adobe_specifies(name, aep, run_dag):
    assert run_dag(impatient(name)).run.state == "success"
    assert run_dag(impatient(name)).run.state == "success"

    assert_valid(aep)


def test_the_other_operators_send_what_adobe_specifies(aep):
    client = AepHook().get_conn()
    once = Provisioning(client, name="once").build()
    hourly = Provisioning(client, name="hourly", frequency="hour").build()
    context = {"data_interval_start": None, "data_interval_end": None}
    window = {"window_start": 1_900_000_000, "window_end": 1_900_003_600}

    started = AepRunFlowOperator(task_id="run", flow_id=once.flow, delta_column=DELTA_COLUMN, wait=False, **window)
    run(started, context)
    client.send(flow_service.get_runs(list(aep.state()["runs"])))
    changes = {"description": "Accounts", "schedule_params": {"frequency": "day"}, "options": {"x": 1}}
    run(AepUpdateFlowOperator(task_id="update", flow_id=hourly.flow, changes=changes))
    run(AepSetFlowStateOperator(task_id="disable", flow_id=hourly.flow, state="disabled"))
    run(AepDeleteFlowOperator(task_id="delete", flow_id=hourly.flow, delete_connections=True))

    assert_valid(aep)

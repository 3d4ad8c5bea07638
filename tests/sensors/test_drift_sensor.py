"""AepDriftSensor: it waits while all is as declared, and hands out the plan of what is not."""

import json

import pytest
from airflow.sdk import DAG
from dataflow.world import CRM, World, spec_of

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.sensors.dataflow import AepDriftSensor


@pytest.fixture
def world(aep):
    world = World(aep)
    world.make(spec_of())
    return world


def sensor(spec=CRM, **arguments):
    return AepDriftSensor(task_id="drift", specs=spec, **arguments)


@pytest.mark.usefixtures("world")
def test_it_waits_while_all_is_as_declared():
    assert sensor(test_connections=True).poke({}) is False


def test_what_somebody_changed_ends_the_wait_with_the_plan(world, run_dag):
    changed = {**CRM, "schedule": {"frequency": "hour", "interval": 3}}
    with DAG("drift") as dag:
        sensor(changed, mode="poke")
    result = run_dag(dag)
    assert result.states == {"drift": "success"}
    plan = result.xcom("drift")
    assert plan["summary"]["update"] == 1
    assert json.loads(json.dumps(plan)) == plan


def test_an_account_that_is_refused_ends_it_too(world):
    world.aep.fault("GET", "*/test", kind="status", status=200, body={"result": False})
    found = sensor(test_connections=True).poke({})
    assert found.xcom_value["refused_accounts"] == {"Salesforce": "the credentials are refused"}


def test_an_outage_is_waited_out(world):
    world.aep.fault("GET", "*/flows", kind="status", status=503, times=None)
    drift = sensor()
    drift.hook.get_conn().patience = 0
    assert drift.poke({}) is False


@pytest.mark.usefixtures("aep")
def test_a_file_with_errors_ends_it():
    with pytest.raises(AepConfigError, match="D502"):
        sensor({**CRM, "schedule": {"frequency": "never"}}).poke({})


def test_between_two_looks_it_gives_its_slot_back():
    assert (sensor().mode, sensor().poke_interval) == ("reschedule", 86_400)

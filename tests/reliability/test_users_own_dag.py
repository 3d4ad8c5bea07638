"""What a user writes to test a DAG of his own, on a dataflow that this provider made."""

import pytest
from orders_dag import dag
from provisioning import Provisioning

from airflow_provider_aep.hooks.aep import AepHook


@pytest.fixture
def flow_id(aep_emulator):
    """The dataflow that the DAG runs."""
    return Provisioning(AepHook().get_conn()).build().flow


@pytest.fixture
def run(run_dag, flow_id):
    """`dag.test` for a DAG that lies in no DAGs folder."""

    def run(day="2030-01-28"):
        return run_dag(dag, run_conf={"flow_id": flow_id, "day": day}).run

    return run


AT_ONCE = {"queue_time": 0, "duration": 0}  # nobody wants to wait for a minute


def test_the_day_is_loaded_once(aep_emulator, run):
    aep_emulator.script_run("success", **AT_ONCE)

    assert run().state == "success"

    (load,) = aep_emulator.state()["runs"].values()
    assert load["metrics"]["statusSummary"]["status"] == "success"


def test_the_third_post_is_lost(aep_emulator, run):
    """It takes effect, and its answer never arrives: there must not be a fourth run."""
    aep_emulator.script_run("success", times=None, **AT_ONCE)
    aep_emulator.fault("POST", "/runs", kind="drop_after", nth=3)

    assert [run(day).state for day in ("2030-01-28", "2030-01-29", "2030-01-30")] == ["success"] * 3

    assert len(aep_emulator.state()["runs"]) == 3


def test_a_failed_run_is_run_again_by_the_retry(aep_emulator, run):
    aep_emulator.script_run("failed_copy", **AT_ONCE)
    aep_emulator.script_run("success", **AT_ONCE)

    assert run().state == "success"

    assert len(aep_emulator.state()["runs"]) == 2


def test_a_dropped_record_stops_the_dag(aep_emulator, run):
    aep_emulator.script_run("partial", records=1_000, failed_records=3, **AT_ONCE)

    assert run().state == "failed"

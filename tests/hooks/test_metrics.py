"""hooks/metrics.py: what the metrics `aep.*` count, as Airflow's statistics get it."""

from collections import Counter

import pytest
from airflow.sdk import DAG
from provisioning import DELTA_COLUMN, Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.exceptions import AepApiError
from airflow_provider_aep.hooks import metrics
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.operators.flow_run import AepRunFlowOperator
from airflow_provider_aep.sensors.flow_run import AepFlowRunSensor

SPECS = flow_service.list_flow_specs("CRMToAEP")


class Statistics:
    """Airflow's `Stats`, as far as it is used."""

    def __init__(self):
        self.counts = Counter()
        self.tagged = []
        self.timings = []

    def incr(self, name, count=1, *, tags=None):
        self.counts[name] += count
        self.tagged.append((name, tags))

    def timing(self, name, milliseconds, *, tags=None):
        self.timings.append((name, milliseconds))


@pytest.fixture
def statistics(mocker):
    metrics._known_tokens.clear()
    return mocker.patch.object(metrics, "Stats", Statistics())


@pytest.fixture
def client(aep, statistics):
    client = AepHook().get_conn()
    client.sleep = lambda seconds: None
    return client


def test_a_request_is_counted_by_service_method_and_status(statistics, client):
    client.send(SPECS)
    assert ("aep.requests", {"method": "GET", "service": "flowservice", "status": "200"}) in statistics.tagged
    assert [name for name, milliseconds in statistics.timings if milliseconds > 0] == ["aep.request_duration"]
    assert statistics.counts == {"aep.requests": 1, "aep.token_refreshes": 1}


def test_retries_and_too_many_requests_are_counted(aep, statistics, client):
    aep.fault("GET", "/flowSpecs", kind="status", status=429)
    aep.fault("GET", "/flowSpecs", kind="drop_before", nth=2)
    client.send(SPECS)
    assert statistics.counts["aep.requests"] == 3
    assert statistics.counts["aep.retries"] == 2
    assert statistics.counts["aep.rate_limited"] == 1
    assert [tags["status"] for name, tags in statistics.tagged if name == "aep.requests"] == ["429", "none", "200"]


def test_a_token_is_counted_once_for_all_clients_of_a_process(aep, statistics, client):
    for _ in range(3):
        AepHook().send(SPECS)
    assert statistics.counts["aep.token_refreshes"] == 1
    aep.revoke_tokens()
    AepHook().send(SPECS)
    assert statistics.counts["aep.token_refreshes"] == 2


@pytest.mark.unknown_routes
def test_an_endpoint_of_another_service_is_counted_too(statistics, client):
    with pytest.raises(AepApiError):
        client.send(any_call("GET", "/data/core/ups/config", params=None, body=None, headers=None))
    assert statistics.tagged[-1][1]["service"] == "other"


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("deferrable", [False, True])
@pytest.mark.parametrize(("outcome", "failed"), [("success", 0), ("partial", 1)])
def test_records_are_counted_when_a_run_has_ended_however_it_ended(
    aep, statistics, client, run_dag, deferrable, outcome, failed
):
    flow_id = Provisioning(client).build().flow
    aep.script_run(outcome, flow_id=flow_id, records=100)
    with DAG(f"counted_{deferrable}_{outcome}", schedule=None) as dag:
        AepRunFlowOperator(
            task_id="run",
            flow_id=flow_id,
            delta_column=DELTA_COLUMN,
            window_start=1_900_000_000,
            window_end=1_900_003_600,
            deferrable=deferrable,
            poll_interval=0.01,
        )
    result = run_dag(dag)
    assert result.states["run"] == ("failed" if failed else "success")
    assert statistics.counts["aep.records.input"] == 100
    assert statistics.counts["aep.records.output"] == 100 - statistics.counts["aep.records.failed"]
    assert bool(statistics.counts["aep.records.failed"]) is bool(failed)
    assert (
        len([name for name, milliseconds in statistics.timings if name == "aep.wait_duration" and milliseconds > 0])
        == 1
    )


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("deferrable", [False, True])
def test_a_sensor_counts_what_it_has_waited_for(aep, statistics, client, run_dag, deferrable):
    flow_id = Provisioning(client).build().flow
    aep.script_run("success", flow_id=flow_id, records=7)
    run_id = client.send(
        flow_service.create_run(
            flow_id,
            {"startTime": int(aep.now()), "windowStartTime": 0, "windowEndTime": 1, "deltaColumn": DELTA_COLUMN},
        )
    ).id
    with DAG(f"sensed_{deferrable}", schedule=None) as dag:
        AepFlowRunSensor(task_id="wait", run_id=run_id, deferrable=deferrable, poll_interval=0.01)
    assert run_dag(dag).states == {"wait": "success"}
    assert statistics.counts["aep.records.output"] == 7
    assert [name for name, _ in statistics.timings].count("aep.wait_duration") == 1


def test_airflow_takes_them(aep, mocker):
    """With the statistics of this Airflow, which say nothing as long as nobody asks for them."""
    AepHook().send(SPECS)
    metrics.count_ended(mocker.Mock(records={"input": 1, "output": None, "failed": 0}), 1.5)

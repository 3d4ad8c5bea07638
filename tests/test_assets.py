"""assets.py: datasets of the platform as Airflow assets, and the figures in their events."""

from urllib.parse import urlsplit

import pytest
from airflow.sdk import DAG, Asset
from asset_events import extras
from emulator.caller import EVENT_HUBS, Caller
from hypothesis import given
from hypothesis import strategies as st
from operators.execution import no_old_secrets, one_api_server  # noqa: F401
from provisioning import DELTA_COLUMN, Provisioning

from airflow_provider_aep.assets import aep_dataset, dataset_name, dataset_uri, openlineage_dataset, sanitize_uri
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.operators.flow_run import AepRunFlowOperator
from airflow_provider_aep.sensors.flow_run import AepDatasetBatchSensor, AepFlowRunSensor

ORG = "9C991D2E622D76190A495E39@AdobeOrg"
DATASET = "5c8c3c555033b814b69f947f"
URI = f"aep://{ORG}/dev/datasets/{DATASET}"
WINDOW = {"start": "2030-01-31T00:00:00+00:00", "end": "2030-02-01T00:00:00+00:00"}


def test_a_dataset_is_an_asset_whose_name_is_its_address():
    asset = aep_dataset(DATASET, org_id=ORG, sandbox="dev")
    assert (asset.uri, asset.name) == (URI, URI)
    assert asset == aep_dataset(DATASET, org_id=ORG, sandbox="dev")


def test_airflow_keeps_the_address_as_it_is():
    assert Asset(uri=URI).uri == URI
    assert Asset(uri=f"AEP://{ORG}/dev/datasets/{DATASET}/").uri == URI


@pytest.mark.parametrize(
    "uri",
    [
        f"aep://{ORG}/dev/datasets/short",
        f"aep://{ORG}/datasets/{DATASET}",
        f"aep:///dev/datasets/{DATASET}",
        f"aep://example.com/dev/datasets/{DATASET}",
        f"aep://user:secret@AdobeOrg/dev/datasets/{DATASET}",
        f"aep://{ORG}/dev/flows/{DATASET}",
        f"{URI}?version=1",
        f"{URI}#top",
    ],
)
def test_what_is_no_dataset_is_refused_when_the_dag_is_parsed(uri):
    with pytest.raises(ValueError, match="is not the address of a dataset, aep://"):
        sanitize_uri(urlsplit(uri))


@pytest.mark.parametrize("uri", [f"aep://{ORG}/dev/datasets/short", f"{URI}?version=1"])
def test_airflow_asks_when_an_asset_is_made(uri):
    with pytest.raises(ValueError, match="is not the address of a dataset"):
        Asset(uri=uri)


@pytest.mark.parametrize(
    ("dataset_id", "org_id", "sandbox"),
    [("{{ dataset }}", ORG, "dev"), (DATASET, "9C991D2E622D76190A495E39", "dev"), (DATASET, ORG, "My sandbox")],
)
def test_what_cannot_be_part_of_an_address_is_refused_with_a_remedy(dataset_id, org_id, sandbox):
    with pytest.raises(AepConfigError, match="Pass dataset_id, org_id and sandbox as the platform spells them"):
        aep_dataset(dataset_id, org_id=org_id, sandbox=sandbox)


@given(
    org=st.from_regex(r"[0-9A-F]{24}@AdobeOrg", fullmatch=True),
    sandbox=st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True),
    dataset=st.from_regex(r"[0-9a-f]{24}", fullmatch=True),
)
def test_every_address_is_read_back_as_it_was_written(org, sandbox, dataset):
    uri = urlsplit(dataset_uri(dataset, org_id=org, sandbox=sandbox))
    assert sanitize_uri(uri) == uri


def test_in_openlineage_it_has_the_name_that_tasks_tell():
    pytest.importorskip("openlineage.client")
    found = openlineage_dataset(aep_dataset(DATASET, org_id=ORG, sandbox="dev"), None)
    assert (found.namespace, found.name) == dataset_name(DATASET, org_id=ORG, sandbox="dev")


def test_openlineage_finds_the_converter():
    utils = pytest.importorskip("airflow.providers.openlineage.utils.utils")
    found = utils.translate_airflow_asset(aep_dataset(DATASET, org_id=ORG, sandbox="dev"), None)
    assert f"{found.namespace}/{found.name}" == URI


def test_airflow_finds_the_factory_by_which_hooks_report_datasets():
    from airflow.providers_manager import ProvidersManager

    make = ProvidersManager().asset_factories["aep"]
    assert make(dataset_id=DATASET, org_id=ORG, sandbox="dev").uri == URI


# The events of assets


@pytest.fixture
def chain(aep):
    """A dataflow that is run on demand, and everything it stands on."""
    return Provisioning(AepHook().get_conn()).build()


@pytest.fixture
def dataset(aep, chain):
    return aep_dataset(chain.dataset, org_id=aep.org_id, sandbox=aep.sandbox)


def run_task(flow_id, outlets, **arguments):
    return AepRunFlowOperator(
        task_id="run",
        flow_id=flow_id,
        delta_column=DELTA_COLUMN,
        window_start=WINDOW["start"],
        window_end=WINDOW["end"],
        poll_interval=0.01,
        outlets=outlets,
        **arguments,
    )


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("deferrable", [False, True])
def test_the_event_of_an_asset_says_what_the_run_has_loaded(aep, chain, dataset, run_dag, deferrable):
    another = aep_dataset(DATASET, org_id=aep.org_id, sandbox=aep.sandbox)
    aep.script_run("success", flow_id=chain.flow, records=100)
    with DAG(f"loads_{deferrable}", schedule=None) as dag:
        run_task(chain.flow, [dataset, another], deferrable=deferrable)
    result = run_dag(dag)
    summary = result.xcom("run")
    (extra,) = extras(result, dataset)
    assert extra == {
        "flow_run_id": summary["run_id"],
        "flow_id": chain.flow,
        "status": "success",
        "records": summary["records"],
        "bytes": summary["bytes"],
        "batch_ids": summary["batch_ids"],
        "window": WINDOW,
    }
    assert extra["records"]["output"] == 100
    assert extras(result, another) == [{}], "it is not where the dataflow lands"


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("deferrable", [False, True])
def test_a_sensor_tells_the_same_with_the_window_of_the_platform(aep, chain, dataset, run_dag, deferrable):
    aep.script_run("success", flow_id=chain.flow, records=7)
    with DAG(f"waits_{deferrable}", schedule=None) as dag:
        run = run_task(chain.flow, [], wait=False)
        AepFlowRunSensor(
            task_id="wait",
            run_id=run.output["run_id"],
            deferrable=deferrable,
            poll_interval=0.01,
            outlets=[dataset],
        )
    (extra,) = extras(run_dag(dag), dataset)
    assert (extra["records"]["output"], extra["window"]) == (7, WINDOW)
    assert len(extra["batch_ids"]) == 1


def test_a_run_that_is_not_waited_for_is_named(aep, chain, dataset, run_dag):
    with DAG("starts", schedule=None) as dag:
        run_task(chain.flow, [dataset], wait=False)
    result = run_dag(dag)
    (extra,) = extras(result, dataset)
    assert extra["flow_run_id"] == result.xcom("run")["run_id"]
    assert extra["records"]["output"] is None


def test_without_an_asset_and_without_openlineage_no_request_is_spent_on_them(aep, chain, run_dag):
    aep.fault("GET", "*/targetConnections/*", times=None, kind="status", status=500)
    before = len(aep.requests)
    with DAG("plain", schedule=None) as dag:
        run_task(chain.flow, [Asset("of_somebody_else")], wait=False)
    assert run_dag(dag).states == {"run": "success"}
    assert not [each for each in aep.requests[before:] if "targetConnections" in each.path]
    aep.clear_faults()


def test_a_platform_that_does_not_tell_its_dataset_fails_no_task(aep, chain, dataset, run_dag):
    aep.fault("GET", "*/targetConnections/*", times=None, kind="status", status=403)
    with DAG("untold", schedule=None) as dag:
        run_task(chain.flow, [dataset], wait=False)
    result = run_dag(dag)
    assert result.states == {"run": "success"}
    assert extras(result, dataset) == [{}]


@pytest.mark.aep(auto_advance=200)
@pytest.mark.parametrize("deferrable", [False, True])
def test_a_batch_is_told_in_the_event_of_its_dataset(aep, run_dag, deferrable):
    with Caller(aep) as api:
        (target_id,) = api.one(f"flow/flows/{api.flow(EVENT_HUBS)}")["targetConnectionIds"]
        dataset_id = api.one(f"flow/targetConnections/{target_id}")["params"]["dataSetId"]
    dataset = aep_dataset(dataset_id, org_id=aep.org_id, sandbox=aep.sandbox)
    with DAG(f"batch_{deferrable}", schedule=None) as dag:
        AepDatasetBatchSensor(
            task_id="wait",
            dataset_id=dataset_id,
            since=aep.now(),
            deferrable=deferrable,
            poll_interval=0.01,
            outlets=[dataset],
        )
    result = run_dag(dag)
    (extra,) = extras(result, dataset)
    summary = result.xcom("wait")
    assert (extra["batch_ids"], extra["records"]) == (summary["batch_ids"], summary["records"])
    assert (extra["flow_run_id"], extra["window"]) == (None, None)

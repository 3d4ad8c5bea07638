"""plugins/overview.py: what the page shows of a sandbox, with few requests."""

import pytest
from emulator.caller import AZURE_BLOB, EVENT_HUBS, Caller

from airflow_provider_aep.exceptions import AepApiError, AepConfigError
from airflow_provider_aep.plugins import overview as overview_module
from airflow_provider_aep.plugins.overview import Overview


@pytest.fixture
def api(aep):
    with Caller(aep) as api:
        yield api


@pytest.fixture
def owners(mocker):
    """The DAGs that Airflow's database has for an asset."""
    return mocker.patch.object(overview_module, "producing_dags", return_value={})


@pytest.fixture
def overview(aep, owners):
    return Overview("aep_default")


def asked(aep):
    return [request.path.rpartition("/")[2] for request in aep.requests if "/flowservice/" in request.path]


def test_a_row_says_what_a_dataflow_is_and_when_it_ran_last(aep, api, overview):
    flow_id = api.flow(name="Accounts", description="of the CRM")
    aep.advance(3600)
    (row,) = overview.rows()
    assert (row["id"], row["name"], row["description"]) == (flow_id, "Accounts", "of the CRM")
    assert (row["source"], row["state"], row["schedule"]) == ("Salesforce", "enabled", "every 30 minutes")
    assert row["last_run"]["state"] == "success"
    assert row["url"].endswith(f"/sname:{aep.sandbox}/platform/source/dataflows/{flow_id}/activity")


def test_dataflows_of_every_category_have_a_source_and_a_schedule(aep, api, overview):
    api.flow(AZURE_BLOB, name="a")
    api.flow(EVENT_HUBS, name="b")
    api.once_flow(name="c")
    rows = sorted(overview.rows(), key=lambda row: row["name"])
    assert [(row["source"], row["schedule"]) for row in rows] == [
        ("Azure Blob Storage", "every 30 minutes"),
        ("Azure Event Hubs", "streaming"),
        ("Salesforce", "on demand"),
    ]


@pytest.mark.assumes("flow-service-lists-whole")
def test_a_hundred_looks_ask_the_platform_once(aep, api, overview):
    flow_id = api.flow()
    before = len(asked(aep))
    for _ in range(100):
        overview.rows()
        overview.activity([flow_id])
    assert asked(aep)[before:] == ["flows", "targetConnections", "runs"]


def test_bars_show_the_verdict_on_each_run_and_the_dags_that_own_the_dataflow(aep, api, overview, owners):
    flow_id = api.once_flow()
    for outcome in ("success", "partial", "failed_copy"):
        aep.script_run(outcome, flow_id=flow_id, records=100)
        api.run(flow_id)
        aep.advance(3600)
    (target_id,) = api.one(f"flow/flows/{flow_id}")["targetConnectionIds"]
    dataset_id = api.one(f"flow/targetConnections/{target_id}")["params"]["dataSetId"]
    uri = f"aep://{aep.org_id}/{aep.sandbox}/datasets/{dataset_id}"
    owners.return_value = {uri: ["crm"]}
    shown = overview.activity([flow_id])[flow_id]
    assert owners.call_args.args == ({uri},)
    assert shown["dags"] == ["crm"]
    assert [run["outcome"] for run in shown["runs"]] == ["failure", "failure", "success"]
    assert shown["runs"][1]["records"]["failed"] == 1
    assert "dropped 1 of 100 records" in shown["runs"][1]["said"]


@pytest.mark.parametrize("listed", ["brief", "refused"])
def test_where_lists_show_no_datasets_each_target_connection_is_read(aep, api, overview, owners, listed):
    flow_id = api.flow()
    (target_id,) = api.one(f"flow/flows/{flow_id}")["targetConnectionIds"]
    dataset_id = api.one(f"flow/targetConnections/{target_id}")["params"]["dataSetId"]
    if listed == "refused":
        aep.fault("GET", "*/targetConnections", kind="status", status=400, times=None)
    aep.switches.brief_flow_service_lists = listed == "brief"
    overview.activity([flow_id])
    assert owners.call_args.args == ({f"aep://{aep.org_id}/{aep.sandbox}/datasets/{dataset_id}"},)


def test_target_connections_that_may_not_be_listed_are_an_error(aep, api, overview):
    flow_id = api.flow()
    aep.fault("GET", "*/targetConnections", kind="status", status=403, times=None)
    with pytest.raises(AepApiError, match="403"):
        overview.activity([flow_id])


@pytest.mark.aep(ignore_orderby=True, max_page_size=7)
def test_bars_are_those_of_the_newest_runs_whatever_the_order_of_the_list(aep, api, overview):
    flow_id = api.flow()
    aep.advance(20 * 1_800)
    shown = [run["id"] for run in overview.activity([flow_id])[flow_id]["runs"]]
    made = sorted(aep.state()["runs"].values(), key=lambda run: run["createdAt"], reverse=True)
    assert shown == [run["id"] for run in made[:10]]


def test_where_lists_of_several_dataflows_are_refused_a_row_has_its_last_run(aep, api, overview):
    flow_id = api.flow()
    aep.advance(3600)
    assert overview.rows()[0]["last_run"]
    aep.fault("GET", "*/runs", kind="status", status=400, times=None)
    assert overview.activity([flow_id])[flow_id]["runs"] == []


def test_a_dataflow_has_its_runs_and_its_mapping(aep, api, overview):
    flow_id = api.flow()
    aep.advance(7200)
    shown = overview.dataflow(flow_id)
    assert len(shown["runs"]) >= 3
    assert {"destination", "type", "source", "identity"} == set(shown["mappings"][0])


def test_the_mapping_is_the_version_that_the_dataflow_uses(aep, api, overview):
    flow_id = api.flow()
    before = overview.dataflow(flow_id)["mappings"]
    transformations = api.one(f"flow/flows/{flow_id}")["transformations"]
    (mapping_id,) = [part["params"]["mappingId"] for part in transformations if part["name"] == "Mapping"]
    edited = api.get(f"prep/mappingSets/{mapping_id}").json()
    edited["mappings"][0]["sourceAttribute"] = "edited_since"
    assert api.put(f"prep/mappingSets/{mapping_id}", edited).ok
    assert Overview("aep_default").dataflow(flow_id)["mappings"] == before


def test_a_dataflow_is_shown_as_a_file_and_beside_the_file_that_declares_it(aep, api, overview, tmp_path, monkeypatch):
    flow_id = api.flow(name="Accounts")
    shown = overview.spec(flow_id)
    assert "name: Accounts" in shown["yaml"]
    assert (shown["drift"], shown["drifted"]) == (None, False)

    file = tmp_path / "accounts.yaml"
    file.write_text(shown["yaml"].replace("interval: 30", "interval: 45"))
    monkeypatch.setenv("AIRFLOW__AEP__DATAFLOW_SPECS", str(tmp_path))
    drifted = Overview("aep_default").spec(flow_id)
    assert drifted["drifted"]
    assert "schedule.interval" in drifted["drift"]
    file.write_text(shown["yaml"])
    assert not Overview("aep_default").spec(flow_id)["drifted"]
    file.write_text("kind: Dataflow\n")
    assert "name" in Overview("aep_default").spec(flow_id)["drift"]


def test_a_dataflow_that_is_not_there_is_said_to_be_so(aep, overview):
    with pytest.raises(AepConfigError, match="There is no source dataflow"):
        overview.dataflow("11111111-2222-4333-8444-555555555555")


@pytest.mark.assumes("largest-page", "pages-are-filled")
def test_a_thousand_dataflows_take_a_dozen_requests(aep, overview, mocker):
    """The list is copied on the platform: to make them one by one would take a minute."""
    with Caller(aep) as api:
        first = api.flow()
    flows = aep._platform.sandboxes[aep.sandbox]["flows"]
    for number in range(999):
        copied = {**flows[first], "id": f"11111111-2222-4333-8444-{number:012d}", "name": f"Copy {number}"}
        flows[copied["id"]] = copied
    before = len(asked(aep))
    assert len(overview.rows()) == 1000
    assert len(asked(aep)) - before <= 12

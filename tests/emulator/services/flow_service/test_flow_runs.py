"""Flow runs in the API: started on demand, re-triggered, listed."""

from typing import Any

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import AZURE_BLOB, EVENT_HUBS, Caller, code_of
from emulator.runs import finished, runs_of, status_of


def test_a_run_does_not_echo_its_params(api: Caller) -> None:
    run = api.one(f"flow/runs/{api.run(api.once_flow())}")
    assert "params" not in run
    assert run["createdClient"] == api.aep.client_id
    assert "state" not in run


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"windowEndTime": "1"}, "1381-400"),
        ({"deltaColumn": None}, "1383-400"),
        ({"windowStartTime": "yesterday"}, "1318-400"),
    ],
)
def test_wrong_params_of_a_run(api: Caller, changes: dict[str, Any], code: str) -> None:
    assert code_of(api.post("flow/runs", api.run_body(api.once_flow(), **changes))) == code


def test_refused_runs(api: Caller) -> None:
    once = api.once_flow()
    assert code_of(api.post("flow/runs", {"params": {}})) == "1446-400"
    assert code_of(api.post("flow/runs", {"flowId": "none", "params": {"a": 1}})) == "1430-400"
    assert code_of(api.post("flow/runs", {"flowId": once, "params": {}})) == "1384-400"
    assert code_of(api.post("flow/runs", {"flowId": once})) == "1384-400"
    body = api.run_body(once)
    del body["params"]["windowEndTime"]
    assert code_of(api.post("flow/runs", body)) == "1359-400"
    assert code_of(api.post("flow/runs", api.run_body(api.flow()))) == "1386-400"
    assert code_of(api.post("flow/runs", api.run_body(api.flow(EVENT_HUBS)))) == "1385-400"
    api.post(f"flow/flows/{once}/action?op=disable")
    assert code_of(api.post("flow/runs", api.run_body(once))) == "1388-400"
    assert code_of(api.call("PUT", "flow/runs/any", {"a": 1})) == "1427-400"


def test_the_first_delta_column_stays_with_the_flow(api: Caller) -> None:
    flow_id = api.once_flow()
    etag = api.one(f"flow/flows/{flow_id}")["etag"]
    api.run(flow_id)
    flow = api.one(f"flow/flows/{flow_id}")
    assert flow["transformations"][0] == {
        "name": "Copy",
        "params": {"deltaColumn": {"name": "LastModifiedDate"}},
    }
    assert flow["etag"] != etag
    assert code_of(api.post("flow/runs", api.run_body(flow_id, deltaColumn={"name": "Other"}))) == "1382-400"
    body = api.run_body(flow_id)
    del body["params"]["deltaColumn"]
    assert api.post("flow/runs", body).status_code == 201, "the flow knows its delta column now"


def test_file_sources_need_no_delta_column(aep: AepEmulator, api: Caller) -> None:
    far = {"startTime": str(int(aep.now()) + 10**8), "frequency": "once"}
    body = api.run_body(api.flow(AZURE_BLOB, scheduleParams=far))
    del body["params"]["deltaColumn"]
    assert api.post("flow/runs", body).status_code == 201


@pytest.mark.parametrize("shape", ["items", "plain", "full"])
def test_the_published_answers_to_a_new_run(shape: str) -> None:
    with AepEmulator(run_response=shape) as aep, Caller(aep) as api:
        response = api.made("flow/runs", api.run_body(api.once_flow()))
        if shape == "items":
            assert set(response["items"][0]) == {"id", "etag"}
        elif shape == "plain":
            assert set(response) == {"id", "etag"}
        else:
            assert response["metrics"]["statusSummary"]["status"] == "scheduled"


def test_re_triggering(aep: AepEmulator, api: Caller) -> None:
    aep.script_run("failed_copy")
    flow_id = api.once_flow()
    run_id = api.run(flow_id)
    assert code_of(api.post(f"flow/runs/{run_id}/action?op=re-trigger")) == "1387-400"
    aep.advance(100)
    response = api.post(f"flow/runs/{run_id}/action?op=RE_TRIGGER")
    assert response.status_code == 200
    again = response.json()["id"]
    assert again != run_id
    aep.advance(100)
    second, first = api.one(f"flow/runs/{again}"), api.one(f"flow/runs/{run_id}")
    assert status_of(second) == "success"
    window = [run["activities"][0]["durationSummary"]["extensions"] for run in (first, second)]
    assert window[0] == window[1]
    assert code_of(api.post(f"flow/runs/{again}/action?op=re-trigger")) == "1387-400", "it moved records"
    assert code_of(api.post(f"flow/runs/{run_id}/action?op=cancel")) == "1401-400", "runs cannot be cancelled"
    api.post(f"flow/flows/{flow_id}/action?op=disable")
    assert code_of(api.post(f"flow/runs/{run_id}/action?op=re-trigger")) == "1388-400"


def test_an_empty_success_may_be_re_triggered(aep: AepEmulator, api: Caller) -> None:
    run = finished(aep, api, outcome="empty")
    assert api.post(f"flow/runs/{run['id']}/action?op=retrigger").status_code == 200


def test_filters_on_runs(aep: AepEmulator, api: Caller) -> None:
    flow_id = api.once_flow()
    ids = [api.run(flow_id) for _ in range(60)]
    aep.advance(10)
    listed = api.get(f"flow/runs?limit=100&property=id=={','.join(ids[:55])}").json()["items"]
    assert {run["id"] for run in listed} == set(ids[:55])
    for query, count in {
        f"property=flowId=={flow_id}": 60,
        "property=state==inProgress": 60,
        "property=metrics.statusSummary.status==inProgress": 60,
        "property=metrics.statusSummary.status==INPROGRESS": 0,
        f"property=createdAt>={int(aep.now() * 1000)}": 0,
        f"property=metrics.durationSummary.startedAtUTC>{int(aep.now() - 60) * 1000}": 60,
    }.items():
        assert api.get(f"flow/runs?count=true&{query}").json() == {"count": count}


def test_id_lists_can_be_refused() -> None:
    with AepEmulator(refuse_run_id_lists=True) as aep, Caller(aep) as api:
        run_id = api.run(api.once_flow())
        assert code_of(api.get(f"flow/runs?property=id=={run_id},other")) == "1443-400"
        assert len(api.get(f"flow/runs?property=id=={run_id}").json()["items"]) == 1


def test_lists_of_flow_ids_can_be_refused() -> None:
    with AepEmulator(refuse_flow_id_lists=True) as aep, Caller(aep) as api:
        flow_id = api.once_flow()
        run_id = api.run(flow_id)
        assert code_of(api.get(f"flow/runs?property=flowId=={flow_id},other")) == "1443-400"
        assert len(api.get(f"flow/runs?property=flowId=={flow_id}").json()["items"]) == 1
        assert len(api.get(f"flow/runs?property=id=={run_id},other").json()["items"]) == 1


def test_a_new_run_may_be_invisible_for_a_while() -> None:
    with AepEmulator(run_visibility_lag=30) as aep, Caller(aep) as api:
        flow_id = api.once_flow()
        run_id = api.run(flow_id)
        assert code_of(api.get(f"flow/runs/{run_id}")) == "1439-404"
        assert runs_of(api, flow_id) == []
        aep.advance(31)
        assert api.one(f"flow/runs/{run_id}")["id"] == run_id
        assert len(runs_of(api, flow_id)) == 1


def test_a_run_may_come_without_its_envelope() -> None:
    with AepEmulator(bare_runs=True) as aep, Caller(aep) as api:
        run_id = api.run(api.once_flow())
        assert api.get(f"flow/runs/{run_id}").json()["id"] == run_id

"""The life of flow runs, by schedule and on demand, and every way they can end."""

from typing import Any

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import EVENT_HUBS, Caller, code_of
from emulator.runs import finished, runs_of, status_of


def test_the_life_of_a_run(aep: AepEmulator, api: Caller) -> None:
    aep.script_run(records=100, duration=60)
    flow_id = api.once_flow()
    run_id = api.run(flow_id)
    run = api.one(f"flow/runs/{run_id}")
    assert (status_of(run), run["activities"]) == ("scheduled", [])
    aep.advance(3)
    assert status_of(api.one(f"flow/runs/{run_id}")) == "queued"
    aep.advance(3)
    run = api.one(f"flow/runs/{run_id}")
    (copying,) = run["activities"]
    assert (status_of(run), copying["id"]) == ("inProgress", "copyActivity")
    assert "completedAtUTC" not in run["metrics"]["durationSummary"]
    window = copying["durationSummary"]["extensions"]
    assert window["windowEnd"] - window["windowStart"] == 3600 * 1000
    aep.advance(40)
    run = api.one(f"flow/runs/{run_id}")
    assert [activity["id"] for activity in run["activities"]] == ["copyActivity", "promotionActivity"]
    (batch_id,) = run["activities"][1]["targetInfo"][0]["reference"]["ids"]
    assert api.get(f"catalog/batches/{batch_id}").json()[batch_id]["status"] == "loading"
    assert api.one(f"flow/flows/{flow_id}")["lastRunDetails"]["state"] == "inProgress"
    aep.advance(20)
    run = api.one(f"flow/runs/{run_id}")
    duration, records = run["metrics"]["durationSummary"], run["metrics"]["recordSummary"]
    assert status_of(run) == "success"
    assert duration["completedAtUTC"] - duration["startedAtUTC"] == 60_000
    assert records == {"inputRecordCount": 100, "outputRecordCount": 100, "failedRecordCount": 0}
    assert api.one(f"flow/flows/{flow_id}")["lastRunDetails"] == {"id": run_id, "state": "success", **duration}
    batch = api.get(f"catalog/batches/{batch_id}").json()[batch_id]
    assert (batch["status"], batch["metrics"]["outputRecordCount"]) == ("success", 100)


def test_the_scheduler_makes_runs_at_each_interval(aep: AepEmulator, api: Caller) -> None:
    flow_id = api.flow()
    assert runs_of(api, flow_id) == []
    aep.advance(300 + 3 * 1800 + 60)
    runs = runs_of(api, flow_id)
    created = [run["createdAt"] // 1000 for run in runs]
    start = int(api.one(f"flow/flows/{flow_id}")["scheduleParams"]["startTime"])
    assert created == [start, start + 1800, start + 3600, start + 5400]
    assert {run["createdClient"] for run in runs} == {"acp_flow_service_scheduler"}
    assert [status_of(run) for run in runs] == ["success", "success", "success", "inProgress"]
    assert api.one(f"flow/flows/{flow_id}")["lastRunDetails"]["id"] == runs[-1]["id"]


def test_a_once_flow_runs_once(aep: AepEmulator, api: Caller) -> None:
    start = {"startTime": str(int(aep.now()) + 60), "frequency": "once"}
    flow_id = api.once_flow(scheduleParams=start)
    aep.advance(86400 * 30)
    assert len(api_runs(aep, flow_id)) == 1


def api_runs(aep: AepEmulator, flow_id: str) -> list[dict[str, Any]]:
    """The runs by the back door: after a long jump the caller's token has expired."""
    return [run for run in aep.state()["runs"].values() if run["flowId"] == flow_id]


def test_a_disabled_flow_does_not_run_and_does_not_catch_up(aep: AepEmulator, api: Caller) -> None:
    flow_id = api.flow()
    api.post(f"flow/flows/{flow_id}/action?op=disable")
    aep.advance(3600 * 5)
    assert runs_of(api, flow_id) == []
    api.post(f"flow/flows/{flow_id}/action?op=enable")
    aep.advance(1800)
    assert len(runs_of(api, flow_id)) == 1


def test_a_long_jump_is_capped(aep: AepEmulator, api: Caller) -> None:
    flow_id = api.flow()
    aep.advance(86400 * 365)
    assert len(api_runs(aep, flow_id)) == 100


def test_past_start_times_run_at_once_when_allowed() -> None:
    with AepEmulator(refuse_past_start_time=False) as aep, Caller(aep) as api:
        past = {"startTime": "1567411548", "frequency": "minute", "interval": "30"}
        flow_id = api.flow(scheduleParams=past)
        aep.advance(100)
        assert len(runs_of(api, flow_id)) == 1


def test_partial_success_is_a_success_with_errors(aep: AepEmulator, api: Caller) -> None:
    run = finished(aep, api, outcome="partial")
    assert status_of(run) == "success"
    assert run["metrics"]["recordSummary"] == {
        "inputRecordCount": 100,
        "outputRecordCount": 99,
        "failedRecordCount": 1,
    }
    assert run["metrics"]["statusSummary"]["errors"][0]["code"] == "CONNECTOR-2001-500"
    extensions = run["activities"][1]["statusSummary"]["extensions"]
    assert [error["code"] for error in extensions["errors"]] == ["INGEST-1212-400", "MAPPER-3700-400"]
    assert extensions["manifest"]["failedRecords"].endswith("meta?path=row_errors")


def test_a_failed_copy_makes_no_batch(aep: AepEmulator, api: Caller) -> None:
    run = finished(aep, api, outcome="failed_copy")
    assert status_of(run) == "failed"
    assert [activity["id"] for activity in run["activities"]] == ["copyActivity"]
    assert run["metrics"]["statusSummary"]["errors"][0]["code"] == "CONNECTOR-1001-500"
    assert "completedAtUTC" not in run["metrics"]["durationSummary"]
    assert aep.state()["batches"] == {}


def test_a_failed_promotion_leaves_a_failed_batch(aep: AepEmulator, api: Caller) -> None:
    run = finished(aep, api, outcome="failed_promotion", records=50)
    assert status_of(run) == "failed"
    assert run["metrics"]["recordSummary"]["outputRecordCount"] == 0
    (batch,) = aep.state()["batches"].values()
    assert (batch["status"], batch["metrics"]["failedRecordCount"]) == ("failed", 50)


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ({"outcome": "success"}, "success"),
        ({"outcome": "empty"}, "success"),
        ({"outcome": "never_ending"}, "inProgress"),
        ({"outcome": "unknown_status"}, "brand_new_state"),
        ({"outcome": "missing_status"}, "(no status)"),
        ({"outcome": "partial_success"}, "PARTIAL_SUCCESS"),
        ({"status": "PARTIAL_FAILURE"}, "PARTIAL_FAILURE"),
    ],
)
def test_how_runs_end(aep: AepEmulator, api: Caller, script: dict[str, Any], status: str) -> None:
    assert status_of(finished(aep, api, **script)) == status


def test_an_empty_run_moves_nothing(aep: AepEmulator, api: Caller) -> None:
    run = finished(aep, api, outcome="empty")
    assert run["metrics"]["recordSummary"]["inputRecordCount"] == 0
    assert aep.state()["batches"] == {}


def test_a_run_may_disappear(aep: AepEmulator, api: Caller) -> None:
    aep.script_run("disappears")
    flow_id = api.once_flow()
    run_id = api.run(flow_id)
    assert api.get(f"flow/runs/{run_id}").status_code == 200
    assert code_of(api.get(f"flow/runs/{run_id}")) == "1439-404"
    assert runs_of(api, flow_id) == []


def test_scripts_choose_their_flow_and_run_out(aep: AepEmulator, api: Caller) -> None:
    one, other = api.once_flow(name="one"), api.once_flow(name="other")
    aep.script_run("failed_copy", flow_name="one", times=2)
    aep.script_run("empty", flow_id=other)
    ids = [api.run(one), api.run(other), api.run(one), api.run(one), api.run(other)]
    aep.advance(1000)
    states = [status_of(api.one(f"flow/runs/{each}")) for each in ids]
    assert states == ["failed", "success", "failed", "success", "success"]
    assert api.one(f"flow/runs/{ids[1]}")["metrics"]["recordSummary"]["inputRecordCount"] == 0
    assert api.one(f"flow/runs/{ids[4]}")["metrics"]["recordSummary"]["inputRecordCount"] > 0


def test_scripts_are_checked(aep: AepEmulator) -> None:
    with pytest.raises(ValueError, match="unknown outcome 'sucess'"):
        aep.script_run("sucess")
    with pytest.raises(ValueError, match="unknown details: colour"):
        aep.script_run("success", colour="red")


def test_auto_advance_moves_the_clock_at_each_look() -> None:
    with AepEmulator(auto_advance=10) as aep, Caller(aep) as api:
        run_id = api.run(api.once_flow())
        looks = 1
        while status_of(api.one(f"flow/runs/{run_id}")) != "success":
            looks += 1
        assert looks == 7


def test_streaming_flows_have_batches_but_no_runs(aep: AepEmulator, api: Caller) -> None:
    flow_id = api.flow(EVENT_HUBS)
    aep.advance(1801)
    assert runs_of(api, flow_id) == []
    assert [batch["status"] for batch in aep.state()["batches"].values()] == ["success", "success"]
    api.post(f"flow/flows/{flow_id}/action?op=disable")
    aep.advance(1801)
    assert len(aep.state()["batches"]) == 2


def test_a_run_over_an_empty_window_moves_nothing(aep: AepEmulator, api: Caller) -> None:
    now = str(int(aep.now()))
    run_id = api.run(api.once_flow(), windowStartTime=now, windowEndTime=now)
    aep.advance(100)
    run = api.one(f"flow/runs/{run_id}")
    assert status_of(run) == "success"
    assert run["metrics"]["recordSummary"]["inputRecordCount"] == 0
    assert aep.state()["batches"] == {}


def test_the_runs_of_a_flow_whose_dataset_is_deleted_fail(aep: AepEmulator, api: Caller) -> None:
    flow = api.once_flow()
    (dataset,) = api.get("catalog/dataSets").json()
    api.delete(f"catalog/dataSets/{dataset}")
    run_id = api.run(flow)
    aep.advance(100)
    run = api.one(f"flow/runs/{run_id}")
    assert status_of(run) == "failed"
    assert [error["code"] for error in run["metrics"]["statusSummary"]["errors"]] == ["CONNECTOR-3001-500"]
    assert aep.state()["batches"] == {}


def test_streams_into_a_deleted_dataset_come_to_nothing(aep: AepEmulator, api: Caller) -> None:
    api.flow(EVENT_HUBS)
    (dataset,) = api.get("catalog/dataSets").json()
    api.delete(f"catalog/dataSets/{dataset}")
    aep.advance(1000)
    assert aep.state()["batches"] == {}

"""Clock, identifiers, state file and reset."""

import time
from pathlib import Path

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller


def test_reset_forgets_everything_but_the_clock(aep: AepEmulator, api: Caller) -> None:
    aep.advance(1000)
    aep.fault(kind="status", times=None)
    aep.script_run("failed_copy")
    aep.reset()
    assert (aep.requests, aep.token_requests) == ([], 0)
    assert api.get("flow/flows").status_code == 401
    assert aep.now() > time.time() + 999


def test_the_same_seed_gives_the_same_ids() -> None:
    ids = []
    for seed in (5, 5, 0):
        with AepEmulator(seed=seed) as aep, Caller(aep) as api:
            ids.append(api.base_connection())
    assert ids[0] == ids[1] != ids[2]


def test_the_clock_may_run_faster() -> None:
    with AepEmulator(speed=10_000) as aep:
        first = aep.now()
        time.sleep(0.01)
        assert aep.now() - first >= 100


def test_a_state_file_keeps_the_platform(tmp_path: Path) -> None:
    file = str(tmp_path / "state.json")
    with AepEmulator(state_file=file) as aep, Caller(aep) as api:
        flow_id = api.flow()
        aep.advance(3600 * 2)
        before, stopped_at = aep.state(), aep.now()
    assert "hunter2" not in Path(file).read_text()
    with AepEmulator(state_file=file) as aep, Caller(aep) as api:
        assert aep.now() >= stopped_at
        assert aep.state() == before
        runs = len(api.get(f"flow/runs?property=flowId=={flow_id}").json()["items"])
        aep.advance(1800)
        assert len(api.get(f"flow/runs?property=flowId=={flow_id}").json()["items"]) == runs + 1
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]

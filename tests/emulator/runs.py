"""Flow runs as the tests look at them."""

from typing import Any

from airflow_provider_aep.emulator import AepEmulator

from .caller import Caller


def status_of(run: dict[str, Any]) -> Any:
    return run["metrics"]["statusSummary"].get("status", "(no status)")


def runs_of(api: Caller, flow_id: str) -> list[dict[str, Any]]:
    response = api.get(f"flow/runs?property=flowId=={flow_id}&orderby=createdAt&limit=100")
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["items"]
    return found


def finished(aep: AepEmulator, api: Caller, **script: Any) -> dict[str, Any]:
    """A run that has had the time to end."""
    aep.script_run(**script)
    run_id = api.run(api.once_flow())
    aep.advance(1000)
    run: dict[str, Any] = api.one(f"flow/runs/{run_id}")
    return run

"""The emulator's own routes: what its methods do, over HTTP."""

import json

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller


def test_it_is_steered_over_http_as_by_its_methods(aep: AepEmulator, api: Caller) -> None:
    assert api.post("_emulator/runs/outcomes", {"outcome": "failed_copy", "duration": 10}).status_code == 204
    run_id = api.run(api.once_flow())
    before = api.get("_emulator/clock").json()["now"]
    assert api.post("_emulator/clock", {"advance": 100}).json()["now"] >= before + 100
    state = api.get("_emulator/state?sandbox=dev").json()
    assert state["runs"][run_id]["metrics"]["statusSummary"]["status"] == "failed"
    fault = {"method": "GET", "path": "/flows", "kind": "status", "status": 503, "times": None}
    assert api.post("_emulator/faults", fault).status_code == 204
    assert api.get("flow/flows").status_code == 503
    assert api.delete("_emulator/faults").status_code == 204
    assert api.post("_emulator/chaos", {"rate": 1.0, "kinds": ["html"]}).status_code == 204
    assert api.get("flow/flows").status_code == 502
    assert api.post("_emulator/chaos", {"rate": 0}).status_code == 204
    assert api.call("PATCH", "_emulator/switches", {"run_response": "plain"}).json()["run_response"] == "plain"
    assert aep.switches.run_response == "plain"
    assert api.delete("_emulator/tokens").status_code == 204
    assert api.get("flow/flows").status_code == 401
    assert api.get("_emulator/connection").json() == json.loads(aep.connection_json())
    assert api.get("_emulator/unknown-routes").json() == []
    assert api.get("_emulator/requests").json()[0]["path"] == "/ims/token/v3"
    assert api.post("_emulator/reset").status_code == 204
    assert aep.requests == []
    assert not any(aep.state().values())


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "runs/outcomes", {"outcome": "unheard of"}),
        ("POST", "faults", {"kind": "unheard of"}),
        ("POST", "faults", {"colour": "red"}),
        ("POST", "chaos", {"kinds": ["unheard of"]}),
        ("POST", "clock", {"advance": -1}),
        ("PATCH", "switches", {"unheard_of": 1}),
        ("GET", "state?sandbox=nowhere", None),
        ("POST", "clock", None),
    ],
)
def test_wrong_steering_is_refused(api: Caller, method: str, path: str, body: object) -> None:
    assert api.call(method, f"_emulator/{path}", body).status_code == 400

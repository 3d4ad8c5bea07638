"""The emulator's own routes: what its methods do, over HTTP."""

import json

import pytest
import requests

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller


def test_it_is_steered_over_http_as_by_its_methods(aep: AepEmulator, api: Caller) -> None:
    scripted = api.post("_emulator/runs/outcomes", {"outcome": "failed_copy", "duration": 10})
    assert (scripted.status_code, scripted.json()["scripted"]["outcome"]) == (201, "failed_copy")
    run_id = api.run(api.once_flow())
    before = api.get("_emulator/clock").json()["now"]
    assert api.post("_emulator/clock", {"advance": 100}).json()["now"] >= before + 100
    state = api.get("_emulator/state?sandbox=dev").json()
    assert state["runs"][run_id]["metrics"]["statusSummary"]["status"] == "failed"
    fault = {"method": "GET", "path": "/flows", "kind": "status", "status": 503, "times": None}
    planned = api.post("_emulator/faults", fault)
    assert (planned.status_code, planned.json()["planned"]["status"]) == (201, 503)
    assert api.get("flow/flows").status_code == 503
    assert api.delete("_emulator/faults").json() == {"cleared": 1}
    assert api.post("_emulator/chaos", {"rate": 1.0, "kinds": ["html"]}).json()["rate"] == 1
    assert api.get("flow/flows").status_code == 502
    assert api.post("_emulator/chaos", {"rate": 0}).json()["rate"] == 0
    assert api.call("PATCH", "_emulator/switches", {"run_response": "plain"}).json()["run_response"] == "plain"
    assert aep.switches.run_response == "plain"
    assert api.delete("_emulator/tokens").json() == {"revoked": 1}
    assert api.get("flow/flows").status_code == 401
    assert api.get("_emulator/connection").json() == json.loads(aep.connection_json())
    assert api.get("_emulator/unknown-routes").json() == []
    assert api.get("_emulator/requests").json()[0]["path"] == "/ims/token/v3"
    assert api.post("_emulator/reset").json()["forgotten"]["runs"] == 1
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
        ("POST", "clock", {"advance": 1e15}),
        ("PATCH", "switches", {"unheard_of": 1}),
        ("GET", "state?sandbox=nowhere", None),
        ("POST", "clock", None),
    ],
)
def test_wrong_steering_is_refused(api: Caller, method: str, path: str, body: object) -> None:
    assert api.call(method, f"_emulator/{path}", body).status_code == 400


def test_it_has_a_page_and_a_health_check(aep: AepEmulator) -> None:
    page = requests.get(aep.url, timeout=5).json()
    assert page["routes"]["GET /_emulator/faults"].startswith("The planned faults")
    assert all(page["routes"].values()), "each route says what it is for"
    assert requests.get(f"{aep.url}/_emulator", timeout=5).json() == page
    assert requests.get(f"{aep.url}/health", timeout=5).json()["status"] == "ok"
    assert aep.requests == []


def test_what_is_planned_is_listed(aep: AepEmulator, api: Caller) -> None:
    aep.fault("GET", "/flows", kind="status", status=503, nth=2)
    aep.chaos(0.0, seed=7)
    aep.script_run("empty", flow_name="Accounts", times=None)
    api.get("flow/flows")
    listed = api.get("_emulator/faults").json()
    assert [(fault["path"], fault["nth"], fault["seen"]) for fault in listed["planned"]] == [("/flows", 2, 1)]
    assert listed["chaos"] == {"rate": 0.0, "seed": 7, "kinds": None}
    (script,) = api.get("_emulator/runs/outcomes").json()
    assert (script["outcome"], script["flow_name"], script["times"], script["used"]) == ("empty", "Accounts", None, 0)


def test_it_knows_which_scripts_and_faults_were_never_used(aep: AepEmulator, api: Caller) -> None:
    aep.script_run("failed_copy", flow_name="Acounts")
    aep.script_run("empty", flow_name="Accounts", times=None)
    aep.fault("POST", "/flows", kind="drop_after", nth=9)
    api.run(api.once_flow())
    assert aep.unused == [
        "no run used the scripted outcome 'failed_copy' for the flow 'Acounts'",
        "no request met the fault 'drop_after' for POST /flows (from number 9 on; 1 came)",
    ]
    aep.clear_scripts()
    aep.clear_faults()
    assert aep.unused == []

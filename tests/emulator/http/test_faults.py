"""Planned trouble: what the client sees, and what nevertheless happened."""

import time
from typing import Any

import pytest
import requests

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller, base_connection_body


def create(api: Caller) -> requests.Response:
    return api.post("flow/connections", base_connection_body())


def count(aep: AepEmulator) -> int:
    return len(aep.state()["connections"])


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, "FLOW-1102-500"), (503, "FLOW-1103-503"), (504, "FLOW-1104-504"), (404, "FLOW-1101-404")],
)
def test_a_status_in_flow_services_shape(aep: AepEmulator, api: Caller, status: int, code: str) -> None:
    aep.fault("POST", "/connections", kind="status", status=status)
    response = create(api)
    assert response.status_code == status
    assert response.json()["type"].endswith(code)
    assert count(aep) == 0
    assert create(api).status_code == 201


@pytest.mark.parametrize(("status", "code"), [(401, "401013"), (403, "403025"), (429, "429050")])
def test_a_status_in_the_gateways_shape(aep: AepEmulator, api: Caller, status: int, code: str) -> None:
    aep.fault(kind="status", status=status)
    assert create(api).json()["error_code"] == code


@pytest.mark.parametrize("wait", [7, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_retry_after_as_seconds_or_date(aep: AepEmulator, api: Caller, wait: Any) -> None:
    aep.fault(kind="status", status=429, retry_after=wait, headers={"X-Why": "test"})
    response = create(api)
    assert response.headers["Retry-After"] == str(wait)
    assert response.headers["X-Why"] == "test"
    assert "Retry-After" not in create(api).headers


def test_a_status_with_a_body_of_ones_own(aep: AepEmulator, api: Caller) -> None:
    aep.fault(kind="status", status=418, body={"teapot": True})
    response = create(api)
    assert (response.status_code, response.json()) == (418, {"teapot": True})


def test_dropped_before_nothing_happened(aep: AepEmulator, api: Caller) -> None:
    aep.fault("POST", "/connections", kind="drop_before")
    with pytest.raises(requests.ConnectionError):
        create(api)
    assert count(aep) == 0
    assert (aep.requests[-1].status, aep.requests[-1].fault) == (None, "drop_before")
    assert create(api).status_code == 201


def test_dropped_after_the_effect_stays(aep: AepEmulator, api: Caller) -> None:
    aep.fault("POST", "/connections", kind="drop_after")
    with pytest.raises(requests.ConnectionError):
        create(api)
    assert count(aep) == 1
    assert (aep.requests[-1].status, aep.requests[-1].fault) == (201, "drop_after")


@pytest.mark.parametrize(("fault", "text"), [("malformed", '"'), ("empty", "")])
def test_unreadable_answers_after_the_effect(aep: AepEmulator, api: Caller, fault: str, text: str) -> None:
    aep.fault("POST", "/connections", kind=fault)
    response = create(api)
    assert response.status_code == 201
    assert response.text[-1:] == text
    with pytest.raises(requests.JSONDecodeError):
        response.json()
    assert count(aep) == 1


def test_an_html_page(aep: AepEmulator, api: Caller) -> None:
    aep.fault(kind="html")
    response = create(api)
    assert (response.status_code, response.headers["Content-Type"]) == (502, "text/html")
    assert response.text.startswith("<html>")


def test_a_slow_answer(aep: AepEmulator, api: Caller) -> None:
    aep.fault("POST", "/connections", kind="delay", delay=0.3)
    with pytest.raises(requests.ReadTimeout):
        api.post("flow/connections", base_connection_body(), timeout=0.1)
    give_up = time.monotonic() + 30
    while count(aep) == 0 and time.monotonic() < give_up:
        time.sleep(0.01)


def test_which_requests_are_hit(aep: AepEmulator, api: Caller) -> None:
    aep.fault("GET", "*/flows", kind="status", status=503, nth=2, times=2)
    assert create(api).status_code == 201, "another path"
    assert [api.get("flow/flows").status_code for _ in range(5)] == [200, 503, 503, 200, 200]
    assert api.get("flow/flows/some-id").status_code == 404, "a suffix, not a prefix"
    aep.fault("GET", "/flows", kind="status", status=503, times=None)
    assert {api.get("flow/flows").status_code for _ in range(5)} == {503}
    aep.clear_faults()
    assert api.get("flow/flows").status_code == 200


def test_the_token_endpoint_has_trouble_too(aep: AepEmulator, api: Caller) -> None:
    aep.fault("POST", "/ims/token/v3", kind="status", status=429, retry_after=1)
    response = api.fetch_token()
    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
    aep.fault("POST", "/token/v3", kind="status", status=500)
    assert "error" in api.fetch_token().json()
    assert api.fetch_token().status_code == 200
    assert aep.token_requests == 4


def test_unknown_kinds_are_refused(aep: AepEmulator) -> None:
    with pytest.raises(ValueError, match="unknown kind of fault 'explode'"):
        aep.fault(kind="explode")
    with pytest.raises(ValueError, match="explode"):
        aep.chaos(kinds=["explode"])


def outcome(api: Caller) -> str:
    try:
        response = api.get("flow/flows")
        response.json()
        return str(response.status_code)
    except requests.JSONDecodeError:
        return "unreadable"
    except requests.ConnectionError:
        return "dropped"


def test_chaos_is_repeatable_and_ends(aep: AepEmulator, api: Caller) -> None:
    runs = []
    for _ in range(2):
        aep.chaos(rate=0.5, seed=7)
        runs.append([outcome(api) for _ in range(40)])
    assert runs[0] == runs[1]
    assert {"200", "dropped", "unreadable", "503"} <= set(runs[0])
    aep.chaos(rate=0)
    assert {outcome(api) for _ in range(20)} == {"200"}


def test_chaos_of_one_kind(aep: AepEmulator, api: Caller) -> None:
    aep.chaos(rate=1.0, kinds=["drop_before"])
    assert {outcome(api) for _ in range(5)} == {"dropped"}


def test_an_answer_without_a_body_cannot_be_malformed(aep: AepEmulator, api: Caller) -> None:
    path = f"flow/connections/{api.base_connection()}"
    aep.fault("DELETE", kind="malformed")
    response = api.delete(path)
    assert (response.status_code, response.content) == (204, b"")

"""Tokens."""

import pytest
import requests

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import SCOPES, Caller


def test_a_token_is_issued_for_its_lifetime_in_seconds(api: Caller) -> None:
    response = api.fetch_token()
    assert response.status_code == 200
    assert response.json()["token_type"] == "bearer"
    assert response.json()["expires_in"] == 86399


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "nobody"}, 400, "invalid_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
        ({"scope": SCOPES.replace(",", ", ")}, 400, "invalid_scope"),
        ({"scope": "everything"}, 400, "invalid_scope"),
        ({"scope": ""}, 400, "invalid_scope"),
    ],
)
def test_a_wrong_token_request_is_refused(api: Caller, changes: dict[str, str], status: int, error: str) -> None:
    response = api.fetch_token(**changes)
    assert (response.status_code, response.json()["error"]) == (status, error)


def test_the_token_endpoint_takes_forms_only(aep: AepEmulator) -> None:
    response = requests.post(f"{aep.url}/ims/token/v3", json={"grant_type": "client_credentials"}, timeout=5)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_tokens_expire_on_the_emulators_clock() -> None:
    with AepEmulator(token_lifetime=60) as aep, Caller(aep) as api:
        assert api.get("flow/flows").status_code == 200
        aep.advance(61)
        assert api.get("flow/flows").json()["error_code"] == "401013"


def test_tokens_can_be_revoked(aep: AepEmulator, api: Caller) -> None:
    aep.revoke_tokens()
    assert api.get("flow/flows").json()["error_code"] == "401013"

"""Tokens, and what every request must carry before a service looks at it."""

from email.utils import parsedate_to_datetime

import pytest
import requests

from airflow_provider_aep.emulator import AepEmulator

from .caller import SCOPES, Caller


def test_a_token_is_issued_for_its_lifetime_in_seconds(api: Caller) -> None:
    answer = api.fetch_token()
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 86399


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
    answer = api.fetch_token(**changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_the_token_endpoint_takes_forms_only(aep: AepEmulator) -> None:
    answer = requests.post(f"{aep.url}/ims/token/v3", json={"grant_type": "client_credentials"}, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": None}, 403, "403010"),
        ({"Authorization": "Bearer nonsense"}, 401, "401013"),
        ({"x-api-key": None}, 403, "403000"),
        ({"x-api-key": "another"}, 403, "403003"),
        ({"x-gw-ims-org-id": None}, 400, "400003"),
        ({"x-gw-ims-org-id": "not an org"}, 403, "403027"),
        ({"x-gw-ims-org-id": "0123456789ABCDEF@AdobeOrg"}, 403, "403025"),
    ],
)
def test_gateway_headers(api: Caller, headers: dict[str, str | None], status: int, code: str) -> None:
    answer = api.get("flow/flows", headers=headers)
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)


def test_gateway_checks_come_in_order(api: Caller) -> None:
    """Everything is wrong; each answer complains about the first thing only."""
    wrong: dict[str, str | None] = {"Authorization": None, "x-api-key": None, "x-gw-ims-org-id": None}
    codes = []
    for name, right in (("Authorization", api.session.headers["Authorization"]), ("x-api-key", api.aep.client_id)):
        codes.append(api.get("flow/flows", headers=wrong).json()["error_code"])
        wrong[name] = str(right)
    codes.append(api.get("flow/flows", headers=wrong).json()["error_code"])
    assert codes == ["403010", "403000", "400003"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-sandbox-name": None}, "FLOW-2105-400"),
        ({"x-sandbox-name": "nowhere"}, "FLOW-2100-404"),
        ({"x-sandbox-name": "DEV"}, "FLOW-2100-404"),
        ({"x-sandbox-name": "resetting"}, "FLOW-2101-404"),
        ({"x-sandbox-name": "*"}, "FLOW-2111-403"),
        ({"x-sandbox-id": "2d14e2a0-c5da-11e9-93d4-6d5fc3a66a8e"}, "FLOW-2110-400"),
        ({"Content-Type": "text/plain"}, "FLOW-1004-415"),
    ],
)
def test_sandbox_and_body_type(api: Caller, headers: dict[str, str | None], code: str) -> None:
    answer = api.post("flow/connections", {"name": "n"}, headers=headers)
    assert answer.status_code == int(code[-3:])
    assert answer.json()["type"] == f"https://ns.adobe.com/aep/errors/{code}"


def test_a_body_that_is_not_json_is_refused(api: Caller) -> None:
    url = f"{api.aep.url}/data/foundation/flowservice/connections"
    answer = api.session.post(url, data='{"name": "n",}', headers={"Content-Type": "application/json"}, timeout=5)
    assert answer.status_code == 400


def test_tokens_expire_on_the_emulators_clock() -> None:
    with AepEmulator(token_lifetime=60) as aep, Caller(aep) as api:
        assert api.get("flow/flows").status_code == 200
        aep.advance(61)
        assert api.get("flow/flows").json()["error_code"] == "401013"


def test_tokens_can_be_revoked(aep: AepEmulator, api: Caller) -> None:
    aep.revoke_tokens()
    assert api.get("flow/flows").json()["error_code"] == "401013"


def test_every_answer_has_a_request_id_and_the_emulators_date(aep: AepEmulator, api: Caller) -> None:
    aep.advance(3600)
    answer = api.get("flow/flows/unknown")
    assert answer.json()["report"]["request-id"] == answer.headers["x-request-id"]
    assert len(answer.headers["Date"].split(",")) == 2, "uvicorn's own Date must be off"
    assert abs(parsedate_to_datetime(answer.headers["Date"]).timestamp() - aep.now()) < 2


def test_sandboxes_are_listed_without_a_sandbox_header(api: Caller) -> None:
    answer = api.get("sandbox/", headers={"x-sandbox-name": None})
    states = {sandbox["name"]: sandbox["state"] for sandbox in answer.json()["sandboxes"]}
    assert states == {"prod": "active", "dev": "active", "resetting": "resetting"}
    assert api.get("sandbox/sandboxes/dev").json()["type"] == "development"
    assert api.get("sandbox/sandboxes/nowhere").status_code == 404


def test_sandboxes_are_separate_worlds(aep: AepEmulator, api: Caller) -> None:
    connection = api.base_connection()
    elsewhere = {"x-sandbox-name": "prod"}
    assert api.get(f"flow/connections/{connection}", headers=elsewhere).status_code == 404
    assert api.get("flow/connections", headers=elsewhere).json()["items"] == []
    assert list(aep.state("dev")["connections"]) == [connection]
    assert aep.state("prod")["connections"] == {}
    assert list(aep.state()["connections"]) == [connection]


@pytest.mark.unknown_routes
def test_an_unknown_route_is_an_error_and_is_recorded(aep: AepEmulator, api: Caller) -> None:
    assert api.post("mappingSets", {"version": 0}).status_code == 404
    assert api.get("flow/flow").json()["title"] == "NotFoundError"
    assert [record.path for record in aep.unknown_routes] == [
        "/data/foundation/mappingSets/",
        "/data/foundation/flowservice/flow",
    ]

"""What every request must carry before a service looks at it."""

import pytest

from emulator.caller import Caller


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
    response = api.get("flow/flows", headers=headers)
    assert (response.status_code, response.json()["error_code"]) == (status, code)


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
    response = api.post("flow/connections", {"name": "n"}, headers=headers)
    assert response.status_code == int(code[-3:])
    assert response.json()["type"] == f"https://ns.adobe.com/aep/errors/{code}"


def test_a_body_that_is_not_json_is_refused(api: Caller) -> None:
    url = f"{api.aep.url}/data/foundation/flowservice/connections"
    response = api.session.post(url, data='{"name": "n",}', headers={"Content-Type": "application/json"}, timeout=5)
    assert response.status_code == 400

"""The emulator's own routes are for this machine's programs, not for web pages that it happens to show."""

import json

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
        {"Host": "evil.example:8099"},
        {"Host": "[broken"},
    ],
    ids=json.dumps,
)
def test_a_foreign_page_changes_nothing(aep: AepEmulator, api: Caller, headers: dict[str, str]) -> None:
    api.base_connection()
    assert api.post("_emulator/reset", headers=headers).status_code == 403
    assert api.post("_emulator/clock", {"advance": 10}, headers=headers).status_code == 403
    assert len(aep.state()["connections"]) == 1


def test_the_connection_is_told_only_under_a_name_of_this_machine(api: Caller) -> None:
    assert api.get("_emulator/connection", headers={"Host": "evil.example"}).status_code == 403
    for host in ("localhost:8099", "127.0.0.1", "[::1]:8099", "10.0.0.7:8099", "aep-emulator:8099"):
        assert api.get("_emulator/connection", headers={"Host": host}).json()["host"] == f"http://{host}"


def test_a_name_with_a_dot_is_allowed_by_its_owner() -> None:
    with AepEmulator(allowed_hosts=["aep.ci.example"]) as aep, Caller(aep) as api:
        found = api.get("_emulator/connection", headers={"Host": "aep.ci.example:8099"}).json()
        assert found["extra"]["allow_http"] is True
        assert found["host"] == "http://aep.ci.example:8099"


def test_its_own_pages_may_steer_it(aep: AepEmulator, api: Caller) -> None:
    own = {"Origin": aep.url, "Sec-Fetch-Site": "same-origin"}
    assert api.post("_emulator/reset", headers=own).status_code == 200


def test_it_listens_on_all_addresses_when_told_and_names_one_that_can_be_called() -> None:
    with AepEmulator(host="0.0.0.0") as aep, Caller(aep) as api:
        assert aep.url.startswith("http://127.0.0.1:")
        assert "allow_http" not in json.loads(aep.connection_json())["extra"]
        assert api.get("_emulator/health").status_code == 200

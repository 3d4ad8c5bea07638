"""Sandbox management, and what is in which sandbox."""

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller


def test_sandboxes_are_listed_without_a_sandbox_header(api: Caller) -> None:
    response = api.get("sandbox/", headers={"x-sandbox-name": None})
    states = {sandbox["name"]: sandbox["state"] for sandbox in response.json()["sandboxes"]}
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

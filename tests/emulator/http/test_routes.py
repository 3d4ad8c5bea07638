"""The route table: each route has one guard, and only those meant to be open can be reached without a token."""

import pytest
import requests

from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.emulator.http.gateway import needs_sandbox, needs_token, open_to_all
from airflow_provider_aep.emulator.http.routes import ROUTES, Route

SERVICES = {
    ("ims",): open_to_all,
    ("collection",): open_to_all,
    ("_emulator",): open_to_all,
    ("data", "foundation", "sandbox-management"): needs_token,
    ("data", "foundation", "flowservice"): needs_sandbox,
    ("data", "foundation", "schemaregistry"): needs_sandbox,
    ("data", "foundation", "catalog"): needs_sandbox,
    ("data", "foundation", "conversion"): needs_sandbox,
    ("data", "foundation", "connectors"): needs_sandbox,
    ("data", "foundation", "export"): needs_sandbox,
}


def name_of(route: Route) -> str:
    return f"{route.method} /{'/'.join(route.pattern)}"


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_a_service_has_one_guard(route: Route) -> None:
    (guard,) = [guard for start, guard in SERVICES.items() if route.pattern[: len(start)] == start]
    assert route.guard is guard


def test_no_route_stands_twice() -> None:
    assert len({name_of(route) for route in ROUTES}) == len(ROUTES)


def test_a_guarded_route_needs_a_token(aep: AepEmulator) -> None:
    for route in ROUTES:
        if route.guard is not open_to_all:
            response = requests.request(route.method, f"{aep.url}/{'/'.join(route.pattern)}", timeout=5)
            assert (response.status_code, response.json()["error_code"]) == (403, "403010"), name_of(route)

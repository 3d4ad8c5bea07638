"""Whatever comes in, the emulator answers in Adobe's words and never with 500."""

import pytest
import requests

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller

DEEP = "[" * 100_000 + "]" * 100_000
DEEPISH = '{"a":' * 150 + "1" + "}" * 150
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [DEEP, DEEPISH, '{"name": ' + "9" * 5000 + "}", '{"name": 1e999}', '{"name": NaN}'],
    ids=["deep", "deeper than a hundred levels", "5,000 digits", "too large", "NaN"],
)
@pytest.mark.parametrize("path", ["flow/connections", "schema/tenant/schemas", "catalog/dataSets", "prep/mappingSets"])
def test_odd_json_is_a_bad_request(aep: AepEmulator, api: Caller, path: str, body: str) -> None:
    assert api.call("POST", path, data=body, headers=JSON).status_code == 400
    assert requests.post(f"{aep.url}/_emulator/clock", data=body, timeout=5).status_code == 400


def test_long_numbers_in_texts_are_bad_requests(api: Caller) -> None:
    digits = "9" * 5000
    schedule = {"startTime": digits, "frequency": "minute", "interval": digits}
    assert api.post("flow/flows", api.flow_body(scheduleParams=schedule)).status_code == 400
    assert api.post("flow/runs", api.run_body(api.once_flow(), windowStartTime=digits)).status_code == 400
    assert api.get(f"prep/mappingSets?limit={digits}&start=0").status_code == 400
    assert api.get(f"catalog/dataSets?limit={digits}").status_code == 400
    assert api.get("catalog/dataSets?property=name~(").status_code == 400
    assert api.get(f"catalog/batches?createdAfter={digits}").status_code == 400
    assert api.get(f"flow/flows?limit={digits}").status_code == 400
    assert api.get(f"flow/flows?property=createdAt=={digits}").status_code in (200, 400)
    headers = {"Accept": "application/vnd.adobe.xed-id+json"}
    assert api.get(f"schema/tenant/schemas?orderby=title&limit={digits}", headers=headers).status_code == 400


@pytest.mark.parametrize("version", ["9" * 5000, "\u0664", "", "-1"])
def test_an_odd_version_is_no_version(api: Caller, version: str) -> None:
    name = api.schema().replace("/", "%2F").replace(":", "%3A")
    accept = f"application/vnd.adobe.xed+json; version={version}".encode()
    response = api.get(f"schema/tenant/schemas/{name}", headers={"Accept": accept})
    assert response.status_code in (400, 404)


def test_the_clock_survives_a_leap_it_cannot_make(api: Caller, aep: AepEmulator) -> None:
    assert api.post("_emulator/clock", {"advance": 1e15}).status_code == 400
    assert api.post("_emulator/clock", {"advance": "1"}).status_code == 400
    with pytest.raises(ValueError, match="year 9000"):
        aep.advance(1e15)
    assert api.get("flow/flows").status_code == 200


def test_a_clock_that_leaps_at_each_look_stands_still_at_its_end() -> None:
    with AepEmulator(auto_advance=1e15) as aep, Caller(aep) as api:
        assert api.get("flow/runs").status_code == 200

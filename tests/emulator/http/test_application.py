"""What every response bears, and routes that nobody serves."""

from email.utils import parsedate_to_datetime

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller


def test_every_answer_has_a_request_id_and_the_emulators_date(aep: AepEmulator, api: Caller) -> None:
    aep.advance(3600)
    response = api.get("flow/flows/unknown")
    assert response.json()["report"]["request-id"] == response.headers["x-request-id"]
    assert len(response.headers["Date"].split(",")) == 2, "uvicorn's own Date must be off"
    assert abs(parsedate_to_datetime(response.headers["Date"]).timestamp() - aep.now()) < 2


@pytest.mark.unknown_routes
def test_an_unknown_route_is_an_error_and_is_recorded(aep: AepEmulator, api: Caller) -> None:
    assert api.post("mappingSets", {"version": 0}).status_code == 404
    assert api.get("flow/flow").json()["title"] == "NotFoundError"
    assert [record.path for record in aep.unknown_routes] == [
        "/data/foundation/mappingSets/",
        "/data/foundation/flowservice/flow",
    ]

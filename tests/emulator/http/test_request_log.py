"""The log of requests, for assertions."""

import pytest

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller, base_connection_body


def test_the_request_log_shows_everything_but_secrets(aep: AepEmulator, api: Caller) -> None:
    api.get("flow/flows?property=name==a&property=state==enabled")
    api.post("flow/connections", base_connection_body())
    token, listing, creation = aep.requests
    assert token.body["client_secret"] == token.response["access_token"] == "****"
    assert listing.query == {"property": ["name==a", "state==enabled"]}
    assert listing.headers["authorization"] == "Bearer ****"
    assert (listing.method, listing.status, listing.response["items"]) == ("GET", 200, [])
    assert (creation.path, creation.status) == ("/data/foundation/flowservice/connections", 201)
    assert creation.body == base_connection_body()
    assert creation.at == pytest.approx(aep.now(), abs=5)

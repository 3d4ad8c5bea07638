"""The streaming inlet of an HTTP API connection, and the batches of what arrives there."""

from typing import Any

import pytest
import requests

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import HTTP_API, Caller, base_connection_body


def inlet(api: Caller, flow: str) -> dict[str, Any]:
    """What the base connection of the flow says about its inlet."""
    (source,) = api.one(f"flow/flows/{flow}")["sourceConnectionIds"]
    base = api.one(f"flow/sourceConnections/{source}")["baseConnectionId"]
    params: dict[str, Any] = api.one(f"flow/connections/{base}")["auth"]["params"]
    return params


def send(url: str, message: Any, **headers: str) -> requests.Response:
    """As anybody does: without the headers of the platform."""
    return requests.post(url, json=message, headers=headers, timeout=5)


def records(aep: AepEmulator) -> list[int]:
    return [batch["metrics"]["inputRecordCount"] for batch in aep.state()["batches"].values()]


def opened(api: Caller, **params: Any) -> str:
    body = base_connection_body(HTTP_API)
    body["auth"]["params"] |= params
    connection = api.made("flow/connections", body)["id"]
    return str(api.one(f"flow/connections/{connection}")["auth"]["params"]["inletUrl"])


def test_what_arrives_is_in_the_next_batch(aep: AepEmulator, api: Caller) -> None:
    params = inlet(api, api.flow(HTTP_API))
    assert params["inletUrl"] == f"{aep.url}/collection/{params['inletId']}"
    for number in range(3):
        response = send(params["inletUrl"], {"name": f"n{number}"})
        assert response.status_code == 200
        assert set(response.json()) == {"inletId", "xactionId", "receivedTimeMs"}
        assert response.json()["inletId"] == params["inletId"]
    assert records(aep) == []
    aep.advance(1801)
    assert records(aep) == [3]
    send(params["inletUrl"], {"name": "Somebody"})
    aep.advance(901)
    assert records(aep) == [3, 1]
    assert "Somebody" not in str(aep.state())
    assert aep.unknown_routes == []


def test_a_disabled_flow_takes_nothing(aep: AepEmulator, api: Caller) -> None:
    flow = api.flow(HTTP_API)
    url = inlet(api, flow)["inletUrl"]
    send(url, {})
    api.post(f"flow/flows/{flow}/action?op=disable")
    assert send(url, {}).status_code == 200
    aep.advance(901)
    assert records(aep) == []
    api.post(f"flow/flows/{flow}/action?op=enable")
    aep.advance(901)
    assert records(aep) == [1]


def test_the_caller_may_name_the_flow_or_the_dataset(aep: AepEmulator, api: Caller) -> None:
    flow = api.flow(HTTP_API)
    url = inlet(api, flow)["inletUrl"]
    (target,) = api.one(f"flow/flows/{flow}")["targetConnectionIds"]
    dataset = api.one(f"flow/targetConnections/{target}")["params"]["dataSetId"]
    send(url, {}, **{"x-adobe-flow-id": flow})
    send(url, {"header": {"datasetId": dataset, "imsOrgId": aep.org_id}, "body": {}})
    send(url, {}, **{"x-adobe-flow-id": "another"})
    send(url, {"header": {"datasetId": "another"}, "body": {}})
    aep.advance(901)
    assert records(aep) == [2]


def test_several_messages_at_once(aep: AepEmulator, api: Caller) -> None:
    params = inlet(api, api.flow(HTTP_API))
    url = f"{aep.url}/collection/batch/{params['inletId']}"
    response = send(url, {"messages": [{"name": "n"}, {"header": {"imsOrgId": "other@AdobeOrg"}}, 5, {"name": "m"}]})
    assert response.status_code == 207
    assert set(response.json()) == {"inletId", "batchId", "receivedTimeMs", "responses"}
    first, *refused, last = response.json()["responses"]
    assert [first["xactionId"].rpartition(":")[2], last["xactionId"].rpartition(":")[2]] == ["0", "3"]
    assert [each["statusCode"] for each in refused] == [400, 400]
    aep.advance(901)
    assert records(aep) == [2]
    assert send(url, {}).status_code == 400


@pytest.mark.parametrize("message", [[], "x", {"name": "n"}, {"header": {}}, {"header": {"imsOrgId": "x"}, "body": {}}])
def test_malformed_messages_are_refused(api: Caller, message: Any) -> None:
    response = send(opened(api, dataType="xdm"), message)
    assert (response.status_code, response.json()["status"]) == (400, "400")


def test_an_inlet_may_ask_for_a_token(aep: AepEmulator, api: Caller) -> None:
    url = opened(api, authenticationRequired=True)
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        response = send(url, {}, **headers)
        assert response.status_code == 401
        assert (
            response.json()["type"] == "https://ns.adobe.com/adobecloud/problem/data-collection-service-authorization"
        )
    assert send(url, {}, Authorization=f"Bearer {api.token}").status_code == 200
    aep.revoke_tokens()
    assert send(url, {}, Authorization=f"Bearer {api.token}").status_code == 401


def test_refusals_and_validation(aep: AepEmulator, api: Caller) -> None:
    url = opened(api)
    assert send(f"{aep.url}/collection/none", {}).status_code == 404
    assert send(url, {"text": "x" * 1_000_000}).status_code == 413
    assert send(f"{url}?syncValidation=true", {}).json()["synchronousValidation"] == {"status": "pass"}


def test_the_inlet_can_be_in_trouble(aep: AepEmulator, api: Caller) -> None:
    url = opened(api)
    aep.fault("POST", "/collection/*", kind="status", status=503, retry_after=1)
    assert send(url, {}).status_code == 503
    assert send(url, {}).status_code == 200

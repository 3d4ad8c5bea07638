"""api/request.py: a call for any endpoint of the platform."""

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.exceptions import AepConfigError

PATH = "/data/foundation/flowservice/connections"


def test_a_request_in_full():
    call = any_call("patch", PATH, params={"mode": "draft"}, body=[{"op": "remove"}], headers={"If-Match": "1"})
    assert (call.method, call.path, call.params) == ("PATCH", PATH, {"mode": "draft"})
    assert (call.body, call.headers) == ([{"op": "remove"}], {"If-Match": "1"})


def test_the_query_is_text():
    params = {"limit": 5, "count": True, "property": ["a==1", "b==2"], "none": None}
    assert any_call("GET", PATH, params=params).params == {
        "limit": "5",
        "count": "true",
        "property": ["a==1", "b==2"],
    }


@pytest.mark.parametrize(("text", "read"), [("", None), (" ", None), ("null", None), ('{"a": 1}', {"a": 1})])
def test_an_empty_body_is_none(text, read):
    assert any_call("GET", PATH).decode(text) == read


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.example/data",
        "//elsewhere.example/data",
        "@elsewhere.example",
        "data/foundation",
        "",
        None,
        f"{PATH}?limit=1",
        "/\\\\elsewhere.example",
    ],
)
def test_a_path_is_one_of_the_platform(path):
    with pytest.raises(AepConfigError, match="it is a path of the platform such as /data/foundation"):
        any_call("GET", path)


@pytest.mark.parametrize("step", ["..", ".", "%2e%2E", "%2e"])
def test_a_path_does_not_climb(step):
    path = f"/data/foundation/flowservice/{step}/catalog"
    with pytest.raises(AepConfigError, match=r"^path is '.*'; write it without '\.' and '\.\.'"):
        any_call("GET", path)


def test_dots_within_a_name_are_no_step():
    assert any_call("GET", "/data/..a/b...c").path == "/data/..a/b...c"


@pytest.mark.parametrize("name", ["Authorization", "x-api-key", "X-GW-IMS-ORG-ID", "x-sandbox-name"])
def test_what_the_connection_says_is_not_said_again(name):
    with pytest.raises(AepConfigError, match=f"headers.{name} must be left out") as raised:
        any_call("GET", PATH, headers={name: "Bearer secret"})
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("value", [7, "two\nlines", "ü"])
def test_a_header_is_one_line_of_ascii(value):
    with pytest.raises(AepConfigError, match=r"headers\.Accept must be one line of ASCII letters"):
        any_call("GET", PATH, headers={"Accept": value})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"at": datetime(2030, 1, 1)}, "datetime"),
        ({"a": {1, 2}}, "set"),
        ([float("nan")], "nan|float"),
        (object, "type"),
    ],
)
def test_a_body_is_json(body, said):
    with pytest.raises(AepConfigError, match=f"json cannot be sent as JSON: .*({said})"):
        any_call("POST", PATH, body=body)


def test_neither_body_nor_headers_are_shown():
    call = any_call("POST", PATH, body={"password": "canary"}, headers={"x-key": "canary"})
    assert "canary" not in f"{call!r} {call}"


@given(st.text())
def test_no_path_leads_to_another_host(path):
    try:
        call = any_call("GET", path)
    except AepConfigError:
        return
    assert call.path.startswith("/")
    assert not call.path.startswith("//")
    assert json.dumps(call.params) == "{}"

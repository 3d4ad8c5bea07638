"""client/errors.py: what an author reads when the platform says no, in any of its five ways of saying it."""

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
from api.reading import sample
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from airflow_provider_aep.client.errors import error_from_response, no_answer, retry_after, unreadable
from airflow_provider_aep.exceptions import (
    AepApiError,
    AepAuthError,
    AepConfigError,
    AepConflictError,
    AepNotFoundError,
)

FLOWS = "POST /data/foundation/flowservice/flows"
PERMISSION = (
    "Add the API credential to a role that may use sources in this sandbox (Permissions > Roles > API credentials)."
)


def flow_service_says(code, title="Invalid request", detail="It is so."):
    return json.dumps({"type": f"https://ns.adobe.com/aep/errors/FLOW-{code}", "title": title, "errorMessage": detail})


@pytest.mark.parametrize(
    ("name", "status", "error_class", "code", "sentence"),
    [
        (
            "refusal_gateway",
            403,
            AepAuthError,
            "403010",
            "was answered 403: Oauth token is missing (code 403010). No token was sent: check login and password of "
            "the Airflow connection.",
        ),
        (
            "refusal_gateway_too_many",
            429,
            AepApiError,
            "429050",
            "was answered 429: Too many requests (code 429050). The organisation makes too many calls at the moment; "
            "this passes.",
        ),
        (
            "refusal_flow_service",
            404,
            AepNotFoundError,
            "FLOW-1439-404",
            "was answered 404: Resource not found: The resource with id 9a603322 was not found "
            "(code FLOW-1439-404, request id KLdUuHZdyYYpUcyJzuQyNXrJwJsvQVrc). "
            "It may be gone, be in another sandbox, or carry a label that this credential may not see.",
        ),
        (
            "refusal_stale_etag",
            412,
            AepConflictError,
            "",
            'was answered 412: Supplied version=["1a0037e4"] does not match the current version on '
            'entity=["5400d99c"]. Somebody else changed the resource in the meantime.',
        ),
        (
            "refusal_schema_registry",
            400,
            AepApiError,
            "XDM-1521-400",
            "was answered 400: Title not unique: An object already exists with the same title. See "
            "https://ns.adobe.com/acme/schemas/e45d (code XDM-1521-400, request id "
            "4c8c6d3f-40a3-42b7-9bf7-4a0b3b3b5c1d). Titles are unique among schemas, field groups and data types: "
            "choose another title.",
        ),
        (
            "refusal_schema_registry_older",
            404,
            AepNotFoundError,
            "",
            "was answered 404: NotFoundError: The requested class resource is not found. "
            "It may be gone, be in another sandbox, or carry a label that this credential may not see.",
        ),
        (
            "refusal_streaming",
            401,
            AepAuthError,
            "",
            "was answered 401: Authorization: [id] Ims service token is empty. Check the client id and secret of the "
            "Airflow connection.",
        ),
        (
            "refusal_ims",
            400,
            AepApiError,
            "",
            "was answered 400: invalid_client: invalid client_secret parameter",
        ),
    ],
)
def test_every_documented_shape_becomes_one_sentence(name, status, error_class, code, sentence):
    problem = error_from_response(FLOWS, status, {}, sample(name))
    assert type(problem) is error_class
    assert str(problem) == f"{FLOWS} {sentence}"
    assert (problem.status, problem.code) == (status, code)


def test_an_error_has_the_parts_of_the_response_as_attributes():
    problem = error_from_response("GET /x", 404, {"x-request-id": "of the header"}, sample("refusal_flow_service"))
    assert problem.title == "Resource not found"
    assert problem.detail == "The resource with id 9a603322 was not found"
    assert problem.request_id == "KLdUuHZdyYYpUcyJzuQyNXrJwJsvQVrc"
    assert problem.retryable is False
    assert problem.retry_after is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no reason given"),
        (
            "<html><head><title>502 Bad Gateway</title></head><body><h1>Sorry</h1></body></html>",
            "502 Bad Gateway Sorry",
        ),
        ("upstream connect error", "upstream connect error"),
        ("{}", "{}"),
        ("[]", "[]"),
        ('"down"', '"down"'),
        ("null", "null"),
        ('{"report": "none", "title": "Down"}', "Down"),
        ('{"title": "Down", "detail": "Down for maintenance."}', "Down for maintenance"),
        ('[{"title": "Down"}]', "Down"),
        ("{" * 100_000, "{" * 500),
        ("[" * 100_000, "[" * 500),
        ("<" * 200_000, "<" * 500),
    ],
)
def test_a_body_that_is_no_json_object_is_quoted_in_short(text, said):
    assert str(error_from_response("GET /x", 502, {}, text)) == f"GET /x was answered 502: {said}"


def test_the_request_id_is_taken_from_the_header_where_the_body_has_none():
    problem = error_from_response("GET /x", 500, {"x-request-id": "abc"}, "")
    assert problem.request_id == "abc"
    assert str(problem) == "GET /x was answered 500: no reason given (request id abc)"


@pytest.mark.parametrize(
    ("status", "error_class", "retryable"),
    [
        (302, AepApiError, False),
        (400, AepApiError, False),
        (401, AepAuthError, False),
        (403, AepAuthError, False),
        (404, AepNotFoundError, False),
        (405, AepApiError, False),
        (406, AepApiError, False),
        (408, AepApiError, True),
        (409, AepConflictError, False),
        (412, AepConflictError, False),
        (413, AepApiError, False),
        (415, AepApiError, False),
        (422, AepApiError, False),
        (423, AepApiError, False),
        (425, AepApiError, True),
        (429, AepApiError, True),
        (500, AepApiError, True),
        (501, AepApiError, True),
        (502, AepApiError, True),
        (503, AepApiError, True),
        (504, AepApiError, True),
        (520, AepApiError, True),
        (599, AepApiError, True),
    ],
)
def test_the_status_says_whether_asking_again_may_help(status, error_class, retryable):
    problem = error_from_response("GET /x", status, {}, "")
    assert (type(problem), problem.retryable) == (error_class, retryable)


@pytest.mark.parametrize("code", ["1430-400", "1439-400"])
def test_flow_service_says_not_found_with_a_400(code):
    assert type(error_from_response("GET /x", 400, {}, flow_service_says(code))) is AepNotFoundError


def test_another_service_with_the_same_number_does_not_say_not_found():
    body = json.dumps({"type": "http://ns.adobe.com/aep/errors/XDM-1430-400", "title": "t"})
    assert type(error_from_response("GET /x", 400, {}, body)) is AepApiError


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"type": "https://ns.adobe.com/aep/errors/FLOW-1412-400"}, "FLOW-1412-400"),
        ({"type": "/placeholder/type/uri", "errorCode": "1412-400"}, "1412-400"),
        ({"code": "CONNECTOR-2001-500"}, "CONNECTOR-2001-500"),
        ({"error_code": "403025"}, "403025"),
        ({"error_code": 403025}, "403025"),
        ({"error_code": "too_many_requests"}, "too_many_requests"),
        ({"type": {"nested": 1}, "code": 400}, ""),
        ({}, ""),
    ],
)
def test_the_code_is_found_wherever_it_stands(body, code):
    assert error_from_response("GET /x", 400, {}, json.dumps({"message": "m", **body})).code == code


def test_a_permission_that_is_missing_says_where_to_get_it():
    assert str(error_from_response("GET /x", 403, {}, flow_service_says("2120-403", "Forbidden", "No access."))) == (
        f"GET /x was answered 403: Forbidden: No access (code FLOW-2120-403). {PERMISSION}"
    )


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_page_of_a_firewall_has_no_remedy_of_the_platform(status):
    said = str(error_from_response("GET /x", status, {}, "<html><body>Blocked by policy</body></html>"))
    assert said == f"GET /x was answered {status}: Blocked by policy"
    assert PERMISSION in str(error_from_response("GET /x", 403, {}, "")), "an empty answer may be the platform's"


def test_an_answer_that_cannot_be_read_may_be_asked_for_again():
    problem = unreadable("GET /x", 200, {"x-request-id": "abc"}, "JSONDecodeError")
    assert str(problem) == "GET /x was answered 200 with a body that cannot be read: JSONDecodeError (request id abc)"
    assert problem.retryable
    assert str(unreadable("GET /x", 200, {}, "KeyError")) == (
        "GET /x was answered 200 with a body that cannot be read: KeyError"
    )


# Retry-After


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "17"}, 17.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:29:00 GMT"}, 0.0),
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 -0000"}, None),
        ({"retry-after": "1 Jan 99999999999999999999 00:00:00 GMT"}, None),
    ],
)
def test_the_platform_may_say_how_long_to_wait(headers, seconds):
    assert retry_after(headers) == seconds


def test_without_a_date_of_the_answer_this_machines_clock_counts():
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60))
    assert 55 < retry_after({"retry-after": in_a_minute}) <= 60


# Whatever comes

KEYS = st.sampled_from(
    "type title status report detailed-message request-id registryRequestId message detail error errorMessage "
    "error_description error_code errorCode code".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=4),
    max_leaves=6,
)
DATES = st.from_regex(r"[0-9]{1,25} (Jan|Feb) [0-9]{1,25} [0-9:]{1,8} ([+-][0-9]{1,9}|GMT)", fullmatch=True)
HEADERS = st.dictionaries(st.sampled_from(["retry-after", "date", "x-request-id"]), st.text(max_size=20) | DATES)


@given(st.integers(300, 599), HEADERS, st.text(max_size=50) | JSON.map(json.dumps))
@example(400, {}, '{"error_code": "x"}')
def test_no_response_makes_it_fail(status, headers, text):
    problem = error_from_response("GET /x", status, headers, text)
    assert isinstance(problem, AepApiError)
    assert str(problem).startswith(f"GET /x was answered {status}: ")
    assert "\n" not in str(problem)
    assert problem.retry_after is None or problem.retry_after >= 0


BASE64URL = st.text(alphabet="ABCxyz019_-", min_size=12, max_size=20)
TOKENS = st.text(alphabet="ABCxyz019._~+/-=", min_size=20, max_size=40)
JWTS = st.tuples(BASE64URL, BASE64URL, BASE64URL).map(lambda parts: "eyJ" + ".".join(parts))
BEARERS = st.tuples(st.sampled_from(["Bearer ", "bearer  ", "BEARER\n"]), TOKENS | JWTS)


@settings(max_examples=60)
@given(
    BEARERS | JWTS.map(lambda token: ("", token)),
    st.sampled_from(["title", "detail", "error_code", "message", "errorMessage", "error", "request-id", "text"]),
    st.text(max_size=20),
)
def test_a_token_that_the_platform_echoes_is_not_repeated(bearer, place, around):
    scheme, token = bearer
    assume(not re.search(r"[\w<>-]$", around) and token not in around)
    echo = f"{around}{scheme}{token} {around}"
    text = echo if place == "text" else json.dumps({place: echo, "report": {place: echo}})
    problem = error_from_response("GET /x", 401, {"x-request-id": echo}, text)
    assert token not in str(problem)
    assert token not in repr(vars(problem))


def test_a_stale_etag_is_a_conflict_whatever_its_status():
    body = {"errorMessage": "Supplied version=[a] does not match the current version on entity=[b]"}
    assert type(error_from_response(FLOWS, 400, {}, json.dumps(body))) is AepConflictError


def test_a_bundle_of_certificates_that_is_not_there():
    problem = no_answer("GET /flows", "platform.adobe.io", OSError("no such bundle: /etc/ca.pem"))
    assert type(problem) is AepConfigError
    assert "check `verify` in the connection's extra: no such bundle: /etc/ca.pem" in str(problem)


def test_a_connection_that_takes_too_long():
    problem = no_answer("GET /flows", "platform.adobe.io", requests.exceptions.ConnectTimeout())
    assert "check whether a firewall or a proxy is in the way" in str(problem)
    assert not problem.sent


def test_a_connection_that_openssl_ended_without_a_known_word():
    problem = no_answer("GET /flows", "platform.adobe.io", requests.exceptions.SSLError("bad handshake"))
    assert "no TLS connection came about" in str(problem)

"""What is the platform's own word, and what is only something on the way to it: proxies, firewalls, odd bytes."""

import json

import pytest
from direct import Naps
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from raw_server import client_of, platform, response, then_hang_up

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.client.auth import ImsTokens
from airflow_provider_aep.client.errors import error_from_response
from airflow_provider_aep.exceptions import AepApiError, AepAuthError, AepConfigError, AepError, AepUnreachableError
from airflow_provider_aep.runs.pacing import OutagePolicy, Pacer

LIST = flow_service.list_flows("CRM")
DELETE = flow_service.delete_flow("9a603322-7fdd-4a9c-a1ee-1e1f0e8c1a11")
HTML = "<!DOCTYPE html><html><body>Blocked by the firewall</body></html>"
REFUSED = json.dumps({"error_code": "403025", "message": "Profile is not valid"})


WEATHER = {
    "a page of a firewall, 403": response(403, HTML, Content_Type="text/html"),
    "a page of a firewall, 400": response(400, HTML, Content_Type="text/html"),
    "a page, not said to be one": response(404, HTML),
    "a page of success": response(200, HTML, Content_Type="text/html"),
    "JSON of somebody else": response(403, '{"blocked": true}', Content_Type="application/json"),
    "plain text": response(400, "upstream connect error"),
    "a proxy wants a password": response(407, "", Proxy_Authenticate="Basic"),
    "a proxy wants a password, in JSON": response(407, REFUSED),
    "a redirect to a page": response(302, HTML, Location="https://login.example/"),
    "a status that there is not": response(799, "{}"),
    "a status that is none of HTTP's": b"HTTP/1.1 999999 x\r\n\r\n",
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "no gzip": response(200, b"{}", Content_Encoding="gzip"),
    "chunks that are none": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a charset that is none": response(503, "{}", Content_Type="application/json; charset=idna"),
}


@pytest.mark.parametrize("bad", WEATHER.values(), ids=WEATHER)
def test_what_is_not_the_platforms_own_word_is_asked_for_again(bad):
    with platform(bad, bad, response()) as server:
        assert client_of(server).send(LIST) == []
        assert len(server.requests) == 3


@pytest.mark.parametrize("bad", WEATHER.values(), ids=WEATHER)
def test_a_wait_goes_on_through_it(bad):
    with platform(bad) as server:
        with pytest.raises((AepApiError, AepUnreachableError)) as problem:
            client_of(server).send(LIST, patience=0)
    assert OutagePolicy().is_transient(problem.value)


LOCATIONS = [
    b"http://[::1",
    b"\xff\xfe",
    b"http://\xc3\xa4:99999/",
    b"//",
    b"",
]


@pytest.mark.parametrize("location", LOCATIONS)
def test_a_redirect_is_weather_wherever_it_leads(location):
    with platform(response(302, "", Location=location)) as server:
        with pytest.raises(AepApiError, match="was answered 302") as problem:
            client_of(server).send(LIST)
    assert OutagePolicy().is_transient(problem.value)


def test_a_page_of_success_is_no_success_of_a_request_without_a_result():
    with platform(response(200, HTML, Content_Type="text/html")) as server:
        with pytest.raises(AepApiError, match="a page of HTML") as problem:
            client_of(server).send(DELETE)
        assert len(server.requests) == 1, "whether the request arrived is not known"
    assert problem.value.retryable


def test_a_charset_is_not_believed():
    with platform(response(200, EMPTY, Content_Type="application/json; charset=idna")) as server:
        assert client_of(server).send(LIST) == []


EMPTY = '{"items": []}'


# Refusals


def test_a_refusal_of_the_platform_is_believed_when_it_is_repeated():
    with platform(response(403, REFUSED), response()) as server:
        assert client_of(server).send(LIST, patience=0) == []
    with platform(response(403, REFUSED)) as server:
        with pytest.raises(AepAuthError, match="403025") as problem:
            client_of(server).send(LIST)
        assert len(server.requests) == 2
    assert not OutagePolicy().is_transient(problem.value)


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_what_changes_something_is_not_sent_again_to_hear_a_refusal_twice(method):
    with platform(response(403, REFUSED)) as server:
        with pytest.raises(AepAuthError):
            client_of(server).send(DELETE)
        assert len(server.requests) == 1


SHAPES = st.sampled_from(
    [
        {"error_code": "400003", "message": "m"},
        {"type": "https://ns.adobe.com/aep/errors/FLOW-1-400", "title": "t", "status": 400, "report": {}},
        {"errorMessage": "Supplied version"},
        {"type": "/placeholder/type/uri", "status": 400, "title": "t", "detail": "d"},
        {"error": "invalid_scope", "error_description": "d"},
    ]
)


@given(st.sampled_from([400, 403, 404, 405, 409, 412, 415, 422]), SHAPES)
def test_every_documented_shape_is_the_platforms_word(status, body):
    assert error_from_response("GET /x", status, {}, json.dumps(body)).from_platform


@given(st.integers(300, 999), st.text(max_size=60).filter(lambda text: "error" not in text))
def test_no_other_text_is_the_platforms_word(status, text):
    assert not error_from_response("GET /x", status, {}, text).from_platform


# Retry-After


@pytest.mark.parametrize("asked_for", [1767225600, 10**400, float("inf")])
def test_no_answer_pauses_a_connection_for_more_than_a_quarter_of_an_hour(asked_for):
    now = [1000.0]
    pacer = Pacer(None, now=lambda: now[0])
    problem = error_from_response("GET /x", 429, {"retry-after": str(asked_for)}, "")
    if problem.retry_after is None:
        problem.retry_after = asked_for
    pacer.pause_on_429(problem)
    assert pacer.pause_left == 900
    assert problem.seconds_to_wait(0.0) == 900


# IMS


def token_from(body, **headers):
    """The token that comes of IMS answering so, and the requests and pauses that it took."""
    naps = Naps()
    good = response(200, '{"access_token": "good", "expires_in": 86399}')
    with platform(response(200, body, **headers), good) as ims:
        clock = [0.0]
        tokens = ImsTokens(client_id="i", client_secret="s", url=ims.url, sleep=naps, clock=lambda: clock[0])
        token = tokens.current()
        clock[0] = 80_000
        tokens.current()
        return token, len(ims.requests)


LIFETIMES = [
    "1" + "0" * 400,
    "-1",
    '"0"',
    "NaN",
    '"-3"',
    "1e999",
    "1e300",
]


@pytest.mark.parametrize("lifetime", LIFETIMES)
def test_a_lifetime_that_cannot_be_meant_is_a_day(lifetime):
    assert token_from(f'{{"access_token": "good", "expires_in": {lifetime}}}') == ("good", 1)


@pytest.mark.parametrize(
    "body",
    ["[" * 100_000, '{"access_token": "a\\nb"}', '{"access_token": "a b"}', '{"access_token": "ключ"}'],
    ids=["deep", "line break", "blank", "foreign letters"],
)
def test_an_answer_of_ims_without_a_usable_token_is_asked_for_again(body):
    assert token_from(body) == ("good", 2)


def test_a_page_of_a_firewall_is_no_refusal_of_ims():
    naps = Naps()
    good = response(200, '{"access_token": "good", "expires_in": 86399}')
    page = response(403, HTML, Content_Type="text/html")
    for bad in (page, response(407, ""), response(302, HTML, Location=b"http://[")):
        with platform(bad, good) as ims:
            assert ImsTokens(client_id="i", client_secret="s", url=ims.url, sleep=naps).current() == "good"


# Whatever comes

NAMES = ["Location", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Date", "Set-Cookie"]
VALUES = st.sampled_from(
    ["gzip", "deflate, gzip", "br", "zstd", "chunked", "-1", "9" * 5000, "0", "http://[::1", "text/html; charset=idna"]
).map(str.encode) | st.binary(max_size=20)
HEADS = st.lists(st.tuples(st.sampled_from([*NAMES, "Retry-After", "WWW-Authenticate"]), VALUES), max_size=4)
BODIES = st.sampled_from([b"", b"{}", b"[" * 50_000, b'{"items": [' + b"9" * 5000 + b"]}", b"\x1f\x8b"]) | st.binary(
    max_size=30
)


@st.composite
def any_bytes(draw):
    """Anything, but mostly what begins like HTTP."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=60))
    status = draw(st.sampled_from([100, 101, 200, 201, 204, 206, 302, 304, 401, 403, 407, 429, 500, 799]))
    head = b"HTTP/1.1 %d x\r\n" % status
    head += b"".join(name.encode() + b": " + value + b"\r\n" for name, value in draw(HEADS))
    return head + b"\r\n" + draw(BODIES)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_bytes(), st.sampled_from([LIST, DELETE, flow_service.get_flow("9a603322-7fdd-4a9c-a1ee-1e1f0e8c1a11")]))
@example(response(302, "", Location=b"http://[::1"), LIST)
@example(response(200, "[" * 100_000), LIST)
@example(response(503, "{}", Content_Type="text/html; charset=idna"), LIST)
def test_no_error_of_another_library_leaves_the_client(anything, call):
    problems = []
    with platform(then_hang_up(anything)) as server:
        tokens = ImsTokens(client_id="i", client_secret="s", url=server.url, sleep=Naps(), timeout=(5, 1))
        for send in (tokens.current, lambda: client_of(server, timeout=(5, 1)).send(call, patience=0)):
            try:
                send()
            except AepError as problem:
                problems.append(problem)
    assert [str(problem) for problem in problems if "\n" in str(problem)] == []
    assert [problem for problem in problems if isinstance(problem, AepConfigError)] == [], "the response is to blame"

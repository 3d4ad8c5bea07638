"""AepClient against the local AEP over real sockets: headers, retries, paging, errors, proxies and certificates."""

import asyncio
import datetime
import http.server
import ipaddress
import json
import logging
import socket
import socketserver
import ssl
import threading
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from email.utils import formatdate
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from direct import asked, direct_client, ims_tokens
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep import client as client_package
from airflow_provider_aep.api import catalog, flow_service, schema_registry
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.api.sandbox import list_sandboxes
from airflow_provider_aep.client.auth import GivenToken
from airflow_provider_aep.client.errors import retry_after
from airflow_provider_aep.client.request import check_ids
from airflow_provider_aep.client.session import make_session
from airflow_provider_aep.exceptions import (
    AepApiError,
    AepAuthError,
    AepConfigError,
    AepError,
    AepUnreachableError,
)
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.validation import known_after_apply

SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
OTHER = "c9cef9cb-c934-4467-8ef9-cbc934546741"
CONNECTIONS = "/data/foundation/flowservice/connections"


@pytest.fixture
def client(aep):
    return direct_client(aep)


def make_connection(name="CRM", secret="hush"):
    declared = BaseConnection.declare(
        name=name,
        connector="salesforce",
        auth_spec_name="Basic Authentication",
        credentials={"username": "u", "password": secret},
    )
    return flow_service.create_base_connection(declared)


def find_connections(name="CRM"):
    return flow_service.list_base_connections(name, SALESFORCE)


@contextmanager
def answering(status=200, body="[]", **headers):
    """A server that gives every request the same response, with these headers only; yields a host for a client."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response_only(status)
            for name, value in {"Content-Length": str(len(body.encode())), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *arguments):
            pass

    with running(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(server):
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# What is sent


def test_every_request_says_who_asks_and_in_which_sandbox(aep, client):
    client.send(find_connections())

    headers = asked(aep, "GET")[0].headers
    assert headers["authorization"].startswith("Bearer ")
    assert headers["x-api-key"] == aep.client_id
    assert headers["x-gw-ims-org-id"] == aep.org_id
    assert headers["x-sandbox-name"] == "dev"
    assert headers["user-agent"].startswith("airflow-provider-aep/")
    assert "content-type" not in headers


def test_only_the_list_of_sandboxes_is_asked_outside_of_a_sandbox(aep, client):
    assert [sandbox.name for sandbox in client.send(list_sandboxes())] == ["prod", "dev", "resetting"]
    assert "x-sandbox-name" not in asked(aep, "GET")[0].headers


def test_the_etag_goes_out_with_its_quotes(aep, client):
    made = client.send(make_connection())
    patch = [{"op": "replace", "path": "/name", "value": "CRM 2"}]

    client.send(flow_service.update_base_connection(made.id, made.etag, patch))

    headers = asked(aep, "PATCH")[0].headers
    assert (headers["if-match"], headers["content-type"]) == (made.etag, "application/json")
    assert made.etag.startswith('"')


def test_a_blank_in_a_query_is_not_a_plus_sign(client):
    made = client.send(make_connection("C R + M"))
    assert [live.id for live in client.send(find_connections("C R + M"))] == [made.id]


def test_an_answer_without_a_body_is_none(aep, client):
    made = client.send(make_connection())
    assert client.send(flow_service.delete_base_connection(made.id)) is None
    assert aep.state()["connections"] == {}


def test_an_event_loop_goes_on_while_a_request_is_under_way(aep, client):
    aep.fault("GET", "/connections", kind="delay", delay=0.5)

    async def tick_while_asking():
        response = asyncio.create_task(client.asend(find_connections()))
        ticks = 0
        while not response.done():
            await asyncio.sleep(0.01)
            ticks += 1
        return await response, ticks

    found, ticks = asyncio.run(tick_while_asking())
    assert found == []
    assert ticks > 1


def test_on_token_is_called_with_each_token_once_before_it_is_used(aep):
    tokens = []
    client = direct_client(aep, on_token=tokens.append)
    client.check_token()
    client.send(find_connections())
    aep.revoke_tokens()
    client.send(find_connections())
    assert len(tokens) == len(set(tokens)) == aep.token_requests == 2


def test_making_a_client_asks_nothing(aep):
    direct_client(aep)
    assert aep.requests == []


# Asking again


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "html", "malformed", "empty", "status"])
def test_a_get_is_repeated_until_it_is_answered(aep, client, fault):
    aep.fault("GET", "/connections", kind=fault, times=4)
    assert client.send(find_connections()) == []
    assert len(asked(aep, "GET")) == 5
    assert all(first / 2 < 0.5 * 2**number for number, first in enumerate(client.sleep))


def test_a_get_is_repeated_for_as_long_as_patience_lasts(aep, client):
    aep.fault("GET", kind="status", status=503, times=None)
    with pytest.raises(AepApiError, match="503") as refused:
        client.send(find_connections(), patience=60)
    assert refused.value.retryable
    assert 40 < sum(client.sleep) <= 60


def test_without_patience_there_is_one_attempt(aep, client):
    aep.fault("GET", kind="drop_before")
    with pytest.raises(AepUnreachableError, match=r"GET /data/foundation/flowservice/connections got no answer"):
        client.send(find_connections(), patience=0)
    assert client.sleep == []


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_in_seconds(aep, client, status):
    aep.fault("GET", kind="status", status=status, retry_after=37)
    client.send(find_connections())
    assert 37 <= client.sleep[0] <= 37.5


def test_retry_after_is_honoured_as_a_date_on_the_platforms_clock(aep, client):
    aep.advance(86_400)
    aep.fault("GET", kind="status", status=429, retry_after=formatdate(aep.now() + 40, usegmt=True))
    client.send(find_connections())
    assert 38 <= client.sleep[0] <= 41


def test_a_retry_after_beyond_patience_is_for_the_caller_to_wait_out(aep, client):
    aep.fault("GET", kind="status", status=429, retry_after=3600)
    with pytest.raises(AepApiError) as refused:
        client.send(find_connections())
    assert (refused.value.retry_after, client.sleep) == (3600, [])


@given(st.floats(0, 1e9) | st.integers(0, 10**9))
def test_any_number_of_seconds_is_read(seconds):
    text = f"{seconds:f}" if isinstance(seconds, float) else str(seconds)
    assert retry_after({"retry-after": f" {text} "}) == float(text)


@given(st.integers(0, 4_000_000_000), st.integers(-(10**6), 10**6))
def test_any_date_is_read_by_the_answers_own_clock(now, wait):
    headers = {"retry-after": formatdate(now + 10**6 + wait, usegmt=True), "date": formatdate(now, usegmt=True)}
    assert retry_after(headers) == max(0, 10**6 + wait)


@given(st.text())
def test_nonsense_in_retry_after_is_no_error(text):
    seconds = retry_after({"retry-after": text})
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "status", "html", "malformed", "empty"])
def test_a_post_is_never_sent_again_after_its_answer_was_lost(aep, client, fault):
    aep.fault("POST", "/connections", kind=fault)
    with pytest.raises((AepApiError, AepUnreachableError)) as lost:
        client.send(make_connection())
    assert lost.value.retryable
    assert len(asked(aep, "POST", "/connections")) == 1
    assert client.sleep == []


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "status", "malformed"])
def test_a_patch_is_never_sent_again_after_its_answer_was_lost(aep, client, fault):
    made = client.send(make_connection())
    aep.fault("PATCH", kind=fault)
    patch = [{"op": "replace", "path": "/name", "value": "CRM 2"}]
    with pytest.raises((AepApiError, AepUnreachableError)):
        client.send(flow_service.update_base_connection(made.id, made.etag, patch))
    assert len(asked(aep, "PATCH")) == 1


def test_a_post_that_the_gateway_turned_away_is_sent_again(aep, client):
    aep.fault("POST", "/connections", kind="status", status=429, times=2, retry_after=1)
    client.send(make_connection())
    assert [record.status for record in asked(aep, "POST", "/connections")] == [429, 429, 201]
    assert len(aep.state()["connections"]) == 1
    assert len(client.sleep) == 2


def test_a_post_that_never_left_this_machine_is_tried_again(aep):
    with closing(socket.create_server(("127.0.0.1", 0))) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    client = direct_client(aep, host=nobody)
    with pytest.raises(AepUnreachableError) as problem:
        client.send(make_connection(), patience=10)
    assert not problem.value.sent
    assert len(client.sleep) > 2


def test_a_host_without_an_address_was_not_reached(aep):
    client = direct_client(aep, host="https://no-such-host.invalid")
    with pytest.raises(
        AepUnreachableError, match=r"no-such-host\.invalid \(ConnectionError, there is no host"
    ) as problem:
        client.send(make_connection(), patience=0)
    assert not problem.value.sent


def test_a_post_waits_until_ims_has_recovered(aep):
    """The token is asked for before the POST, so without one nothing was posted."""
    aep.fault("POST", "/ims/token/v3", kind="drop_after", times=7)
    client = direct_client(aep)
    client.send(make_connection())
    assert len(asked(aep, "POST", "/connections")) == 1


# The token


def test_a_token_revoked_in_mid_use_costs_one_renewal_and_one_replay(aep, client):
    client.send(find_connections())
    aep.revoke_tokens()
    client.send(make_connection())
    assert [record.status for record in asked(aep, "POST", "/connections")] == [401, 201]
    assert aep.token_requests == 2


def test_a_lasting_401_is_an_auth_error_that_says_what_to_check(aep, client):
    aep.fault("GET", "/connections", kind="status", status=401, times=None)
    with pytest.raises(AepAuthError, match=r"401013.*check login and password") as refused:
        client.send(find_connections())
    assert not refused.value.retryable
    assert len(asked(aep, "GET")) == 2
    assert aep.token_requests == 2


def test_a_given_token_cannot_be_renewed(aep):
    client = direct_client(aep, tokens=GivenToken("eyJ.stale.token"))
    with pytest.raises(AepAuthError):
        client.send(find_connections())
    assert (len(asked(aep, "GET")), aep.token_requests) == (1, 0)


def test_a_given_token_is_used(aep):
    token = ims_tokens(aep).current()
    assert direct_client(aep, tokens=GivenToken(token)).send(find_connections()) == []


# Responses that cannot be read


@pytest.mark.parametrize(
    "body",
    [
        "<html><body>Welcome to the proxy</body></html>",
        "",
        "{",
        "17",
        '{"id": 17}',
        "[" * 100_000,
    ],
    ids=["html", "empty", "malformed", "number", "no spec", "nested"],
)
def test_what_cannot_be_read_is_an_error_of_the_platform(aep, client, body):
    aep.fault("GET", kind="status", status=200, body=body)
    with pytest.raises(AepApiError, match=r"was answered 200 with a body that cannot be read") as problem:
        client.send(find_connections(), patience=0)
    assert (problem.value.title, problem.value.retryable) == ("unreadable answer", True)
    assert problem.value.request_id


def test_json_of_another_shape_is_asked_for_twice_at_most(aep, client):
    """A proxy may say so once. What says so twice will say so for two minutes."""
    aep.fault("GET", kind="status", status=200, body='{"title": "Bad Gateway"}', times=None)
    with pytest.raises(AepApiError, match=r"cannot be read: answer\.connectionSpec: Field required") as problem:
        client.send(find_connections())
    assert problem.value.retryable
    assert len(asked(aep, "GET")) == 2


def test_json_of_another_shape_once_is_passing_trouble_among_other(aep, client):
    for number, body in enumerate(["<html>", "", '{"title": "Bad Gateway"}', "{"], 1):
        aep.fault("GET", kind="status", status=200, body=body, nth=number)
    assert client.send(find_connections()) == []
    assert len(asked(aep, "GET")) == 5


@pytest.mark.parametrize(
    ("body", "times", "message"),
    [
        ('{"id": "%s"}', 1, r"answer\.connectionSpec: Field required"),
        (
            '{"id": "c9cef9cb-c934-4467-8ef9-cbc934546741", "connectionSpec": "x"}',
            2,
            r"answer\.id is 'c9cef9cb.* asked for",
        ),
    ],
    ids=["the one that was asked for", "another one"],
)
def test_what_cannot_be_the_answer_is_not_taken_for_it(aep, client, body, times, message):
    """The one that was asked for will not change by being asked for again."""
    id_ = client.send(make_connection()).id
    aep.fault("GET", kind="status", status=200, body=body.replace("%s", id_), times=None)
    with pytest.raises(AepApiError, match=rf"GET {CONNECTIONS}/{id_} was answered 200 .*{message}") as problem:
        client.send(flow_service.get_base_connection(id_))
    assert problem.value.retryable == (times > 1)
    assert len(asked(aep, "GET")) == times


@pytest.mark.parametrize(
    "body", ["{}", '{"id": ""}', '{"id": "../../x"}', '{"id": "None"}', '{"title": "x", "status": 500}']
)
def test_a_create_that_is_answered_without_an_id_is_lost(aep, client, body):
    aep.fault("POST", "/connections", kind="status", status=201, body=body)
    with pytest.raises(AepApiError, match=r"was answered 201 with a body that cannot be read: answer\.id") as lost:
        client.send(make_connection())
    assert lost.value.retryable
    assert len(asked(aep, "POST", "/connections")) == 1


@pytest.mark.parametrize(
    "body", ["[" * 3000 + "]" * 3000, "7" * 6000, '[{"createdAt": 1e999}]', "[" + "7" * 6000 + "]"]
)
def test_no_error_of_another_library_leaves_the_client(aep, client, body):
    aep.fault("GET", kind="status", status=200, body=body, times=None)
    for call in (find_connections(), list_sandboxes(), flow_service.get_run("9830305a-985f-47d0-b030-5a985fd7d004")):
        with suppress(AepApiError):
            assert client.send(call, patience=0) == []


def test_an_html_page_of_an_error_is_told_in_one_line_of_text(aep, client):
    aep.fault("GET", kind="html", status=502)
    with pytest.raises(AepApiError, match=r"was answered 502: 502 Bad Gateway 502 Bad Gateway \(request id"):
        client.send(find_connections(), patience=0)


def test_umlauts_survive_a_media_type_without_a_charset(aep):
    id_ = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"
    body = f'{{"results": [{{"$id": "{id_}", "title": "Kundenadressen für Köln"}}], "_page": {{}}}}'
    with answering(body=body, Content_Type="application/vnd.adobe.xed+json") as host:
        client = direct_client(aep, host=host)
        assert client.send(schema_registry.list_schemas("x"))[0].title == "Kundenadressen für Köln"


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere(aep, client):
    with answering() as elsewhere:
        aep.fault("GET", kind="status", status=307, headers={"Location": f"{elsewhere}/data"}, body="")
        with pytest.raises(AepApiError, match="was answered 307"):
            client.send(find_connections())
    assert len(asked(aep, "GET")) == 1


# Hosts


@pytest.mark.parametrize(
    "host",
    [
        "http://platform.adobe.io",
        "http://127.0.0.1.evil.example",
        "http://10.0.0.1:8080",
        "http://localhost.evil.example",
        "http://127.0.0.1@evil.example",
        "https://:secret@platform.adobe.io",
        "https://user:secret@platform.adobe.io",
        "https://platform.adobe.io?x=1",
        "https://platform.adobe.io#x",
        "https://platform.adobe.io:port",
        "https://platform.adobe.io:99999",
        "https://[::1",
        "ftp://platform.adobe.io",
        "https://",
        "",
    ],
)
def test_a_host_to_which_no_secret_may_go_is_refused_before_any_request(aep, host):
    with pytest.raises(AepConfigError, match=r"^host ") as refused:
        direct_client(aep, host=host)
    assert "secret@" not in str(refused.value)
    assert aep.requests == []


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("platform-stage.adobe.io", "https://platform-stage.adobe.io"),
        ("https://platform.adobe.io/", "https://platform.adobe.io"),
        ("http://127.0.0.1:8099/", "http://127.0.0.1:8099"),
        ("http://[::1]:8099", "http://[::1]:8099"),
        ("http://localhost:8099", "http://localhost:8099"),
    ],
)
def test_https_anywhere_and_http_to_this_machine_are_fine(aep, host, url):
    assert direct_client(aep, host=host).host == url


@pytest.mark.parametrize(
    ("overrides", "hint"),
    [
        ({"sandbox": "dev\n"}, "check login, ims_org_id, sandbox and access_token"),
        ({"sandbox": "开发"}, "check login, ims_org_id, sandbox and access_token"),
        ({"tokens": GivenToken("eyJcanary\n.b.c")}, "check login, ims_org_id, sandbox and access_token"),
        ({"host": "https://platform.adobe.io", "session": make_session(verify="/no/ca.pem")}, "check `verify`"),
        ({"host": "https://platform.adobe.io", "session": make_session(proxies={"https": "http://"})}, "proxies"),
    ],
    ids=["line break", "foreign letters", "token", "verify", "proxies"],
)
def test_what_cannot_be_sent_is_an_error_of_the_connection(aep, overrides, hint):
    client = direct_client(aep, **overrides)
    with pytest.raises(AepConfigError, match=hint) as problem:
        client.send(find_connections())
    assert "canary" not in str(problem.value)
    assert client.sleep == []


def test_a_body_that_is_not_json_is_not_sent(aep, client):
    with pytest.raises(AepConfigError, match=r"InvalidJSONError.*body"):
        client.send(Call("POST", CONNECTIONS, body={"name": float("nan")}))


# Ids that are known only after apply


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (Call("GET", f"{CONNECTIONS}/{known_after_apply()}"), "path"),
        (flow_service.get_flow(known_after_apply()), "path"),
        (Call("GET", "/runs", params={"property": [f"flowId=={known_after_apply()}"]}), "params.property.0"),
        (Call("POST", "/flows", body={"name": "F", "targetConnectionIds": [known_after_apply()]}), "body.targetConnec"),
        (Call("POST", "/dataSets", body={"schemaRef": {"id": known_after_apply("schema")}}), "body.schemaRef.id"),
        (Call("PATCH", "/flows/x", body=[{"value": 1}, {"value": known_after_apply("mapping set")}]), "body.1.value"),
        (Call("DELETE", "/flows/x", if_match=known_after_apply()), "if_match"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_id_that_is_known_only_after_apply_is_never_sent(aep, client, call, field):
    with pytest.raises(AepConfigError) as refused:
        client.send(call)
    assert str(refused.value).startswith(f"{call} cannot be sent: {field}")
    assert "known only after apply" in str(refused.value)
    assert (aep.requests, client.sleep) == ([], [])


# The observer of exchanges


@pytest.fixture
def exchanges():
    """What `on_exchange` was called with: the call, the status and the attempt; seconds apart."""
    seen = []

    def on_exchange(call, status, seconds, attempt):
        assert 0 <= seconds < 30
        seen.append((str(call), status, attempt))

    return SimpleNamespace(seen=seen, observer=on_exchange)


GET_CONNECTIONS = f"GET {CONNECTIONS}"


def test_each_attempt_is_observed_whether_it_was_answered_or_not(aep, exchanges):
    client = direct_client(aep, on_exchange=exchanges.observer)
    aep.fault("GET", "/connections", kind="drop_before")
    aep.fault("GET", "/connections", kind="status", status=503, nth=2)
    client.send(find_connections())
    assert exchanges.seen == [(GET_CONNECTIONS, None, 1), (GET_CONNECTIONS, 503, 2), (GET_CONNECTIONS, 200, 3)]


def test_a_renewed_token_is_no_new_attempt(aep, exchanges):
    client = direct_client(aep, on_exchange=exchanges.observer)
    client.send(find_connections())
    aep.revoke_tokens()
    client.send(find_connections())
    assert [exchange[1:] for exchange in exchanges.seen] == [(200, 1), (401, 1), (200, 1)]


@pytest.mark.assumes("names-repeat")
def test_the_attempts_of_each_page_are_counted_anew(aep, exchanges):
    client = direct_client(aep, on_exchange=exchanges.observer)
    aep.switches.max_page_size = 2
    for _ in range(3):
        client.send(make_connection())
    exchanges.seen.clear()
    aep.fault("GET", kind="status", status=500)
    client.send(find_connections())
    assert [exchange[1:] for exchange in exchanges.seen] == [(500, 1), (200, 2), (200, 1)]


def test_the_seconds_are_those_of_the_request(aep):
    seconds = []
    client = direct_client(aep, on_exchange=lambda call, status, taken, attempt: seconds.append(taken))
    aep.fault("GET", "/connections", kind="delay", delay=0.2)
    client.send(find_connections())
    assert 0.2 <= seconds[0] < 5


# Paging


@pytest.mark.assumes("names-repeat")
@pytest.mark.parametrize("empty_pages", [False, True])
def test_a_list_is_read_to_its_last_page(aep, client, empty_pages):
    """Continuation tokens hold = & and %, and the link carries the token only."""
    aep.switches.max_page_size = 2
    aep.switches.empty_pages = empty_pages
    ids = [client.send(make_connection()).id for _ in range(13)]
    client.send(make_connection("another"))

    found = client.send(find_connections())

    pages = asked(aep, "GET")
    assert sorted(live.id for live in found) == sorted(ids)
    assert len(pages) == (13 if empty_pages else 7)
    for page in pages:
        assert page.query["property"] == ['name=="CRM"', f'connectionSpec.id=="{SALESFORCE}"']
        assert (page.query["limit"], page.query["orderby"]) == (["100"], ["-createdAt"])
    assert pages[-1].query["continuationToken"][0].endswith("==%&page")


@pytest.mark.assumes("names-repeat")
def test_an_error_on_the_third_page_is_not_the_end_of_the_list(aep, client):
    aep.switches.max_page_size = 2
    for _ in range(7):
        client.send(make_connection())
    aep.fault("GET", kind="status", status=500, nth=3, times=None)
    with pytest.raises(AepApiError, match="500"):
        client.send(find_connections(), patience=5)
    assert len([record for record in asked(aep, "GET") if record.status == 200]) == 2


@pytest.mark.assumes("names-repeat")
def test_a_blip_on_the_third_page_costs_that_page_only(aep, client):
    aep.switches.max_page_size = 2
    for _ in range(7):
        client.send(make_connection())
    aep.fault("GET", kind="drop_before", nth=3)
    assert len(client.send(find_connections())) == 7
    assert len(asked(aep, "GET")) == 5


def test_a_sorted_list_is_read_only_as_far_as_it_is_needed(aep, client):
    pages = {"1": ([9, 8], "2"), "2": ([7, 6], "3"), "3": ([5], None)}
    asked_for = []

    def next_page(params, response):
        asked_for.append(params["page"])
        return {"page": pages[params["page"]][1]}

    call = Call(
        "GET",
        CONNECTIONS,
        list[int],
        params={"page": "1"},
        unwrap=lambda response: pages[str(len(asked_for) + 1)][0],
        next_page=next_page,
        enough=lambda page: page[-1] < 7,
    )
    assert client.send(call) == [9, 8, 7, 6]
    assert asked_for == ["1", "2"]


def test_a_next_page_that_is_this_page_is_the_last(aep, client):
    call = Call("GET", CONNECTIONS, list, unwrap=lambda response: [1], next_page=lambda params, response: params)
    assert client.send(call) == [1]


@pytest.mark.assumes("names-repeat")
def test_catalog_counts_its_pages(aep, client, mocker):
    mocker.patch.object(catalog, "_PAGE", 2)
    schema = client.send(
        Call(
            "POST",
            "/data/foundation/schemaregistry/tenant/schemas",
            dict,
            body={"title": "t", "type": "object", "allOf": [{"$ref": "https://ns.adobe.com/xdm/context/profile"}]},
        )
    )
    reference = {"id": schema["$id"], "contentType": "application/vnd.adobe.xed+json;version=1"}
    for _ in range(4):
        client.send(Call("POST", "/data/foundation/catalog/dataSets", list, body={"name": "D", "schemaRef": reference}))
    assert len(client.send(catalog.list_datasets("D"))) == 4
    assert [record.query.get("start") for record in asked(aep, "GET")] == [None, ["2"], ["4"]]


# The platform's clock


def test_before_the_first_answer_the_platforms_time_is_this_machines(client):
    assert client.clock_offset is None
    assert abs(client.now() - datetime.datetime.now().timestamp()) < 5


def test_the_platforms_time_is_known_although_its_clock_is_ten_minutes_off(aep, client):
    aep.advance(600)
    client.send(find_connections())
    assert abs(client.now() - aep.now()) < 2
    assert 598 < client.clock_offset < 602


@pytest.mark.parametrize("date", ["yesterday", "", "Mon, 99 Foo 2026 25:61:61 GMT"])
def test_a_date_that_is_none_changes_nothing(aep, date):
    with answering(body='{"items": []}', Date=date) as host:
        client = direct_client(aep, host=host)
        client.send(find_connections())
    assert client.clock_offset is None


# Proxies and certificates


OTHER_USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("crl_sign", "encipher_only", "decipher_only"),
)


def certificates(folder, *hosts):
    """A throw-away CA and a server certificate for the hosts; returns the paths of ca.pem and server.pem."""
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.UTC)

    def certificate(subject, key, issuer, issuer_key, *extensions):
        names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in (subject, issuer)]
        builder = x509.CertificateBuilder(names[1], names[0], key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - day).not_valid_after(now + day)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = certificate(
        "Test CA",
        ca_key,
        "Test CA",
        ca_key,
        x509.BasicConstraints(ca=True, path_length=None),
        x509.KeyUsage(key_cert_sign=True, **dict.fromkeys(OTHER_USES, False)),  # Python 3.13 insists on it
        x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()),
    )
    names = [x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
    server = certificate(
        "server",
        key,
        "Test CA",
        ca_key,
        x509.SubjectAlternativeName(names),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(ca)
    (folder / "server.pem").write_bytes(server + private)
    return str(folder / "ca.pem"), str(folder / "server.pem")


def pipe(left, right):
    """Carry bytes both ways until one side hangs up."""

    def carry(source, sink):
        with suppress(OSError):
            while chunk := source.recv(65536):
                sink.sendall(chunk)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    back = threading.Thread(target=carry, args=(right, left), daemon=True)
    back.start()
    carry(left, right)
    back.join()


class Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

    def __init__(self, handle):
        self.handle = handle
        super().__init__(("127.0.0.1", 0), None)

    def finish_request(self, request, client_address):
        with suppress(OSError):
            self.handle(request)


@pytest.fixture
def https(aep, tmp_path):
    """The local AEP behind TLS (a private CA) and, for names that only it knows, a CONNECT proxy."""
    ca, server_certificate = certificates(tmp_path, "platform.test", "ims.test", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_certificate)
    port = int(aep.url.rpartition(":")[2])
    tunnels = []

    def unwrap(connection):
        with context.wrap_socket(connection, server_side=True) as inside:
            with socket.create_connection(("127.0.0.1", port)) as platform:
                pipe(inside, platform)

    def tunnel(connection):
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        tunnels.append(head.split()[1].decode())
        with socket.create_connection(("127.0.0.1", tls_port)) as inside:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            pipe(connection, inside)

    with running(Tcp(unwrap)) as tls_port, running(Tcp(tunnel)) as proxy_port:
        yield SimpleNamespace(
            ca=ca,
            direct=f"https://127.0.0.1:{tls_port}",
            proxy=f"http://127.0.0.1:{proxy_port}",
            tunnels=tunnels,
        )


def client_over(aep, session, host, ims_url=None):
    tokens = ims_tokens(aep, session=session, url=ims_url or host)
    return direct_client(aep, tokens=tokens, session=session, host=host)


def test_a_server_that_speaks_no_tls_is_not_a_matter_of_certificates(aep):
    client = client_over(aep, make_session(), aep.url.replace("http://", "https://"), aep.url)
    with pytest.raises(AepUnreachableError, match=r"the server does not speak TLS; check the host and port") as raised:
        client.send(find_connections(), patience=0)
    assert "certificate" not in str(raised.value)


def test_a_private_ca_is_trusted_for_the_platform_and_for_ims(aep, https):
    client = client_over(aep, make_session(verify=https.ca), https.direct)
    assert client.send(find_connections()) == []
    assert aep.token_requests == 1


def test_a_certificate_of_an_unknown_ca_is_not_accepted(aep, https):
    client = client_over(aep, make_session(), https.direct)
    with pytest.raises(AepUnreachableError, match=r"POST .*ims/token.* certificate was not accepted; see `verify`"):
        client.check_token()
    with pytest.raises(AepUnreachableError, match=r"GET .* certificate was not accepted; see `verify`"):
        direct_client(aep, session=make_session(), host=https.direct).send(find_connections(), patience=0)
    assert asked(aep, "GET") == []


def test_platform_and_ims_are_reached_through_the_connections_proxy(aep, https):
    session = make_session(verify=https.ca, proxies={"https": https.proxy})
    client = client_over(aep, session, "https://platform.test", "https://ims.test")
    assert client.send(find_connections()) == []
    assert https.tunnels == ["ims.test:443", "platform.test:443"]


def test_a_proxy_that_is_down_is_named_and_nothing_was_sent(aep):
    session = make_session(proxies={"https": "http://127.0.0.1:1"})
    client = direct_client(aep, session=session, host="https://platform.test")
    with pytest.raises(AepUnreachableError, match=r"ProxyError, the proxy did not let it through") as problem:
        client.send(make_connection(), patience=0)
    assert not problem.value.sent


def test_without_proxies_of_its_own_a_connection_uses_the_environments(aep, https, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", https.proxy)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", https.ca)
    client = client_over(aep, make_session(), "https://platform.test", "https://ims.test")
    client.send(find_connections())
    assert len(https.tunnels) == 2

    monkeypatch.setenv("NO_PROXY", "platform.test")
    with pytest.raises(AepUnreachableError):
        client.send(find_connections(), patience=0)
    assert len(https.tunnels) == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_environments_proxy_is_not_asked_the_way_to_this_machine(aep, monkeypatch, host):
    """A local AEP is reached from behind a company's proxy as well."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    local = aep.url.replace("127.0.0.1", host)
    assert client_over(aep, make_session(), local).send(find_connections()) == []


def test_the_connections_proxy_and_certificates_win_over_the_environments(aep, https, monkeypatch, tmp_path):
    (tmp_path / "other").mkdir()
    other_ca, _ = certificates(tmp_path / "other", "platform.test")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", other_ca)
    session = make_session(verify=https.ca, proxies={"https": https.proxy})
    client_over(aep, session, "https://platform.test", "https://ims.test").send(find_connections())
    assert len(https.tunnels) == 2


def test_a_netrc_file_does_not_take_the_place_of_the_token(aep, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("default login somebody password canary\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    session = make_session()
    client = direct_client(aep, tokens=ims_tokens(aep, session=session), session=session)
    assert client.send(find_connections()) == []
    assert "authorization" not in asked(aep, "POST", "/ims/token/v3")[0].headers


# Secrets


def test_no_secret_is_in_a_message_a_repr_or_a_log(aep, caplog):
    """F24: every way to fail, all loggers at DEBUG, and none of it tells the client secret, the token, the source's."""
    caplog.set_level(logging.DEBUG)
    aep.switches.client_secret = "canary-client-secret"
    tokens = ims_tokens(aep)
    secrets = ["canary-client-secret", "canary-of-the-source"]
    client = direct_client(aep, tokens=tokens, on_token=secrets.append)
    seen = [repr(client), repr(tokens), str(make_connection(secret="canary-of-the-source"))]

    def fail(call, **arguments):
        aep.fault(path=call.path, **arguments)
        with pytest.raises(AepError) as problem:
            client.send(call, patience=0)
        seen.extend([str(problem.value), repr(problem.value), repr(vars(problem.value))])

    client.send(find_connections())
    for fault in ("drop_after", "malformed", "html", "status"):
        fail(make_connection(secret="canary-of-the-source"), kind=fault)
    fail(find_connections(), kind="status", status=401, times=2)
    echo = f'{{"message": "Bearer {secrets[-1]} is not known, nor is {secrets[-1]}"}}'
    fail(find_connections(), kind="status", status=403, body=echo)
    client = direct_client(aep, tokens=ims_tokens(aep, client_secret="canary-client-secret-2"))
    aep.fault("POST", "/ims/token/v3", kind="status", status=400, body="client_secret=canary-client-secret-2 is wrong")
    fail(find_connections(), kind="delay")

    assert len(secrets) == 4
    everything = "\n".join([*seen, caplog.text])
    assert "POST /data/foundation/flowservice/connections" in everything
    assert [secret for secret in secrets if secret in everything] == []


def test_the_client_is_loaded_when_it_is_named():
    assert client_package.AepClient.__module__ == "airflow_provider_aep.client.http"
    with pytest.raises(AttributeError, match="has no attribute 'Client'"):
        client_package.Client  # noqa: B018


def test_a_placeholder_that_is_a_key_is_found_too():
    with pytest.raises(AepConfigError, match=r"body holds an id that is known only after apply"):
        check_ids(Call("POST", "/flows", body={known_after_apply(): True}))


def test_responses_are_read_one_after_the_other(aep):
    """D4: threads that read many pages at once hold up an event loop for as long as all of them take."""
    client = direct_client(aep)
    reading, most = [], []
    both_asked, never = threading.Barrier(2), threading.Event()

    def decode(text):
        reading.append(text)
        most.append(len(reading))
        # Long enough for the other one to begin, were it let in.
        never.wait(0.1)
        reading.pop()
        return json.loads(text)

    def send():
        both_asked.wait(30)
        client.send(replace(flow_service.list_flows("CRM"), decode=decode))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == [1, 1]

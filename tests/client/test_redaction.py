"""No piece of a secret is in an error or a log, however the platform spells the request that it quotes."""

import base64
import html
import json
import logging
from urllib.parse import quote, quote_plus

import pytest
from airflow.sdk import Connection
from direct import Naps
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from raw_server import client_of, platform, response, then_hang_up

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.client.auth import GivenToken, ImsTokens
from airflow_provider_aep.client.redact import basic_credentials, secrets_in_proxies
from airflow_provider_aep.client.session import make_session
from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.hooks.connection import make_client
from airflow_provider_aep.models.base_connection import BaseConnection

# A piece this long tells nobody a secret; a shorter secret is none.
PIECE = 4


def json_twice(text):
    return json.dumps(json.dumps(text)[1:-1])[1:-1]


SPELLINGS = {
    "as it is": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, letters of all alphabets": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON with slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON within JSON": json_twice,
    "URL": lambda text: quote(text, safe=""),
    "URL, small letters": lambda text: quote(text, safe="").replace("%2F", "%2f").replace("%3C", "%3c"),
    "form": quote_plus,
    "HTML": html.escape,
    "Python": lambda text: repr(text)[1:-1],
}
SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=PIECE, max_size=30) | st.text(
    "ab\"'\\/%+ <>&\n\té💥", min_size=PIECE, max_size=30
)
AROUND = st.text("xyz <>{}", max_size=600)


def pieces(secret):
    return {secret[at : at + PIECE] for at in range(len(secret) - PIECE + 1)}


def said(send):
    """All that an error says."""
    with pytest.raises(AepError) as problem:
        send()
    return f"{problem.value} {vars(problem.value)}"


def usable(secret):
    """A secret of which no piece is in what an error says anyway."""
    harmless = said_of_a_password("", "", "")
    assume(secret.strip() == secret and len(set(secret)) > 2)
    assume(not any(piece in harmless or piece.strip("* ") != piece for piece in pieces(secret)))


def body_of(echo, shape):
    return echo if shape == "text" else json.dumps({shape: echo, "error_code": "1", "report": {"message": echo}})


def said_of_a_password(secret, echo, shape):
    declared = BaseConnection.declare(
        name="CRM",
        connector="salesforce",
        auth_spec_name="Basic Authentication",
        credentials={"username": "u", "password": secret or "0000000"},
    )
    with platform(response(400, body_of(echo, shape))) as server:
        return said(lambda: client_of(server).send(flow_service.create_base_connection(declared)))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(
    SECRETS, st.sampled_from(sorted(SPELLINGS)), AROUND, st.sampled_from(["text", "message", "errorMessage", "title"])
)
def test_a_password_of_a_source_is_not_repeated_in_any_spelling(secret, spelling, around, shape):
    usable(secret)
    echo = f'{around}{{"password": "{SPELLINGS[spelling](secret)}"}}'
    assume(not any(piece in around for piece in pieces(secret)))
    text = said_of_a_password(secret, echo, shape)
    spelled = SPELLINGS[spelling](secret)
    assert {piece for piece in pieces(secret) | pieces(spelled) if piece in text and piece not in HARMLESS} == set()


HARMLESS = f"{body_of('', 'errorMessage')} password CRM was answered 400 message title"


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("place", ["client secret", "token", "given token", "proxy", "header", "patch"])
def test_each_secret_that_a_client_holds_or_sent_is_redacted(spelling, place):
    secret = "c4n<ry/\"Q'%é+zw7k"
    echo = body_of("x" * 490 + SPELLINGS[spelling](secret), "errorMessage")
    token = "c4nary-zw7k.QqQ"
    if place == "header":
        secret = secret.replace("é", "")
        echo = body_of("x" * 490 + SPELLINGS[spelling](secret), "errorMessage")
    if place in ("token", "given token"):
        secret, echo = token, body_of("x" * 490 + SPELLINGS[spelling](token), "errorMessage")
    with platform(*refusing(place, echo)) as server:
        send = sender(place, server, secret)
        text = said(send)
    assert [piece for piece in pieces(secret) if piece in text] == []


def refusing(place, echo):
    granted = response(200, json.dumps({"access_token": "c4nary-zw7k.QqQ", "expires_in": 9999}))
    return [granted, response(400, echo)] if place == "token" else [response(400, echo)]


def sender(place, server, secret):
    call = any_call("POST", "/x")
    if place == "client secret":
        return ImsTokens(client_id="i", client_secret=secret, url=server.url, sleep=Naps()).current
    if place == "token":
        tokens = ImsTokens(client_id="i", client_secret="other", url=server.url, sleep=Naps())
        return lambda: client_of(server, tokens=tokens).send(call)
    if place == "given token":
        return lambda: client_of(server, tokens=GivenToken(secret)).send(call)
    if place == "proxy":
        session = make_session(proxies={"https": f"http://user:{quote(secret, safe='')}@127.0.0.1:9"})
        return lambda: client_of(server, session=session).send(call)
    if place == "header":
        header = secret.encode("ascii", "ignore").decode()
        return lambda: client_of(server).send(
            any_call("POST", "/x", headers={"X-Vault": header, "X-Other": secret[:3]})
        )
    patch = [{"op": "replace", "path": "/auth/params/password", "value": secret}]
    return lambda: client_of(server).send(any_call("POST", "/x", body=patch))


def test_what_is_logged_between_two_attempts_is_redacted(caplog):
    caplog.set_level(logging.INFO)
    with platform(response(503, body_of("the token eyJ%2Egiven%2Etoken", "errorMessage"))) as server:
        said(lambda: client_of(server).send(flow_service.list_flows("CRM"), patience=10))
    assert "Asking again" in caplog.text
    assert "given" not in caplog.text


def test_the_password_of_a_proxy_is_masked_in_airflows_logs(mocker):
    proxies = {"https": "http://user:p%40ssword@proxy:3128", "http": "http://proxy:3128"}
    masked = mocker.patch("airflow_provider_aep.hooks.connection.mask_secret")
    extra = json.dumps({"ims_org_id": "o@AdobeOrg", "sandbox": "dev", "proxies": proxies})
    make_client(Connection(conn_id="x", conn_type="aep", login="id", password="hush-hush", extra=extra), "x")
    assert [call.args[0] for call in masked.call_args_list] == ["hush-hush", "p%40ssword", "p@ssword"]


def test_a_short_text_is_no_secret():
    with platform(response(400, body_of("the user u has no role", "errorMessage"))) as server:
        text = said(lambda: client_of(server, tokens=GivenToken("u")).send(any_call("POST", "/x")))
    assert "the user u has no role" in text


def test_basic_credentials_of_a_proxy_are_redacted():
    credentials = base64.b64encode(b"user:canary-zw7k").decode()
    session = make_session(proxies={"https": "http://user:canary-zw7k@127.0.0.1:9"})
    with platform(then_hang_up(response(407, f"Proxy-Authorization: Basic {credentials}"))) as server:
        text = said(lambda: client_of(server, session=session).send(any_call("POST", "/x")))
    assert credentials not in text


def test_a_proxy_without_a_password_or_that_is_no_url_holds_no_secret():
    assert secrets_in_proxies({"https": "http://[broken", "http": "http://proxy:3128"}) == []
    assert basic_credentials({"https": "http://proxy:3128"}) == []

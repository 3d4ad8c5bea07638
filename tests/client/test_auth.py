"""The IMS token: one request however many ask, refreshed early, renewed when refused, and shared with nobody else."""

import base64
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from direct import Naps, asked, direct_client, ims_tokens
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.client.auth import SCOPES, GivenToken, ImsTokens, read_scopes, shared_tokens
from airflow_provider_aep.client.bearer_token import client_id_of
from airflow_provider_aep.client.session import make_session
from airflow_provider_aep.exceptions import AepApiError, AepAuthError, AepConfigError, AepUnreachableError

TOKEN = "/ims/token/v3"
THREADS = 200


@pytest.fixture
def tokens(aep):
    return ims_tokens(aep)


def at_once(function, threads=THREADS):
    """What comes of it when so many threads call at the same moment: results, and errors as results."""
    barrier = threading.Barrier(threads)

    def call(number):
        barrier.wait()
        try:
            return function()
        except (AepApiError, AepUnreachableError) as problem:
            return problem

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(call, range(threads)))


# What is asked


def test_the_token_is_asked_for_as_a_form(aep, tokens):
    assert tokens.current().startswith("eyJ")
    request = asked(aep, "POST", TOKEN)[0]
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.query == {}
    assert request.body == {
        "grant_type": "client_credentials",
        "client_id": aep.client_id,
        "client_secret": "****",
        "scope": ",".join(SCOPES),
    }


@pytest.mark.parametrize(
    "scopes",
    [None, "", [], "openid, session , AdobeID,read_organizations,additional_info.projectedProductContext", SCOPES],
)
def test_scopes_may_be_copied_from_adobes_console(aep, scopes):
    assert read_scopes(scopes) == SCOPES
    assert ims_tokens(aep, scopes=read_scopes(scopes)).current()


def test_a_repr_tells_where_and_nothing_else(aep, tokens):
    tokens.current()
    assert repr(tokens) == f"ImsTokens(url='{aep.url}{TOKEN}')"


@pytest.mark.parametrize("url", ["http://ims.example", "https://user:pw@ims.example", "https://ims.example:x"])
def test_the_secret_is_not_sent_anywhere_unsafe(aep, url):
    with pytest.raises(AepConfigError, match=r"^ims_url "):
        ims_tokens(aep, url=url)


# How often it is asked


def test_one_request_for_two_hundred_threads_at_the_start_and_one_at_expiry(aep, tokens):
    first = at_once(tokens.current)
    assert (len(set(first)), aep.token_requests) == (1, 1)

    aep.advance(86_399)
    second = at_once(tokens.current)
    assert (len(set(second)), aep.token_requests) == (1, 2)
    assert set(first) != set(second)


@pytest.mark.parametrize(
    ("lifetime", "fresh", "stale"),
    [(86_399, 86_399 - 361, 86_399 - 299), (100, 75, 81), (5, 3.7, 4.1)],
    ids=["a day", "short", "very short"],
)
def test_it_is_refreshed_before_it_ends(aep, tokens, lifetime, fresh, stale):
    aep.switches.token_lifetime = lifetime
    token = tokens.current()
    aep.advance(fresh)
    assert tokens.current() == token
    aep.advance(stale - fresh)
    assert tokens.current() != token
    assert aep.token_requests == 2


def test_a_wait_much_longer_than_a_token_asks_once_a_token(aep, tokens):
    """F13: tokens of five seconds, looked with every thirty seconds for ten minutes."""
    aep.switches.token_lifetime = 5
    client = direct_client(aep, tokens=tokens)
    for _ in range(20):
        client.send(flow_service.list_flows("CRM"))
        aep.advance(30)
    assert aep.token_requests == 20
    assert {record.status for record in asked(aep, "GET")} == {200}


def test_a_lifetime_in_milliseconds_is_understood(aep, tokens):
    aep.switches.token_lifetime = 86_399_992
    token = tokens.current()
    aep.advance(86_399 - 361)
    assert tokens.current() == token
    aep.advance(361)
    assert tokens.current() != token


@pytest.mark.parametrize("expires_in", ["null", '"86399"', "0"])
def test_a_lifetime_that_is_not_told_is_a_day(aep, tokens, expires_in):
    body = f'{{"access_token": "eyJ.a.b", "expires_in": {expires_in}}}'
    aep.fault("POST", TOKEN, kind="status", status=200, body=body)
    assert tokens.current() == "eyJ.a.b"
    aep.advance(80_000)
    assert (tokens.current(), aep.token_requests) == ("eyJ.a.b", 1)


# When IMS is unwell


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "html", "malformed", "empty", "status"])
def test_ims_is_asked_again_when_it_is_unwell(aep, fault):
    naps = Naps()
    aep.fault("POST", TOKEN, kind=fault, times=3)
    assert ims_tokens(aep, sleep=naps).current()
    assert [0.5 <= nap <= 1 for nap in (naps[0], naps[1] / 2, naps[2] / 4)] == [True] * 3


def test_retry_after_is_honoured(aep):
    naps = Naps()
    aep.fault("POST", TOKEN, kind="status", status=429, retry_after=17)
    assert ims_tokens(aep, sleep=naps).current()
    assert naps == [17]


def test_a_long_retry_after_is_not_slept_on_while_all_threads_wait(aep):
    naps = Naps()
    aep.fault("POST", TOKEN, kind="status", status=429, retry_after=3600)
    with pytest.raises(AepApiError, match="429") as refused:
        ims_tokens(aep, sleep=naps).current()
    assert (refused.value.retryable, refused.value.retry_after, naps) == (True, 3600, [])


def test_a_lasting_outage_is_said_after_five_requests(aep, tokens):
    aep.fault("POST", TOKEN, kind="drop_before", times=None)
    with pytest.raises(AepUnreachableError, match=r"POST .*/ims/token/v3 got no answer from IMS"):
        tokens.current()
    assert len(asked(aep, "POST", TOKEN)) == 5


def test_threads_that_wait_for_a_failing_request_share_the_failure(aep, tokens):
    """F14: an outage does not multiply by the number of those who want a token."""
    aep.fault("POST", TOKEN, kind="status", status=503, times=None)
    problems = at_once(tokens.current, threads=20)
    assert {problem.status for problem in problems} == {503}
    assert len({id(problem) for problem in problems}) == 20
    assert len(asked(aep, "POST", TOKEN)) < 20 * 5 / 2

    aep.clear_faults()
    assert tokens.current()


def test_an_early_refresh_that_fails_is_no_failure_while_the_token_holds(aep, tokens, caplog):
    token = tokens.current()
    aep.advance(86_399 - 200)
    aep.fault("POST", TOKEN, kind="drop_before", times=None)

    assert at_once(tokens.current, threads=20) == [token] * 20
    assert len(asked(aep, "POST", TOKEN)) == 2
    assert "The token still holds for 200 s" in caplog.text

    aep.advance(61)
    assert tokens.current() == token
    assert len(asked(aep, "POST", TOKEN)) == 3

    aep.advance(200)
    with pytest.raises(AepUnreachableError):
        tokens.current()


@pytest.mark.parametrize(
    "body",
    ["[]", "17", "{}", '{"access_token": null}', '{"access_token": ""}', '{"access_token": "a", "expires_in": "x"}'],
)
def test_an_answer_without_a_token_is_an_error(aep, tokens, body):
    aep.fault("POST", TOKEN, kind="status", status=200, body=body, times=None)
    with pytest.raises(AepAuthError, match="was answered 200 without a token") as problem:
        tokens.current()
    assert problem.value.retryable


# When IMS refuses


@pytest.mark.parametrize(
    ("wrong", "status"), [({"client_secret": "x"}, 401), ({"client_id": "x"}, 400), ({"scopes": ("x",)}, 400)]
)
def test_a_refused_credential_is_final_and_says_which_fields_to_check(aep, wrong, status):
    tokens = ims_tokens(aep, **wrong)
    with pytest.raises(AepAuthError, match=r"login \(client id\), password \(client secret\) and scopes") as refused:
        tokens.current()
    assert str(refused.value).count("Check") == 1
    assert (refused.value.status, refused.value.retryable) == (status, False)
    assert len(asked(aep, "POST", TOKEN)) == 1


def test_a_redirect_to_a_login_page_gets_no_secret(aep, tokens):
    aep.fault("POST", TOKEN, kind="status", status=302, headers={"Location": f"{aep.url}/_emulator/state"}, body="")
    with pytest.raises(AepAuthError, match="302"):
        tokens.current()
    assert len(aep.requests) == 1


def test_a_certificate_file_that_is_missing_is_an_error_of_the_connection(aep):
    tokens = ims_tokens(aep, url="https://ims.example", session=make_session(verify="/no/ca.pem"))
    with pytest.raises(AepConfigError, match=r"check `verify` in the connection's extra: .*/no/ca\.pem"):
        tokens.current()


# When the platform refuses the token


def test_a_revocation_costs_one_renewal_however_many_threads_notice(aep, tokens):
    client = direct_client(aep, tokens=tokens)
    call = flow_service.list_flows("CRM")
    client.send(call)
    aep.revoke_tokens()

    assert at_once(lambda: client.send(call), threads=40) == [[]] * 40

    assert aep.token_requests == 2
    # The first was before the revocation; each thread was refused at most once.
    statuses = Counter(record.status for record in asked(aep, "GET"))
    assert statuses[200] == 41
    assert 1 <= statuses[401] <= 40


def test_only_the_refused_token_is_renewed(aep, tokens):
    first = tokens.current()
    second = tokens.renew(first)
    assert tokens.renew(first) == second
    assert tokens.current() == second
    assert aep.token_requests == 2


def test_threads_share_a_renewal_that_fails(aep, tokens):
    refused = tokens.current()
    aep.fault("POST", TOKEN, kind="status", status=503, times=None)
    at_once(lambda: tokens.renew(refused), threads=20)
    assert len(asked(aep, "POST", TOKEN)) < 1 + 20 * 5 / 2


# Whose token it is


def shared(aep, **differences):
    arguments = {
        "client_id": aep.client_id,
        "client_secret": aep.client_secret,
        "url": aep.url,
        "scopes": SCOPES,
        "key": aep.org_id,
    }
    return shared_tokens(**arguments | differences)


def test_one_credential_has_one_token_in_a_process(aep):
    assert len({shared(aep).current() for _ in range(3)}) == 1
    assert aep.token_requests == 1


@pytest.mark.parametrize(
    "difference",
    [
        {"client_id": "another"},
        {"client_secret": "rotated"},
        {"scopes": SCOPES[:2]},
        {"key": "another@AdobeOrg"},
        {"url": "https://ims.example"},
    ],
    ids=lambda difference: next(iter(difference)),
)
def test_two_credentials_never_share_a_token(aep, difference):
    assert shared(aep, **difference) is not shared(aep)
    assert shared(aep, **difference) is shared(aep, **difference)


def test_a_given_token_stays_what_it_is():
    token = GivenToken("eyJ.a.b")
    assert token.current() == "eyJ.a.b"
    assert token.renew("eyJ.a.b") is None


def test_a_token_is_usable_with_the_defaults(aep):
    """Without a session, a clock and a sleep of a test's own."""
    tokens = ImsTokens(client_id=aep.client_id, client_secret=aep.client_secret, url=aep.url)
    assert tokens.current() == tokens.current()
    assert aep.token_requests == 1


# The client id within a token


def token_with(claims):
    return "eyJ." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + ".signature"


@given(st.text(min_size=1))
def test_the_client_id_is_read_from_a_token(client_id):
    assert client_id_of(token_with({"client_id": client_id})) == client_id


@pytest.mark.parametrize("token", ["", "opaque", "a.é.b", "a.!!!.b", token_with([]), token_with({"user": "x"})])
def test_a_token_may_not_tell_its_client_id(token):
    assert client_id_of(token) is None


@pytest.mark.aep(token_lifetime=1000)
def test_a_slow_refresh_holds_up_nobody_while_the_token_holds(aep, mocker):
    """D4: one thread asks IMS, the others go on with the token that they have."""
    tokens = ims_tokens(aep)
    token = tokens.current()
    aep.advance(900)
    asked, answered = threading.Event(), threading.Event()
    fetch = tokens._fetch_token

    def fetch_slowly():
        asked.set()
        answered.wait(30)
        return fetch()

    mocker.patch.object(tokens, "_fetch_token", fetch_slowly)
    refreshed = []
    refreshing = threading.Thread(target=lambda: refreshed.append(tokens.current()))
    refreshing.start()
    assert asked.wait(30)
    others = []
    other = threading.Thread(target=lambda: others.append(tokens.current()))
    other.start()
    other.join(5)
    answered.set()
    refreshing.join(30)
    other.join(30)
    assert others == [token]
    assert refreshed[0] != token


class Pause:
    """A `sleep` that lasts until it is ended by the test."""

    def __init__(self):
        self.begun, self.over = threading.Event(), threading.Event()

    def __call__(self, seconds):
        self.begun.set()
        assert self.over.wait(30)


def in_a_thread(function):
    """What comes of a function that another thread runs, as a list with one item once it has returned."""
    found = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    return thread, found


def test_nobody_waits_for_the_pause_of_another_thread(aep):
    """D4: a thread that asks IMS again waits for that by itself."""
    pause = Pause()
    tokens = ims_tokens(aep, sleep=pause)
    aep.fault("POST", TOKEN, kind="status", status=503)
    first, its_token = in_a_thread(tokens.current)
    assert pause.begun.wait(30)
    second, other_token = in_a_thread(tokens.current)
    second.join(5)
    in_time = list(other_token)
    pause.over.set()
    first.join(30)
    second.join(30)
    assert in_time == its_token == [tokens.current()]
    assert len(asked(aep, "POST", TOKEN)) == 2


def test_who_has_no_patience_asks_once(aep):
    naps = Naps()
    tokens = ims_tokens(aep, sleep=naps)
    aep.fault("POST", TOKEN, kind="status", status=503, times=2)
    with pytest.raises(AepApiError, match="503"):
        tokens.current(patience=0)
    with pytest.raises(AepApiError, match="503"):
        tokens.renew("", patience=0)
    assert (len(asked(aep, "POST", TOKEN)), naps) == (2, [])
    assert tokens.current(patience=0)


def test_a_client_without_patience_does_not_sleep_for_a_token(aep):
    """The threads of the triggerer are few, and a wait asks again at its next poll."""
    naps = Naps()
    client = direct_client(aep, tokens=ims_tokens(aep, sleep=naps))
    call = flow_service.list_flows("CRM")
    aep.fault("POST", TOKEN, kind="status", status=503)
    with pytest.raises(AepApiError, match="503"):
        client.send(call, patience=0)
    assert naps == client.sleep == []

    client.send(call)
    aep.revoke_tokens()
    aep.fault("POST", TOKEN, kind="status", status=503)
    with pytest.raises(AepApiError, match="503"):
        client.send(call, patience=0)
    assert naps == client.sleep == []


def test_who_comes_while_ims_wants_no_requests_sends_none(aep):
    tokens = ims_tokens(aep)
    aep.fault("POST", TOKEN, kind="status", status=429, retry_after=17)
    for _ in range(3):
        with pytest.raises(AepApiError, match="429"):
            tokens.current(patience=0)
    assert len(asked(aep, "POST", TOKEN)) == 1
    aep.advance(18)
    assert tokens.current(patience=0)


def test_who_comes_just_after_a_refresh_does_not_ask_again(aep, tokens):
    """A thread that saw an old token, and got the lock once another had refreshed it."""
    token = tokens.current()
    tokens._refresh(aep.now())
    assert (tokens.current(), aep.token_requests) == (token, 1)

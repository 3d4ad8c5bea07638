"""Every response has an end: in seconds, in bytes, in pages and in items."""

import gzip
import json
import logging
import socket
import time
import tracemalloc
from itertools import count

import pytest
from direct import Naps
from raw_server import client_of, platform, response
from requests.adapters import HTTPAdapter

from airflow_provider_aep.api import catalog, flow_service
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.client import deadline
from airflow_provider_aep.client.auth import ImsTokens
from airflow_provider_aep.exceptions import AepApiError, AepUnreachableError

LIST = flow_service.list_flows("CRM")
ANY = Call("GET", "/data/foundation/flowservice/flows", dict)


def dripping(data, *, first=0, pause=0.05, most=40):
    """Sends the rest of the data byte by byte."""

    def reply(request, connection):
        connection.sendall(data[:first])
        for number in range(first, min(len(data), first + most)):
            connection.sendall(data[number : number + 1])
            time.sleep(pause)
        connection.sendall(data[first + most :])

    return reply


WHOLE = response(200, '{"items": []}' + " " * 100)
HEAD = len(WHOLE) - 113
SLOW = {
    "a status line": dripping(WHOLE),
    "a header": dripping(WHOLE, first=20),
    "a body": dripping(WHOLE, first=HEAD),
    "chunks": dripping(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 40 + b"0\r\n\r\n", first=47, most=200
    ),
    "headers of 100 Continue": dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + WHOLE, first=10),
}


@pytest.mark.parametrize("slow", SLOW.values(), ids=SLOW)
def test_a_response_that_drips_ends_when_its_time_is_over(slow):
    with platform(slow) as server:
        begun = time.monotonic()
        with pytest.raises(AepUnreachableError, match=r"no whole answer within 0\.4 s; see `timeout`") as problem:
            client_of(server, timeout=(5, 0.4)).send(ANY, patience=0)
        assert time.monotonic() - begun < 1.0
    assert problem.value.retryable


def test_a_token_that_drips_ends_when_its_time_is_over():
    good = response(200, '{"access_token": "good"}')
    with platform(dripping(good, first=30), good) as ims:
        tokens = ImsTokens(client_id="i", client_secret="s", url=ims.url, sleep=Naps(), timeout=(5, 0.3))
        assert tokens.current() == "good"
        assert len(ims.requests) == 2


def test_a_slow_response_that_is_in_time_is_one():
    with platform(dripping(WHOLE, first=HEAD, pause=0.005)) as server:
        assert client_of(server, timeout=(5, 5)).send(LIST) == []


# Bytes

BLANKS = b'{"items": []' + b" " * 300_000_000 + b"}"


@pytest.fixture(scope="module")
def bomb():
    return gzip.compress(BLANKS, compresslevel=1)


def test_a_bomb_is_cut_early(bomb):
    with platform(response(200, bomb, Content_Encoding="gzip")) as server:
        tracemalloc.start()
        with pytest.raises(AepApiError, match="more than 32 MiB") as problem:
            client_of(server).send(ANY, patience=0)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 120_000_000
    assert problem.value.title == "too large"


def test_a_response_that_does_not_end_is_cut():
    def endless(request, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b" " * 65_536)

    with platform(endless) as server, pytest.raises(AepApiError, match="more than 32 MiB"):
        client_of(server).send(ANY, patience=0)


def test_a_compressed_response_is_read():
    body = gzip.compress(b'{"items": []}')
    with platform(response(200, body, Content_Encoding="gzip")) as server:
        assert client_of(server).send(LIST) == []


# Pages


def listing(pages):
    """A list whose pages are numbered; `pages` maps a number to its items and the number of the next page.

    After a hundred pages it ends, lest a test without limits goes on for ever.
    """
    asked = count(1)

    def reply(request, connection):
        target = request.split()[1].decode()
        number = target.partition("page=")[2] or "0"
        items, following = pages(int(number))
        following = following if next(asked) < 100 else None
        return response(200, json.dumps({"items": items, "next": following}))

    call = Call(
        "GET",
        "/data/foundation/flowservice/flows",
        list[int],
        unwrap=lambda page: page["items"],
        next_page=lambda params, page: None if page["next"] is None else {"page": str(page["next"])},
    )
    return call, reply


def test_pages_that_lead_back_to_an_earlier_one_end(caplog):
    call, reply = listing(lambda number: ([number], (number + 1) % 3))
    with platform(reply) as server:
        assert client_of(server).send(call) == [0, 1, 2, 0]
        assert len(server.requests) == 4
    assert "leads back to a page that was there before" in caplog.text


def test_a_page_that_comes_again_under_another_token_ends_the_list(caplog):
    call, reply = listing(lambda number: ([7, 8], number + 1))
    with platform(reply) as server:
        assert client_of(server).send(call) == [7, 8]
        assert len(server.requests) == 2
    assert "the same page came again" in caplog.text


def test_a_list_that_ignores_start_is_not_appended_for_ever():
    datasets = {f"{number:024x}": {"name": "D"} for number in range(100)}
    with platform(*[response(200, json.dumps(datasets))] * 20, response(200, "{}")) as server:
        assert len(client_of(server).send(catalog.list_datasets("D"))) == 100
        assert len(server.requests) == 2


def test_empty_pages_do_not_end_a_list():
    call, reply = listing(lambda number: ([number] if number == 5 else [], number + 1 if number < 5 else None))
    with platform(reply) as server:
        assert client_of(server).send(call) == [5]


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [("MOST_PAGES", 20, "more than 20 pages"), ("MOST_ITEMS", 50, "more than 50 items")],
)
def test_ever_new_pages_end_at_a_limit_that_is_named(mocker, limit, value, said):
    mocker.patch(f"airflow_provider_aep.client.paging.{limit}", value)
    numbers = count()
    call, reply = listing(lambda number: ([next(numbers), next(numbers), next(numbers)], number + 1))
    with platform(reply) as server:
        with pytest.raises(AepApiError, match=said) as problem:
            client_of(server).send(call)
        assert len(server.requests) <= 21
    assert not problem.value.retryable


def test_a_list_takes_five_minutes_at_most(mocker):
    begun = time.monotonic()
    times = count(begun, 30)
    mocker.patch("airflow_provider_aep.client.paging.monotonic", side_effect=lambda: next(times))
    call, reply = listing(lambda number: ([number], number + 1))
    with platform(reply) as server:
        with pytest.raises(AepApiError, match="more than 300 s"):
            client_of(server).send(call)
        assert 5 < len(server.requests) < 15


def test_a_list_within_the_limits_logs_nothing(caplog):
    caplog.set_level(logging.WARNING)
    call, reply = listing(lambda number: ([number], number + 1 if number < 30 else None))
    with platform(reply) as server:
        assert client_of(server).send(call) == list(range(31))
    assert caplog.text == ""


def test_a_read_after_the_deadline_is_a_time_out_and_closing_twice_is_fine():
    left, right = socket.socketpair()
    with left, right:
        reader = deadline._TimedReader(left, left.makefile("rb", buffering=0), 0.0)
        with pytest.raises(TimeoutError, match="took too long"):
            reader.readinto(bytearray(1))
        reader.close()
        reader.close()
        assert reader.closed


def test_a_socket_without_a_limit_is_read_without_one():
    left, right = socket.socketpair()
    with left, right:
        response = deadline._TimedResponse(left)
        assert not isinstance(response.fp.raw, deadline._TimedReader)
        response.close()


def test_a_socks_proxy_keeps_its_own_connections(mocker):
    manager = mocker.patch.object(HTTPAdapter, "proxy_manager_for").return_value
    before = manager.pool_classes_by_scheme
    adapter = deadline.TimedAdapter()
    assert adapter.proxy_manager_for("socks5://proxy:1080").pool_classes_by_scheme is before
    assert adapter.proxy_manager_for("http://proxy:3128").pool_classes_by_scheme is deadline._POOLS

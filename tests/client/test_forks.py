"""After a fork, a child has its own connections and its own locks."""

import os
import re
import signal
import threading
import time

from direct import Naps
from raw_server import client_of, platform, response

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.client import auth, forks
from airflow_provider_aep.client.auth import ImsTokens, shared_tokens
from airflow_provider_aep.client.http import AepClient
from airflow_provider_aep.client.session import make_session

CHILDREN, ASKS = 4, 25
SECONDS = 3


def in_child(work):
    """Fork, do the work in the child, and return its process id; the child ends with 0 if the work says True."""
    pid = os.fork()
    if pid:
        return pid
    signal.alarm(SECONDS)
    code = 1
    try:
        code = 0 if work() else 1
    finally:
        os._exit(code)


def exit_codes(children):
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]


def echo(request, connection):
    """Answers with the number in the path, after a moment in which another child may ask."""
    time.sleep(0.002)
    return response(200, re.search(rb"/number/(\d+)", request)[1])


def test_a_child_never_gets_the_response_of_another():
    with platform(echo) as server:
        client = client_of(server)
        client.send(Call("GET", "/number/1", int))

        def work(child):
            numbers = [child * 1000 + number for number in range(ASKS)]
            return all(client.send(Call("GET", f"/number/{one}", int), patience=0) == one for one in numbers)

        children = [in_child(lambda child=child: work(child)) for child in range(1, CHILDREN + 1)]
        assert exit_codes(children) == [0] * CHILDREN
        assert client.send(Call("GET", "/number/2", int)) == 2


def test_a_fork_while_a_thread_asks_ims_does_not_hang_the_child():
    asked, go_on = threading.Event(), threading.Event()
    token = response(200, '{"access_token": "good", "expires_in": 86399}')

    def slow_once(request, connection):
        if not asked.is_set():
            asked.set()
            go_on.wait(SECONDS)
        return token

    with platform(slow_once) as ims:
        tokens = ImsTokens(client_id="i", client_secret="s", url=ims.url, sleep=Naps())
        thread = threading.Thread(target=tokens.current)
        thread.start()
        asked.wait(SECONDS)
        child = in_child(lambda: tokens.current() == "good")
        codes = exit_codes([child])
        go_on.set()
        thread.join()
    assert codes == [0]


def test_a_fork_while_a_thread_makes_shared_tokens_does_not_hang_the_child():
    def work():
        return shared_tokens(client_id="i", client_secret="s", url="https://ims.example", scopes=()) is not None

    with auth._shared_lock:
        child = in_child(work)
        assert exit_codes([child]) == [0]


def test_a_fork_while_a_thread_reads_a_response_does_not_hang_the_child():
    reading, go_on = threading.Event(), threading.Event()

    def read_slowly(text):
        reading.set()
        go_on.wait(SECONDS)
        return int(text)

    with platform(echo) as server:
        client = client_of(server)
        thread = threading.Thread(target=client.send, args=[Call("GET", "/number/1", int, decode=read_slowly)])
        thread.start()
        reading.wait(SECONDS)
        child = in_child(lambda: client.send(Call("GET", "/number/2", int), patience=0) == 2)
        codes = exit_codes([child])
        go_on.set()
        thread.join()
    assert codes == [0]


def test_a_token_is_still_known_in_the_child():
    with platform(response(200, '{"access_token": "good", "expires_in": 86399}')) as ims:
        tokens = ImsTokens(client_id="i", client_secret="s", url=ims.url, sleep=Naps())
        tokens.current()
        assert exit_codes([in_child(lambda: tokens.current() == "good")]) == [0]
        assert len(ims.requests) == 1


def test_everything_that_is_renewed_works_as_before():
    """What a child does first, done here, where it can be watched."""
    tokens = ImsTokens(client_id="id", client_secret="secret")
    lock, shared_lock = tokens._lock, auth._shared_lock
    session = make_session()
    adapter = session.get_adapter("https://platform.adobe.io")
    client = AepClient(tokens=tokens, api_key="id", org_id="o@AdobeOrg", sandbox="dev")
    reading = client._reading

    forks._renew_all()
    auth._new_shared_lock()

    assert tokens._lock is not lock
    assert auth._shared_lock is not shared_lock
    assert session.get_adapter("https://platform.adobe.io") is not adapter
    assert client._reading is not reading

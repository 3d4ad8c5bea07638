"""What blocks, blocks nobody but the waits on its own connection."""

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import raw_server
from operators.execution import all_events

from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.triggers.flow_run import AepFlowRunTrigger

RUN_ID = "11111111-2222-4333-8444-555555555555"
RUN = FlowRun.model_validate({"id": RUN_ID, "metrics": {"statusSummary": {"status": "success"}}})


@pytest.fixture
def platforms(mocker):
    """Platforms behind the connections `quick` and `slow_...`; the slow ones answer once `platforms` is set."""
    answer = threading.Event()

    def get_conn(hook):
        def send(call, patience):
            assert patience == 0
            if hook.aep_conn_id.startswith("slow"):
                answer.wait(60)
            return RUN

        return SimpleNamespace(org_id="ORG@AdobeOrg", sandbox="prod", send=send)

    mocker.patch.object(AepHook, "get_conn", get_conn)
    yield answer
    answer.set()


def wait_on(connection):
    trigger = AepFlowRunTrigger(run_id=RUN_ID, aep_conn_id=connection, deadline=time.time() - 1)
    return asyncio.create_task(all_events(trigger))


def test_slow_platforms_hold_up_nobody_else(platforms):
    """D4: neither triggers on another connection, nor what else uses the threads of the event loop."""

    async def quick_beside_slow():
        slow = [wait_on(f"slow_{number}") for number in range(10) for _ in range(10)]
        await asyncio.sleep(0.1)
        loop = asyncio.get_running_loop()
        try:
            looked_up = await asyncio.wait_for(loop.run_in_executor(None, lambda: "an address"), 5)
            (event,) = await asyncio.wait_for(wait_on("quick"), 5)
        finally:
            platforms.set()
            await asyncio.gather(*slow)
        return looked_up, event["run"]["id"]

    assert asyncio.run(quick_beside_slow()) == ("an address", RUN_ID)


def token_for_a_day(request, connection):
    return raw_server.response(200, '{"access_token": "eyJ.a.b", "expires_in": 86399}')


def the_run(request, connection):
    return raw_server.response(200, json.dumps({"items": [RUN.model_dump(mode="json", by_alias=True)]}))


class Held:
    """A response that does not come before `release`; `asked` is set by the first request for it."""

    def __init__(self, reply):
        self._reply = reply
        self.asked, self._released = threading.Event(), threading.Event()

    def __call__(self, request, connection):
        self.asked.set()
        self._released.wait(60)
        return self._reply(request, connection)

    def release(self):
        self._released.set()


@contextmanager
def connection(monkeypatch, name, *, ims=token_for_a_day, run=the_run):
    """A connection of that name, and a server for it: IMS and the platform answer by these functions."""

    def reply(request, connection):
        return (ims if request.startswith(b"POST /ims/") else run)(request, connection)

    with raw_server.platform(reply) as server:
        extra = {"ims_org_id": "ORG@AdobeOrg", "sandbox": "prod", "ims_url": server.url}
        fields = {"conn_type": "aep", "host": server.url, "login": name, "password": "secret", "extra": extra}
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(fields))
        yield server


async def until(event):
    """Until a thread has set the event; neither the event loop nor its threads are used for that."""
    asked = asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()
    threading.Thread(target=lambda: event.wait(30) and loop.call_soon_threadsafe(asked.set_result, None)).start()
    await asyncio.wait_for(asked, 30)


@pytest.mark.parametrize("slow", ["ims", "run"])
def test_a_slow_server_holds_up_its_own_connection_only(airflow_db, monkeypatch, slow):
    """D4, over sockets: IMS or the platform of a connection answers once all waits on another one have ended."""
    held = Held(token_for_a_day if slow == "ims" else the_run)
    with connection(monkeypatch, "slow", **{slow: held}) as server, connection(monkeypatch, "quick"):

        async def quick_beside_slow():
            slow_waits = [wait_on("slow") for _ in range(50)]
            try:
                await until(held.asked)
                quick = await asyncio.wait_for(asyncio.gather(*(wait_on("quick") for _ in range(50))), 30)
                assert not any(each.done() for each in slow_waits)
            finally:
                held.release()
            return quick, await asyncio.gather(*slow_waits)

        for events in asyncio.run(quick_beside_slow()):
            assert [event["run"]["id"] for (event,) in events] == [RUN_ID] * 50
        assert sum(request.startswith(b"POST /ims/") for request in server.requests) == 1

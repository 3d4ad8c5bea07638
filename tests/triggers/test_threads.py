"""What blocks, blocks nobody but the waits on its own connection."""

import asyncio
import threading
import time
from types import SimpleNamespace

import pytest
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

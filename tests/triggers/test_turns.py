"""Tasks that wait until a dataflow is free are woken one at a time, and none is forgotten."""

import asyncio
import itertools

import pytest
from direct import direct_client
from many import add_runs
from provisioning import Provisioning
from watching import Watching

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.runs.turns import queues_of
from airflow_provider_aep.triggers.flow_run import AepFlowRunTrigger

pytestmark = pytest.mark.aep(speed=0)

AN_HOUR = 3600


class Tasks(Watching):
    """Tasks that want to run one dataflow, each when no other run of it is under way, as `execute_again` does."""

    def __init__(self, aep):
        super().__init__(aep)
        self.flow_id = Provisioning(direct_client(aep), frequency="once").build().flow
        self.woken = []
        self.ended = {}

    def start_run(self):
        (run_id,) = add_runs(self.aep, self.flow_id)
        return run_id

    async def task(self, name, run_id, *, starts=True, hours=100):
        """Returns the run that it started; None if it ran out of time or starts none."""
        deadline = self.time.now() + hours * AN_HOUR
        while True:
            trigger = AepFlowRunTrigger(run_id=run_id, turn_of=self.flow_id, deadline=deadline)
            event = await trigger.wait(self.watcher)
            self.woken.append((name, self.time.now()))
            if event["timeout"] or not starts:
                return None
            await self.time.sleep(20)  # Until a worker has it.
            others = [run for run in await self.send(flow_service.list_runs(self.flow_id)) if not run.finished]
            if not others:
                return self.start_run()
            run_id = others[-1].id

    def names(self):
        return [name for name, _ in self.woken]


@pytest.fixture
def tasks(aep):
    aep.script_run("success", duration=600, times=None)
    return Tasks(aep)


def test_when_a_run_ends_one_task_is_woken_and_the_others_when_its_run_has_ended(tasks):
    """D6."""
    run_id = tasks.start_run()
    started = tasks.run_all(*(tasks.task(name, run_id) for name in range(6)))
    assert len(set(started)) == 6
    assert sorted(tasks.names()) == list(range(6)), "each was woken once"


def test_where_the_woken_task_starts_nothing_the_next_one_is_woken_after_a_while(tasks):
    run_id = tasks.start_run()
    begun = tasks.time.now()
    tasks.run_all(*(tasks.task(name, run_id, starts=False) for name in range(4)))
    times = sorted(at - begun for _, at in tasks.woken)
    assert all(250 < later - earlier < 400 for earlier, later in itertools.pairwise(times))


def test_a_deadline_holds_while_others_have_their_turn(tasks):
    run_id = tasks.start_run()
    begun = tasks.time.now()
    tasks.run_all(*(tasks.task(name, run_id, hours=0.5) for name in range(8)))
    assert len(tasks.names()) >= 8
    assert max(at - begun for _, at in tasks.woken) < 0.6 * AN_HOUR


def test_who_leaves_the_line_holds_up_nobody(tasks):
    run_id = tasks.start_run()

    async def cancel_some():
        waiting = [asyncio.create_task(tasks.task(name, run_id)) for name in range(6)]
        await tasks.time.sleep(700)
        for task in waiting[2:4]:
            task.cancel()
        return await asyncio.gather(*waiting, return_exceptions=True)

    started = tasks.run(cancel_some())
    assert [isinstance(each, asyncio.CancelledError) for each in started] == [number in (2, 3) for number in range(6)]
    assert len({each for each in started if isinstance(each, str)}) == 4


def test_after_a_restart_of_the_triggerer_nobody_is_forgotten(tasks):
    """The run that all of them wait for has ended meanwhile, and so has another one."""
    run_id = tasks.start_run()
    tasks.aep.advance(1200)
    tasks.start_run()
    tasks.aep.advance(1200)
    tasks.time._now = tasks.aep.now()
    started = tasks.run_all(*(tasks.task(name, run_id) for name in range(4)))
    assert len(set(started)) == 4


def test_a_dataflow_whose_runs_may_not_be_listed_holds_up_nobody(tasks):
    run_id = tasks.start_run()
    tasks.aep.fault("GET", "*/runs", kind="status", status=403, times=None)
    tasks.run_all(*(tasks.task(name, run_id, starts=False) for name in range(3)))
    assert sorted(tasks.names()) == [0, 1, 2]


def test_nothing_is_remembered_of_a_line_that_nobody_stands_in(tasks):
    run_id = tasks.start_run()
    tasks.run(tasks.task("only", run_id))
    assert tasks.names() == ["only"]
    assert queues_of(tasks.watcher) == {}

"""The trigger that waits for a flow run; and, from here, every trigger of this package."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.hooks.event_loop import in_thread, shared_client
from airflow_provider_aep.runs.flow_state import disable_at_once
from airflow_provider_aep.runs.turns import wait_for_turn
from airflow_provider_aep.runs.watch import RunWatcher, WaitResult
from airflow_provider_aep.task.waiting import no_run_yet
from airflow_provider_aep.triggers.answer import AepAnswerTrigger
from airflow_provider_aep.triggers.base import AepTrigger
from airflow_provider_aep.triggers.batch import AepDatasetBatchTrigger
from airflow_provider_aep.triggers.finished_runs import AepFlowRunEventTrigger

__all__ = [
    "AepAnswerTrigger",
    "AepDatasetBatchTrigger",
    "AepFlowRunEventTrigger",
    "AepFlowRunTrigger",
    "AepTrigger",
]


class AepFlowRunTrigger(AepTrigger):
    """Waits until a flow run has ended. It only asks, and judges nothing.

    :param run_id: the run; or else
    :param flow_id: its dataflow, of which the first run made at or after `since` is waited for.
    :param since: epoch milliseconds on the platform's clock.
    :param turn_of: the dataflow of which the task is to start a run once the other one has ended: of all tasks that
        wait so in this triggerer, one is woken at a time.
    :param if_killed: for a run that the task itself started: ``leave`` or ``disable_flow``.
    :param killed_flow_id: the dataflow to disable.
    """

    arguments = ("run_id", "flow_id", "since", "turn_of", "if_killed", "killed_flow_id", *AepTrigger.arguments)

    def __init__(
        self,
        *,
        run_id: str | None = None,
        flow_id: str | None = None,
        since: int | None = None,
        turn_of: str | None = None,
        if_killed: str | None = None,
        killed_flow_id: str | None = None,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.run_id = run_id
        self.flow_id = flow_id
        self.since = since
        self.turn_of = turn_of
        self.if_killed = if_killed
        self.killed_flow_id = killed_flow_id

    async def on_kill(self) -> None:
        """A person ended the task (Airflow 3.3). AEP cannot cancel a run: say so; disable the dataflow if asked to."""
        if self.if_killed is None:
            return
        self.log.warning("AEP has no way to cancel a run: flow run %s goes on.", self.run_id)
        if self.if_killed == "disable_flow" and self.killed_flow_id:
            client = await shared_client(self.aep_conn_id, self.sandbox)
            await in_thread(disable_at_once, self.aep_conn_id, self.sandbox)(client, self.killed_flow_id)
            self.log.warning("Disabled dataflow %s, as on_kill says: no further run begins.", self.killed_flow_id)

    async def wait(self, watcher: RunWatcher) -> dict[str, Any]:
        """The event is ``{"run": ..., "timeout": ..., "run_id": ...}``, with the run as the platform sent it, or with
        its ids and status only if it did not end; without ``run_id`` if the dataflow had no run in time.
        """
        if self.run_id is not None and self.turn_of is not None:
            watched = await wait_for_turn(
                watcher, self.run_id, self.turn_of, poll_interval=self.poll_interval, deadline=self.deadline
            )
            return self._event(watched, self.run_id)
        if self.run_id is not None:
            return await self._wait_for_end(watcher, self.run_id)
        since = self.since or 0
        first = await watcher.wait_for_first_run(
            str(self.flow_id), since, poll_interval=self.poll_interval, deadline=self.deadline
        )
        if first.run is None:
            nothing = no_run_yet(since, first.listed)
            return {"run": None, "timeout": True, "problem": first.problem, "nothing": nothing, "since": since}
        self.log.info("Dataflow %s has flow run %s", self.flow_id, first.run.id)
        return {**await self._wait_for_end(watcher, first.run.id), "since": since}

    async def _wait_for_end(self, watcher: RunWatcher, run_id: str) -> dict[str, Any]:
        watched = await watcher.wait(run_id, poll_interval=self.poll_interval, deadline=self.deadline)
        return self._event(watched, run_id)

    def _event(self, watched: WaitResult, run_id: str) -> dict[str, Any]:
        run = watched.run.model_dump(mode="json", by_alias=True, exclude_none=True) if watched.run else None
        run_id = watched.run.id if watched.run else run_id
        return {"run": run, "timeout": watched.timed_out, "run_id": run_id, "problem": watched.problem}

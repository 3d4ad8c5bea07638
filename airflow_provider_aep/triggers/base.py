"""What all triggers share: their arguments, how they lie in Airflow's database, and the one event they end with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any, ClassVar

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_aep.exceptions import AepApiError, AepConfigError
from airflow_provider_aep.hooks.event_loop import in_thread, shared_client
from airflow_provider_aep.runs.watch import RunWatcher, shared_watcher
from airflow_provider_aep.task.events import error_to_json


class AepTrigger(BaseTrigger):
    """What all triggers share. Their arguments lie in Airflow's database in plain text: ids and numbers, no secrets.

    :param aep_conn_id: the Airflow connection; it must be known to the triggerer, not to the workers only.
    :param sandbox: the sandbox, instead of the connection's.
    :param poll_interval: seconds between two polls.
    :param deadline: wall-clock epoch seconds at which to give up; None never gives up.
    :param resume: the keyword arguments of the method in which the task goes on. The event has them as ``resume``,
        because `dag.test()` hands on nothing but the event (https://github.com/apache/airflow/issues/69942).
    """

    arguments: tuple[str, ...] = ("aep_conn_id", "sandbox", "poll_interval", "deadline", "resume")
    # Where Airflow imports the classes from, for the triggers in its database: whatever file a class lives in.
    exported_by: ClassVar[str] = "airflow_provider_aep.triggers.flow_run"

    def __init__(
        self,
        *,
        aep_conn_id: str = "aep_default",
        sandbox: str | None = None,
        poll_interval: float = 30,
        deadline: float | None = None,
        resume: dict[str, Any] | None = None,
        **unknown: Any,
    ) -> None:
        # `unknown`: a task deferred by another version of this package must still end.
        super().__init__()  # type: ignore[no-untyped-call]
        self.aep_conn_id = aep_conn_id
        self.sandbox = sandbox
        self.poll_interval = poll_interval
        self.deadline = deadline
        self.resume = resume

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class path and the arguments, for Airflow's database."""
        return f"{self.exported_by}.{type(self).__qualname__}", {name: getattr(self, name) for name in self.arguments}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event: ``{"run": ...}`` or ``{"batch": ...}`` as the platform sent it, with ``"timeout": True`` if
        the deadline came first, and then with what `LastSeen.of_event` reads; or ``{"refused": {...}}``, the error that
        ended the wait (see `error_to_json`).
        """
        try:
            event = await self.wait(await self._watcher())
        except (AepApiError, AepConfigError) as problem:
            event = {"refused": error_to_json(problem)}
        if event.get("timeout"):
            event["deadline"] = self.deadline
        if self.resume is not None:
            event["resume"] = self.resume
        yield TriggerEvent(event)

    async def wait(self, watcher: RunWatcher) -> dict[str, Any]:
        """Wait, and return the event: plain JSON. The modules of this folder implement it, one for each trigger.

        :param watcher: what all triggers of this event loop on a connection and sandbox poll through: it keeps the
            platform's pauses for all of them.
        :raises AepApiError: a lasting refusal.
        """
        raise NotImplementedError

    async def _watcher(self) -> RunWatcher:
        client = await shared_client(self.aep_conn_id, self.sandbox)
        key = (self.aep_conn_id, client.org_id, client.sandbox)
        return shared_watcher(key, partial(in_thread(client.send, self.aep_conn_id, self.sandbox), patience=0))

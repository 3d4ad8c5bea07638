"""The trigger that waits for a flow run: it asks and sleeps, and judges nothing."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from airflow_provider_aep.api import catalog, flow_service
from airflow_provider_aep.api.sandbox import list_sandboxes
from airflow_provider_aep.exceptions import AepApiError, AepConfigError, AepError, AepNotFoundError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.models.batch import Batch, first_batch
from airflow_provider_aep.models.flow_run import FlowRun, first_run
from airflow_provider_aep.runs.flow_state import disable_at_once
from airflow_provider_aep.runs.watch import Grace, RunWatcher, shared_watcher
from airflow_provider_aep.triggers.refusals import facts_of

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient

P = ParamSpec("P")
R = TypeVar("R")


def in_thread(do: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """`do` for the event loop: in a thread, so that the loop goes on.

    Never `asyncio.to_thread`: looking up a connection and masking a secret ask the triggerer's supervisor. Airflow 3.1
    passes that on only from threads that asgiref has made; asked from another, the whole triggerer dies.
    """
    return sync_to_async(do, thread_sensitive=False)


# For so many seconds a client serves newcomers; then the connection is read again, in case it was changed.
_CLIENT_SECONDS = 60.0
_Clients = dict[tuple[str, str | None], tuple[float, "asyncio.Future[AepClient]"]]
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()


async def shared_client(aep_conn_id: str, sandbox: str | None) -> AepClient:
    """One client for all triggers of this event loop on a connection and sandbox: a thousand waits read it once."""
    clients = _clients.setdefault(asyncio.get_running_loop(), {})
    key = (aep_conn_id, sandbox)
    made_at, making = clients.get(key, (0.0, None))
    failed = making is not None and making.done() and making.exception() is not None
    if making is None or failed or time.monotonic() - made_at > _CLIENT_SECONDS:
        making = asyncio.ensure_future(in_thread(AepHook(aep_conn_id, sandbox).get_conn)())
        clients[key] = (time.monotonic(), making)
    # Shielded: who stops waiting must not stop the others.
    return await asyncio.shield(making)


class AepTrigger(BaseTrigger):
    """What both triggers share. Its arguments lie in Airflow's database in plain text: ids and numbers, no secrets.

    :param aep_conn_id: the Airflow connection; it must be known to the triggerer, not to the workers only.
    :param poll_interval: seconds between two looks.
    :param deadline: wall-clock epoch seconds at which to give up; None never gives up.
    """

    def __init__(
        self,
        *,
        aep_conn_id: str = "aep_default",
        sandbox: str | None = None,
        poll_interval: float = 30,
        deadline: float | None = None,
        **unknown: Any,
    ) -> None:
        # `unknown`: a task deferred by another version of this package must still end.
        super().__init__()  # type: ignore[no-untyped-call]
        self.aep_conn_id = aep_conn_id
        self.sandbox = sandbox
        self.poll_interval = poll_interval
        self.deadline = deadline

    def serialize(self) -> tuple[str, dict[str, Any]]:
        kwargs = {name: getattr(self, name) for name in self.arguments}
        return f"{type(self).__module__}.{type(self).__qualname__}", kwargs

    arguments: tuple[str, ...] = ("aep_conn_id", "sandbox", "poll_interval", "deadline")

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event: ``{"run": ...}`` or ``{"batch": ...}`` as the platform sent it, with ``"timeout": True`` if
        the deadline came first; or ``{"refused": {...}}``, the facts of the refusal that ended the wait.
        """
        try:
            event = await self.wait(await shared_client(self.aep_conn_id, self.sandbox))
        except (AepApiError, AepConfigError) as problem:
            event = {"refused": facts_of(problem)}
        yield TriggerEvent(event)

    async def wait(self, client: AepClient) -> dict[str, Any]:
        raise NotImplementedError

    def watcher(self, client: AepClient) -> RunWatcher:
        """What all triggers of this event loop on a connection and sandbox ask through: it keeps the platform's pauses
        for all of them.
        """
        key = (self.aep_conn_id, client.org_id, client.sandbox)
        return shared_watcher(key, lambda call: in_thread(client.send)(call, patience=0))

    @property
    def _late(self) -> bool:
        return self.deadline is not None and time.time() >= self.deadline

    async def _nap(self) -> None:
        # Jitter keeps tasks that were deferred together from looking together for ever.
        pause = self.poll_interval * random.uniform(0.9, 1.1)
        left = self.deadline - time.time() if self.deadline is not None else pause
        await asyncio.sleep(max(0.0, min(pause, left)))


class AepAnswerTrigger(AepTrigger):
    """Waits until the platform answers at all, for a task that began in an outage and so could not look once."""

    async def wait(self, client: AepClient) -> dict[str, Any]:
        while True:
            late = self._late
            try:
                await self.watcher(client).look(list_sandboxes(), last=late)
            except AepError as problem:
                # A refusal is an answer, too: the task will meet it and say so.
                passing = not isinstance(problem, AepNotFoundError) and Grace().outlasts(problem)
                if passing and late:
                    return {"answered": False, "timeout": True}
                if passing:
                    self.log.info("Still waiting for the platform to answer: %s", problem)
                    await self._nap()
                    continue
            return {"answered": True, "timeout": False, "deadline": self.deadline}


class AepFlowRunTrigger(AepTrigger):
    """Waits until a flow run has ended.

    :param run_id: the run; or else
    :param flow_id: its dataflow, of which the first run made at or after `since` is waited for.
    :param since: epoch milliseconds on the platform's clock.
    :param if_killed: for a run that the task itself started: ``leave`` or ``disable_flow``.
    :param killed_flow_id: the dataflow to disable.
    """

    arguments = ("run_id", "flow_id", "since", "if_killed", "killed_flow_id", *AepTrigger.arguments)

    def __init__(
        self,
        *,
        run_id: str | None = None,
        flow_id: str | None = None,
        since: int | None = None,
        if_killed: str | None = None,
        killed_flow_id: str | None = None,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.run_id = run_id
        self.flow_id = flow_id
        self.since = since
        self.if_killed = if_killed
        self.killed_flow_id = killed_flow_id

    async def on_kill(self) -> None:
        """A person ended the task (Airflow 3.3). AEP cannot cancel a run: say so; disable the dataflow if asked to."""
        if self.if_killed is None:
            return
        self.log.warning("AEP has no way to cancel a run: flow run %s goes on.", self.run_id)
        if self.if_killed == "disable_flow" and self.killed_flow_id:
            client = await shared_client(self.aep_conn_id, self.sandbox)
            await in_thread(disable_at_once)(client, self.killed_flow_id)
            self.log.warning("Disabled dataflow %s, as on_kill says: no further run begins.", self.killed_flow_id)

    async def wait(self, client: AepClient) -> dict[str, Any]:
        run_id = self.run_id or await self._find(client)
        if run_id is None:
            return {"run": None, "timeout": True}
        watcher = self.watcher(client)
        watched = await watcher.wait(run_id, poll_interval=self.poll_interval, deadline=self.deadline)
        run = watched.run.model_dump(mode="json", by_alias=True, exclude_none=True) if watched.run else None
        return {"run": run, "timeout": watched.timed_out, "run_id": run_id}

    async def _find(self, client: AepClient) -> str | None:
        call = flow_service.list_runs(str(self.flow_id), created_since=self.since or 0)
        grace = Grace()
        while True:
            late = self._late
            try:
                run: FlowRun | None = first_run(await self.watcher(client).look(call, last=late), self.since or 0)
            except AepError as problem:
                if not grace.outlasts(problem):
                    raise
                self.log.info("Still waiting for a run of dataflow %s: %s", self.flow_id, problem)
                run = None
            if run is not None or late:
                return run.id if run else None
            await self._nap()


class AepDatasetBatchTrigger(AepTrigger):
    """Waits until a batch has landed in a dataset.

    :param since: epoch milliseconds on the platform's clock.
    """

    arguments = ("dataset_id", "since", *AepTrigger.arguments)

    def __init__(self, *, dataset_id: str, since: int, **common: Any) -> None:
        super().__init__(**common)
        self.dataset_id = dataset_id
        self.since = since

    async def wait(self, client: AepClient) -> dict[str, Any]:
        call = catalog.list_batches(self.dataset_id, created_since=self.since)
        batch: Batch | None = None
        grace = Grace()
        while True:
            late = self._late
            try:
                batch = first_batch(await self.watcher(client).look(call, last=late), self.since)
            except AepError as problem:
                if not grace.outlasts(problem):
                    raise
                self.log.info("Still waiting for a batch in dataset %s: %s", self.dataset_id, problem)
            done = batch is not None and batch.finished
            if done or late:
                wire = batch.model_dump(mode="json", by_alias=True, exclude_none=True) if batch else None
                return {"batch": wire, "timeout": not done}
            await self._nap()

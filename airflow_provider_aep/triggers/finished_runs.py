"""The trigger that starts DAGs when AEP has finished a run of a dataflow.

All such triggers on a connection and sandbox that poll equally often share one poll (Airflow 3.3).

The event and the watermark are two writes in Airflow's database. The watermark is written later, so no run is lost; a
triggerer that dies between them delivers a run again, and the event says so (``redelivered``).

https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/event-scheduling.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.finished import Watermark
from airflow_provider_aep.triggers.run_stream import Page, Stream, Subscription
from airflow_provider_aep.validation import Problems

if TYPE_CHECKING:
    from airflow.triggers.shared_stream import SharedStreamProducer

# One event loop has them all: the triggerer's.
_streams: dict[Hashable, Stream] = {}


class AepFlowRunEventTrigger(BaseEventTrigger):
    """Starts DAGs when AEP has finished a run of a dataflow: for the `AssetWatcher` of an asset.

    The payload of each event is the run's summary, as a sensor returns it, with ``flow_run_id`` (by which a
    repeated event is recognised), ``window`` and ``redelivered``. Runs that failed are delivered, too: see ``status``.

    :param flow_id: the dataflow; or
    :param flow_ids: several.
    :param aep_conn_id: the Airflow connection; it must be known to the triggerer.
    :param sandbox: the sandbox, instead of the connection's.
    :param poll_interval: seconds between two polls.
    :param asset_uri: keeps two assets apart whose watchers have otherwise equal arguments.
    """

    def __init__(
        self,
        *,
        flow_id: str | None = None,
        flow_ids: Sequence[str] = (),
        aep_conn_id: str = "aep_default",
        sandbox: str | None = None,
        poll_interval: float = 60,
        asset_uri: str | None = None,
        **unknown: Any,
    ) -> None:
        # `unknown`: arguments in the database that another version of this package wrote.
        super().__init__()  # type: ignore[no-untyped-call]
        self.flow_id = flow_id
        self.flow_ids = list(flow_ids)
        self.aep_conn_id = aep_conn_id
        self.sandbox = sandbox
        self.poll_interval = poll_interval
        self.asset_uri = asset_uri

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class path and the arguments, for Airflow's database."""
        names = ("flow_id", "flow_ids", "aep_conn_id", "sandbox", "poll_interval", "asset_uri")
        return (
            "airflow_provider_aep.triggers.flow_run.AepFlowRunEventTrigger",
            {name: getattr(self, name) for name in names},
        )

    def shared_stream_key(self) -> Hashable:
        """Triggers with the same key share one poll (Airflow 3.3)."""
        return ("aep-flow-runs", self.aep_conn_id, self.sandbox, self.poll_interval)

    @classmethod
    def create_shared_stream_producer(cls, kwargs: dict[str, Any]) -> SharedStreamProducer:
        """What polls for all triggers with the same key."""
        from airflow_provider_aep.triggers.shared_runs import RunStreamProducer  # Airflow 3.3

        return RunStreamProducer(cls(**kwargs)._stream())

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Poll alone, where Airflow shares no streams (before 3.3)."""
        stream = Stream(self.aep_conn_id, self.sandbox, self.poll_interval)
        async for event in self._events(stream, stream.pages()):
            yield event

    async def filter_shared_stream(self, shared_stream: AsyncIterator[Page]) -> AsyncIterator[TriggerEvent]:
        """The events of this trigger's dataflows."""
        async for event in self._events(self._stream(), shared_stream):
            yield event

    def _stream(self) -> Stream:
        key = self.shared_stream_key()
        return _streams.setdefault(key, Stream(self.aep_conn_id, self.sandbox, self.poll_interval))

    async def _events(self, stream: Stream, pages: AsyncIterator[Page]) -> AsyncIterator[TriggerEvent]:
        subscription = Subscription(self._flows(), getattr(self, "asset_state_store", None))
        redelivered = await subscription.load()
        stream.subscriptions.append(subscription)
        try:
            async for page in pages:
                runs = page.of(subscription)
                before = {flow_id: Watermark.initial(listed, page.now) for flow_id, listed in runs.items()}
                before |= subscription.watermarks
                ended = [run for flow_id, listed in runs.items() for run in before[flow_id].undelivered(listed)]
                if ended:
                    subscription.in_flight.update(run.id for run in ended)
                    await subscription.save(before)
                for run in ended:
                    yield TriggerEvent(_payload(run, redelivered))
                after = {flow_id: before[flow_id].after(listed, page.now) for flow_id, listed in runs.items()}
                subscription.watermarks = before | after
                page.delivered[subscription] = subscription.watermarks, frozenset(run.id for run in ended)
        finally:
            stream.subscriptions.remove(subscription)

    def _flows(self) -> tuple[str, ...]:
        flow_ids = tuple(dict.fromkeys([*([self.flow_id] if self.flow_id else []), *self.flow_ids]))
        problems = Problems("trigger of flow runs", "started")
        if not flow_ids:
            problems.add("flow_id", "is missing: whose runs are to be told?")
        for flow_id in flow_ids:
            problems.id("flow_id", flow_id)
        problems.raise_if_any()
        return flow_ids


def _payload(run: FlowRun, redelivered: frozenset[str]) -> dict[str, Any]:
    return {
        **run.summary(),
        "flow_run_id": run.id,
        "window": run.window and {"start": run.window[0], "end": run.window[1]},
        "redelivered": run.id in redelivered,
    }

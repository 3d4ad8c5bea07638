"""What the triggers of finished runs share: one poll, whose page shows the runs of all their dataflows.

A page shows the state of the runs, and not what has changed: a trigger that joins late, or comes back after a restart,
finds in the next page what it has missed. What a trigger has delivered is a `Watermark` for each of its dataflows, in
the state store of its asset.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from airflow_provider_aep.exceptions import AepConfigError, AepError
from airflow_provider_aep.hooks.event_loop import in_thread, shared_client
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.finished import Watermark, first_since
from airflow_provider_aep.runs.pacing import Pacer
from airflow_provider_aep.runs.run_lists import RunLists

log = logging.getLogger(__name__)

_KEY = "watermark"


@dataclass(eq=False)
class Subscription:
    """One trigger and what it has delivered.

    :param flow_ids: its dataflows.
    :param store: the state store of the trigger's asset; None where Airflow has none.
    :param watermarks: dataflow -> which of its runs have been delivered; none until its first page.
    :param in_flight: ids of runs whose events may not be in Airflow's database yet.
    """

    flow_ids: tuple[str, ...]
    store: Any = None
    watermarks: dict[str, Watermark] = field(default_factory=dict)
    in_flight: set[str] = field(default_factory=set)

    async def load(self) -> frozenset[str]:
        """Read the watermarks. Returns the ids of the runs that may have been delivered after these were stored.

        :raises AepConfigError: the trigger belongs to several assets, so that it is not known whose watermarks these
            are.
        """
        if self.store is None:
            log.info("This Airflow keeps no state for triggers: only runs that end from now on are told.")
            return frozenset()
        try:
            stored = await self.store.aget(_KEY, None) or {}
        except ValueError:
            raise AepConfigError(
                "Several assets are watched by triggers with the same arguments, so they share one trigger: give each "
                "its own asset_uri."
            ) from None
        read = {flow_id: Watermark.from_json(stored.get("flows", {}).get(flow_id)) for flow_id in self.flow_ids}
        self.watermarks = {flow_id: watermark for flow_id, watermark in read.items() if watermark}
        return frozenset(stored.get("telling", ()))

    async def save(self, watermarks: Mapping[str, Watermark]) -> None:
        """Store watermarks, and the ids of the runs whose events are on their way to Airflow's database."""
        if self.store is not None:
            flows = {flow_id: watermark.to_json() for flow_id, watermark in watermarks.items()}
            await self.store.aset(_KEY, {"flows": flows, "telling": sorted(self.in_flight)})


@dataclass(frozen=True)
class Page:
    """The runs of all dataflows of a stream, as they are at one moment.

    :param runs: dataflow -> its latest runs.
    :param since: dataflow -> epoch milliseconds; of the runs made since then, all are shown.
    :param now: the platform's time in epoch milliseconds.
    :param delivered: trigger -> its watermarks once the events of this page are in Airflow's database, and the ids of
        the runs of these events.
    """

    runs: dict[str, list[FlowRun]]
    since: dict[str, int]
    now: int
    delivered: dict[Subscription, tuple[Mapping[str, Watermark], frozenset[str]]] = field(default_factory=dict)

    def of(self, subscription: Subscription) -> dict[str, list[FlowRun]]:
        """The runs of a trigger's dataflows. A dataflow is left out that could not be read, or that was asked for
        before the trigger joined, so that runs may be missing that the trigger has yet to deliver.
        """
        watermarks = subscription.watermarks
        return {
            flow_id: self.runs[flow_id]
            for flow_id in subscription.flow_ids
            if flow_id in self.runs and (flow_id not in watermarks or self.since[flow_id] <= watermarks[flow_id].since)
        }

    async def save_watermarks(self) -> None:
        """Store what all triggers have delivered."""
        for subscription, (watermarks, run_ids) in self.delivered.items():
            subscription.in_flight -= run_ids
            await subscription.save(watermarks)


class Stream:
    """What the triggers of one connection and sandbox share.

    :param poll_interval: seconds between two polls.
    """

    def __init__(self, aep_conn_id: str, sandbox: str | None, poll_interval: float) -> None:
        self._conn = (aep_conn_id, sandbox)
        self._poll_interval = poll_interval
        self._lists: RunLists | None = None
        self.subscriptions: list[Subscription] = []

    async def pages(self) -> AsyncIterator[Page]:
        """A page every poll interval, for ever; none while nobody listens or the platform cannot be asked."""
        while True:
            page = await self._page() if self.subscriptions else None
            if page is not None:
                yield page
            # The triggers of a triggerer that has just begun come one after another.
            pause = self._poll_interval if self.subscriptions else min(1.0, self._poll_interval)
            await asyncio.sleep(pause * random.uniform(0.9, 1.1))

    async def _page(self) -> Page | None:
        try:
            client = await shared_client(*self._conn)
            send = partial(in_thread(client.send, *self._conn), patience=0)
            if self._lists is None:
                self._pacer = Pacer(send)
                self._lists = RunLists(self._pacer)
            # A newer client knows a newer secret.
            self._pacer.send = send
            now = int(client.now() * 1000)
            since = self._since(now)
            runs = await self._lists.read(since, in_full=self._is_undelivered)
        except AepError as problem:
            log.warning("The runs of %d dataflows cannot be listed now: %s", len(self._since(0)), problem)
            return None
        return Page(runs, since, now)

    def _since(self, now: int) -> dict[str, int]:
        """Dataflow -> the earliest time from which on one of the triggers wants its runs."""
        since: dict[str, int] = {}
        for each in self.subscriptions:
            for flow_id in each.flow_ids:
                watermark = each.watermarks.get(flow_id)
                begins = watermark.since if watermark else first_since(now)
                since[flow_id] = min(begins, since.get(flow_id, begins))
        return since

    def _is_undelivered(self, flow_id: str, run: FlowRun) -> bool:
        """Whether one of the triggers has to deliver this run, if it has ended."""
        watermarks = [each.watermarks[flow_id] for each in self.subscriptions if flow_id in each.watermarks]
        return any(watermark.is_undelivered(run) for watermark in watermarks)

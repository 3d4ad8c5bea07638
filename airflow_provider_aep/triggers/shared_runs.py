"""One poll for all triggers of finished runs; imported by Airflow 3.3 only, which has shared streams."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from airflow.triggers.shared_stream import AdvanceItem, SharedStreamProducer

from airflow_provider_aep.triggers.run_stream import Page, Stream


class RunStreamProducer(SharedStreamProducer):
    """Gives each page to all triggers, and stores what they have delivered once Airflow's database has their events.

    :param stream: whose triggers these are.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def open_stream(self) -> AsyncIterator[tuple[Page, Page]]:
        """The pages, for ever: a failed request ends no trigger."""
        async for page in self._stream.pages():
            yield page, page

    async def advance(self, batch: Sequence[AdvanceItem]) -> None:
        """Store the watermarks of pages whose events are in the database; the next page delivers the others again."""
        for page, outcome in batch:
            if not outcome.failed:
                await page.save_watermarks()

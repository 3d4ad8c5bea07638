"""A triggerer and the state store of an asset, for triggers that share a stream (Airflow 3.3)."""

import asyncio
import json

try:
    from airflow.triggers import shared_stream
except ImportError:  # before Airflow 3.3
    shared_stream = None


class Store:
    """The state store of one asset: JSON in Airflow's database."""

    def __init__(self):
        self.text = None

    async def aget(self, key, default):
        return json.loads(self.text) if self.text else default

    async def aset(self, key, value):
        self.text = json.dumps(value)


class Triggerer:
    """Gives each page of one stream to all triggers and confirms what they tell, as Airflow's triggerer does.

    :param confirm: whether the events get into the database: if not, the triggerer dies before.
    """

    def __init__(self, *triggers, confirm=True):
        self.triggers = triggers
        self.confirm = confirm
        self.told = []

    async def run(self, pages):
        """Hand out so many pages."""
        producer = type(self.triggers[0]).create_shared_stream_producer(self.triggers[0].serialize()[1])
        queues = [asyncio.Queue() for _ in self.triggers]
        filters = [
            asyncio.create_task(self._filter(trigger, queue))
            for trigger, queue in zip(self.triggers, queues, strict=True)
        ]
        await asyncio.sleep(0)
        stream = producer.open_stream()
        for _ in range(pages):
            page, payload = await asyncio.wait_for(anext(stream), 20)
            for queue in queues:
                queue.put_nowait(page)
            await asyncio.gather(*(queue.join() for queue in queues))
            outcome = shared_stream.AdvanceOutcome(acked=len(filters), failed=0 if self.confirm else 1)
            await producer.advance([shared_stream.AdvanceItem(payload, outcome)])
        for task in filters:
            task.cancel()
        await asyncio.gather(*filters, return_exceptions=True)
        await stream.aclose()

    async def _filter(self, trigger, queue):
        async def drain():
            while True:
                yield await queue.get()
                queue.task_done()

        async for event in trigger.filter_shared_stream(drain()):
            self.told.append(event.payload)


def turn(*triggers, pages=1, **how):
    """What is told while a triggerer hands out so many pages."""
    triggerer = Triggerer(*triggers, **how)
    asyncio.run(triggerer.run(pages))
    return triggerer.told

"""What a plan of 100 unchanged dataflows costs: requests, and its own time beside that of parsing its answers."""

from __future__ import annotations

import json
import logging
from time import process_time
from urllib.parse import unquote

import platform_process  # noqa: F401 - it puts tests/ on the path

# isort: split
from dataflow.test_inventory import hundred
from dataflow.world import World

from airflow_provider_aep.client.paging import read_list
from airflow_provider_aep.client.reading import read_page
from airflow_provider_aep.dataflow.planner import plan
from airflow_provider_aep.emulator import AepEmulator

COUNT = 100
# Best of so many: a shared machine is slow now and then.
ROUNDS = 5


def main() -> None:
    logging.disable(logging.WARNING)
    with AepEmulator() as aep:
        specs = hundred(World(aep))
        alone = spent(aep, specs)
        one_by_one = sum(spent(aep, [spec]) for spec in specs)
        own, parsing = own_time(aep, specs)
    with AepEmulator() as aep:
        beside = spent(aep, hundred(World(aep), others=400))
    print(f"Plan of {COUNT} unchanged dataflows (without the token)")
    rows = [
        ("requests, one by one", one_by_one),
        ("requests, nothing else in the sandbox", alone),
        ("requests, 400 others of each kind beside them", beside),
        ("one by one / plan (at least 17)", one_by_one / alone),
        ("own time / time of parsing its answers (target 3)", own / parsing),
    ]
    for title, value in rows:
        print(f"  {title:<54}{value:>8.1f}" if isinstance(value, float) else f"  {title:<54}{value:>6}")


def spent(aep, specs) -> int:
    before = len(aep.requests)
    found = plan(World(aep).client, specs)
    assert found.is_empty
    return sum(not record.path.endswith("/token/v3") for record in aep.requests[before:])


def own_time(aep, specs) -> tuple[float, float]:
    """Seconds of the processor for a plan whose answers are there at once, less those for reading the answers; and for
    reading them alone.
    """
    client = World(aep).client
    before = len(aep.requests)
    plan(client, specs)
    recorded = Recorded(client, aep.requests[before:])
    plan(recorded, specs)
    pages = list(recorded.pages)
    planning = min(seconds(lambda: plan(recorded, specs)) for _ in range(ROUNDS))
    reading = min(seconds(lambda: [read_page(*page) for page in pages]) for _ in range(ROUNDS))
    return planning - reading, reading


class Recorded:
    """Answers what was answered before.

    :ivar pages: each call, with the query and the text of a page.
    """

    def __init__(self, client, records) -> None:
        self.org_id, self.sandbox, self.now = client.org_id, client.sandbox, client.now
        self.texts = {key(record.path, record.query): json.dumps(record.response) for record in records}
        self.pages = []

    def send(self, call):
        return read_list(call, lambda params: self._page(call, params)) if call.next_page else self._page(call)[0]

    def _page(self, call, params=None):
        page = call, call.params if params is None else params
        text = self.texts[key(unquote(call.path), page[1])]
        self.pages.append((*page, text))
        return read_page(*page, text)


def key(path, query) -> tuple:
    values = ((name, (value,) if isinstance(value, str) else tuple(value)) for name, value in query.items())
    return unquote(path), *sorted(values)


def seconds(act) -> float:
    began = process_time()
    act()
    return process_time() - began


if __name__ == "__main__":
    main()

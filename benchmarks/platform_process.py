"""A local AEP in a process of its own, so that its work is not counted as the provider's."""

from __future__ import annotations

import multiprocessing
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


@contextmanager
def platform_with_runs(count: int):
    """A platform on which `count` runs of one dataflow are under way until `end_runs`; then as many dataflows without a
    run get one, and as many datasets a batch.
    """
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, count), daemon=True)
    process.start()
    try:
        yield _Remote(here)
    finally:
        here.send(("stop",))
        process.join(10)


class _Remote:
    def __init__(self, pipe) -> None:
        self._pipe = pipe
        self.connection, self.run_ids, self.flow_ids, self.dataset_ids = pipe.recv()

    def requests(self) -> Counter:
        """How many requests there were since the last time, by method and kind."""
        return self._ask("requests")

    def end_runs(self) -> None:
        self._ask("end")

    def _ask(self, *command):
        self._pipe.send(command)
        return self._pipe.recv()


def _serve(pipe, count) -> None:
    from direct import direct_client
    from many import add_batches, add_runs, clone_flow, dataset_ids
    from provisioning import Provisioning

    from airflow_provider_aep.emulator import AepEmulator

    with AepEmulator() as aep:
        flow_id = Provisioning(direct_client(aep)).build().flow
        run_ids = make_runs(aep, flow_id, count)
        flow_ids, datasets = clone_flow(aep, flow_id, count), dataset_ids(count)
        pipe.send((aep.connection_json(), run_ids, flow_ids, datasets))
        seen = len(aep.requests)
        while (command := pipe.recv()) != ("stop",):
            if command == ("requests",):
                new = aep.requests[seen:]
                seen += len(new)
                asked = Counter("token" if each.path.endswith("/token/v3") else _kind(each) for each in new)
                # Each round asks once for a list with the first of all ids in it.
                firsts = {run_ids[0], flow_ids[0], datasets[0]}
                asked["rounds"] = sum(_kind(each) == "GET a list" and bool(firsts & _listed(each)) for each in new)
                pipe.send(asked)
            else:
                add_runs(aep, *flow_ids)
                add_batches(aep, *datasets)
                aep.advance(2_000_000)
                pipe.send(None)


def make_runs(aep, flow_id: str, count: int) -> list[str]:
    """Runs that are under way for long. Not made by `POST /runs`: thousands would take the emulator a minute."""
    from airflow_provider_aep.emulator.simulation.run_plans import create_run

    aep.script_run("success", duration=1_000_000, times=None)
    platform = aep._platform
    with platform.lock:
        sandbox = platform.sandboxes[aep.sandbox]
        when = {"created_at": aep.now(), "client_id": aep.client_id, "window": (1_900_000_000, 1_900_003_600)}
        runs = [create_run(platform, sandbox, sandbox["flows"][flow_id], **when) for _ in range(count)]
    aep.advance(60)
    return [run["id"] for run in runs]


def _listed(record) -> set[str]:
    """The ids of a list of several."""
    filters = [text.partition("==")[2] for text in record.query.get("property", [])] + record.query.get("dataSet", [])
    return {id_ for text in filters if "," in text for id_ in text.split(",")}


def _kind(record) -> str:
    if "continuationToken" in record.query or "start" in record.query:
        return "further pages"
    listed = record.path.endswith(("/runs", "/batches"))
    return f"{record.method} {'a list' if listed else record.path.rsplit('/', 2)[-2]}"

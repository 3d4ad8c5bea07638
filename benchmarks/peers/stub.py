"""What is at the other end: an API that answers each request after 100 ms, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS.parent / "tests")]
DELAY = 0.1


@contextmanager
def stub_of(serve, *arguments):
    """Run `serve` in a process of its own. Yields what it first sends, and a function that asks for the number of
    requests and of runs looked at since it was last asked.
    """
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=serve, args=(there, *arguments), daemon=True)
    process.start()

    def counts():
        here.send("counts")
        return here.recv()

    try:
        yield here.recv(), counts
    finally:
        here.send("stop")
        process.join(10)


def serve_answer(pipe, answer) -> None:
    """Every request is for one run, and its answer is always the same."""
    import uvicorn

    body = json.dumps(answer).encode()
    head = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
    seen = 0

    async def app(scope, receive, send):
        nonlocal seen
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            continue
        seen += 1
        await asyncio.sleep(DELAY)
        await send(head)
        await send({"type": "http.response.body", "body": body})

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off", backlog=4096))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    pipe.send(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    told = 0
    while pipe.recv() != "stop":
        total = seen
        pipe.send((total - told, total - told))
        told = total


def serve_aep(pipe, count) -> None:
    """The emulator, with as many runs under way."""
    from direct import direct_client
    from platform_process import make_runs
    from provisioning import Provisioning

    from airflow_provider_aep.emulator import AepEmulator

    with AepEmulator() as aep:
        flow_id = Provisioning(direct_client(aep)).build().flow
        run_ids = make_runs(aep, flow_id, count)
        aep.fault(kind="delay", delay=DELAY, times=None)
        pipe.send((aep.connection_json(), run_ids))
        told = len(aep.requests)
        while pipe.recv() != "stop":
            new = [record for record in aep.requests[told:] if not record.path.endswith("/token/v3")]
            told = len(aep.requests)
            pipe.send((len(new), sum(map(runs_looked_at, new))))


def runs_looked_at(record) -> int:
    """A list names its runs, separated by commas, in its first page; a single read is for one run."""
    if "continuationToken" in record.query:
        return 0
    if not record.path.endswith("/runs"):
        return 1
    return sum(len(term.split(",")) for term in record.query.get("property", []) if term.startswith("id=="))

"""How many requests a dataflow costs: to build it, to find it built, and to wait for its runs."""

from __future__ import annotations

import asyncio
import logging

from platform_process import make_runs  # it puts tests/ on the path

# isort: split
from direct import Naps, direct_client, ims_tokens
from provisioning import Provisioning

from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.runs.watch import RunWatcher


def main() -> None:
    logging.disable(logging.WARNING)
    with AepEmulator() as aep:
        tokens = ims_tokens(aep)
        rows = [
            ("first provisioning, seven resources made", spent(aep, lambda: build(aep, tokens))),
            ("second provisioning, all seven reused", spent(aep, lambda: build(aep, tokens))),
        ]
        flow_id = build(aep, tokens)
        for count in (1, 10, 50, 100, 1_000):
            run_ids = make_runs(aep, flow_id, count)
            look = spent(aep, lambda run_ids=run_ids: wait(aep, tokens, run_ids)) / LOOKS
            rows.append((f"one look at {count} waiting runs", look))
    print("Requests (without the token)")
    for title, count in rows:
        print(f"  {title:<44}{count:>6.0f}")


LOOKS = 5


def spent(aep, act) -> int:
    before = len(aep.requests)
    act()
    return sum(not record.path.endswith("/token/v3") for record in aep.requests[before:])


def build(aep, tokens) -> str:
    return Provisioning(direct_client(aep, tokens=tokens), pause=Naps()).build().flow


def wait(aep, tokens, run_ids) -> None:
    """LOOKS looks at runs that do not end."""
    client = direct_client(aep, tokens=tokens)
    looks = 0

    async def ask(call):
        return await client.asend(call, patience=0)

    async def sleep(seconds):
        nonlocal looks
        looks += 1
        if looks > LOOKS:
            over.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    async def watch():
        watcher = RunWatcher(ask, sleep=sleep)
        waits = [asyncio.ensure_future(watcher.wait(id_, poll_interval=30, deadline=None)) for id_ in run_ids]
        await over.wait()
        for each in waits:
            each.cancel()

    over = asyncio.Event()
    asyncio.run(watch())


if __name__ == "__main__":
    main()

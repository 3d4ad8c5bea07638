"""The hook in an event loop: what blocks runs in threads, and all triggers on a connection share one client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async

from airflow_provider_aep.hooks.aep import AepHook

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient

P = ParamSpec("P")
R = TypeVar("R")

# For so many seconds a client serves new triggers; then the connection is read again, in case it was changed.
_CLIENT_SECONDS = 60.0
_Clients = dict[tuple[str, str | None], tuple[float, "asyncio.Future[AepClient]"]]
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()


# Threads of each connection and sandbox: four for the requests that its waits send at once (see `runs.pacing`), one for
# the look-up of the connection, one for a dataflow that is to be disabled because its task is being killed.
THREADS = 6
_Threads = dict[tuple[str, str | None], ThreadPoolExecutor]
_threads: WeakKeyDictionary[asyncio.AbstractEventLoop, _Threads] = WeakKeyDictionary()


def in_thread(function: Callable[P, R], aep_conn_id: str, sandbox: str | None) -> Callable[P, Awaitable[R]]:
    """A blocking function for the event loop: it runs in a thread, so that the loop goes on.

    Each connection and sandbox has threads of its own. The event loop's are few, and shared with name look-ups and all
    other triggers, whom a slow platform would hold up.

    Never `asyncio.to_thread`: looking up a connection and masking a secret ask the triggerer's supervisor. Airflow 3.1
    passes that on only from threads in which asgiref runs the function; asked from another, the whole triggerer dies.

    :param aep_conn_id: the Airflow connection.
    :param sandbox: the sandbox, instead of the connection's.
    """
    threads = _threads.setdefault(asyncio.get_running_loop(), {})
    key = (aep_conn_id, sandbox)
    if key not in threads:
        threads[key] = ThreadPoolExecutor(THREADS, thread_name_prefix=f"aep-{aep_conn_id}")
    return sync_to_async(function, thread_sensitive=False, executor=threads[key])


async def shared_client(aep_conn_id: str, sandbox: str | None) -> AepClient:
    """One client for all triggers of this event loop on a connection and sandbox: a thousand waits read it once.

    :param aep_conn_id: the Airflow connection.
    :param sandbox: the sandbox, instead of the connection's.
    :raises AepConfigError: every field of the connection that is missing or wrong.
    """
    clients = _clients.setdefault(asyncio.get_running_loop(), {})
    key = (aep_conn_id, sandbox)
    made_at, making = clients.get(key, (0.0, None))
    failed = making is not None and making.done() and making.exception() is not None
    if making is None or failed or time.monotonic() - made_at > _CLIENT_SECONDS:
        making = asyncio.ensure_future(in_thread(AepHook(aep_conn_id, sandbox).get_conn, aep_conn_id, sandbox)())
        clients[key] = (time.monotonic(), making)
    # Shielded: cancelling one trigger must not cancel the look-up that others share.
    return await asyncio.shield(making)

"""Serves an ASGI application from a thread, with uvicorn."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import uvicorn

BACKLOG = 2048
START_TIMEOUT_S = 10.0
#: rounds of the event loop within which a dropped connection is closed on our side too
CLOSING_ROUNDS = 10

_USED_PORTS: set[int] = set()


class ListeningSocket(socket.socket):
    """A listening socket that can drop the connections it accepted.

    An ASGI application is told the client's address, but has no way to close a connection without a response.
    """

    def __init__(self, listening: socket.socket) -> None:
        super().__init__(fileno=listening.detach())
        self.setblocking(False)
        self._accepted: WeakValueDictionary[tuple[str, int], socket.socket] = WeakValueDictionary()

    def accept(self) -> tuple[socket.socket, Any]:
        connection, address = super().accept()
        # Head and body are written apart; without this the client's delayed ACK costs 40 ms a response.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._accepted[address[:2]] = connection
        return connection, address

    def drop(self, client: tuple[str, int] | None) -> None:
        """Close the connection of that client (host, port), unless it is closed already."""
        connection = self._accepted.get(client) if client else None
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def drop_all(self) -> None:
        for client in list(self._accepted):
            self.drop(client)


class Server:
    """`application` finds in its scope, as `drop`, a function that closes the connection without a response."""

    def __init__(self, application: Any, host: str, port: int) -> None:
        self._application = application
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                self._call,
                interface="asgi3",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                date_header=False,
                server_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                callback_notify=self._set_ready,
            )
        )
        self._socket = _listen(host, port)
        self.host, self.port = self._socket.getsockname()[:2]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"aep-emulator-{self.port}", daemon=True)

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(START_TIMEOUT_S):
            raise RuntimeError("the emulator did not start")

    def stop(self) -> None:
        """Close every connection and release the port."""
        if self._loop is not None and self._stopping is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    async def _call(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await self._application({**scope, "drop": partial(self._socket.drop, scope["client"])}, receive, send)

    async def _set_ready(self) -> None:
        """Called by uvicorn once it serves, and twice a minute from then on."""
        self._ready.set()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        serving = asyncio.create_task(self._uvicorn.serve([self._socket]))
        await self._stopping.wait()
        # Left to itself uvicorn takes up to two tenths of a second to stop, and a test suite stops thousands of them.
        serving.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()
        for _ in range(CLOSING_ROUNDS):
            self._socket.drop_all()
            await asyncio.sleep(0)


def _listen(host: str, port: int) -> ListeningSocket:
    """Bind a port; a free one (0) that no emulator of this process had before.

    A client keeps its tokens by address: it would offer those of an emulator that is gone to the next one, which
    costs a 401 and a second token, and breaks tests that count requests.
    """
    rejected = []
    try:
        while True:
            listening = socket.create_server((host, port), backlog=BACKLOG)
            bound = listening.getsockname()[1]
            if port or bound not in _USED_PORTS:
                _USED_PORTS.add(bound)
                return ListeningSocket(listening)
            rejected.append(listening)
    finally:
        for listening in rejected:
            listening.close()

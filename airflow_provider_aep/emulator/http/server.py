"""Serves an ASGI application from a thread, on uvicorn's h11 protocol.

uvicorn's own `Server` is not used: it stops only after a tenth of a second, and a test suite starts hundreds.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

BACKLOG = 2048
START_TIMEOUT_S = 10.0
DRAIN_ROUNDS = 5

_HAD: set[int] = set()


class ClosableProtocol(H11Protocol):
    """Hands the transport to the application, so that a fault can really close the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Head and body are written apart; without this the client's delayed ACK costs 40 ms an answer.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "transport": transport}


def _listen(host: str, port: int) -> socket.socket:
    """Bind a port; a free one (0) that no emulator of this process had: tokens are kept by address, and those of an
    emulator that is gone would be offered to the next one.
    """
    unwanted = []
    try:
        while True:
            listening = socket.create_server((host, port), backlog=BACKLOG)
            if port or listening.getsockname()[1] not in _HAD:
                _HAD.add(listening.getsockname()[1])
                return listening
            unwanted.append(listening)
    finally:
        for listening in unwanted:
            listening.close()


class Server:
    def __init__(self, application: Any, host: str, port: int) -> None:
        self._config = uvicorn.Config(
            application, http=ClosableProtocol, ws="none", lifespan="off", log_config=None, access_log=False
        )
        self._socket = _listen(host, port)
        self._socket.setblocking(False)
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

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._config.load()
        state = ServerState()
        server = await self._loop.create_server(
            lambda: ClosableProtocol(config=self._config, server_state=state, app_state={}),
            sock=self._socket,
            backlog=BACKLOG,
        )
        self._ready.set()
        await self._stopping.wait()
        self._loop.remove_reader(self._socket)
        for _ in range(DRAIN_ROUNDS):
            # A connection accepted a moment ago is registered only some rounds of the loop later, and is
            # lost for good if its server is closed by then.
            await asyncio.sleep(0)
            for connection in list(state.connections):
                if connection.transport is not None:
                    connection.transport.abort()
        server.close()
        for task in list(state.tasks):
            task.cancel()
        await asyncio.sleep(0)

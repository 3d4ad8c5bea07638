"""One deadline for a whole response, head and body.

The sockets of Python know a time limit for each `recv` only: a server that sends a byte a minute is never late.
"""

from __future__ import annotations

import http.client
import io
import socket
from contextlib import suppress
from time import monotonic
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class _TimedReader(io.RawIOBase):
    """Reads from a socket, until its seconds are over.

    :param raw: what `socket.makefile` made of the socket.
    """

    def __init__(self, sock: socket.socket, raw: Any, seconds: float) -> None:
        self._sock = sock
        self._raw = raw
        self._seconds = seconds
        self._ends_at = monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends_at - monotonic()
        if left <= 0:
            raise TimeoutError("the response took too long")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)  # type: ignore[no-any-return]

    def close(self) -> None:
        if not self.closed:
            # The connection is kept, and its next request is sent with this limit.
            with suppress(OSError):
                self._sock.settimeout(self._seconds)
            self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """Takes no longer, from its first byte to its last, than the socket's time limit when it begins."""

    def __init__(self, sock: socket.socket, *arguments: Any, **more: Any) -> None:
        super().__init__(sock, *arguments, **more)
        seconds = sock.gettimeout()
        if seconds is not None:
            self.fp = io.BufferedReader(_TimedReader(sock, self.fp.detach(), seconds))


class _Connection(HTTPConnection):
    response_class = _TimedResponse


class _SecureConnection(HTTPSConnection):
    response_class = _TimedResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}


class TimedAdapter(HTTPAdapter):
    """The `read` of a `timeout` is the limit for the whole response, of a proxy's to CONNECT as well."""

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(*arguments, **more)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **more)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager

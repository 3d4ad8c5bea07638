"""A server of any bytes: what stands between the client and the platform need not speak HTTP well."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import contextmanager, suppress
from itertools import chain, repeat

from direct import Naps, direct_client

from airflow_provider_aep.client.auth import GivenToken

EMPTY_LIST = b'{"items": []}'


def response(status=200, body=EMPTY_LIST, **headers):
    """The bytes of a well-formed response; a header's underscores are hyphens."""
    body = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status} Reason".encode(), b"Content-Length: %d" % len(body)]
    for name, value in headers.items():
        lines.append(name.replace("_", "-").encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    return b"\r\n".join([*lines, b"", body])


class Platform(socketserver.ThreadingTCPServer):
    """Gives each request the next of its responses, and the last one to all further requests.

    :param responses: bytes, or functions that get the request and the connection and may return bytes.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, responses):
        self.requests = []
        self._responses = chain(responses, repeat(responses[-1]))
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), None)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def finish_request(self, connection, client_address):
        with suppress(OSError), connection.makefile("rb") as stream:
            while request := read_request(stream):
                with self._lock:
                    self.requests.append(request)
                    reply = next(self._responses)
                reply = reply(request, connection) if callable(reply) else reply
                if reply is not None:
                    connection.sendall(reply)
                if reply is None or b"ontent-Length" not in reply:
                    connection.shutdown(socket.SHUT_RDWR)
                    return


def read_request(stream):
    head, length = b"", 0
    for line in iter(stream.readline, b""):
        head += line
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
        if line == b"\r\n":
            return head + stream.read(length)
    return None


@contextmanager
def platform(*responses):
    server = Platform(responses)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def client_of(server, **overrides):
    """A client of this server, with a token of its own; `client.sleep` is a list of Naps."""
    tokens = overrides.pop("tokens", None) or GivenToken("eyJ.given.token")
    fields = type("Fields", (), {"client_id": "id", "org_id": "o@AdobeOrg", "sandbox": "dev", "url": server.url})
    return direct_client(fields, tokens=tokens, sleep=Naps(), **overrides)


def then_hang_up(data):
    """These bytes, and the end of the connection, however many more bytes they promise."""

    def reply(request, connection):
        connection.sendall(data)

    return reply

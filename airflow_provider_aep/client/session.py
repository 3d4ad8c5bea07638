"""The HTTP session of a connection: its proxies and certificates, kept connections, no cookies."""

from __future__ import annotations

import http.cookiejar
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from airflow_provider_aep.client.urls import is_loopback

_CONNECTIONS = 32


class _Session(requests.Session):
    """Lets the connection win over the machine's environment.

    requests has it the other way round: `HTTPS_PROXY` and `REQUESTS_CA_BUNDLE` would beat the session's own proxies and
    certificates, and a password from a netrc file would take the place of the token.
    """

    def __init__(self) -> None:
        super().__init__()
        self.auth = lambda request: request

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        chosen = dict(self.proxies)
        host = urlsplit(url).hostname or ""
        if is_loopback(host):
            # The machine's proxy does not lead back to the machine.
            chosen.setdefault("no_proxy", host)
        return super().merge_environment_settings(url, chosen, stream, self.verify, cert)


def make_session(*, proxies: dict[str, str] | None = None, verify: bool | str = True) -> requests.Session:
    """A session that keeps connections and no cookies, and verifies certificates.

    :param proxies: scheme -> URL of the proxy; where none is given, the environment's (`HTTPS_PROXY`, `NO_PROXY`).
    :param verify: True, or the path of a CA bundle.
    """
    session = _Session()
    adapter = HTTPAdapter(pool_connections=_CONNECTIONS, pool_maxsize=_CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    session.verify = verify
    session.proxies.update(proxies or {})
    return session

"""The HTTP session of a connection: its proxies and certificates, kept connections, no cookies."""

from __future__ import annotations

import http.cookiejar
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from airflow_provider_aep.client.deadline import TimedAdapter
from airflow_provider_aep.client.forks import renew_after_fork
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
        self._of_the_parent: list[BaseAdapter] = []
        self.connect_anew()
        renew_after_fork(self)

    def connect_anew(self) -> None:
        """Begin with no connections and no cookies."""
        adapter = TimedAdapter(pool_connections=_CONNECTIONS, pool_maxsize=_CONNECTIONS)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.cookies = requests.cookies.RequestsCookieJar()
        self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))

    def after_fork(self) -> None:
        # Kept, because to close them takes a lock that may never be released here.
        self._of_the_parent.extend(self.adapters.values())
        self.connect_anew()

    def get_redirect_target(self, response: Any) -> None:
        """None: no redirect is followed, so nobody need read where it leads, which may be anything."""

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
    session.verify = verify
    session.proxies.update(proxies or {})
    return session

"""The IMS token: fetched once per process and credential, shared by all threads, refreshed early, never printed.

https://developer.adobe.com/developer-console/docs/guides/authentication/ServerToServerAuthentication/
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

from airflow_provider_aep.api.refusal import refusal
from airflow_provider_aep.exceptions import AepApiError, AepAuthError, AepConfigError, AepUnreachableError

IMS_URL = "https://ims-na1.adobelogin.com"
SCOPES = ("openid", "session", "AdobeID", "read_organizations", "additional_info.projectedProductContext")
TOKEN_PATH = "/ims/token/v3"

_ATTEMPTS = 5
# No token lives for ten days, so a larger number is milliseconds, as the older JWT samples show them.
_MAX_SECONDS = 864_000


class Tokens(Protocol):
    """Where a client gets its bearer token."""

    def current(self) -> str:
        """A token that should be valid."""

    def renew(self, refused: str) -> str | None:
        """Another token after the platform refused one; None if there is none to be had."""


class GivenToken:
    """A bearer token issued elsewhere."""

    def __init__(self, token: str) -> None:
        self._token = token

    def current(self) -> str:
        return self._token

    def renew(self, refused: str) -> str | None:
        return None


class ImsTokens:
    """Tokens for an OAuth server-to-server credential.

    :param url: the IMS host.
    :param scopes: as Adobe's Developer Console lists them; blanks do not matter.
    :param session: how to reach IMS: proxies, certificates.
    :param timeout: seconds (connect, read).
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        url: str = IMS_URL,
        scopes: tuple[str, ...] = SCOPES,
        session: requests.Session | None = None,
        timeout: tuple[float, float] = (10, 60),
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._url = checked_url(url, "ims_url") + TOKEN_PATH
        self._scopes = scopes
        self._session = session or requests.Session()
        self._timeout = timeout
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._token = ""
        self._fresh_until = 0.0

    def current(self) -> str:
        """The token, fetched if there is none or its end is near. Threads that come meanwhile wait for the one request.

        :raises AepAuthError: IMS refused the credential.
        :raises AepUnreachableError: IMS did not answer.
        """
        with self._lock:
            if self._clock() >= self._fresh_until:
                self._fetch()
            return self._token

    def renew(self, refused: str) -> str:
        """A token other than the refused one; if another thread has renewed it already, that thread's."""
        with self._lock:
            if self._token == refused:
                self._fetch()
            return self._token

    def _fetch(self) -> None:
        answer = self._ask_patiently()
        try:
            body = answer.json()
            token, seconds = str(body["access_token"]), float(body.get("expires_in") or 86399)
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise AepAuthError(
                f"POST {self._url} was answered {answer.status_code} without a token ({type(problem).__name__})",
                status=answer.status_code,
                retryable=True,
            ) from None
        seconds = seconds / 1000 if seconds > _MAX_SECONDS else seconds
        # Refreshed when a fifth of its life is left, but at most five minutes early; not by all processes at once.
        margin = min(300.0, seconds / 5) * random.uniform(1.0, 1.2)
        self._token, self._fresh_until = token, self._clock() + seconds - margin

    def _ask_patiently(self) -> requests.Response:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._ask()
            except (AepApiError, AepUnreachableError) as problem:
                if not problem.retryable or attempt == _ATTEMPTS:
                    raise
                wait = getattr(problem, "retry_after", None)
                self._sleep(wait if wait is not None else random.uniform(0.5, 1.0) * 2 ** (attempt - 1))
        raise AssertionError("unreachable")  # pragma: no cover

    def _ask(self) -> requests.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "scope": ",".join(self._scopes),
        }
        try:
            answer = self._session.post(self._url, data=form, timeout=self._timeout, allow_redirects=False)
        except requests.RequestException as problem:
            raise AepUnreachableError(f"POST {self._url} got no answer ({type(problem).__name__})") from None
        if answer.status_code == 200:
            return answer
        error = refusal(f"POST {self._url}", answer.status_code, answer.headers, answer.text)
        if error.retryable:
            raise error
        raise AepAuthError(
            f"{error}. Check login (client id), password (client secret) and scopes of the Airflow connection.",
            status=error.status,
            code=error.code,
            title=error.title,
            detail=error.detail,
            request_id=error.request_id,
        )

    def __repr__(self) -> str:
        return f"ImsTokens(url={self._url!r})"


_shared: dict[str, ImsTokens] = {}
_shared_lock = threading.Lock()


def shared_tokens(
    *, client_id: str, client_secret: str, url: str, scopes: tuple[str, ...], key: Any = None, **reach: Any
) -> ImsTokens:
    """The process's one `ImsTokens` for this credential.

    :param key: what else tells two credentials apart, such as the organisation.
    :param reach: how to reach IMS if it has to be made: `session`, `timeout`.
    """
    identity = hashlib.sha256(repr((url, client_id, client_secret, scopes, key)).encode()).hexdigest()
    with _shared_lock:
        if identity not in _shared:
            _shared[identity] = ImsTokens(
                client_id=client_id, client_secret=client_secret, url=url, scopes=scopes, **reach
            )
        return _shared[identity]


def read_scopes(value: Any) -> tuple[str, ...]:
    """Scopes from a list or a comma-separated string, without the blanks that Adobe's console shows between them."""
    parts = value.split(",") if isinstance(value, str) else value or ()
    return tuple(scope for part in parts if (scope := str(part).strip())) or SCOPES


def client_id_of(token: str) -> str | None:
    """The client id within a bearer token, which the platform wants as API key beside it."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return None
    return str(claims["client_id"]) if isinstance(claims, Mapping) and claims.get("client_id") else None


def checked_url(url: str, field: str) -> str:
    """The URL without a trailing slash.

    :raises AepConfigError: it is not https, unless the host is this machine; or it carries credentials or a query.
    """
    parts = urlsplit(url if "//" in url else f"https://{url}")
    if not parts.hostname or parts.username or parts.query or parts.scheme not in ("https", "http"):
        raise AepConfigError(
            f"{field} must be a URL such as https://platform.adobe.io, without user, password or query."
        )
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise AepConfigError(
            f"{field} is http:// to {parts.hostname!r}; secrets go over https only (http to loopback is fine)."
        )
    return parts.geturl().rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""The IMS token: fetched once per process and credential, shared by all threads, refreshed early, never printed.

https://developer.adobe.com/developer-console/docs/guides/authentication/ServerToServerAuthentication/
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import math
import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import requests

from airflow_provider_aep.client.backoff import TOKEN, retry, retry_after_or
from airflow_provider_aep.client.errors import error_from_response
from airflow_provider_aep.client.exchange import Response, exchange
from airflow_provider_aep.client.forks import renew_after_fork
from airflow_provider_aep.client.redact import redactor
from airflow_provider_aep.client.remedies import remedy
from airflow_provider_aep.client.session import make_session
from airflow_provider_aep.client.urls import checked_url
from airflow_provider_aep.exceptions import AepApiError, AepAuthError, AepUnreachableError

log = logging.getLogger(__name__)

IMS_URL = "https://ims-na1.adobelogin.com"
SCOPES = ("openid", "session", "AdobeID", "read_organizations", "additional_info.projectedProductContext")
TOKEN_PATH = "/ims/token/v3"

# All threads wait while one fetches a token, so a longer pause is for them to decide on.
_LONGEST_PAUSE = 30.0
# How long a token is used on after its early refresh failed.
_USED_ON = 60.0
# No token lives for ten days, so a larger number is milliseconds, as the older JWT samples show them.
_MAX_SECONDS = 864_000
_A_DAY = 86_399.0


class Tokens(Protocol):
    """Where a client gets its bearer token."""

    def current(self) -> str:
        """A token that should be valid."""

    def renew(self, refused: str) -> str | None:
        """Another token after the platform refused one; None if there is none to be had."""

    def secrets(self) -> Sequence[str]:
        """What must not be in any text: the token, and what it is got with."""


class GivenToken:
    """A bearer token issued elsewhere."""

    def __init__(self, token: str) -> None:
        self._token = token

    def current(self) -> str:
        return self._token

    def renew(self, refused: str) -> str | None:
        return None

    def secrets(self) -> Sequence[str]:
        return [self._token]


class ImsTokens:
    """Tokens for an OAuth server-to-server credential.

    :param url: the IMS host.
    :param scopes: as Adobe's Developer Console lists them; blanks do not matter.
    :param session: how to reach IMS: proxies, certificates.
    :param timeout: seconds (to connect, for the whole response).
    :param allow_http: as for `AepClient`.
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
        allow_http: bool = False,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._url = checked_url(url, "ims_url", allow_http=allow_http) + TOKEN_PATH
        self._scopes = scopes
        self._session = session or make_session()
        self._timeout = timeout
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._token = ""
        self._fresh_until = 0.0
        self._ends_at = 0.0
        self._failures = 0
        self._failure: AepApiError | AepUnreachableError = AepUnreachableError("No token was asked for yet")
        renew_after_fork(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def secrets(self) -> Sequence[str]:
        return [self._client_secret, self._token]

    def current(self) -> str:
        """The token, fetched if there is none or its end is near. Threads that come meanwhile wait for the one request
        and share what comes of it. While the token still holds, a failure to refresh it is not yet one.

        :raises AepAuthError: IMS refused the credential.
        :raises AepUnreachableError: IMS did not answer.
        """
        failures, now = self._failures, self._clock()
        if now < self._fresh_until:
            return self._token
        # While the token holds one thread refreshes it, and no other waits for IMS.
        if not self._lock.acquire(blocking=now >= self._ends_at):
            return self._token
        try:
            return self._current(failures)
        finally:
            self._lock.release()

    def _current(self, failures: int) -> str:
        now = self._clock()
        if now < self._fresh_until:
            return self._token
        if now >= self._ends_at:
            self._renew(failures)
            return self._token
        try:
            self._renew(failures, pauses=())
        except (AepApiError, AepUnreachableError) as problem:
            log.warning("%s The token still holds for %.0f s.", problem, self._ends_at - now)
            self._fresh_until = min(self._ends_at, now + _USED_ON)
        return self._token

    def renew(self, refused: str) -> str:
        """A token other than the refused one; if another thread has renewed it already, that thread's."""
        failures = self._failures
        with self._lock:
            if self._token == refused:
                self._renew(failures)
            return self._token

    def _renew(self, failures: int, pauses: Iterable[float] = TOKEN) -> None:
        """Fetch a token.

        :param failures: how many there had been when the caller began to wait for the lock.
        """
        if self._failures > failures:
            # Threads that share a failure must not share its traceback.
            raise self._failure.copy()
        try:
            token, seconds = retry(
                self._fetch_token,
                pauses,
                retry_if=lambda failure: failure.retryable and retry_after_or(failure, 0.0) <= _LONGEST_PAUSE,
                pause_after=retry_after_or,
                sleep=self._sleep,
            )
        except (AepApiError, AepUnreachableError) as problem:
            self._failures += 1
            self._failure = problem.copy()
            raise
        # Refreshed when a fifth of its life is left, but at most five minutes early; not by all processes at once.
        margin = min(300.0, seconds / 5) * random.uniform(1.0, 1.2)
        self._token, self._ends_at = token, self._clock() + seconds
        self._fresh_until = self._ends_at - margin

    def _fetch_token(self) -> tuple[str, float]:
        """A token and the seconds for which it holds."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "scope": ",".join(self._scopes),
        }
        request = f"POST {self._url}"
        response = exchange(
            self._session,
            "POST",
            self._url,
            request=request,
            host="IMS",
            timeout=self._timeout,
            harmless=True,
            data=form,
        )
        if response.status != 200:
            raise self._error_from(request, response)
        try:
            return _token_in(json.loads(response.text))
        except (ValueError, LookupError, TypeError, RecursionError) as problem:
            raise AepAuthError(
                f"{request} was answered 200 without a token ({type(problem).__name__})",
                status=200,
                retryable=True,
                from_platform=False,
            ) from None

    def _error_from(self, request: str, response: Response) -> AepApiError:
        redact = redactor(self.secrets())
        error = error_from_response(request, response.status, response.headers, response.text, redact)
        if error.retryable:
            return error
        reason = str(error).removesuffix(remedy(error.code, error.status)).rstrip(" .")
        return AepAuthError(
            f"{reason}. Check login (client id), password (client secret) and scopes of the Airflow connection.",
            status=error.status,
            code=error.code,
            title=error.title,
            detail=error.detail,
            request_id=error.request_id,
            from_platform=error.from_platform,
        )

    def __repr__(self) -> str:
        return f"ImsTokens(url={self._url!r})"


def _token_in(body: Any) -> tuple[str, float]:
    token = body["access_token"]
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
        raise TypeError("access_token is not one word of ASCII letters")
    return token, _lifetime(body.get("expires_in"))


def _lifetime(expires_in: Any) -> float:
    """Seconds for which a token holds; a day where the number is none that can be meant."""
    try:
        seconds = float(expires_in or _A_DAY)
    except OverflowError:
        return _A_DAY
    seconds = seconds / 1000 if seconds > _MAX_SECONDS else seconds
    return seconds if 0 < seconds <= _MAX_SECONDS and math.isfinite(seconds) else _A_DAY


_shared: dict[str, ImsTokens] = {}
_shared_lock = threading.Lock()


def _new_shared_lock() -> None:
    global _shared_lock
    _shared_lock = threading.Lock()


os.register_at_fork(after_in_child=_new_shared_lock)


def shared_tokens(
    *, client_id: str, client_secret: str, url: str, scopes: tuple[str, ...], key: Any = None, **reach: Any
) -> ImsTokens:
    """The process's one `ImsTokens` for this credential.

    :param key: what else tells two credentials apart, such as the organisation.
    :param reach: how to reach IMS if it has to be made: `session`, `timeout`, `allow_http`.
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

"""The IMS token: fetched once per process and credential, shared by all threads, refreshed early, never printed.

https://developer.adobe.com/developer-console/docs/guides/authentication/ServerToServerAuthentication/
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import requests

from airflow_provider_aep.client.backoff import TOKEN, TOKEN_REQUESTS, Failure, retry, retry_after_or
from airflow_provider_aep.client.bearer_token import token_in
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
CHECK_LOGIN = "Check login (client id), password (client secret) and scopes of the Airflow connection."

# A longer pause is for the caller to decide on.
_LONGEST_PAUSE = 30.0
# How long a token is used on after its early refresh failed.
_USED_ON = 60.0


class Tokens(Protocol):
    """Where a client gets its bearer token."""

    def current(self, patience: float = math.inf) -> str:
        """A token that should be valid.

        :param patience: seconds for which the thread waits and asks again; 0: one request at most.
        """

    def renew(self, refused: str, patience: float = math.inf) -> str | None:
        """Another token after the platform refused one; None if there is none to be had."""

    def secrets(self) -> Sequence[str]:
        """What must not be in any text: the token, and what it is got with."""


class GivenToken:
    """A bearer token issued elsewhere."""

    def __init__(self, token: str) -> None:
        self._token = token

    def current(self, patience: float = math.inf) -> str:
        return self._token

    def renew(self, refused: str, patience: float = math.inf) -> str | None:
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
        # Until then IMS wants no requests: `Retry-After`.
        self._quiet_until = 0.0
        self._failures = 0
        self._failure: AepApiError | AepUnreachableError = AepUnreachableError("No token was asked for yet")
        renew_after_fork(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def secrets(self) -> Sequence[str]:
        return [self._client_secret, self._token]

    def current(self, patience: float = math.inf) -> str:
        """The token, fetched if there is none or its end is near. Threads that come meanwhile wait for the one request
        and share what comes of it, but each waits by itself until IMS is asked again. While the token still holds, a
        failure to refresh it is not yet one.

        :param patience: seconds for which this thread waits and asks again while IMS is unwell; 0: one request at most.
        :raises AepAuthError: IMS refused the credential.
        :raises AepUnreachableError: IMS did not answer.
        """
        now = self._clock()
        if now < self._fresh_until:
            return self._token
        if now >= self._ends_at:
            return self._obtain(lambda: self._clock() >= self._fresh_until, patience)
        # While the token holds one thread refreshes it, and no other waits for IMS.
        if self._lock.acquire(blocking=False):
            try:
                self._refresh(now)
            finally:
                self._lock.release()
        return self._token

    def renew(self, refused: str, patience: float = math.inf) -> str:
        """A token other than the refused one; if another thread has renewed it already, that thread's."""
        return self._obtain(lambda: self._token == refused, patience)

    def _obtain(self, needed: Callable[[], bool], patience: float) -> str:
        """The token, after requests for another one as long as that is needed.

        A thread counts the failures that other threads met meanwhile as its own: an outage does not multiply by the
        number of those who want a token.
        """
        begun = seen = self._failures - (self._clock() < self._quiet_until)

        def attempt() -> str:
            nonlocal seen
            with self._lock:
                try:
                    if needed():
                        self._renew(seen)
                    return self._token
                finally:
                    seen = self._failures

        return retry(
            attempt,
            TOKEN,
            retry_if=lambda failure: _passes_soon(failure) and seen - begun < TOKEN_REQUESTS,
            pause_after=retry_after_or,
            patience=patience,
            sleep=self._sleep,
        )

    def _refresh(self, now: float) -> None:
        if now < self._fresh_until:
            return
        try:
            self._renew(self._failures)
        except (AepApiError, AepUnreachableError) as problem:
            log.warning("%s The token still holds for %.0f s.", problem, self._ends_at - now)
            self._fresh_until = min(self._ends_at, now + _USED_ON)

    def _renew(self, failures: int) -> None:
        """Fetch a token with one request. The caller holds the lock.

        :param failures: how many there had been when the caller began to wait for the lock.
        """
        if self._failures > failures:
            # Threads that share a failure must not share its traceback.
            raise self._failure.copy()
        try:
            token, seconds = self._fetch_token()
        except (AepApiError, AepUnreachableError) as problem:
            self._failures += 1
            self._failure = problem.copy()
            self._quiet_until = self._clock() + retry_after_or(problem, 0.0)
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
            return token_in(json.loads(response.text))
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
            f"{reason}. {CHECK_LOGIN}",
            status=error.status,
            code=error.code,
            title=error.title,
            detail=error.detail,
            request_id=error.request_id,
            from_platform=error.from_platform,
        )

    def __repr__(self) -> str:
        return f"ImsTokens(url={self._url!r})"


def _passes_soon(failure: Failure) -> bool:
    return failure.retryable and retry_after_or(failure, 0.0) <= _LONGEST_PAUSE


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

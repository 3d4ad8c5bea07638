"""AepClient sends calls over HTTP. It knows headers, retries, paging and errors, and no endpoint."""

from __future__ import annotations

import asyncio
import platform
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeVar

import requests

from airflow_provider_aep import __version__
from airflow_provider_aep.api.call import Call, Params
from airflow_provider_aep.client.auth import Tokens
from airflow_provider_aep.client.backoff import LIST_LAG, REQUEST, Failure, retry
from airflow_provider_aep.client.clock import PlatformClock
from airflow_provider_aep.client.errors import error_from_response, unreadable
from airflow_provider_aep.client.exchange import Response, exchange
from airflow_provider_aep.client.forks import renew_after_fork
from airflow_provider_aep.client.origin import is_page
from airflow_provider_aep.client.paging import read_list
from airflow_provider_aep.client.reading import UnexpectedShape, read_page
from airflow_provider_aep.client.redact import Redact, basic_credentials, redactor, secrets_in_call, secrets_in_proxies
from airflow_provider_aep.client.request import check_ids, headers_of, url_of
from airflow_provider_aep.client.session import make_session
from airflow_provider_aep.client.urls import checked_url
from airflow_provider_aep.exceptions import AepApiError, AepNotFoundError, AepUnreachableError

T = TypeVar("T")

# The call, the status of the response (None: there was none), seconds, and the attempt's number (1 is the first).
OnExchange = Callable[[Call[Any], int | None, float, int], None]

PLATFORM_URL = "https://platform.adobe.io"
PATIENCE = 120.0
# After so many responses that are JSON of another shape than the reference promises, a request is not sent again.
_UNEXPECTED_RESPONSES = 2


class AepClient:
    """One organisation and sandbox of the platform, for as many threads as like.

    :param tokens: where bearer tokens come from.
    :param api_key: the client id.
    :param org_id: the IMS organisation, ``...@AdobeOrg``.
    :param patience: seconds for which a GET is repeated while the platform is unwell. Other methods are repeated only
        if they surely had no effect.
    :param timeout: seconds (to connect, for the whole response).
    :param on_token: called with every token before it is used, so that logs can mask it.
    :param on_exchange: called after each request to the platform, also after one that was not answered, for logs and
        metrics: `on_exchange(call, status, seconds, attempt)`, see `OnExchange`; in the thread that sent the request.
        Requests for a token are not meant.
    :param allow_http: send secrets to a host that speaks plain HTTP, though it is not this machine.
    :param list_lag: seconds after which a list of this platform shows what was made, at the latest.
    """

    def __init__(
        self,
        *,
        tokens: Tokens,
        api_key: str,
        org_id: str,
        sandbox: str,
        host: str = PLATFORM_URL,
        session: requests.Session | None = None,
        timeout: tuple[float, float] = (10, 60),
        patience: float = PATIENCE,
        on_token: Callable[[str], None] = lambda token: None,
        on_exchange: OnExchange = lambda call, status, seconds, attempt: None,
        sleep: Callable[[float], None] = time.sleep,
        allow_http: bool = False,
        list_lag: float = LIST_LAG,
    ) -> None:
        self.host = checked_url(host, "host", allow_http=allow_http)
        self.org_id = org_id
        self.sandbox = sandbox
        self.patience = patience
        self.sleep = sleep
        self.api_key = api_key
        self.list_lag = list_lag
        self._tokens = tokens
        self._session = session or make_session()
        self._timeout = timeout
        self._on_token = on_token
        self._on_exchange = on_exchange
        self._clock = PlatformClock()
        self.after_fork()
        renew_after_fork(self)
        # The last tokens that were used: responses may quote them.
        self._seen_tokens: deque[str] = deque(maxlen=8)
        self._headers = {
            "x-api-key": api_key,
            "x-gw-ims-org-id": org_id,
            "User-Agent": f"airflow-provider-aep/{__version__} python/{platform.python_version()}",
        }

    def after_fork(self) -> None:
        # Responses are read one after the other: threads that compute at the same time hold up an event loop as often
        # as there are of them, and keep as many pages for Python's garbage collector.
        self._reading = threading.Lock()

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the platform's clock is ahead of this machine's; None before the first response."""
        return self._clock.offset

    @property
    def clock_agreed(self) -> bool:
        """Whether the platform's clock is known from more than one response, or agrees with this machine's."""
        return self._clock.agreed

    def now(self) -> float:
        """The platform's time in epoch seconds, by the `Date` of its responses; this machine's before the first."""
        return self._clock.now()

    @contextmanager
    def observed_by(self, on_exchange: OnExchange) -> Iterator[None]:
        """Call a further function after each request, as the client's own `on_exchange`, until the block ends."""
        own = self._on_exchange

        def both(call: Call[Any], status: int | None, seconds: float, attempt: int) -> None:
            own(call, status, seconds, attempt)
            on_exchange(call, status, seconds, attempt)

        self._on_exchange = both
        try:
            yield
        finally:
            self._on_exchange = own

    def check_token(self) -> None:
        """Get a token, and do nothing with it.

        :raises AepAuthError: IMS refused the credential.
        """
        self._masked_token(self._tokens.current())

    def send(self, call: Call[T], *, patience: float | None = None) -> T:
        """Send a call and return its result: for a list, the items of all its pages.

        :param patience: seconds, instead of the client's own; 0 means one attempt.
        :raises AepApiError: the platform refused (a GET twice), or its response cannot be read or exceeds a limit.
        :raises AepUnreachableError: no response came, or not all of it in time.
        :raises AepConfigError: the call cannot be sent; among other things, because an id in it is a placeholder of
            `known_after_apply`.
        """
        check_ids(call)
        budget = self.patience if patience is None else patience
        if call.next_page is not None:
            return read_list(call, lambda params: self._send_page(call, params, budget))  # type: ignore[return-value]
        result, _ = self._send_page(call, call.params, budget)
        return result  # type: ignore[no-any-return]

    def response_to(self, call: Call[Any]) -> Response:
        """One response as it comes, also one that says no. Nothing is sent again but with a new token (401).

        :raises AepUnreachableError: no response came, or not all of it in time.
        :raises AepConfigError: the call cannot be sent.
        """
        check_ids(call)
        return self._answered(call, call.params, 1, 0.0)[0]

    async def asend(self, call: Call[T], *, patience: float | None = None) -> T:
        """`send` for an event loop: in a thread, so that the loop goes on."""
        return await asyncio.to_thread(self.send, call, patience=patience)

    def _send_page(self, call: Call[Any], params: Params, patience: float) -> tuple[Any, Params | None]:
        """The result of one page, and the query of the next one; sent again while that does no harm."""
        attempts = count(1)
        unexpected: list[AepApiError] = []
        return retry(
            lambda: self._read(call, params, self._attempt(call, params, next(attempts), patience), unexpected),
            REQUEST,
            retry_if=lambda failure: _repeatable(call, failure) and len(unexpected) < _UNEXPECTED_RESPONSES,
            pause_after=_pause,
            patience=patience,
            sleep=self.sleep,
        )

    def _attempt(self, call: Call[Any], params: Params, attempt: int, patience: float) -> Response:
        """The response of success to one request."""
        response, error = self._answered(call, params, attempt, patience)
        if error is not None and call.method == "GET" and _may_be_refused_by_mistake(error):
            response, error = self._answered(call, params, attempt, patience)
        if error is not None:
            raise error
        return response

    def _answered(
        self, call: Call[Any], params: Params, attempt: int, patience: float
    ) -> tuple[Response, AepApiError | None]:
        """One response, to a token that was renewed if need be, and the error in it."""
        token = self._masked_token(self._tokens.current(patience))
        response = self._exchange(call, params, token, attempt)
        if response.status == 401:
            fresh = self._tokens.renew(token, patience)
            if fresh is not None:
                response = self._exchange(call, params, self._masked_token(fresh), attempt)
        request, status, headers = str(call), response.status, response.headers
        if not 200 <= status < 300:
            return response, error_from_response(request, status, headers, response.text, self._redact(call))
        if is_page(headers, response.text):
            page = unreadable(
                request, status, headers, "a page of HTML", from_platform=False, redact=self._redact(call)
            )
            return response, page
        return response, None

    def _masked_token(self, token: str) -> str:
        if token not in self._seen_tokens:
            self._on_token(token)
            self._seen_tokens.append(token)
        return token

    def _redact(self, call: Call[Any]) -> Redact:
        """Takes out of a text what the request held, and what this client holds."""
        proxies = self._session.proxies
        ours = [*self._tokens.secrets(), *self._seen_tokens, *secrets_in_proxies(proxies), *basic_credentials(proxies)]
        return redactor([*ours, *secrets_in_call(call)])

    def _exchange(self, call: Call[Any], params: Params, token: str, attempt: int) -> Response:
        """One request and its response, whatever its status."""
        begun = time.monotonic()
        status = None
        try:
            response = exchange(
                self._session,
                call.method,
                url_of(self.host, call, params),
                request=str(call),
                host=self.host,
                timeout=self._timeout,
                headers={**self._headers, **headers_of(call, token, self.sandbox)},
                json=call.body,
            )
            status = response.status
        finally:
            self._on_exchange(call, status, time.monotonic() - begun, attempt)
        self._clock.read_date(response.headers)
        return response

    def _read(
        self, call: Call[Any], params: Params, response: Response, unexpected: list[AepApiError]
    ) -> tuple[Any, Params | None]:
        """The result of a page, and the query of the next one.

        :param unexpected: gets the error of a response that is JSON of another shape.
        """
        request, status, headers = str(call), response.status, response.headers
        try:
            with self._reading:
                return read_page(call, params, response.text)
        except UnexpectedShape as problem:
            redact = self._redact(call)
            error = unreadable(request, status, headers, str(problem), retryable=not problem.lasting, redact=redact)
            unexpected.append(error)
            raise error from None
        except (ValueError, RecursionError) as problem:
            # Not the error itself: it quotes what it could not read, and responses hold secrets.
            raise unreadable(request, status, headers, type(problem).__name__, redact=self._redact(call)) from None

    def __repr__(self) -> str:
        return f"AepClient(host={self.host!r}, org_id={self.org_id!r}, sandbox={self.sandbox!r})"


def _pause(failure: Failure, pause: float) -> float:
    """The seconds that the platform asked for, and a moment more: it asks many tasks for the same."""
    return pause if failure.retry_after is None else failure.seconds_to_wait(pause) + random.uniform(0.0, 0.5)


def _repeatable(call: Call[Any], failure: Failure) -> bool:
    """Whether sending again can help and can do no harm: no API of the platform knows an idempotency key."""
    if call.method == "GET":
        return failure.retryable
    if isinstance(failure, AepUnreachableError):
        return not failure.sent
    # The gateway turns a call away before any service has seen it.
    return failure.status == 429


def _may_be_refused_by_mistake(error: AepApiError) -> bool:
    """Whether a GET is sent again to confirm a refusal. 'Not found' and 'unauthorized' need no confirmation."""
    sure = error.status == 401 or isinstance(error, AepNotFoundError)
    return error.from_platform and not error.retryable and not sure

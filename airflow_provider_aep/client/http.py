"""AepClient sends calls over HTTP. It knows headers, retries, paging and errors, and no endpoint."""

from __future__ import annotations

import asyncio
import platform
import random
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import requests

from airflow_provider_aep import __version__
from airflow_provider_aep.api.call import Call, Params
from airflow_provider_aep.client.auth import Tokens
from airflow_provider_aep.client.backoff import REQUEST, Failure, retry
from airflow_provider_aep.client.errors import error_from_response, no_answer, unreadable
from airflow_provider_aep.client.reading import UnexpectedShape, read_page
from airflow_provider_aep.client.session import make_session
from airflow_provider_aep.client.urls import checked_url
from airflow_provider_aep.exceptions import AepApiError, AepConfigError, AepUnreachableError
from airflow_provider_aep.validation import holds_unknown_id

T = TypeVar("T")

# The call, the status of the response (None: there was none), seconds, and the attempt's number (1 is the first).
OnExchange = Callable[[Call[Any], int | None, float, int], None]

PLATFORM_URL = "https://platform.adobe.io"
PATIENCE = 120.0
# How many responses that are JSON of another shape than the reference promises are believed.
_ODD_ANSWERS = 2


class AepClient:
    """One organisation and sandbox of the platform, for as many threads as like.

    :param tokens: where bearer tokens come from.
    :param api_key: the client id.
    :param org_id: the IMS organisation, ``...@AdobeOrg``.
    :param patience: seconds for which a GET is repeated while the platform is unwell. Other methods are repeated only
        if they surely had no effect.
    :param timeout: seconds (connect, read).
    :param on_token: called with every token before it is used, so that logs can mask it.
    :param on_exchange: called after each request to the platform, also after one that was not answered, for logs and
        metrics: `on_exchange(call, status, seconds, attempt)`, see `OnExchange`; in the thread that sent the request.
        Requests for a token are not meant.
    :param allow_http: send secrets to a host that speaks plain HTTP, though it is not this machine.
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
    ) -> None:
        self.host = checked_url(host, "host", allow_http=allow_http)
        self.org_id = org_id
        self.sandbox = sandbox
        self.patience = patience
        self.sleep = sleep
        self.clock_offset: float | None = None
        self.api_key = api_key
        self._tokens = tokens
        self._session = session or make_session()
        self._timeout = timeout
        self._on_token = on_token
        self._on_exchange = on_exchange
        self._masked: set[int] = set()
        self._headers = {
            "x-api-key": api_key,
            "x-gw-ims-org-id": org_id,
            "User-Agent": f"airflow-provider-aep/{__version__} python/{platform.python_version()}",
        }

    def now(self) -> float:
        """The platform's time in epoch seconds, by the `Date` of its last response; this machine's before the first."""
        return time.time() + (self.clock_offset or 0.0)

    def check_token(self) -> None:
        """Get a token, and do nothing with it.

        :raises AepAuthError: IMS refused the credential.
        """
        self._masked_token(self._tokens.current())

    def send(self, call: Call[T], *, patience: float | None = None) -> T:
        """Send a call and return its result: for a list, the items of all its pages.

        :param patience: seconds, instead of the client's own; 0 means one attempt.
        :raises AepApiError: the platform refused, or its response cannot be read.
        :raises AepUnreachableError: no response came.
        :raises AepConfigError: the call cannot be sent; among other things, because an id in it is a placeholder of
            `known_after_apply`.
        """
        _refuse_unknown_ids(call)
        budget = self.patience if patience is None else patience
        if call.next_page is None:
            result, _ = self._send_page(call, call.params, budget)
            return result  # type: ignore[no-any-return]
        found: list[Any] = []
        params: Params | None = call.params
        while params is not None:
            page, following = self._send_page(call, params, budget)
            found += page
            last = following == params or (call.enough and call.enough(page))
            params = None if last else following
        return found  # type: ignore[return-value]

    async def asend(self, call: Call[T], *, patience: float | None = None) -> T:
        """`send` for an event loop: in a thread, so that the loop goes on."""
        return await asyncio.to_thread(self.send, call, patience=patience)

    def _send_page(self, call: Call[Any], params: Params, patience: float) -> tuple[Any, Params | None]:
        """The result of one page, and the query of the next one; sent again while that does no harm."""
        attempts = count(1)
        odd: list[AepApiError] = []
        return retry(
            lambda: _read(call, params, self._attempt(call, params, next(attempts)), odd),
            REQUEST,
            retry_if=lambda failure: _repeatable(call, failure) and len(odd) < _ODD_ANSWERS,
            pause_after=_pause,
            patience=patience,
            sleep=self.sleep,
        )

    def _attempt(self, call: Call[Any], params: Params, attempt: int) -> requests.Response:
        """The response of success to one request."""
        token = self._masked_token(self._tokens.current())
        response = self._exchange(call, params, token, attempt)
        if response.status_code == 401:
            fresh = self._tokens.renew(token)
            if fresh is not None:
                response = self._exchange(call, params, self._masked_token(fresh), attempt)
        if response.status_code >= 300:
            raise error_from_response(str(call), response.status_code, response.headers, response.text)
        return response

    def _masked_token(self, token: str) -> str:
        if hash(token) not in self._masked:
            self._on_token(token)
            self._masked.add(hash(token))
        return token

    def _exchange(self, call: Call[Any], params: Params, token: str, attempt: int) -> requests.Response:
        """One request and its response, whatever its status."""
        begun = time.monotonic()
        status = None
        try:
            response = self._request(call, params, token)
            status = response.status_code
        except (OSError, ValueError) as problem:
            raise no_answer(str(call), self.host, problem) from None
        finally:
            self._on_exchange(call, status, time.monotonic() - begun, attempt)
        # Schema Registry's media types name no charset, and requests would guess one.
        response.encoding = response.encoding or "utf-8"
        self._set_clock(response)
        return response

    def _request(self, call: Call[Any], params: Params, token: str) -> requests.Response:
        headers = {**self._headers, "Authorization": f"Bearer {token}", "Accept": call.accept}
        if call.sandboxed:
            headers["x-sandbox-name"] = self.sandbox
        if call.body is not None:
            # Catalog tells a merge from a JSON Patch by this; everything of ours is plain JSON.
            headers["Content-Type"] = "application/json"
        if call.if_match is not None:
            headers["If-Match"] = call.if_match
        headers |= call.headers
        # Blanks as %20: not every service of the platform reads a plus sign as one.
        query = urlencode(params, doseq=True, quote_via=quote)
        url = f"{self.host}{call.path}" + (f"?{query}" if query else "")
        return self._session.request(
            call.method,
            url,
            json=call.body,
            headers=headers,
            timeout=self._timeout,
            allow_redirects=False,
        )

    def _set_clock(self, response: requests.Response) -> None:
        date = response.headers.get("date")
        if date:
            try:
                # Dates are whole seconds, so the true time is half a second later on average.
                self.clock_offset = parsedate_to_datetime(date).timestamp() + 0.5 - time.time()
            except (ValueError, TypeError):
                return

    def __repr__(self) -> str:
        return f"AepClient(host={self.host!r}, org_id={self.org_id!r}, sandbox={self.sandbox!r})"


def _refuse_unknown_ids(call: Call[Any]) -> None:
    """:raises AepConfigError: the call names what is yet to be made, so only a plan may hold it."""
    fields = {"path": call.path, "params": call.params, "if_match": call.if_match, "body": call.body}
    for field, value in fields.items():
        if holds_unknown_id(value):
            place = _place_of_unknown_id(field, value)
            raise AepConfigError(
                f"{call} cannot be sent: {place} holds an id that is known only after apply. "
                "Apply what it refers to first, and declare the resource with the id that the platform gave."
            )


def _place_of_unknown_id(field: str, value: Any) -> str:
    """The innermost field that holds it, such as `body.targetConnectionIds.0`."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if holds_unknown_id(part):
                return _place_of_unknown_id(f"{field}.{key}", part)
    if isinstance(value, list | tuple):
        number = next(number for number, part in enumerate(value) if holds_unknown_id(part))
        return _place_of_unknown_id(f"{field}.{number}", value[number])
    return field


def _pause(failure: Failure, pause: float) -> float:
    """The seconds that the platform asked for, and a moment more: it asks many tasks for the same."""
    return pause if failure.retry_after is None else failure.retry_after + random.uniform(0.0, 0.5)


def _repeatable(call: Call[Any], failure: Failure) -> bool:
    """Whether sending again can help and can do no harm: no API of the platform knows an idempotency key."""
    if call.method == "GET":
        return failure.retryable
    if isinstance(failure, AepUnreachableError):
        return not failure.sent
    # The gateway turns a call away before any service has seen it.
    return failure.status == 429


def _read(
    call: Call[Any], params: Params, response: requests.Response, odd: list[AepApiError]
) -> tuple[Any, Params | None]:
    """The result of a page, and the query of the next one.

    :param odd: gets the error of a response that is JSON of another shape.
    """
    request, status, headers = str(call), response.status_code, response.headers
    try:
        return read_page(call, params, response.text)
    except UnexpectedShape as problem:
        odd.append(unreadable(request, status, headers, str(problem), retryable=not problem.lasting))
        raise odd[-1] from None
    except (ValueError, RecursionError) as problem:
        # Not the error itself: it quotes what it could not read, and responses hold secrets.
        raise unreadable(request, status, headers, type(problem).__name__) from None

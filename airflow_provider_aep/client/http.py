"""AepClient asks calls over HTTP. It knows headers, retries, paging and errors, and no endpoint."""

from __future__ import annotations

import asyncio
import logging
import platform
import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import requests
from pydantic import TypeAdapter, ValidationError

from airflow_provider_aep import __version__
from airflow_provider_aep.api.call import Call, Params
from airflow_provider_aep.client.auth import Tokens, checked_url, no_answer
from airflow_provider_aep.client.backoff import REQUEST, Failure, retry
from airflow_provider_aep.client.errors import refusal, unreadable
from airflow_provider_aep.client.session import make_session
from airflow_provider_aep.exceptions import AepUnreachableError
from airflow_provider_aep.validation import validation_messages

log = logging.getLogger(__name__)

T = TypeVar("T")

PLATFORM_URL = "https://platform.adobe.io"
PATIENCE = 120.0


class AepClient:
    """One organisation and sandbox of the platform, for as many threads as like.

    :param tokens: where bearer tokens come from.
    :param api_key: the client id.
    :param org_id: the IMS organisation, ``...@AdobeOrg``.
    :param patience: seconds for which a GET is repeated while the platform is unwell. Other methods are repeated only
        if they surely had no effect.
    :param timeout: seconds (connect, read).
    :param on_token: is told every token before it is used, so that logs can mask it.
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
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.host = checked_url(host, "host")
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
        self._told: set[int] = set()
        self._headers = {
            "x-api-key": api_key,
            "x-gw-ims-org-id": org_id,
            "User-Agent": f"airflow-provider-aep/{__version__} python/{platform.python_version()}",
        }

    def now(self) -> float:
        """The platform's time in epoch seconds, by the `Date` of its last answer; this machine's before the first."""
        return time.time() + (self.clock_offset or 0.0)

    def check_token(self) -> None:
        """Get a token, and do nothing with it.

        :raises AepAuthError: IMS refused the credential.
        """
        self._token(self._tokens.current())

    def send(self, call: Call[T], *, patience: float | None = None) -> T:
        """Ask a call, all pages of it, and wait for the answer.

        :param patience: seconds, instead of the client's own; 0 means one attempt.
        :raises AepApiError: the platform refused, or answered what cannot be read.
        :raises AepUnreachableError: no answer came.
        """
        budget = self.patience if patience is None else patience
        if call.next_page is None:
            answer, _ = self._ask(call, call.params, budget)
            return answer  # type: ignore[no-any-return]
        found: list[Any] = []
        params: Params | None = call.params
        while params is not None:
            page, following = self._ask(call, params, budget)
            found += page
            last = following == params or (call.enough and call.enough(page))
            params = None if last else following
        return found  # type: ignore[return-value]

    async def asend(self, call: Call[T], *, patience: float | None = None) -> T:
        """`send` for an event loop: in a thread, so that the loop goes on."""
        return await asyncio.to_thread(self.send, call, patience=patience)

    def _ask(self, call: Call[Any], params: Params, patience: float) -> tuple[Any, Params | None]:
        """The answer of one page, and the query of the next one; asked for again while that does no harm."""
        return retry(
            lambda: self._ask_once(call, params),
            REQUEST,
            retry_if=lambda failure: _repeatable(call, failure),
            pause_after=_pause,
            patience=patience,
            sleep=self.sleep,
        )

    def _ask_once(self, call: Call[Any], params: Params) -> tuple[Any, Params | None]:
        token = self._token(self._tokens.current())
        answer = self._exchange(call, params, token)
        if answer.status_code == 401:
            fresh = self._tokens.renew(token)
            if fresh is not None:
                answer = self._exchange(call, params, self._token(fresh))
        if answer.status_code >= 300:
            raise refusal(str(call), answer.status_code, answer.headers, answer.text)
        return _read(call, params, answer)

    def _token(self, token: str) -> str:
        if hash(token) not in self._told:
            self._on_token(token)
            self._told.add(hash(token))
        return token

    def _exchange(self, call: Call[Any], params: Params, token: str) -> requests.Response:
        headers = {**self._headers, "Authorization": f"Bearer {token}", "Accept": call.accept}
        if call.sandboxed:
            headers["x-sandbox-name"] = self.sandbox
        if call.body is not None:
            # Catalog tells a merge from a JSON Patch by this; everything of ours is plain JSON.
            headers["Content-Type"] = "application/json"
        if call.if_match is not None:
            headers["If-Match"] = call.if_match
        # Blanks as %20: not every service of the platform reads a plus sign as one.
        query = urlencode(params, doseq=True, quote_via=quote)
        url = f"{self.host}{call.path}" + (f"?{query}" if query else "")
        try:
            answer = self._session.request(
                call.method,
                url,
                json=call.body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except (OSError, ValueError) as problem:
            raise no_answer(str(call), self.host, problem) from None
        # Schema Registry's media types name no charset, and requests would guess one.
        answer.encoding = answer.encoding or "utf-8"
        self._note_time(answer)
        return answer

    def _note_time(self, answer: requests.Response) -> None:
        date = answer.headers.get("date")
        if date:
            try:
                # Dates are whole seconds, so the true time is half a second later on average.
                self.clock_offset = parsedate_to_datetime(date).timestamp() + 0.5 - time.time()
            except (ValueError, TypeError):
                return

    def __repr__(self) -> str:
        return f"AepClient(host={self.host!r}, org_id={self.org_id!r}, sandbox={self.sandbox!r})"


def _pause(failure: Failure, pause: float) -> float:
    """As long as the platform asked for, and a moment more: it asks many tasks for the same."""
    return pause if failure.retry_after is None else failure.retry_after + random.uniform(0.0, 0.5)


def _repeatable(call: Call[Any], failure: Failure) -> bool:
    """Whether asking again can help and can do no harm: no API of the platform knows an idempotency key."""
    if call.method == "GET":
        return failure.retryable
    if isinstance(failure, AepUnreachableError):
        return not failure.sent
    # The gateway turns a call away before any service has seen it.
    return failure.status == 429


@lru_cache(maxsize=256)
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


def _read(call: Call[Any], params: Params, answer: requests.Response) -> tuple[Any, Params | None]:
    if call.returns is None:
        return None, None
    try:
        raw = call.decode(answer.text)
        parsed = _adapter(call.returns).validate_python(call.unwrap(raw))
        return parsed, call.next_page(params, raw) if call.next_page else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        # Not the error itself: it quotes what it could not read, and answers hold secrets.
        reason = (
            "; ".join(validation_messages("answer", problem))
            if isinstance(problem, ValidationError)
            else type(problem).__name__
        )
        raise unreadable(str(call), answer.status_code, answer.headers, reason) from None

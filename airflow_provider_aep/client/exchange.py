"""One HTTP request and its whole response, within limits of time and size. Whatever goes wrong is an `AepError`."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
import urllib3

from airflow_provider_aep.client.errors import no_answer, too_large

# For the body of one response, after decompression. A page of a list has some hundred kilobytes.
MOST_MIB = 32
_CHUNK = 65_536


@dataclass(frozen=True)
class Response:
    """What came back.

    :param headers: with case-insensitive keys.
    :param text: JSON is UTF-8, and so is whatever else: the charset that a response names is not believed.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)


def exchange(
    session: requests.Session,
    method: str,
    url: str,
    *,
    request: str,
    host: str,
    timeout: tuple[float, float],
    harmless: bool = False,
    **content: Any,
) -> Response:
    """Send a request and read its response, whatever its status. No redirect is followed.

    :param request: what is sent, for messages, e.g. ``POST /data/foundation/flowservice/flows``.
    :param host: where it is sent, for messages.
    :param timeout: seconds to connect, and seconds for the whole response.
    :param harmless: as for `no_answer`.
    :param content: headers and body, as for `requests.Session.request`.
    :raises AepUnreachableError: no response came, or not all of it in time.
    :raises AepApiError: the response is too large.
    :raises AepConfigError: the request cannot be sent.
    """
    body = bytearray()
    try:
        with session.request(method, url, timeout=timeout, allow_redirects=False, stream=True, **content) as response:
            for chunk in response.iter_content(_CHUNK):
                body += chunk
                if len(body) > MOST_MIB * 2**20:
                    raise too_large(request, response.status_code, MOST_MIB)
    except (OSError, ValueError, urllib3.exceptions.HTTPError, http.client.HTTPException) as problem:
        raise no_answer(request, host, problem, seconds=timeout[1], harmless=harmless) from None
    return Response(response.status_code, response.headers, body.decode("utf-8-sig", "replace"))

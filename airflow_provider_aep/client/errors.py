"""Responses become exceptions: one that says no, one that cannot be read, and none at all.

https://experienceleague.adobe.com/en/docs/experience-platform/landing/troubleshooting
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from airflow_provider_aep.api.call import as_mapping
from airflow_provider_aep.client.remedies import remedy
from airflow_provider_aep.exceptions import (
    AepApiError,
    AepAuthError,
    AepConfigError,
    AepConflictError,
    AepError,
    AepNotFoundError,
    AepUnreachableError,
)

_CODE = re.compile(r"(?:[A-Z]+-)?\d{3,4}-\d{3}")
_CREDENTIAL = re.compile(r"(?i)bearer\s+[\w.~+/=-]+|eyJ[\w-]+\.[\w-]+\.[\w-]*")
_MAX_TEXT = 500
# How OpenSSL names the first bytes of a server that speaks something else.
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
# Besides all 5xx: proxies in front of the platform have numbers of their own, such as 520 to 529.
_RETRYABLE = {408, 425, 429}
# Flow Service says "not found" with a 400 in its catalogue of errors, and with a 404 on the wire.
_NOT_FOUND = re.compile(r"FLOW-(1430|1439)-(400|404)|(1430|1439)-(400|404)")
_ERROR_CLASSES: dict[int, type[AepApiError]] = {
    401: AepAuthError,
    403: AepAuthError,
    404: AepNotFoundError,
    409: AepConflictError,
    412: AepConflictError,
}


def error_from_response(request: str, status: int, headers: Mapping[str, str], text: str) -> AepApiError:
    """The error for a response with status 300 or above, whose body has one of the platform's five shapes.

    :param request: what was sent, e.g. ``POST /data/foundation/flowservice/flows``.
    :param headers: with case-insensitive keys.
    :param text: the body, in any of the platform's shapes, HTML, or nothing.
    """
    body = _body(text)
    report = as_mapping(body, "report")
    title = _clean(body.get("title") or body.get("error"))
    detail = _clean(
        _first(report, "detailed-message", "message")
        or _first(body, "errorMessage", "detail", "message", "error_description")
        or ("" if body else text)
    )
    code = _code(body)
    request_id = _clean(_first(report, "request-id", "registryRequestId") or headers.get("x-request-id"))
    reason = detail if title in detail else f"{title}: {detail}" if detail else title
    message = f"{request} was answered {status}: {reason or 'no reason given'}"
    references = ", ".join(filter(None, [code and f"code {code}", request_id and f"request id {request_id}"]))
    message += f" ({references})" if references else ""
    # A page of a proxy or a firewall says nothing about permissions on the platform.
    advice = remedy(code, status, title) if body or not text.strip() else ""
    return _error_class(status, code, detail)(
        f"{message}. {advice}" if advice else message,
        status=status,
        code=code,
        title=title,
        detail=detail,
        request_id=request_id,
        retryable=status >= 500 or status in _RETRYABLE,
        retry_after=retry_after(headers),
    )


def _error_class(status: int, code: str, detail: str) -> type[AepApiError]:
    if _NOT_FOUND.fullmatch(code):
        return AepNotFoundError
    # Adobe prints this body without a status.
    if "does not match the current version" in detail:
        return AepConflictError
    return _ERROR_CLASSES.get(status, AepApiError)


def unreadable(
    request: str, status: int, headers: Mapping[str, str], problem: str, *, retryable: bool = True
) -> AepApiError:
    """The error for a response of success that is not what the reference promises.

    :param retryable: whether sending again may help. Of a request that changes something, the effect is not known then.
    """
    request_id = headers.get("x-request-id") or ""
    suffix = f" (request id {request_id})" if request_id else ""
    return AepApiError(
        f"{request} was answered {status} with a body that cannot be read: {_clean(problem)}{suffix}",
        status=status,
        title="unreadable answer",
        detail=problem,
        request_id=request_id,
        retryable=retryable,
    )


def no_answer(request: str, host: str, problem: OSError | ValueError, *, harmless: bool = False) -> AepError:
    """The error for a request that got no response, or that could not be sent at all.

    What `problem` says itself is left out, because it quotes headers and URLs.

    :param request: what was sent, e.g. ``POST /data/foundation/flowservice/flows``.
    :param harmless: whether it does no harm to send the request again, even if the request arrived.
    """
    reason = type(problem).__name__
    if isinstance(problem, requests.exceptions.InvalidHeader | UnicodeError):
        fields = "login, ims_org_id, sandbox and access_token"
        return AepConfigError(f"{request} cannot be sent: check {fields} for line breaks and foreign letters.")
    if isinstance(problem, ValueError | requests.exceptions.InvalidJSONError):
        return AepConfigError(f"{request} cannot be sent to {host} ({reason}): check host, ims_url, proxies and body.")
    if not isinstance(problem, requests.RequestException):
        return AepConfigError(
            f"{request} cannot be sent to {host}: check `verify` in the connection's extra: {problem}"
        )
    if isinstance(problem, requests.exceptions.SSLError):
        reason += _why_no_tls(str(problem))
    elif isinstance(problem, requests.exceptions.ProxyError):
        reason += ", the proxy did not let it through; see `proxies` in the connection's extra"
    inner = getattr(problem.args[0], "reason", None) if problem.args else None
    unsent = isinstance(problem, requests.ConnectTimeout | requests.exceptions.ProxyError)
    unsent = unsent or isinstance(inner, NewConnectionError)
    return AepUnreachableError(f"{request} got no answer from {host} ({reason})", sent=not (harmless or unsent))


def _why_no_tls(problem: str) -> str:
    """What OpenSSL means. Its words are looked at and not shown, because they quote the URL."""
    if "CERTIFICATE_VERIFY_FAILED" in problem:
        return ", the certificate was not accepted; see `verify` in the connection's extra"
    if any(word in problem for word in _NO_TLS):
        return ", the server does not speak TLS; check the host and port, or whether it is http://"
    return ", no TLS connection came about"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by `Retry-After`, which is a number or an HTTP date; None if it is absent or nonsense."""
    value = (headers.get("retry-after") or "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        then = parsedate_to_datetime(value)
        now = parsedate_to_datetime(headers["date"]) if headers.get("date") else datetime.now(UTC)
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _body(text: str) -> Mapping[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if isinstance(body, list) and body:
        body = body[0]
    return body if isinstance(body, Mapping) else {}


def _code(body: Mapping[str, Any]) -> str:
    for value in (body.get("type"), body.get("errorCode"), body.get("code")):
        match = _CODE.search(str(value or ""))
        if match:
            return match[0]
    return _clean(body.get("error_code"))


def _first(body: Mapping[str, Any], *keys: str) -> str:
    return next((str(body[key]) for key in keys if body.get(key)), "")


def _clean(value: Any) -> str:
    """One line of at most 500 characters without markup, and without a token, should the platform echo one."""
    text = re.sub(r"<[^<>]*>", " ", str(value or ""))
    text = _CREDENTIAL.sub("***", text)
    return " ".join(text.split())[:_MAX_TEXT].rstrip(".")

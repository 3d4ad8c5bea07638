"""Responses become exceptions: one that says no, one that cannot be read, and none at all.

https://experienceleague.adobe.com/en/docs/experience-platform/landing/troubleshooting
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import urllib3
from urllib3.exceptions import NameResolutionError, NewConnectionError, ReadTimeoutError

from airflow_provider_aep.api.call import as_mapping
from airflow_provider_aep.client.origin import is_platform_error
from airflow_provider_aep.client.redact import Redact, redactor
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
_REDACTED = "***"
# How OpenSSL names the first bytes of a server that speaks something else.
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
_no_secrets = redactor(())
# Besides all 5xx: proxies in front of the platform have numbers of their own, such as 520 to 529.
_RETRYABLE = {407, 408, 425, 429}
# Flow Service says "not found" with a 400 in its catalogue of errors, and with a 404 on the wire.
_NOT_FOUND = re.compile(r"FLOW-(1430|1439)-(400|404)|(1430|1439)-(400|404)")
_ERROR_CLASSES: dict[int, type[AepApiError]] = {
    401: AepAuthError,
    403: AepAuthError,
    404: AepNotFoundError,
    409: AepConflictError,
    412: AepConflictError,
}


def error_from_response(
    request: str, status: int, headers: Mapping[str, str], text: str, redact: Redact = _no_secrets
) -> AepApiError:
    """The error for a response that is no success. Its body has one of the platform's five shapes; or somebody else has
    sent it, and the same request may succeed later.

    :param request: what was sent, e.g. ``POST /data/foundation/flowservice/flows``.
    :param headers: with case-insensitive keys.
    :param text: the body, in any of the platform's shapes, HTML, or nothing.
    :param redact: takes out the secrets that the request held, which the response may quote.
    """
    body = _body(text)
    report = as_mapping(body, "report")
    title = _clean(body.get("title") or body.get("error"), redact)
    detail = _clean(
        _first(report, "detailed-message", "message")
        or _first(body, "errorMessage", "detail", "message", "error_description")
        or ("" if body else text),
        redact,
    )
    code = _code(body, redact)
    request_id = _clean(_first(report, "request-id", "registryRequestId") or headers.get("x-request-id"), redact)
    from_platform = is_platform_error(status, body)
    # An empty body is nobody's word, so its status has to do.
    foreign = not from_platform and bool(text.strip())
    # A page of a proxy or a firewall says nothing about permissions on the platform.
    advice = remedy(code, status, title) if body or not foreign else ""
    # Nor about a resource: it may well be there.
    error_class = AepApiError if foreign else _error_class(status, code, detail)
    return error_class(
        _sentence(f"{request} was answered {status}", title, detail, code, request_id, advice),
        status=status,
        code=code,
        title=title,
        detail=detail,
        request_id=request_id,
        retryable=status >= 500 or status in _RETRYABLE or foreign,
        retry_after=retry_after(headers),
        from_platform=from_platform,
    )


def _sentence(message: str, title: str, detail: str, code: str, request_id: str, advice: str) -> str:
    reason = detail if title in detail else f"{title}: {detail}" if detail else title
    message += f": {reason or 'no reason given'}"
    references = ", ".join(filter(None, [code and f"code {code}", request_id and f"request id {request_id}"]))
    message += f" ({references})" if references else ""
    return f"{message}. {advice}" if advice else message


def _error_class(status: int, code: str, detail: str) -> type[AepApiError]:
    if _NOT_FOUND.fullmatch(code):
        return AepNotFoundError
    # Adobe prints this body without a status.
    if "does not match the current version" in detail:
        return AepConflictError
    return _ERROR_CLASSES.get(status, AepApiError)


def unreadable(
    request: str,
    status: int,
    headers: Mapping[str, str],
    problem: str,
    *,
    retryable: bool = True,
    from_platform: bool = True,
    redact: Redact = _no_secrets,
) -> AepApiError:
    """The error for a response of success that is not what the reference promises.

    :param retryable: whether sending again may help. Of a request that changes something, the effect is not known then.
    """
    request_id = _clean(headers.get("x-request-id"), redact)
    suffix = f" (request id {request_id})" if request_id else ""
    detail = _clean(problem, redact)
    return AepApiError(
        f"{request} was answered {status} with a body that cannot be read: {detail}{suffix}",
        status=status,
        title="unreadable answer",
        detail=detail,
        request_id=request_id,
        retryable=retryable,
        from_platform=from_platform,
    )


def too_large(request: str, status: int, mebibytes: int) -> AepApiError:
    """The error for a response that is longer than any of the platform's: something on the way sends without end."""
    return AepApiError(
        f"{request} was answered {status} with more than {mebibytes} MiB, which is the limit for one response",
        status=status,
        title="too large",
        retryable=True,
        from_platform=False,
    )


def too_long(request: str, limit: str) -> AepApiError:
    """The error for a list that does not end.

    :param limit: the number and the noun that it exceeds, e.g. ``1000 pages``.
    """
    return AepApiError(
        f"{request} is a list of more than {limit}, which is the limit: ask for less of it, by a name or a filter",
        status=200,
        title="too long",
    )


def no_answer(
    request: str, host: str, problem: Exception, *, seconds: float = math.inf, harmless: bool = False
) -> AepError:
    """The error for a request that got no response, or that could not be sent at all.

    What `problem` says itself is left out, because it quotes headers and URLs.

    :param request: what was sent, e.g. ``POST /data/foundation/flowservice/flows``.
    :param seconds: the limit for the whole response.
    :param harmless: whether it does no harm to send the request again, even if the request arrived.
    """
    inner = _cause(problem)
    blamed = None if isinstance(inner, urllib3.exceptions.HTTPError) else _unsendable(request, host, problem)
    if blamed is not None:
        return blamed
    reason = type(problem).__name__
    if isinstance(problem, requests.exceptions.SSLError):
        reason += _why_no_tls(str(problem))
    elif isinstance(problem, requests.exceptions.ProxyError):
        reason += ", the proxy did not let it through; see `proxies` in the connection's extra"
    elif isinstance(problem, requests.ReadTimeout) or isinstance(inner, ReadTimeoutError):
        reason += f", no whole answer within {seconds:g} s; see `timeout` in the connection's extra"
    elif isinstance(problem, requests.ConnectTimeout):
        reason += ", no connection in time: check whether a firewall or a proxy is in the way"
    elif isinstance(inner, NameResolutionError):
        reason += ", there is no host of this name: check its spelling, and DNS on this machine"
    elif isinstance(inner, NewConnectionError):
        reason += ", no connection is accepted there: check host and port, and firewalls"
    unsent = isinstance(problem, requests.ConnectTimeout | requests.exceptions.ProxyError)
    unsent = unsent or isinstance(inner, NewConnectionError)
    return AepUnreachableError(f"{request} got no answer from {host} ({reason})", sent=not (harmless or unsent))


def _cause(problem: Exception) -> Any:
    """The error of urllib3 within one of requests."""
    inner = problem.args[0] if problem.args else None
    return getattr(inner, "reason", None) or inner


def _unsendable(request: str, host: str, problem: Exception) -> AepConfigError | None:
    """The error for a request that cannot be sent, whatever the platform does; None if it is another problem."""
    if isinstance(problem, requests.exceptions.InvalidHeader | UnicodeError):
        fields = "login, ims_org_id, sandbox and access_token"
        return AepConfigError(f"{request} cannot be sent: check {fields} for line breaks and foreign letters.")
    if isinstance(problem, ValueError | requests.exceptions.InvalidJSONError):
        reason = type(problem).__name__
        return AepConfigError(f"{request} cannot be sent to {host} ({reason}): check host, ims_url, proxies and body.")
    if isinstance(problem, OSError) and not isinstance(problem, requests.RequestException):
        return AepConfigError(
            f"{request} cannot be sent to {host}: check `verify` in the connection's extra: {problem}"
        )
    return None


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
    except (ValueError, TypeError, OverflowError, LookupError):
        return None


def _body(text: str) -> Mapping[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if isinstance(body, list) and body:
        body = body[0]
    return body if isinstance(body, Mapping) else {}


def _code(body: Mapping[str, Any], redact: Redact) -> str:
    for value in (body.get("type"), body.get("errorCode"), body.get("code")):
        match = _CODE.search(redact(_text(value)))
        if match:
            return match[0]
    return _clean(body.get("error_code"), redact)


def _first(body: Mapping[str, Any], *keys: str) -> str:
    return next((_text(body[key]) for key in keys if body.get(key)), "")


def _text(value: Any) -> str:
    """A text as it is, and anything else as JSON, whose spelling of secrets is known."""
    return value if isinstance(value, str) else json.dumps(value) if value else ""


def _clean(value: Any, redact: Redact) -> str:
    """One line of at most 500 characters without markup, secrets and tokens.

    Secrets are redacted first: neither what is cut nor what is put together afterwards is one then.
    """
    text = _CREDENTIAL.sub(_REDACTED, redact(_text(value)))
    text = _CREDENTIAL.sub(_REDACTED, redact(re.sub(r"<[^<>]*>", " ", text)))
    return " ".join(text.split())[:_MAX_TEXT].rstrip(".")

"""Faults for chosen requests, and seeded chaos for all of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from airflow_provider_aep.emulator.http.errors import (
    AdobeError,
    FlowServiceError,
    GatewayError,
    ImsError,
    ServiceError,
)
from airflow_provider_aep.emulator.http.message import Request, Response

#: kinds that let the request take effect first
AFTER_EFFECT = ("drop_after", "malformed", "empty", "delay")
BEFORE_EFFECT = ("drop_before", "status", "html")
KINDS = BEFORE_EFFECT + AFTER_EFFECT

CHAOS_KINDS = ("status", "drop_before", "drop_after", "malformed", "html", "empty")
CHAOS_DELAY_S = 0.05
CHAOS_STATUSES = (429, 500, 502, 503, 504)

HTML_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass
class Fault:
    """`nth` is the first matching request that is hit, counting from now; `times` None means for ever."""

    kind: str
    method: str = "*"
    path: str = "*"
    nth: int = 1
    times: int | None = 1
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    retry_after: str | int | None = None
    delay: float = 0.0
    seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}; known are {', '.join(KINDS)}")

    def describe(self) -> str:
        return f"{self.kind!r} for {self.method} {self.path} (from number {self.nth} on; {self.seen} came)"

    def hits(self, request: Request) -> bool:
        """Count the request if it matches, and say whether it is one of those to hit."""
        if self.method not in ("*", request.method):
            return False
        path = request.path.rstrip("/")
        if not (fnmatchcase(path, self.path) or fnmatchcase(path, "*" + self.path)):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)

    def response_instead(self, request: Request) -> Response:
        """The response of a fault that keeps the request from taking effect."""
        extra = dict(self.headers)
        if self.retry_after is not None:
            extra["Retry-After"] = str(self.retry_after)
        if self.kind == "html":
            return Response(self.status or 502, HTML_PAGE, {"Content-Type": "text/html", **extra})
        if self.body is not None:
            body = self.body.encode() if isinstance(self.body, str) else self.body
            return Response(self.status or 500, body, extra)
        response = adobe_error(self.status or 500, request).response(request.id)
        response.headers.update(extra)
        return response

    def spoil(self, response: Response) -> Response:
        """The response to a request that took effect, as the client gets it."""
        if self.kind == "malformed" and response.status != 204:  # HTTP allows no body there
            return Response(response.status, response.encoded()[:-1] + b'"', response.headers)
        if self.kind == "empty":
            return Response(response.status, b"", response.headers)
        return response


def adobe_error(status: int, request: Request) -> AdobeError:
    """What the platform says for a bare status."""
    if status == 429:
        return GatewayError("429050", "Too many requests")
    if request.is_token:
        return ImsError(status, "server_error" if status >= 500 else "invalid_request", "The request failed.")
    if status == 401:
        return GatewayError("401013", "Oauth token is not valid")
    if status == 403:
        return GatewayError("403025", "Profile is not valid")
    if "flowservice" in request.segments:
        return _flow_service_error(status)
    return ServiceError(status, "ServiceError", f"The service answered {status}. Please try again.")


def _flow_service_error(status: int) -> FlowServiceError:
    code, title, detail = {
        404: ("1101-404", "Resource not found", "Error from flow provider: Resource does not exist."),
        412: ("1404-412", "Version not matching", "The supplied version does not match the current version."),
        500: ("1102-500", "Internal Error", "An internal error has occurred. Please try again."),
        503: ("1103-503", "Service Unavailable", "The service is temporarily unavailable. Please try again."),
        504: ("1104-504", "Gateway Timeout", "A gateway timeout has occurred. Please try again."),
    }.get(status, (f"1100-{status}", "Invalid request", "The request could not be processed."))
    return FlowServiceError(code, detail, title)


@dataclass
class Chaos:
    """Hits each request with the probability `rate`, by a sequence that the seed repeats."""

    rate: float
    seed: int = 1
    #: None: `CHAOS_KINDS`
    kinds: list[str] | None = None

    def __post_init__(self) -> None:
        unknown = set(self.kinds or ()) - set(KINDS)
        if unknown:
            raise ValueError(f"unknown kinds of fault: {', '.join(sorted(unknown))}")
        self._random = random.Random(self.seed)

    def claim(self) -> Fault | None:
        if not self.rate or self._random.random() >= self.rate:
            return None
        kind, status = self._random.choice(self.kinds or CHAOS_KINDS), self._random.choice(CHAOS_STATUSES)
        return Fault(kind, status=status, delay=CHAOS_DELAY_S if kind == "delay" else 0.0)


class Faults:
    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._chaos = Chaos(0.0)

    @property
    def planned(self) -> list[Fault]:
        return list(self._planned)

    @property
    def chaos(self) -> Chaos:
        return self._chaos

    def plan(self, fault: Fault) -> None:
        self._planned.append(fault)

    def set_chaos(self, chaos: Chaos) -> None:
        self._chaos = chaos

    def clear(self) -> None:
        self._planned.clear()
        self._chaos = Chaos(0.0)

    def claim(self, request: Request) -> Fault | None:
        """The fault this request meets. Every planned fault counts it, the first that hits wins."""
        if request.is_admin:
            return None
        hitting = [fault for fault in self._planned if fault.hits(request)]
        return hitting[0] if hitting else self._chaos.claim()

"""One HTTP exchange as the emulator's services see it: a `Request` comes in, a `Response` goes out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import isfinite
from typing import Any
from urllib.parse import parse_qs, unquote

from airflow_provider_aep.emulator.query.numbers import MOST_DIGITS
from airflow_provider_aep.emulator.state.sandbox import Sandbox

#: where people and health checks look first
SHORT_PATHS = {"/": "/_emulator", "/health": "/_emulator/health"}
MOST_LEVELS = 100
FORM = "application/x-www-form-urlencoded"


class NoSandboxError(RuntimeError):
    """A handler that needs a sandbox was put on a route whose guard asks for none."""


@dataclass
class Request:
    method: str
    path: str
    segments: tuple[str, ...]
    query: dict[str, list[str]]
    headers: dict[str, str]
    raw: bytes
    id: str = ""
    client_id: str = ""
    in_sandbox: Sandbox | None = None
    body: Any = field(init=False)

    def __post_init__(self) -> None:
        self.body = self._parsed()

    @classmethod
    def received(cls, method: str, raw_path: str, query: str, headers: dict[str, str], raw: bytes) -> Request:
        """Split the path before decoding it: a schema's `$id` is one segment although it contains slashes."""
        parts = [part for part in SHORT_PATHS.get(raw_path, raw_path).split("/") if part]
        return cls(
            method=method,
            path=unquote(raw_path),
            segments=tuple(unquote(part) for part in parts),
            query=parse_qs(query, keep_blank_values=True),
            headers=headers,
            raw=raw,
        )

    @property
    def sandbox(self) -> Sandbox:
        if self.in_sandbox is None:
            raise NoSandboxError(self.path)
        return self.in_sandbox

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def is_admin(self) -> bool:
        """For the emulator itself, not for the platform."""
        return self.segments[:1] == ("_emulator",)

    @property
    def is_token(self) -> bool:
        return self.segments[:1] == ("ims",)

    def first(self, name: str, default: str | None = None) -> str | None:
        return self.query.get(name, [default])[0]

    def _parsed(self) -> Any:
        if not self.raw:
            return None
        text = self.raw.decode("utf-8", errors="replace")
        if self.is_token and self.content_type == FORM:
            return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
        try:
            return _bounded(json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=_number))
        except (ValueError, RecursionError):
            return text


def _integer(text: str) -> int:
    """What fits a Java long, more or less."""
    if len(text) > MOST_DIGITS:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text} is no number of JSON")
    return number


def _bounded(value: Any) -> Any:
    """The value, unless it is nested too deep to be worked with."""
    level: list[Any] = [value]
    for _ in range(MOST_LEVELS):
        inner = [each for each in level if isinstance(each, (dict, list))]
        if not inner:
            return value
        level = [part for each in inner for part in (each.values() if isinstance(each, dict) else each)]
    raise ValueError(f"JSON of more than {MOST_LEVELS} levels")


@dataclass
class Response:
    """`body` is sent as JSON, unless it is bytes (sent as they are) or None (no body)."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body).encode()

"""Times of the platform in one form: epoch seconds where they are sent, milliseconds or seconds where they are read."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

# A count of seconds since 1970 has ten digits until the year 2286; the platform's other unit, milliseconds, has 13.
FIRST_MILLISECOND_VALUE = 100_000_000_000
_LAST_SECOND = 253_402_300_799  # of the year 9999


def epoch_seconds(value: Any) -> int:
    """Epoch seconds from epoch seconds (number or digits), an ISO string with an offset, or an aware datetime.

    :raises ValueError: a naive time, one before 1970, milliseconds, or not a time at all; the message completes
        "<field> ...".
    """
    if isinstance(value, bool):
        raise ValueError(f"must be a time, not {value!r}")
    if isinstance(value, str):
        value = _from_text(value.strip())
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError(f"is {value.isoformat()!r}, a time without an offset; add one, such as +00:00")
        value = value.timestamp()
    if not isinstance(value, int | float) or value in (math.inf, -math.inf) or value != value:
        raise ValueError(f"must be a time, not {value!r}")
    seconds = int(value)
    if seconds < 0:
        raise ValueError(f"is {seconds}, a time before 1970; write epoch seconds or an ISO time with an offset")
    if seconds >= FIRST_MILLISECOND_VALUE:
        raise ValueError(f"is {seconds}, which looks like milliseconds; write epoch seconds")
    return seconds


def _from_text(text: str) -> float | datetime:
    """The number, or the time, that a text spells."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"is {text!r}; write epoch seconds or an ISO time with an offset, 2030-01-31T06:00:00+00:00"
        ) from None


def wire_seconds(value: int | None) -> float | None:
    """Epoch seconds from epoch milliseconds; Adobe's notifications say seconds, which are told apart.

    None for what cannot be a time.
    """
    if value is None or not 0 < value <= _LAST_SECOND * 1000:
        return None
    return value / 1000 if value >= FIRST_MILLISECOND_VALUE else float(value)


def iso_time(value: int | None) -> str | None:
    """An ISO string in UTC, from what `wire_seconds` reads."""
    seconds = wire_seconds(value)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()

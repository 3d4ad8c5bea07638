"""Numbers in query parameters."""

from __future__ import annotations

MOST_DIGITS = 18


def whole_number(text: str | None) -> int | None:
    """Zero or more, of as many digits as a Java long takes; None for anything else."""
    if text is None or not text.isdecimal() or len(text) > MOST_DIGITS:
        return None
    return int(text)

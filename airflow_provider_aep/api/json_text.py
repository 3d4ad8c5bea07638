"""JSON of the platform: whatever stands in one corner of it, the rest is read."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic_core import from_json

# Nothing that the platform describes is nested half as deep; deeper, Python refuses to print, compare or write it.
_DEEPEST = 100
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def parse_json(text: str) -> Any:
    """The value that a JSON text spells.

    What is nested too deep to be worked with is null, and a number of thousands of digits is a text.

    :raises ValueError: the text is no JSON.
    """
    try:
        return from_json(text)
    except ValueError:
        # It refuses half a surrogate pair, thousands of digits, and what is nested deeper than 200 levels.
        return json.loads(_without_depths(text), parse_int=_integer)


def _without_depths(text: str) -> str:
    kept, depth, begun = [], 0, 0
    for token in _STRING_OR_BRACKET.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == _DEEPEST + 1:
                kept.append(text[begun : token.start()] + "null")
        elif token[0] in "]}":
            depth -= 1
            if depth == _DEEPEST:
                begun = token.end()
    return "".join(kept) if depth > _DEEPEST else "".join(kept) + text[begun:]


def _integer(digits: str) -> int | str:
    try:
        return int(digits)
    except ValueError:
        return digits

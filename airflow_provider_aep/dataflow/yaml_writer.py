"""YAML as a person would write it: keys in their order, short parts on one line, comments where they belong.

PyYAML writes no comments. Every parser of YAML 1.1 and 1.2 reads back what is written here: a text that could be taken
for something else is quoted, and what a file should not hold as it is stands as an escape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

Path = tuple[str, ...]

_WIDTH: Final = 110
# YAML demands a question mark in front of a key that is longer than 1,024 characters.
_LONGEST_KEY: Final = 1000
_UUID = r"[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}"
# Words alone, an address or a UUID. Nothing in them means anything to YAML, not even within braces.
_PLAIN = re.compile(rf"{_UUID}|(https?://|/)?[^\W\d][\w./()@+-]*( [\w./()@+][\w./()@+-]*)*")
# What YAML 1.1 reads as a boolean, null or a number, although it begins like a word.
_RESERVED = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null|[_.][\d_.e+-]*|\.?inf|\.?nan")
_UNPRINTABLE = re.compile(
    "[^\\x20-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)


def to_yaml(document: Mapping[str, Any], comments: Mapping[Path, str] | None = None) -> str:
    """A document of JSON values.

    :param comments: path of keys -> what is said of what stands there; `()` is the document itself.
    """
    comments = comments or {}
    head = [f"# {line}" for line in comments.get((), "").splitlines()]
    return "\n".join([*head, *_mapping(document, (), comments)]) + "\n"


def _mapping(value: Mapping[str, Any], path: Path, comments: Mapping[Path, str]) -> Iterator[str]:
    for key, inner in value.items():
        start = f"{scalar(key)}:"
        if len(start) > _LONGEST_KEY:
            yield f"? {scalar(key)}"
            start = ":"
        yield from _entry(start, inner, (*path, key), comments)


def _entry(start: str, value: Any, path: Path, comments: Mapping[Path, str]) -> Iterator[str]:
    """The lines of one key or one item of a list."""
    comment = f"  # {_line(comments[path])}" if path in comments else ""
    short = f"{start} {_flow(value)}{comment}"
    is_nested = isinstance(value, Mapping | list) and bool(value)
    if not is_nested or (_may_be_short(value, path, comments) and len(short) <= _WIDTH):
        yield short
        return
    yield f"{start}{comment}"
    if isinstance(value, Mapping):
        lines = _mapping(value, path, comments)
    else:
        lines = (line for index, item in enumerate(value) for line in _item(item, (*path, str(index)), comments))
    for line in lines:
        yield f"  {line}"


def _item(value: Any, path: Path, comments: Mapping[Path, str]) -> Iterator[str]:
    short = f"- {_flow(value)}"
    if not isinstance(value, Mapping | list) or not value or len(short) <= _WIDTH:
        yield short
    elif isinstance(value, Mapping):
        for index, line in enumerate(_mapping(value, path, comments)):
            yield f"{'  ' if index else '- '}{line}"
    else:
        yield from _entry("-", value, path, comments)


def _may_be_short(value: Any, path: Path, comments: Mapping[Path, str]) -> bool:
    """Whether it may stand on one line: no comment is in it, and it is nested no deeper than a list of texts."""
    if path == ("mappings",) or any(other[: len(path)] == path and other != path for other in comments):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return not any(isinstance(each, Mapping) or (isinstance(each, list) and _is_nested(each)) for each in inner)


def _is_nested(value: list[Any]) -> bool:
    return any(isinstance(each, Mapping | list) for each in value)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """A text, number, boolean or null."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    text = str(value)
    if (
        _PLAIN.fullmatch(text)
        and not _RESERVED.fullmatch(text)
        and len(text) < _WIDTH
        and not _UNPRINTABLE.search(text)
    ):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + _UNPRINTABLE.sub(_escape, escaped) + '"'


def _number(value: float) -> str:
    text = repr(value)
    if text.lstrip("-") in ("inf", "nan"):
        return text.replace("inf", ".inf").replace("nan", ".nan")
    # YAML 1.1 wants a point in every number with an exponent.
    return text if "." in text else text.replace("e", ".0e")


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _line(comment: str) -> str:
    """A comment as it can stand in one line: names in it come from the platform."""
    return _UNPRINTABLE.sub("?", comment)

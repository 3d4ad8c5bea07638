"""Field types for what is read of an answer but not needed: an odd value is None, and no error.

A count, a time or a name in a form that nobody published must not make the whole object unreadable: a wait for it would
last until its deadline.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

_LAST_MILLISECOND = 253_402_300_799_999  # of the year 9999
_LARGEST_COUNT = 2**63 - 1  # the platform's integers have 64 bits


def _none_if_unreadable(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def as_text(value: Any) -> str | None:
    """Anything as a text, so that an odd status or error is shown as it came; what is no Unicode as question marks."""
    value = _as_json(value)
    return None if value is None else str(value).encode("utf-8", "replace").decode()


def _as_json(value: Any) -> Any:
    """The value as it is after a way through JSON, which does not know infinity and NaN."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _as_json(inner) for key, inner in value.items()}
    return [_as_json(inner) for inner in value] if isinstance(value, list) else value


def read_time(value: Any) -> int | None:
    """Epoch milliseconds, or seconds, from a number or its spelling; milliseconds from an ISO time. Else None."""
    return _read_number_or_iso(value, per_second=1000)


def read_seconds(value: Any) -> int | None:
    """Epoch seconds from a number, its spelling or an ISO time. Else None."""
    return _read_number_or_iso(value, per_second=1)


def _read_number_or_iso(value: Any, *, per_second: int) -> int | None:
    time: int | None
    try:
        time = value if isinstance(value, int) else int(float(value))
    except (TypeError, ValueError, OverflowError):
        time = _from_iso(value, per_second)
    return time if time is not None and abs(time) <= _LAST_MILLISECOND else None


def _from_iso(value: Any, per_second: int) -> int | None:
    try:
        moment = datetime.fromisoformat(str(value).strip())
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * per_second)
    except (ValueError, OverflowError):
        return None


def _only_texts(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [text for one in found if isinstance(one, str) and (text := as_text(one))]


def only_objects(value: Any) -> list[Any]:
    """The objects of a list; one that comes bare is a list of one."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, BaseModel | dict)]


def object_or_empty(value: Any) -> Any:
    """The object, or an empty one where there should be an object."""
    return value if isinstance(value, BaseModel | dict) else {}


# What another type reads, or None.
Lenient = WrapValidator(_none_if_unreadable)
Name = Annotated[str | None, Lenient]
Count = Annotated[Annotated[int, Field(ge=-_LARGEST_COUNT, le=_LARGEST_COUNT)] | None, Lenient]
Object = Annotated[dict[str, Any] | None, Lenient]
Text = Annotated[str | None, BeforeValidator(as_text)]
Texts = Annotated[list[str], BeforeValidator(_only_texts)]
# Epoch milliseconds (or seconds) from a number, its spelling or an ISO time.
Time = Annotated[int | None, BeforeValidator(read_time)]
# Epoch seconds, likewise.
Seconds = Annotated[int | None, BeforeValidator(read_seconds)]
Flag = Annotated[bool | None, Lenient]

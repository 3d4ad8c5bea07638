"""What all letters share: names on the wire, one way to list every gap of a wish, normal forms of loose values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from airflow_provider_aep.exceptions import AepConfigError

# A count of seconds since 1970 has ten digits until the year 2286; the platform's other unit, milliseconds, has 13.
_FIRST_MILLISECOND_VALUE = 100_000_000_000
_LAST_SECOND = 253_402_300_799  # of the year 9999

T = TypeVar("T")

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SHAPES: dict[str, tuple[re.Pattern[str], str]] = {
    "uuid": (_UUID, "a UUID such as 9a603322-19d2-4de9-89c6-c98bd54eb184"),
    "dataset": (re.compile(r"[0-9a-fA-F]{24}"), "24 hexadecimal digits such as 5c8c3c555033b814b69f947f"),
    "mapping set": (re.compile(r"[0-9a-fA-F]{32}"), "32 hexadecimal digits without dashes"),
    "batch": (re.compile(r"[0-9A-Za-z]{26}|" + _UUID.pattern), "26 letters and digits, or a UUID"),
    "schema": (
        re.compile(r"https?://ns\.adobe\.com/[\w.\-]+(/[\w.\-]+)+"),
        "the schema's $id, such as https://ns.adobe.com/{TENANT_ID}/schemas/{HASH}",
    ),
}
_ALT_ID = re.compile(r"_(?P<tenant>[^.]+)\.schemas\.(?P<hash>\w+)")


class AepModel(BaseModel):
    """snake_case here, camelCase on the wire.

    Answers are read tolerantly: unknown fields are kept, null means that nothing was said, numbers and their spelling
    as a string are the same. What cannot be read is not repeated in the error, because answers hold secrets.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="allow",
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
        # Every DAG file that imports an operator would pay for building the validators; so no default is a model.
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _null_says_nothing(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            return {key: value for key, value in data.items() if value is not None}
        return data

    def to_wire(self) -> dict[str, Any]:
        """The JSON object as Adobe spells it, without what was never said."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Ref(AepModel):
    """A reference by id and version: connection specs and flow specs."""

    id: str
    version: str = "1.0"

    @model_validator(mode="before")
    @classmethod
    def _bare_id(cls, data: Any) -> Any:
        # As Adobe's specification shows the flow spec of a flow in a list.
        return {"id": data} if isinstance(data, str) else data


# Flow Service says "etag"; its specification of runs, "eTag".
_ETAG = AliasChoices("etag", "eTag")


class Resource(AepModel):
    """What every object of Flow Service tells about itself once it lives. Times are epoch milliseconds."""

    id: str | None = None
    etag: str | None = Field(None, validation_alias=_ETAG)
    version: str | None = None
    state: str | None = None
    created_at: int | None = None
    created_client: str | None = None

    @property
    def live_etag(self) -> str | None:
        """The etag for `If-Match`: on reading, Flow Service says it as `etag`, as `version`, or as both."""
        return self.etag or self.version


class Created(AepModel):
    """The answer to a create, an update or an action: the object itself is not echoed."""

    id: str
    etag: str | None = Field(None, validation_alias=_ETAG)


class Gaps:
    """Collects everything that is wrong with a wish, so that the author hears it all at once.

    :param what: the wish, e.g. ``source connection 'Accounts'``.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.found: list[str] = []

    def add(self, field: str, remedy: str) -> None:
        """Note one gap: the field as the author wrote it, and what to do about it."""
        self.found.append(f"{field} {remedy}")

    def text(self, field: str, value: Any, *, required: bool = True) -> None:
        """Demand a string; an optional one may be None."""
        if value is None and not required:
            return
        if not isinstance(value, str) or not value.strip():
            self.add(field, f"must be a non-empty string, not {value!r}")

    def attempt(self, read: Callable[[Any], T], value: Any, field: str = "") -> T | None:
        """What `read` makes of the value; where it refuses, its message is noted (after the field, if one is given)."""
        try:
            return read(value)
        except (AepConfigError, ValueError) as problem:
            self.found.append(f"{field} {problem}".strip().rstrip("."))
            return None

    def flag(self, field: str, value: Any) -> bool:
        """Demand a boolean, or its spelling: templates deliver text."""
        if isinstance(value, bool):
            return value
        if str(value).lower() not in ("true", "false"):
            self.add(field, f"is {value!r}; it is true or false")
        return str(value).lower() == "true"

    def number(self, field: str, value: Any) -> float:
        """Demand a finite number from 0 up, or its spelling."""
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if 0 <= number < math.inf:
            return number
        self.add(field, f"is {value!r}; it is a number from 0 up")
        return 0.0

    def id(self, field: str, value: Any, shape: str = "uuid") -> None:
        """Demand an id of the platform: ``uuid``, ``dataset``, ``mapping set``, ``batch`` or ``schema``."""
        problem = id_problem(value, shape)
        if problem:
            self.add(field, problem)

    def close(self) -> Self:
        """Raise :class:`AepConfigError` if anything was noted."""
        if self.found:
            raise AepConfigError(f"The {self.what} cannot be sent: " + "; ".join(self.found) + ".")
        return self


def sentences(field: str, problem: ValidationError) -> list[str]:
    """What pydantic objects to, one line each, with the place as the author wrote it."""
    return [
        ".".join([field, *(str(step) for step in one["loc"])]) + f": {one['msg']}"
        for one in problem.errors(include_url=False, include_input=False, include_context=False)
    ]


def id_problem(value: Any, shape: str) -> str | None:
    """Why `value` is not an id of that shape, or None if it is one."""
    pattern, description = _SHAPES[shape]
    if isinstance(value, str) and pattern.fullmatch(value):
        return None
    alt_id = _ALT_ID.fullmatch(value) if shape == "schema" and isinstance(value, str) else None
    if alt_id:
        uri = f"https://ns.adobe.com/{alt_id['tenant']}/schemas/{alt_id['hash']}"
        return f"is the meta:altId {value!r}; use the $id, {uri}"
    return f"is {value!r}, which is not {description}"


def checked_id(field: str, value: Any, shape: str = "uuid") -> str:
    """`value` if it is an id of that shape.

    :raises AepConfigError: it is not, so it must not get into a path or a filter.
    """
    problem = id_problem(value, shape)
    if problem:
        raise AepConfigError(f"{field} {problem}.")
    return str(value)


def epoch_seconds(value: Any) -> int:
    """Epoch seconds from epoch seconds (number or digits), an ISO string with an offset, or an aware datetime.

    :raises ValueError: a naive time, milliseconds, or not a time at all; the message completes "<field> ...".
    """
    if isinstance(value, bool):
        raise ValueError(f"must be a time, not {value!r}")
    if isinstance(value, str):
        value = value.strip()
        if re.fullmatch(r"\d+(\.\d+)?", value):
            value = float(value)
        else:
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                raise ValueError(
                    f"is {value!r}; write epoch seconds or an ISO time with an offset, 2030-01-31T06:00:00+00:00"
                ) from None
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError(f"is {value.isoformat()!r}, a time without an offset; add one, such as +00:00")
        value = value.timestamp()
    if not isinstance(value, int | float) or value in (math.inf, -math.inf) or value != value:
        raise ValueError(f"must be a time, not {value!r}")
    seconds = int(value)
    if seconds >= _FIRST_MILLISECOND_VALUE:
        raise ValueError(f"is {seconds}, which looks like milliseconds; write epoch seconds")
    return seconds


def wire_seconds(value: int | None) -> float | None:
    """Epoch seconds from epoch milliseconds; Adobe's notifications say seconds, which are told apart.

    None for what cannot be a time.
    """
    if value is None or not 0 < value <= _LAST_SECOND * 1000:
        return None
    return value / 1000 if value >= _FIRST_MILLISECOND_VALUE else float(value)


def iso_time(value: int | None) -> str | None:
    """An ISO string in UTC, from what `wire_seconds` reads."""
    seconds = wire_seconds(value)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def listed(value: Any) -> Any:
    """A list, where the platform writes a single object or text bare."""
    return [value] if isinstance(value, dict | str) else value


def media_type(value: str) -> str:
    """A media type in one spelling: Adobe writes ``; version=1``, ``;version=1`` and ``;version=1.0``."""
    return re.sub(r"(;version=\d+)\.\d+$", r"\1", ";".join(part.strip() for part in value.split(";")))


def major_version(value: str | None) -> int | None:
    """The 1 of ``application/...;version=1`` and of ``1.0``; None where none is told."""
    match = re.search(r"(?:^|version=)(\d+)(\.\d+)?$", value or "")
    return int(match[1]) if match else None


def schema_media_type(version: Any, family: str = "application/vnd.adobe.xed-full+json") -> str:
    """The media type for a schema version given as 1, "1", "1.0" or as a media type.

    :raises ValueError: none of these; the message completes "<field> ...".
    """
    text = media_type(str(version))
    if "/" in text:
        return text
    match = re.fullmatch(r"([1-9]\d*)(\.\d+)?", text)
    if not match:
        raise ValueError(f"is {version!r}; write the major version of the schema, such as 1")
    return f"{family};version={match[1]}"


def differences(declared: Any, live: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """Where a live value is not what was declared: path -> (declared, live). What was not declared is not looked at.

    Numbers and booleans are equal to their spelling as a string, because the platform echoes them so; media types are
    equal in any spacing. Lists are compared place by place; callers turn lists with an identity into mappings first.
    """
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        found: dict[str, tuple[Any, Any]] = {}
        for key, value in declared.items():
            found |= differences(value, live.get(key), f"{path}/{key}")
        return found
    if isinstance(declared, list | tuple) and isinstance(live, list | tuple) and len(declared) == len(live):
        found = {}
        for index, (wanted, got) in enumerate(zip(declared, live, strict=True)):
            found |= differences(wanted, got, f"{path}/{index}")
        return found
    return {} if _same(declared, live) else {path or "/": (declared, live)}


def _same(declared: Any, live: Any) -> bool:
    if isinstance(declared, str) and isinstance(live, str):
        kind = media_type if declared.startswith("application/") else str
        return kind(declared) == kind(live)
    if isinstance(declared, str):
        return _says(declared, live)
    if isinstance(live, str):
        return _says(live, declared)
    # To Python True is 1; to the platform it is not.
    return bool(declared == live) and isinstance(declared, bool) == isinstance(live, bool)


def _says(text: str, value: Any) -> bool:
    """Whether the text is a spelling of the number or boolean."""
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if not isinstance(value, int | float):
        return False
    try:
        return text == str(value) or float(text) == value
    except ValueError:
        return False

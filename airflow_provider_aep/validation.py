"""Every objection to what an author declared, at once; the shapes of the platform's ids; ids known only after apply."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self, TypeVar
from urllib.parse import unquote

from pydantic import ValidationError

from airflow_provider_aep.exceptions import AepConfigError

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


class Problems:
    """Collects everything that is wrong with what an author declares, so that the author hears it all at once.

    :param what: what is declared, e.g. ``source connection 'Accounts'``.
    :param purpose: what cannot be done with it as it is.
    """

    def __init__(self, what: str, purpose: str = "sent") -> None:
        self.what = what
        self.purpose = purpose
        self.found: list[str] = []

    def add(self, field: str, remedy: str) -> None:
        """Note one problem: the field as the author wrote it, and what to do about it."""
        self.found.append(f"{field} {remedy}")

    def text(self, field: str, value: Any, *, required: bool = True) -> None:
        """Demand a string; an optional one may be None."""
        if value is None and not required:
            return
        if not isinstance(value, str) or not value.strip():
            self.add(field, f"must be a non-empty string, not {value!r}")

    def name(self, field: str, value: Any, *, required: bool = True) -> None:
        """Demand a string as the platform keeps it: by a name that it trims, a resource is never found again."""
        self.text(field, value, required=required)
        if isinstance(value, str) and value.strip() and value != value.strip():
            self.add(field, f"begins or ends with a blank: {value!r}; leave it out")

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

    def raise_if_any(self) -> Self:
        """Raise :class:`AepConfigError` if anything was noted: several problems on a line each, one in a sentence."""
        if not self.found:
            return self
        if len(self.found) == 1:
            error = AepConfigError(f"The {self.what} cannot be {self.purpose}: {self.found[0]}.")
        else:
            lines = [each.replace("\n", "\n  ") for each in self.found]
            error = AepConfigError("\n  ".join([f"The {self.what} cannot be {self.purpose}:", *lines]))
        error.problems = tuple(self.found)
        raise error


def in_one_line(message: str) -> str:
    """What `Problems` says, as one sentence: for a place with room for one line, such as Airflow's Test button."""
    first, *problems = re.split(r"\n +", message)
    return f"{first} {'; '.join(problems)}." if problems else message


def validation_messages(field: str, problem: ValidationError) -> list[str]:
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
    if shape == "schema" and isinstance(value, str) and schema_uri(value) != value:
        return f"is the meta:altId {value!r}; use the $id, {schema_uri(value)}"
    if value in ("", "None"):
        return left_empty(value)
    return f"is {value!r}, which is not {description}"


def nearest(wanted: str, known: Iterable[str]) -> str:
    """The known names that a wrong one may have meant, as the end of a sentence; empty if none is near."""
    near = difflib.get_close_matches(wanted, list(known), n=3)
    names = f"names are {', '.join(near)}" if len(near) > 1 else f"name is {near[0]}" if near else ""
    return f" (the nearest {names})" if near else ""


def schema_uri(id_: str) -> str:
    """The `$id` of a schema, from its `$id` or its `meta:altId`."""
    alt_id = _ALT_ID.fullmatch(id_)
    return f"https://ns.adobe.com/{alt_id['tenant']}/schemas/{alt_id['hash']}" if alt_id else id_


def left_empty(value: Any) -> str:
    """What to say of an argument that was written and is empty when the task runs."""
    return f"is {value!r}, which a template delivers that finds nothing: check the XCom or variable it reads"


def checked_id(field: str, value: Any, shape: str = "uuid") -> str:
    """`value` if it is an id of that shape.

    :raises AepConfigError: it is not, so it must not get into a path or a filter.
    """
    problem = id_problem(value, shape)
    if problem:
        raise AepConfigError(f"{field} {problem}.")
    return str(value)


# Well-shaped, so that a resource can be declared, compared and planned before what it refers to has been made. In ASCII
# the hexadecimal ones spell "known-afterapply": an id made of zeros is what people write where they mean no id at all.
_PLACEHOLDERS = {
    "uuid": "6b6e6f77-6e2d-6166-7465-726170706c79",
    "dataset": "6b6e6f776e2d616674657261",
    "mapping set": "6b6e6f776e2d61667465726170706c79",
    "batch": "KNOWNAFTERAPPLY00000000000",
    "schema": "https://ns.adobe.com/known-after-apply/schemas/0",
}
# As a word of its own: a part of a longer id is not meant.
_PLACEHOLDER = re.compile(rf"(?<![0-9A-Za-z-])({'|'.join(map(re.escape, _PLACEHOLDERS.values()))})(?![0-9A-Za-z-])")


def known_after_apply(shape: str = "uuid") -> str:
    """The placeholder for an id that the platform has yet to give, so that a whole new dataflow can be planned offline.

    The client refuses to send it.

    :param shape: as for `Problems.id`.
    """
    return _PLACEHOLDERS[shape]


def holds_unknown_id(value: Any) -> bool:
    """Whether a value, or anything within it, is or contains a placeholder of `known_after_apply`."""
    if isinstance(value, Mapping):
        return any(holds_unknown_id(each) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple):
        return any(holds_unknown_id(each) for each in value)
    return isinstance(value, str) and _PLACEHOLDER.search(unquote(value)) is not None

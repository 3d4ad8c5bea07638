"""One request to the platform as a value: written down and not yet sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from airflow_provider_aep.api.json_text import parse_json

T = TypeVar("T")

Params = Mapping[str, str | Sequence[str]]


def identity(response: Any) -> Any:
    """The response as it is."""
    return response


@dataclass(frozen=True)
class Unreadable:
    """An item of a list that cannot be read.

    :param item: as it came.
    :param problem: which of its fields is not what it should be; without the value, which may be a secret.
    """

    item: Any = field(repr=False)
    problem: str


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request as a value: two equal calls send the same request.

    :param path: below the platform's host, ids already quoted.
    :param returns: the type of the response, after `unwrap`; `Any` for any JSON; None: the response is not read. The
        items of a list are read one by one: what cannot be read does not hide the others.
    :param body: the JSON body, as Adobe spells it. It may hold secrets, so the repr leaves it out.
    :param params: the query; a sequence repeats its key.
    :param if_match: the etag the resource must still have.
    :param accept: the media type asked for.
    :param headers: further headers. They may hold secrets, so the repr leaves them out.
    :param sandboxed: whether the call happens within a sandbox; only the list of sandboxes does not.
    :param decode: makes JSON of the text of the response.
    :param unwrap: takes the response out of its envelope.
    :param next_page: for lists: the query of the next page, from this page's query and response; None on the last page.
    :param enough: for sorted lists: whether the items so far make further pages pointless.
    :param id_shape: what the ids in the response look like, as for `validation.id_problem`; None: they are not checked.
    :param about: the id that the response must have, because the request names it; None: it names none.
    :param on_unreadable: for lists: called with each item that cannot be read and is therefore not in the result.
    """

    method: str
    path: str
    returns: Any = None
    body: Any = field(default=None, repr=False)
    params: Params = field(default_factory=dict)
    if_match: str | None = None
    accept: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    sandboxed: bool = True
    decode: Callable[[str], Any] = parse_json
    unwrap: Callable[[Any], Any] = identity
    next_page: Callable[[Params, Any], Params | None] | None = None
    enough: Callable[[list[Any]], bool] | None = None
    id_shape: str | None = field(default=None, compare=False)
    about: str | None = field(default=None, compare=False)
    on_unreadable: Callable[[Unreadable], Any] = field(default=identity, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Send(Protocol):
    """Sends a call: `AepClient.send`, `AepHook.send`, or a function in a test."""

    def __call__(self, call: Call[T], /) -> T: ...


# An id takes 37 characters of the URL, of which gateways allow some 8,000.
_IDS_IN_A_REQUEST = 50


def id_chunks(ids: Sequence[str]) -> list[Sequence[str]]:
    """The ids, in groups of as many as one request may ask for."""
    return [ids[at : at + _IDS_IN_A_REQUEST] for at in range(0, len(ids), _IDS_IN_A_REQUEST)]


def as_mapping(response: Any, key: str) -> Mapping[str, Any]:
    """An object within a response; an empty one where there is none."""
    found = response.get(key) if isinstance(response, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def items(response: Any) -> list[Any]:
    """What Flow Service means by any of its three envelopes: `{"items": [...]}`, a bare list, a bare object."""
    if response is None:
        raise ValueError("nothing was answered")
    if isinstance(response, Mapping) and "items" in response:
        response = [] if response["items"] is None else response["items"]
    if not isinstance(response, list | Mapping):
        raise ValueError("neither a list nor an object was answered")
    return response if isinstance(response, list) else [response]


def only_item(response: Any) -> Any:
    """The single object in any of the three envelopes."""
    found = items(response)
    if len(found) != 1:
        raise ValueError(f"expected one item, got {len(found)}")
    return found[0]


# Neither a way to write a quotation mark inside a quoted value is published, nor whether a comma there means "or".
_UNQUOTABLE = re.compile(r'["\\,]')


def equals(field_name: str, value: str) -> list[str]:
    """A `property` filter for one value; none if the value cannot be written in one (then the caller compares)."""
    return [] if _UNQUOTABLE.search(value) else [f'{field_name}=="{value}"']

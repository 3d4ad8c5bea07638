"""A response of success becomes what its call promises.

Strict about what is asked for, and tolerant of everything else: an item of a list that cannot be read is passed over,
and whoever looks for one by its key decides whether it is the one (`reconcile/lookup.py`). An id that is none is never
handed out.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from airflow_provider_aep.api.call import Call, Params, Unreadable
from airflow_provider_aep.validation import id_problem, validation_messages

log = logging.getLogger(__name__)

# What reading raises where the response is JSON and has not the shape that the reference promises.
_ODD = (ValueError, LookupError, TypeError, AttributeError, RecursionError, ArithmeticError)
_LONGEST_ID = 200


class UnexpectedShape(ValueError):
    """The response is JSON, and not what was asked for.

    :param lasting: whether it is certainly the resource that was asked for, so that it will not change by itself.
    """

    def __init__(self, problem: str, *, lasting: bool = False) -> None:
        super().__init__(problem)
        self.lasting = lasting


def read_page(call: Call[Any], params: Params, text: str) -> tuple[Any, Params | None]:
    """The result of one page, and the query of the next one.

    :param params: the query of this page.
    :raises UnexpectedShape: the text is JSON, and not what the call promises.
    :raises ValueError: the text is no JSON.
    """
    if call.returns is None:
        return None, None
    response = call.decode(text)
    try:
        found = call.unwrap(response)
        following = call.next_page(params, response) if call.next_page else None
    except _ODD as problem:
        raise UnexpectedShape(_described(problem)) from None
    if get_origin(call.returns) is list:
        return _read_list(call, found, response), following
    return _read_one(call, found), following


def _read_one(call: Call[Any], found: Any) -> Any:
    result, problem = _parse(call, call.returns, found)
    if problem is not None:
        is_it = call.about is not None and _same(_raw_id(found), call.about)
        raise UnexpectedShape(problem, lasting=is_it and call.method == "GET")
    if call.about is not None and not _same(result.id, call.about):
        raise UnexpectedShape(f"answer.id is {result.id!r}, and {call.about!r} was asked for")
    return result


def _read_list(call: Call[Any], found: Any, response: Any) -> list[Any]:
    if not isinstance(found, list):
        raise UnexpectedShape("answer: a list was expected")
    whole, _ = _parse(call, call.returns, found)
    if whole is not None and not any(_id_problem(call, one) for one in whole):
        return whole  # type: ignore[no-any-return]
    # One by one takes longer, so it is done only where there is an odd one among them.
    (type_,) = get_args(call.returns)
    read: list[Any] = []
    unreadable: list[Unreadable] = []
    for item in found:
        result, problem = _parse(call, type_, item)
        if problem is None:
            read.append(result)
        else:
            unreadable.append(Unreadable(item, problem))
    if unreadable and found[0] is response:
        # An object without the envelope of a list is its only item, or it is something else: the body of an error.
        raise UnexpectedShape(unreadable[0].problem)
    for one in unreadable:
        log.debug("%s: passed over an item that cannot be read: %s", call, one.problem)
        call.on_unreadable(one)
    return read


def _parse(call: Call[Any], type_: Any, value: Any) -> tuple[Any, str | None]:
    """The value as it is wanted, or else what is wrong with it."""
    try:
        result = _adapter(type_).validate_python(value)
    except _ODD as problem:
        return None, _described(problem)
    return result, None if isinstance(result, list) else _id_problem(call, result)


@lru_cache(maxsize=256)
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


def _described(problem: Exception) -> str:
    """What is wrong, without the value: pydantic and Python quote what they could not read, which may hold secrets."""
    if isinstance(problem, ValidationError):
        return "; ".join(validation_messages("answer", problem))
    return type(problem).__name__


def _id_problem(call: Call[Any], result: Any) -> str | None:
    """Why the id of what was read is none, or None if it is one."""
    if call.id_shape is None:
        return None
    if result.id is None:
        return "answer.id: Field required"
    if id_problem(result.id, call.id_shape) is None:
        return None
    return f"answer.id is {result.id[:_LONGEST_ID]!r}, which is no id of the platform"


def _raw_id(found: Any) -> Any:
    # Schema Registry calls it `$id`.
    return (found.get("$id") or found.get("id")) if isinstance(found, Mapping) else None


def _same(id_: Any, other: str) -> bool:
    """Whether two ids are one: hexadecimal digits are written either way."""
    return str(id_).lower() == other.lower()

"""What Catalog's listings have in common: `property` filters, time ranges, order, pages, and objects keyed by id."""

from __future__ import annotations

import re

from airflow_provider_aep.emulator.http.errors import bad_request, not_found
from airflow_provider_aep.emulator.http.message import Request
from airflow_provider_aep.emulator.query.filters import reach
from airflow_provider_aep.emulator.query.numbers import whole_number
from airflow_provider_aep.emulator.state.json import Json

DEFAULT_LIMIT = 20
MOST_LIMIT = 100
PROPERTY = re.compile(r"([^=!~]+)(?:(==|!=|~)(.*))?", re.DOTALL)


def existing(request: Request, collection: str, object_id: str) -> Json:
    if object_id not in request.sandbox[collection]:
        raise not_found(f"The requested resource {object_id} could not be found.")
    return request.sandbox[collection][object_id]


def by_id(request: Request, objects: list[Json]) -> Json:
    properties = request.first("properties")
    if properties is None:
        return {each["id"]: {name: value for name, value in each.items() if name != "id"} for each in objects}
    wanted = properties.split(",")
    return {each["id"]: {name: each[name] for name in wanted if name in each} for each in objects}


def matches(dataset: Json, expression: str) -> bool:
    """`path==value`, `path!=value`, `path~regular expression`, or a path alone: the field is there."""
    match = PROPERTY.fullmatch(expression)
    if match is None:
        raise bad_request(f"The property filter {expression} cannot be read.")
    path, operator, value = match.groups()
    found = [str(each) for each in reach(dataset, path)]
    if operator == "~":
        try:
            return any(re.search(value, each) for each in found)
        except re.error as error:
            raise bad_request(f"The regular expression {value} cannot be read: {error}.") from error
    return {"==": value in found, "!=": value not in found, None: bool(found)}[operator]


def by_time(request: Request, objects: list[Json], *, inclusive: bool = False) -> list[Json]:
    after, before = (_moment(request, name) for name in ("createdAfter", "createdBefore"))
    after = after - 1 if after is not None and inclusive else after
    objects = [
        each
        for each in objects
        if (after is None or each["created"] > after) and (before is None or each["created"] < before)
    ]
    direction, _, field = (request.first("orderBy") or "").rpartition(":")
    if field:
        objects.sort(key=lambda each: (str(type(each.get(field))), each.get(field)), reverse=direction == "desc")
    return objects


def page(request: Request, objects: list[Json]) -> list[Json]:
    limit, start = request.first("limit", str(DEFAULT_LIMIT)), request.first("start", "0")
    most, first = whole_number(limit), whole_number(start)
    if most is None or not 1 <= most <= MOST_LIMIT:
        raise bad_request(f"limit must be between 1 and {MOST_LIMIT}, not {limit}.")
    if first is None:
        raise bad_request(f"start must be zero or more, not {start}.")
    return objects[first : first + most]


def _moment(request: Request, name: str) -> int | None:
    text = request.first(name)
    moment = whole_number(text)
    if text is not None and moment is None:
        raise bad_request(f"{name} must be in epoch milliseconds, not {text}.")
    return moment

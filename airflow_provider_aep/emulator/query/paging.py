"""Flow Service's listings: filter, order, count and page.

The continuation token says where the last page ended, not how many records were skipped, so records created in
between neither hide nor repeat others. It also holds the filter, order and limit of the first page, for a client that
follows the link as it is; what the query repeats takes precedence. A token has `=`, `%` and `&` in it: a client must
parse the link, not split it. Without `orderby` the order is arbitrary (by id), as no default is published.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

from airflow_provider_aep.emulator.http.errors import FlowServiceError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.query.filters import parse, reach
from airflow_provider_aep.emulator.query.numbers import whole_number
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.switches import Switches

TOKEN_TAIL = "==%&page"

SortKey = tuple[int, float, str, str]
Query = dict[str, list[str]]


def listing(request: Request, records: list[Json], *, fields: set[str], switches: Switches, path: str) -> Response:
    """Answer a GET list. `path` is the resource's path within Flow Service, for the link to the next page."""
    position = _position(request.first("continuationToken"))
    query = (position["asked"] if position else {}) | {
        key: request.query[key] for key in ("property", "orderby", "limit") if key in request.query
    }
    conditions = [parse(expression, fields) for expression in query.get("property", [])]
    chosen = [record for record in records if all(condition.holds(record) for condition in conditions)]
    counting = (request.first("count") or "false").lower() == "true"
    if counting and "limit" in request.query:
        raise FlowServiceError(
            "1401-400",
            "The limit and count parameters cannot be given together in the same request. "
            "Please provide either only the limit or the count parameter and try again.",
        )
    if counting:
        return Response(200, {"count": len(chosen)})
    page, token = _page(query, position, chosen, fields, switches)
    links = {"next": {"href": f"{path}?continuationToken={quote(token, safe='')}"}} if token else {}
    return Response(200, {"items": page, "_links": links})


def _page(
    query: Query, position: Json | None, chosen: list[Json], fields: set[str], switches: Switches
) -> tuple[list[Json], str | None]:
    """(the records of the page, the token of the next page or None)."""
    field, descending = _order(query.get("orderby", [None])[0], fields)
    if switches.ignore_orderby:
        field, descending = "id", False
    limit = min(_limit(query.get("limit", [None])[0], switches.default_page_size), switches.max_page_size)
    ordered = sorted(chosen, key=lambda record: _sort_key(record, field), reverse=descending)
    if position is not None:
        after = _as_key(position["after"])
        ordered = [record for record in ordered if _is_past(_sort_key(record, field), after, descending)]
        if switches.empty_pages and not position["empty"]:
            return [], _token(query, position["after"], empty=True)
    page = ordered[:limit]
    if len(ordered) <= limit:
        return page, None
    return page, _token(query, list(_sort_key(page[-1], field)), empty=False)


def _is_past(key: SortKey, after: SortKey, descending: bool) -> bool:
    return key < after if descending else key > after


def _sort_key(record: Json, field: str) -> SortKey:
    value = next(iter(reach(record, field)), None)
    identity = str(record["id"])
    if value is None:
        return (0, 0.0, "", identity)
    if isinstance(value, (int, float)):
        return (1, float(value), "", identity)
    return (2, 0.0, str(value), identity)


def _as_key(values: list[Any]) -> SortKey:
    return (int(values[0]), float(values[1]), str(values[2]), str(values[3]))


def _order(orderby: str | None, fields: set[str]) -> tuple[str, bool]:
    """(field, descending). An unencoded + arrives as a blank and is refused like any wrong prefix."""
    if orderby is None:
        return "id", False
    if not orderby or not (orderby[0].isalpha() or orderby[0] in "+-_"):
        raise FlowServiceError(
            "1432-400",
            "Sort order specified is not correct, prepend + for ascending order and - for descending order "
            "in the fieldName.",
        )
    field = orderby.lstrip("+-")
    if field.split(".")[0] not in fields:
        raise FlowServiceError(
            "1433-400", f"Incorrect field= {field} passed in orderBy, example are +name, -name, name."
        )
    return field, orderby.startswith("-")


def _limit(limit: str | None, default: int) -> int:
    if limit is None:
        return default
    number = whole_number(limit)
    if not number:
        raise FlowServiceError("1452-400", f"Invalid value {limit} for field limit.")
    return number


def _token(query: Query, after: list[Any], *, empty: bool) -> str:
    position = json.dumps({"asked": query, "after": after, "empty": empty})
    return base64.urlsafe_b64encode(position.encode()).decode() + TOKEN_TAIL


def _position(token: str | None) -> Json | None:
    if token is None:
        return None
    try:
        if not token.endswith(TOKEN_TAIL):
            raise ValueError("not a token of ours")
        position: Json = json.loads(base64.urlsafe_b64decode(token.removesuffix(TOKEN_TAIL)))
    except ValueError as broken:
        raise FlowServiceError("1452-400", f"Invalid value {token} for field continuationToken.") from broken
    return position

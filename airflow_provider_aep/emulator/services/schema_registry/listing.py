"""Reading lists and single resources: `property` filters, order, pages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from airflow_provider_aep.emulator.http.errors import SchemaRegistryError
from airflow_provider_aep.emulator.http.message import Request, Response
from airflow_provider_aep.emulator.query.filters import Condition
from airflow_provider_aep.emulator.query.numbers import whole_number
from airflow_provider_aep.emulator.services.schema_registry import media_types
from airflow_provider_aep.emulator.services.schema_registry.lookup import find_resource, major_version
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

DEFAULT_LIMIT = 300
SUMMARY_FIELDS = ("$id", "meta:altId", "version", "title")
PROPERTY = re.compile(r"^(?P<path>[^=!<>]+)(?P<operator>==|!=|>=|<=|>|<)(?P<value>.*)$")


def list_response(platform: Platform, request: Request, resources: Iterable[Json], **links: Json) -> Response:
    accept = media_types.of_listing(request)
    page, about_page = paginate(platform, request, apply_filters(request, resources))
    results = [summary(resource) for resource in page] if media_types.is_summary(accept) else page
    return Response(200, {"results": results, "_page": about_page, "_links": {"next": None, **links}})


def lookup_response(request: Request, resources: Iterable[Json], name: str) -> Response:
    accept = media_types.of_lookup(request)
    resource = existing(resources, name)
    wanted = major_version(accept)
    if wanted is not None and wanted != major_version(f"version={resource['version']}"):
        raise not_found(f"{name} with version {wanted}")
    return Response(200, summary(resource) if media_types.is_summary(accept) else resource)


def existing(resources: Iterable[Json], name: str) -> Json:
    resource = find_resource(resources, name)
    if resource is None:
        raise not_found(name)
    return resource


def not_found(name: str) -> SchemaRegistryError:
    return SchemaRegistryError("1012-404", "Resource Not Found", f"Requested resource {name} is not found")


def summary(resource: Json) -> Json:
    return {name: resource[name] for name in SUMMARY_FIELDS}


def apply_filters(request: Request, resources: Iterable[Json]) -> list[Json]:
    found = list(resources)
    for expression in request.query.get("property", []):
        found = [resource for resource in found if _matches(resource, expression)]
    return found


def paginate(platform: Platform, request: Request, resources: list[Json]) -> tuple[list[Json], Json]:
    """(one page, what `_page` says about it)."""
    given, start = request.first("orderby"), request.first("start")
    limits = "limit" in request.query or start is not None
    if limits and not given and platform.switches.refuse_limit_without_orderby:
        raise _bad_request("limit and start need orderby.")
    order = given or "updated"
    for field in reversed(order.split(",")):
        resources.sort(key=lambda resource: _value(resource, field), reverse=field.startswith("-"))
    first = order.split(",")[0]
    if start is not None:
        resources = [each for each in resources if _is_after(_value(each, first), start, first)]
    page = resources[: _limit(request)]
    # The next page begins behind the last value of this one, so that equal values must not be parted.
    while len(page) < len(resources) and _value(resources[len(page)], first) == _value(page[-1], first):
        page.append(resources[len(page)])
    following = _value(page[-1], first) if len(page) < len(resources) else None
    return page, {"orderby": order, "next": following, "count": len(page)}


def _value(resource: Json, field: str) -> str:
    name = field.lstrip("+- ")
    if name == "updated":
        return str(resource.get("meta:registryMetadata", {}).get("repo:lastModifiedDate", ""))
    return str(resource.get(name, ""))


def _is_after(value: str, start: str, field: str) -> bool:
    return value < start if field.startswith("-") else value > start


def _limit(request: Request) -> int:
    given = request.first("limit") or "0"
    limit = whole_number(given)
    if limit is None:
        raise _bad_request(f"limit must be a number, not {given}.")
    # Zero is allowed and, as the limit is only a hint, taken as not given.
    return limit or DEFAULT_LIMIT


def _matches(resource: Json, expression: str) -> bool:
    """A value that is a list is searched: `meta:intendedToExtend==CLASS` finds every field group for the class."""
    match = PROPERTY.match(expression)
    if match is None:
        return expression in resource
    path, operator, values = match["path"], match["operator"], (match["value"].strip('"'),)
    found = [Condition(each, operator, values).holds(resource) for each in (path, f"{path}[]")]
    return all(found) if operator == "!=" else any(found)


def _bad_request(detail: str) -> SchemaRegistryError:
    return SchemaRegistryError("1002-400", "Bad request", detail)

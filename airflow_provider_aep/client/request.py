"""What of a call goes over the wire: its URL and its headers; and why one cannot be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from airflow_provider_aep.api.call import Call, Params
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.validation import holds_unknown_id


def url_of(host: str, call: Call[Any], params: Params) -> str:
    """The URL of one page."""
    # Blanks as %20: not every service of the platform reads a plus sign as one.
    query = urlencode(params, doseq=True, quote_via=quote)
    return f"{host}{call.path}" + (f"?{query}" if query else "")


def headers_of(call: Call[Any], token: str, sandbox: str) -> dict[str, str]:
    """The headers that differ from call to call."""
    headers = {"Authorization": f"Bearer {token}", "Accept": call.accept}
    if call.sandboxed:
        headers["x-sandbox-name"] = sandbox
    if call.body is not None:
        # Catalog tells a merge from a JSON Patch by this; everything of ours is plain JSON.
        headers["Content-Type"] = "application/json"
    if call.if_match is not None:
        headers["If-Match"] = call.if_match
    return {**headers, **call.headers}


def check_ids(call: Call[Any]) -> None:
    """:raises AepConfigError: the call names what is yet to be made, so only a plan may hold it."""
    fields = {"path": call.path, "params": call.params, "if_match": call.if_match, "body": call.body}
    for field, value in fields.items():
        if holds_unknown_id(value):
            place = _place_of_unknown_id(field, value)
            raise AepConfigError(
                f"{call} cannot be sent: {place} holds an id that is known only after apply. "
                "Apply what it refers to first, and declare the resource with the id that the platform gave."
            )


def _place_of_unknown_id(field: str, value: Any) -> str:
    """The innermost field that holds it, such as `body.targetConnectionIds.0`."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if holds_unknown_id(part):
                return _place_of_unknown_id(f"{field}.{key}", part)
    if isinstance(value, list | tuple):
        number = next(number for number, part in enumerate(value) if holds_unknown_id(part))
        return _place_of_unknown_id(f"{field}.{number}", value[number])
    return field

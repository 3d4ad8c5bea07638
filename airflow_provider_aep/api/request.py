"""A call for any endpoint of the platform, also one that this package does not know."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.api.json_text import parse_json
from airflow_provider_aep.exceptions import AepConfigError

# What the connection says; another value would be of another organisation, or a secret in a DAG file.
_FROM_CONNECTION = ("authorization", "x-api-key", "x-gw-ims-org-id", "x-sandbox-name")


def any_call(
    method: str,
    path: str,
    *,
    params: Mapping[str, Any] | None = None,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Call[Any]:
    """A call that returns the parsed JSON of the response; None where it has no body.

    :param path: below the platform's host, such as ``/data/foundation/flowservice/connections``.
    :param params: the query. Booleans become ``true`` and ``false``, what is None is left out, a sequence repeats its
        key.
    :raises AepConfigError: the path is no path of the platform or climbs out of itself, a header is the connection's to
        say, or the body is no JSON.
    """
    if not isinstance(path, str) or not path.startswith("/") or path.startswith("//") or {"?", "#", "\\"} & {*path}:
        raise AepConfigError(
            f"path is {path!r}; it is a path of the platform such as /data/foundation/flowservice/connections, "
            "without a host, and with the query in params."
        )
    if {".", ".."} & {*unquote(path).split("/")}:
        raise AepConfigError(f"path is {path!r}; write it without '.' and '..', which would lead to another path.")
    given = dict(headers or {})
    for name, value in given.items():
        if str(name).lower() in _FROM_CONNECTION:
            raise AepConfigError(f"headers.{name} must be left out: it comes from the connection and the sandbox.")
        if not (isinstance(value, str) and value.isascii() and value.isprintable()):
            raise AepConfigError(f"headers.{name} must be one line of ASCII letters, not {value!r}.")
    _check_body(body)
    query = {key: _text(value) for key, value in (params or {}).items() if value is not None}
    return Call(str(method).upper(), path, Any, body=body, params=query, headers=given, decode=_json_or_none)


def _check_body(body: Any) -> None:
    try:
        json.dumps(body, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        # Python's words name a type, a float or a circle, and no other value.
        raise AepConfigError(f"json cannot be sent as JSON: {problem}.") from None


def _text(value: Any) -> str | list[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [str(_text(each)) for each in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json_or_none(text: str) -> Any:
    return parse_json(text) if text.strip() else None

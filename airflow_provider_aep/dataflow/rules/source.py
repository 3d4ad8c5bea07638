"""Rules of accounts and sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from airflow_provider_aep.connectors import CONNECTORS, Connector
from airflow_provider_aep.dataflow.documents import Steps
from airflow_provider_aep.dataflow.rules.codes import Problem
from airflow_provider_aep.dataflow.spec import BaseConnectionSpec, DataflowSpec, SharedBaseConnectionSpec

_SECRET_KEY = re.compile(
    r"(?i)passw|pwd|passphrase|secret|token|signature|credential|connection_?string|sas_?uri|"
    r"(access|account|api|auth|principal|private|sas|shared|signing|subscription)_?key|key_?file_?content"
)
# Such a key says something about a secret, and holds none.
_ABOUT = re.compile(r"(?i)(url|endpoint|host|name|type|expiry|expires_?in|header|version)$")
_SECRET_VALUE = re.compile(
    r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|[?&;](sig|sharedaccesskey)=|^eyJ[\w-]+\.eyJ", re.I
)
_TEMPLATE = re.compile(r"\{\{.*\}\}|\{%.*%\}", re.DOTALL)

# https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/filter
_FILTERABLE: Final = ("google-bigquery", "microsoft-dynamics", "salesforce", "snowflake", "marketo-engage")
_RESERVED = re.compile(r'["\\:|<>*?]')
_LONGEST_NAME: Final = 255


def account(account: BaseConnectionSpec | None, connector: Connector | None, under: Steps) -> Iterator[Problem]:
    """Rules of an account, of a dataflow or shared.

    :param under: the way to it.
    """
    if account is None:
        return
    if account.auth_params:
        yield from _secrets(account.auth_params, (*under, "auth_params"), "to the connection of credentials_conn_id")
    published = connector.auth_specs if connector else ()
    if account.auth_spec_name and published and account.auth_spec_name not in published:
        text = f"is {account.auth_spec_name!r}; published of this source are {', '.join(map(repr, published))}"
        yield Problem("D102", (*under, "auth_spec_name"), text, is_warning=True)


def shared_account(spec: SharedBaseConnectionSpec, connector: Connector | None) -> Iterator[Problem]:
    """Rules of an account that several dataflows share."""
    yield from account(spec, connector, ())
    if not spec.auth_spec_name and not spec.id:
        yield Problem("D004", ("auth_spec_name",), "is missing: a shared account says how the platform signs in")


def source(spec: DataflowSpec, connector: Connector | None) -> Iterator[Problem]:
    yield from account(spec.base_connection, connector, ("base_connection",))
    yield from _secrets(spec.source.params, ("source", "params"), "out of the file")
    if spec.source.params.get("filters") and connector:
        yield from _row_filter(spec.source.params["filters"], connector)
    if connector and connector.category == "file":
        yield from _path(spec)


def _secrets(params: Any, steps: Steps, where: str) -> Iterator[Problem]:
    """Literals that look like secrets, which are not shown."""
    if isinstance(params, Mapping):
        for key, value in params.items():
            if isinstance(value, Mapping | list):
                yield from _secrets(value, (*steps, str(key)), where)
            elif is_secret(str(key), value):
                yield Problem("D010", (*steps, str(key)), f"looks like a secret: move it {where}")
    elif isinstance(params, list):
        for index, value in enumerate(params):
            yield from _secrets(value, (*steps, index), where)


def is_secret(key: str, value: Any) -> bool:
    """Whether a text looks like a secret, by its key or by itself."""
    if not isinstance(value, str) or not value or _TEMPLATE.search(value):
        return False
    return bool(_SECRET_VALUE.search(value) or (_SECRET_KEY.search(key) and not _ABOUT.search(key)))


def _row_filter(given: Any, connector: Connector) -> Iterator[Problem]:
    steps: Steps = ("source", "params", "filters")
    if connector.name in CONNECTORS and connector.name not in _FILTERABLE:
        names = ", ".join(_FILTERABLE)
        yield Problem("D204", steps, f"must be left out: {connector.title} filters no rows; {names} do", at_key=True)
    elif not isinstance(given, Mapping):
        yield Problem("D204", steps, "is no object with type, format and value")
    else:
        for key, only in (("type", "PQL"), ("format", "pql/json")):
            if given.get(key) != only:
                yield Problem("D204", (*steps, key), f"is {given.get(key)!r}; it is {only!r}")
        yield from _comparisons(given.get("value"), (*steps, "value"))


def _comparisons(node: Any, steps: Steps) -> Iterator[Problem]:
    params = node.get("params") if isinstance(node, Mapping) else None
    if not isinstance(params, list):
        return
    inner = [one for one in params if isinstance(one, Mapping)]
    if str(node.get("fnName")).lower() == "not" and len(inner) > 1:
        yield Problem("D204", (*steps, "params"), f"holds {len(inner)} comparisons; a 'not' has one")
    for index, one in enumerate(params):
        yield from _comparisons(one, (*steps, "params", index))


def _path(spec: DataflowSpec) -> Iterator[Problem]:
    own = spec.source.path
    path = own if own is not None else spec.source.params.get("path")
    steps: Steps = ("source", "path") if own is not None else ("source", "params", "path")
    for name in path.split("/") if isinstance(path, str) else ():
        reserved = "".join(dict.fromkeys(_RESERVED.findall(name)))
        if reserved:
            yield Problem("D205", steps, f"has {reserved!r} in {name!r}, which no file name can have", is_warning=True)
        if len(name) > _LONGEST_NAME:
            text = f"has a name of {len(name)} characters; a file name has at most {_LONGEST_NAME}"
            yield Problem("D205", steps, text, is_warning=True)

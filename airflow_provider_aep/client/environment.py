"""Connection fields from the environment, without Airflow: for the command line, scripts and CI.

The first of these that is set: an Airflow connection, `AIRFLOW_CONN_AEP_DEFAULT`, as JSON or as a URI; or else the
variables of `VARIABLES`.

https://airflow.apache.org/docs/apache-airflow/stable/howto/connection.html#storing-connections-in-environment-variables
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from airflow_provider_aep.client.fields import ConnectionFields
from airflow_provider_aep.exceptions import AepConfigError


def variable_of(conn_id: str) -> str:
    """The environment variable that may hold an Airflow connection."""
    return f"AIRFLOW_CONN_{conn_id.upper()}"


CONNECTION = variable_of("aep_default")
# The connection's field -> the variable.
VARIABLES = {
    "login": "AEP_CLIENT_ID",
    "password": "AEP_CLIENT_SECRET",
    "ims_org_id": "AEP_ORG_ID",
    "sandbox": "AEP_SANDBOX",
    "access_token": "AEP_ACCESS_TOKEN",
    "host": "AEP_HOST",
    "ims_url": "AEP_IMS_URL",
}


def fields_from_environment(environment: Mapping[str, str] = os.environ) -> ConnectionFields:
    """The fields of the connection that the environment defines, for `read_settings`.

    :raises AepConfigError: it defines none, or one that cannot be read.
    """
    connection = fields_from_variable("aep_default", environment)
    if connection:
        return connection
    values = {field: environment.get(variable) for field, variable in VARIABLES.items()}
    if not any(values.values()):
        variables = ", ".join(VARIABLES.values())
        raise AepConfigError(
            f"The environment holds no credentials: set {CONNECTION} (JSON or a URI), or what is needed of {variables}."
        )
    login, password, host = (values.pop(field) for field in ("login", "password", "host"))
    return ConnectionFields(
        login=login or None,
        password=password or None,
        host=host or None,
        extra={key: value for key, value in values.items() if value},
        source="environment",
        names=VARIABLES,
    )


def fields_from_variable(conn_id: str, environment: Mapping[str, str] = os.environ) -> ConnectionFields | None:
    """The fields of an Airflow connection that the environment holds; None if it does not.

    :raises AepConfigError: it cannot be read.
    """
    text = environment.get(variable_of(conn_id), "").strip()
    return fields_from_text(text, f"connection in {variable_of(conn_id)}") if text else None


def fields_from_text(text: str, source: str = f"connection in {CONNECTION}") -> ConnectionFields:
    """The fields of an Airflow connection that is written as JSON or as a URI.

    :raises AepConfigError: it cannot be read. The message leaves the text out: it holds secrets.
    """
    try:
        fields = _from_json(text) if text.lstrip().startswith("{") else _from_uri(text)
        if not isinstance(fields["extra"], dict):
            raise TypeError("the extra is not an object")
        port = int(fields.pop("port") or 0) or None
        return ConnectionFields(port=port, source=source, **fields)
    except (ValueError, TypeError):
        raise AepConfigError(
            f"The {source} cannot be read: it is JSON such as "
            '{"conn_type": "aep", "login": ..., "password": ..., "extra": {"ims_org_id": ..., "sandbox": ...}}, '
            "or a URI such as aep://login:password@/?ims_org_id=...&sandbox=... with quoted values."
        ) from None


def _from_json(text: str) -> dict[str, Any]:
    connection = json.loads(text)
    extra = connection.get("extra") or {}
    fields = {key: str(connection[key]) for key in ("login", "password", "host") if connection.get(key)}
    return {**fields, "port": connection.get("port"), "extra": json.loads(extra) if isinstance(extra, str) else extra}


def _from_uri(uri: str) -> dict[str, Any]:
    """The host may bring its own protocol: quoted, or as in `aep://https://platform.adobe.io`."""
    _, scheme_end, rest = uri.partition("://")
    if not scheme_end:
        raise ValueError("not a URI")
    before_query = rest.partition("?")[0]
    protocol, separator, _ = before_query.rpartition("://")
    parts = urlsplit("//" + rest.removeprefix(protocol + separator))
    host = unquote(re.sub(r":\d*$", "", parts.netloc.rpartition("@")[2]))
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return {
        "login": unquote(parts.username or "") or None,
        "password": unquote(parts.password or "") or None,
        "host": f"{protocol}{separator}{host}" if host else None,
        "port": parts.port,
        "extra": json.loads(query["__extra__"]) if "__extra__" in query else query,
    }

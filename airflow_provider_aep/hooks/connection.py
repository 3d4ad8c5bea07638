"""From an Airflow connection to a client."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk.log import mask_secret

from airflow_provider_aep.client.fields import ConnectionFields
from airflow_provider_aep.client.settings import read_settings
from airflow_provider_aep.hooks.metrics import count_exchange, count_token

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from airflow_provider_aep.api.call import Call
    from airflow_provider_aep.client.http import AepClient

log = logging.getLogger(__name__)


def make_client(
    connection: Connection, conn_id: str | None, sandbox: str | None = None, *, shared: bool = True, **overrides: Any
) -> AepClient:
    """The client for a connection. Its secrets, and each token made of them, are masked in Airflow's logs.

    :param conn_id: for messages; None if its name says nothing to the author.
    :param sandbox: instead of the connection's.
    :param shared: see `Settings.client`.
    :param overrides: of the client's own arguments.
    :raises AepConfigError: every field that is missing or wrong, at once.
    """
    fields = fields_of(connection, conn_id)
    for secret in [*fields.secrets(), *fields.proxy_passwords()]:
        mask_secret(secret)
    on_token = mask_secret if fields.access_token else _mask_and_count
    arguments = {"on_token": on_token, "on_exchange": observe_exchange, **overrides}
    return read_settings(fields, sandbox).client(shared=shared, **arguments)


def fields_of(connection: Connection, conn_id: str | None) -> ConnectionFields:
    """The fields of an Airflow connection, unchecked.

    :param conn_id: for messages; None if its name says nothing to the author.
    """
    extra = connection.extra_dejson
    return ConnectionFields(
        login=connection.login,
        password=connection.password,
        host=connection.host,
        port=connection.port,
        # Any JSON may stand there; what is no object has none of the keys.
        extra=extra if isinstance(extra, dict) else {},
        source=f"Airflow connection {conn_id!r}" if conn_id else "Airflow connection",
    )


def _mask_and_count(token: str) -> None:
    mask_secret(token)
    count_token(token)


def observe_exchange(call: Call[Any], status: int | None, seconds: float, attempt: int) -> None:
    """Count a request and what came of it, and log it; a debug line, because a waiting task sends many."""
    count_exchange(call, status, seconds, attempt)
    outcome = "was not answered" if status is None else f"was answered {status}"
    log.debug("%s %s in %.2f s (attempt %d)", call, outcome, seconds, attempt)

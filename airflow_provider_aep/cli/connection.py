"""From the command line to a client, and to the credentials of a source: the environment first, then Airflow."""

from __future__ import annotations

import sys
import warnings
from argparse import Namespace
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

from airflow_provider_aep.client.environment import fields_from_environment, fields_from_variable, variable_of
from airflow_provider_aep.client.settings import read_settings
from airflow_provider_aep.exceptions import AepConfigError

if TYPE_CHECKING:
    from airflow_provider_aep.client.fields import ConnectionFields
    from airflow_provider_aep.client.http import AepClient


def connect(args: Namespace, **overrides: Any) -> AepClient:
    """The client that ``--connection`` and ``--sandbox`` lead to. Making it sends nothing.

    :param overrides: of the client's own arguments.
    :raises AepConfigError: there is no such connection, or everything that is wrong with it.
    """
    return read_settings(connection_fields(args), args.sandbox).client(**overrides)


def connection_fields(args: Namespace) -> ConnectionFields:
    """The fields of the connection that ``--connection`` names, unchecked.

    :raises AepConfigError: there is no such connection, or it cannot be read.
    """
    return _fields(args.connection) if args.connection else fields_from_environment()


def credentials(conn_id: str) -> dict[str, Any]:
    """The auth parameters of a source that stand in an Airflow connection, as ``credentials_conn_id`` names it: the
    keys of its extra as Adobe spells them; login and password are ``username`` and ``password``.

    :raises AepConfigError: there is no such connection, or it cannot be read.
    """
    return _fields(conn_id).auth_params()


def _fields(conn_id: str) -> ConnectionFields:
    return fields_from_variable(conn_id) or _fields_from_airflow(conn_id)


def _fields_from_airflow(conn_id: str) -> ConnectionFields:
    """From a secrets backend or Airflow's database. A hook would not ask the database: it takes itself for a task."""
    missing = AepConfigError(
        f"There is no connection {conn_id!r}: set {variable_of(conn_id)} (JSON or a URI), or add it to Airflow."
    )
    # Airflow logs to standard output, which is the verb's own; and warns of what it finds outdated in itself.
    with redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from airflow.exceptions import AirflowNotFoundException  # type: ignore[attr-defined]
            from airflow.models.connection import Connection

            from airflow_provider_aep.hooks.connection import fields_of
        except ImportError:  # the command line works without Airflow
            raise missing from None
        try:
            return fields_of(Connection.get_connection_from_secrets(conn_id), conn_id)
        except AirflowNotFoundException:
            raise missing from None

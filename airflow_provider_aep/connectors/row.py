"""One row of the tables of sources, and the auth specs that many sources share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from airflow_provider_aep.connectors.connector import AuthParams

ANONYMOUS: Final = "Anonymous Authentication"
BASIC: Final = "Basic Authentication"
OAUTH: Final = "OAuth2 Client Credential"
PRINCIPAL: Final = "Service Principal Based Authentication"
PRINCIPAL_KEY: Final = "Service Principal Key Based Authentication"
REFRESH: Final = "OAuth2 Refresh Code"
REFRESH_CODE: Final = "oAuth2RefreshCode"  # what the template of self-serve sources calls the same
STRING: Final = "Connection String Based Authentication"


class Row(NamedTuple):
    """What Adobe publishes about one source.

    ``page`` is the path of its page below ``sources/api-tutorials/create``, and ``auth`` has the auth specs of that
    page with their parameters.
    """

    name: str
    title: str
    connection_spec_id: str
    page: str | None = None
    auth: Mapping[str, AuthParams] = {}
    aliases: tuple[str, ...] = ()


def params(required: str, optional: str = "") -> AuthParams:
    """Auth parameters, written as words."""
    return AuthParams(tuple(required.split()), tuple(optional.split()))

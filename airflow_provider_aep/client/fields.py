"""The fields of a connection as its author wrote them, in an Airflow connection or in the environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_aep.client.redact import secrets_in_proxies

EXTRAS = (
    "ims_org_id",
    "sandbox",
    "scopes",
    "ims_url",
    "access_token",
    "timeout",
    "proxies",
    "verify",
    "allow_http",
    "list_lag",
)


@dataclass(frozen=True)
class ConnectionFields:
    """The fields of a connection as its author wrote them. None of them has been checked.

    :param login: the client id of the OAuth server-to-server credential.
    :param password: its client secret.
    :param host: the platform's URL.
    :param port: as a URI may have it; the form has none.
    :param extra: the keys of `EXTRAS`; values may be text where they come from a form, JSON or a URI.
    :param source: what the author calls the connection, for messages.
    :param names: field -> what the author calls it, where that is not `login` or `extra.sandbox`.
    """

    login: str | None = None
    password: str | None = field(default=None, repr=False)
    host: str | None = None
    port: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    source: str = "connection"
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def client_id(self) -> str:
        """The client id; empty if there is none. Kubernetes and vaults like to put a line break behind a secret."""
        return (self.login or "").strip()

    @property
    def client_secret(self) -> str:
        """The client secret; empty if there is none."""
        return (self.password or "").strip()

    @property
    def access_token(self) -> str:
        """The bearer token that was issued elsewhere; empty if there is none."""
        return self.text("access_token").removeprefix("Bearer ").strip()

    def text(self, key: str) -> str:
        """A key of the extra as text without blanks around it; empty if it is missing."""
        return str(self.extra.get(key) or "").strip()

    def plain(self, key: str) -> Any:
        """A key of the extra. Forms deliver numbers, JSON and booleans as text."""
        value = self.extra.get(key)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError:
            return {"true": True, "false": False}.get(value.strip().lower(), value)

    def name(self, key: str) -> str:
        """What the author calls a field."""
        return self.names.get(key) or (f"extra.{key}" if key in EXTRAS else key)

    def auth_params(self) -> dict[str, Any]:
        """The auth parameters of a source: the keys of the extra as Adobe spells them; login and password are
        `username` and `password` unless the extra has these, too.
        """
        known = {"username": self.login, "password": self.password, **self.extra}
        return {key: value for key, value in known.items() if value not in (None, "")}

    def secrets(self) -> list[str]:
        """What must not be shown in any log."""
        return [secret for secret in (self.client_secret, self.access_token) if secret]

    def proxy_passwords(self) -> list[str]:
        """What must not be shown either: the passwords in the URLs of proxies, as they are written and as meant."""
        return secrets_in_proxies(self.plain("proxies"))

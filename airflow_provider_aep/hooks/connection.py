"""From the fields of an Airflow connection to a client, naming everything that is wrong with them at once."""

from __future__ import annotations

import difflib
import json
import logging
import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.sdk.log import mask_secret

from airflow_provider_aep.client.auth import (
    IMS_URL,
    GivenToken,
    ImsTokens,
    Tokens,
    checked_url,
    client_id_of,
    read_scopes,
    shared_tokens,
)
from airflow_provider_aep.client.http import PLATFORM_URL, AepClient
from airflow_provider_aep.client.session import make_session
from airflow_provider_aep.exceptions import AepConfigError

if TYPE_CHECKING:
    from airflow.sdk import Connection

T = TypeVar("T")
log = logging.getLogger(__name__)

_EXTRAS = {"ims_org_id", "sandbox", "scopes", "ims_url", "access_token", "timeout", "proxies", "verify"}


def make_client(
    connection: Connection, conn_id: str, sandbox: str | None = None, *, shared: bool = True, **overrides: Any
) -> AepClient:
    """The client for a connection.

    :param sandbox: instead of the connection's.
    :param shared: use the process's one token for this credential; otherwise ask for one of its own, without patience.
    :param overrides: of the client's own arguments.
    :raises AepConfigError: every field that is missing or wrong, at once.
    """
    extra = connection.extra_dejson
    _warn_of_unknown(extra, conn_id)
    problems: list[str] = []
    org_id = str(extra.get("ims_org_id") or "").strip()
    if not org_id.endswith("@AdobeOrg"):
        problems.append(f"extra.ims_org_id is {org_id!r}; it is the organisation's id, ...@AdobeOrg")
    sandbox = sandbox or str(extra.get("sandbox") or "").strip()
    if not sandbox:
        problems.append("extra.sandbox is missing; name it, as none is taken for granted, least of all prod")
    token = str(extra.get("access_token") or "").strip().removeprefix("Bearer ").strip()
    client_id = connection.login or (client_id_of(token) if token else "") or ""
    if not client_id:
        unreadable = ", and extra.access_token does not tell it" if token else ""
        problems.append(
            f"login is missing{unreadable}; it is the client id of the credential, sent as API key with every request"
        )
    if not token and not connection.password:
        problems.append("password is missing; it is the client secret (or set extra.access_token)")
    for secret in (connection.password, token):
        if secret:
            mask_secret(secret)

    def attempt(read: Callable[..., T], *values: Any) -> T | None:
        try:
            return read(*values)
        except AepConfigError as problem:
            problems.append(str(problem).rstrip("."))
            return None

    proxies = attempt(_proxies, extra)
    verify = attempt(_verify, extra)
    timeout = attempt(_timeout, extra)
    scopes = attempt(_scopes, extra)
    host = attempt(checked_url, _host(connection), "host")
    ims_url = attempt(checked_url, str(extra.get("ims_url") or IMS_URL), "extra.ims_url")
    if problems:
        raise AepConfigError(f"The Airflow connection {conn_id!r} cannot be used: " + "; ".join(problems) + ".")
    session = make_session(proxies=proxies, verify=True if verify is None else verify)
    arguments = {"timeout": timeout, "on_token": mask_secret, **overrides}
    tokens: Tokens = GivenToken(token)
    if not token:
        credential: dict[str, Any] = {
            "client_id": client_id,
            "client_secret": connection.password or "",
            "url": ims_url,
            "scopes": scopes,
            "session": session,
            "timeout": arguments["timeout"],
        }
        if shared:
            tokens = shared_tokens(key=org_id, **credential)
        else:
            tokens = ImsTokens(**credential, sleep=lambda seconds: None)
    return AepClient(
        tokens=tokens,
        api_key=client_id,
        org_id=org_id,
        sandbox=sandbox,
        host=str(host),
        session=session,
        **arguments,
    )


def _host(connection: Connection) -> str:
    """The form hides the port, but a connection given as a URI may have one."""
    host = (connection.host or PLATFORM_URL).rstrip("/")
    return f"{host}:{connection.port}" if connection.port and not re.search(r":\d+$", host) else host


def _proxies(extra: dict[str, Any]) -> dict[str, str] | None:
    proxies = _plain(extra.get("proxies"))
    if isinstance(proxies, dict | None):
        return proxies
    # Not shown: a proxy's URL may hold a password.
    kind = type(proxies).__name__
    raise AepConfigError(f'extra.proxies is a {kind}; it is a dict such as {{"https": "http://proxy:3128"}}.')


def _verify(extra: dict[str, Any]) -> bool | str:
    verify = _plain(extra.get("verify"))
    if isinstance(verify, bool | str):
        return verify
    if verify is not None:
        raise AepConfigError(f"extra.verify is {verify!r}; it is true, or the path of a CA bundle.")
    return True


def _timeout(extra: dict[str, Any]) -> tuple[float, float]:
    """Seconds to connect and to read."""
    timeout = _plain(extra.get("timeout"))
    if timeout is None:
        return 10.0, 60.0
    pair = timeout if isinstance(timeout, list | tuple) else (timeout, timeout)
    try:
        connect, read = (float(seconds) for seconds in pair)
    except (TypeError, ValueError):
        connect = read = 0.0
    if not (0 < connect < math.inf and 0 < read < math.inf) or isinstance(timeout, bool):
        raise AepConfigError(f"extra.timeout is {timeout!r}; it is seconds, or [connect, read] in seconds.")
    return connect, read


def _scopes(extra: dict[str, Any]) -> tuple[str, ...]:
    scopes = _plain(extra.get("scopes"))
    if not isinstance(scopes, str | list | tuple | None):
        raise AepConfigError(f"extra.scopes is {scopes!r}; it is a list, or a text with commas.")
    return read_scopes(scopes)


def _plain(value: Any) -> Any:
    """Forms deliver numbers, JSON and booleans as text."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return json.loads(value)
    except ValueError:
        return {"true": True, "false": False}.get(value.strip().lower(), value)


def _warn_of_unknown(extra: dict[str, Any], conn_id: str) -> None:
    for key in sorted(set(extra) - _EXTRAS):
        near = difflib.get_close_matches(key, _EXTRAS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        log.warning("The extra of connection %r has an unknown key %r%s", conn_id, key, hint)

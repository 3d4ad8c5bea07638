"""From the fields of a connection to a client, naming everything that is wrong with them at once.

Without Airflow: the hook reads the fields from an Airflow connection, the command line from the environment.
"""

from __future__ import annotations

import difflib
import logging
import math
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from airflow_provider_aep.client.auth import (
    IMS_URL,
    GivenToken,
    ImsTokens,
    Tokens,
    read_scopes,
    shared_tokens,
)
from airflow_provider_aep.client.backoff import LIST_LAG
from airflow_provider_aep.client.bearer_token import client_id_of
from airflow_provider_aep.client.fields import EXTRAS, ConnectionFields
from airflow_provider_aep.client.http import PLATFORM_URL, AepClient
from airflow_provider_aep.client.session import make_session
from airflow_provider_aep.client.urls import checked_url, is_plain
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.validation import Problems

log = logging.getLogger(__name__)

_TIMEOUT = (10.0, 60.0)


@dataclass(frozen=True)
class Settings:
    """What a client is made of, checked.

    :param access_token: used instead of the client secret, unless it is empty.
    :param timeout: seconds (to connect, for the whole response).
    :param proxies: scheme -> URL of the proxy.
    :param verify: whether to verify certificates, or the path of a CA bundle.
    :param allow_http: whether secrets may go to other machines over plain HTTP.
    :param list_lag: seconds after which a list shows what was made, at the latest.
    """

    org_id: str
    sandbox: str
    client_id: str
    client_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    scopes: tuple[str, ...]
    host: str
    ims_url: str
    timeout: tuple[float, float]
    proxies: dict[str, str] | None = field(repr=False)
    verify: bool | str
    allow_http: bool
    list_lag: float

    def client(self, *, shared: bool = True, **overrides: Any) -> AepClient:
        """A client with these settings. Making it sends nothing.

        :param shared: use the process's one token for this credential; otherwise fetch another one, without patience.
        :param overrides: of `AepClient`'s own arguments.
        """
        session = make_session(proxies=self.proxies, verify=self.verify)
        timeout = overrides.pop("timeout", self.timeout)
        return AepClient(
            tokens=self._tokens(shared=shared, session=session, timeout=timeout),
            api_key=self.client_id,
            org_id=self.org_id,
            sandbox=self.sandbox,
            host=self.host,
            session=session,
            timeout=timeout,
            allow_http=self.allow_http,
            list_lag=self.list_lag,
            **overrides,
        )

    def _tokens(self, *, shared: bool, **reach: Any) -> Tokens:
        if self.access_token:
            return GivenToken(self.access_token)
        credential: dict[str, Any] = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "url": self.ims_url,
            "scopes": self.scopes,
            "allow_http": self.allow_http,
            **reach,
        }
        if shared:
            return shared_tokens(key=self.org_id, **credential)
        return ImsTokens(**credential, sleep=lambda seconds: None)


def read_settings(fields: ConnectionFields, sandbox: str | None = None) -> Settings:
    """Check the fields of a connection.

    :param sandbox: instead of the connection's.
    :raises AepConfigError: every field that is missing or wrong, at once.
    """
    _warn_of_unknown(fields)
    problems = Problems(fields.source, "used")
    name = fields.name
    org_id = _org_id(fields, problems)
    sandbox = sandbox or fields.text("sandbox")
    if not sandbox:
        problems.add(name("sandbox"), "is missing; name it, as none is taken for granted, least of all prod")
    client_id = _client_id(fields, problems)
    if not fields.access_token and not fields.client_secret:
        problems.add(name("password"), f"is missing; it is the client secret (or set {name('access_token')})")
    proxies = problems.attempt(_proxies, fields)
    verify = problems.attempt(_verify, fields)
    timeout = problems.attempt(_timeout, fields)
    scopes = problems.attempt(_scopes, fields)
    allow_http = problems.flag(name("allow_http"), fields.plain("allow_http") or False)
    list_lag = _list_lag(fields, problems)
    host = _url(fields, "host", _host(fields), allow_http, problems)
    ims_url = _url(fields, "ims_url", fields.text("ims_url") or IMS_URL, allow_http, problems)
    problems.raise_if_any()
    return Settings(
        org_id=org_id,
        sandbox=sandbox,
        client_id=client_id,
        client_secret=fields.client_secret,
        access_token=fields.access_token,
        scopes=scopes or (),
        host=host,
        ims_url=ims_url,
        timeout=timeout or _TIMEOUT,
        proxies=proxies,
        verify=verify is None or verify,
        allow_http=allow_http,
        list_lag=list_lag,
    )


def _org_id(fields: ConnectionFields, problems: Problems) -> str:
    org_id = fields.text("ims_org_id")
    if not org_id.endswith("@AdobeOrg"):
        problems.add(fields.name("ims_org_id"), f"is {org_id!r}; it is the organisation's id, ...@AdobeOrg")
    return org_id


def _list_lag(fields: ConnectionFields, problems: Problems) -> float:
    lag = fields.plain("list_lag")
    return LIST_LAG if lag is None else problems.number(fields.name("list_lag"), lag)


def _client_id(fields: ConnectionFields, problems: Problems) -> str:
    token = fields.access_token
    client_id = fields.client_id or (client_id_of(token) if token else None)
    if not client_id:
        unreadable = f", and {fields.name('access_token')} does not tell it" if token else ""
        use = "the client id of the credential, sent as API key with every request"
        problems.add(fields.name("login"), f"is missing{unreadable}; it is {use}")
    return client_id or ""


def _host(fields: ConnectionFields) -> str:
    """The form hides the port, but a connection given as a URI may have one."""
    host = (fields.host or PLATFORM_URL).strip().rstrip("/")
    return f"{host}:{fields.port}" if fields.port and not re.search(r":\d+$", host) else host


def _url(fields: ConnectionFields, field: str, url: str, allow_http: bool, problems: Problems) -> str:
    """The checked URL; empty if it is wrong. A plain one is warned of each time that it is used."""
    checked = problems.attempt(lambda each: checked_url(each, fields.name(field), allow_http=allow_http), url) or ""
    if is_plain(checked):
        log.warning(
            "%s of the %s is %s: allow_http lets secrets and data go there unencrypted; do so for an emulator only",
            fields.name(field),
            fields.source,
            checked,
        )
    return checked


def _proxies(fields: ConnectionFields) -> dict[str, str] | None:
    proxies = fields.plain("proxies")
    # No value is shown: a proxy's URL may hold a password.
    if isinstance(proxies, dict):
        for scheme, url in proxies.items():
            if not _is_proxy_url(url):
                raise AepConfigError(
                    f"{fields.name('proxies')}[{scheme!r}] is no URL of a proxy; it is one such as http://proxy:3128."
                )
    if isinstance(proxies, dict | None):
        return proxies
    raise AepConfigError(
        f"{fields.name('proxies')} is a {type(proxies).__name__}; "
        'it is a dict such as {"https": "http://proxy:3128"}.'
    )


def _is_proxy_url(url: Any) -> bool:
    try:
        return isinstance(url, str) and urlsplit(url if "//" in url else f"//{url}").port != 0
    except ValueError:
        return False


def _verify(fields: ConnectionFields) -> bool | str:
    verify = fields.plain("verify")
    if isinstance(verify, bool | str):
        return verify
    if verify is not None:
        raise AepConfigError(f"{fields.name('verify')} is {verify!r}; it is true, or the path of a CA bundle.")
    return True


def _timeout(fields: ConnectionFields) -> tuple[float, float]:
    timeout = fields.plain("timeout")
    if timeout is None:
        return _TIMEOUT
    pair = timeout if isinstance(timeout, list | tuple) else (timeout, timeout)
    try:
        connect, read = (float(seconds) for seconds in pair)
    except (TypeError, ValueError):
        connect = read = 0.0
    if not (0 < connect < math.inf and 0 < read < math.inf) or isinstance(timeout, bool):
        name = fields.name("timeout")
        raise AepConfigError(f"{name} is {timeout!r}; it is seconds, or [connect, read] in seconds.")
    return connect, read


def _scopes(fields: ConnectionFields) -> tuple[str, ...]:
    scopes = fields.plain("scopes")
    if not isinstance(scopes, str | list | tuple | None):
        raise AepConfigError(f"{fields.name('scopes')} is {scopes!r}; it is a list, or a text with commas.")
    return read_scopes(scopes)


def unknown_extras(fields: ConnectionFields) -> list[str]:
    """A sentence for each key of the extra that nobody reads, without its full stop."""
    said = []
    for key in sorted(set(fields.extra) - set(EXTRAS)):
        near = difflib.get_close_matches(key, EXTRAS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        said.append(f"The extra of the {fields.source} has an unknown key {key!r}{hint}")
    return said


def _warn_of_unknown(fields: ConnectionFields) -> None:
    for said in unknown_extras(fields):
        log.warning("%s", said)

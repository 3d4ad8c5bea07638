"""An installation, examined step by step: versions, connection fields, proxy, access to the platform, clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from airflow_provider_aep import __version__
from airflow_provider_aep.client.fields import ConnectionFields
from airflow_provider_aep.client.http import AepClient
from airflow_provider_aep.client.settings import Settings, read_settings, unknown_extras
from airflow_provider_aep.client.urls import is_loopback
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.probe.access import Finding, check_access
from airflow_provider_aep.validation import in_one_line

OLDEST_AIRFLOW: Final = (3, 1)
# Seconds by which this machine's clock and the platform's may differ: windows and "new since" are in seconds.
_CLOCKS_DIFFER: Final = 60.0
_TIMEOUT: Final = (5.0, 20.0)


def installed_version(distribution: str) -> str | None:
    """The version of an installed distribution; None if it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def examine(
    fields: ConnectionFields | AepConfigError,
    sandbox: str | None = None,
    *,
    version_of: Callable[[str], str | None] = installed_version,
) -> Iterator[Finding]:
    """The steps in their order, each taken when it is asked for; those that stand on a fault are left out.

    :param fields: the connection, or why there is none.
    :param sandbox: instead of the connection's.
    :param version_of: the version of an installed distribution.
    """
    yield _check_versions(version_of)
    if isinstance(fields, AepConfigError):
        yield Finding("Connection", str(fields), "no-connection")
        return
    try:
        settings = read_settings(fields, sandbox)
    except AepConfigError as problem:
        yield Finding("Connection fields", in_one_line(str(problem)), "connection-fields")
        return
    unknown = unknown_extras(fields)
    yield Finding("Connection fields", "; ".join(unknown) or "all there", "unknown-field" if unknown else "")
    yield _check_proxy(settings)
    client = settings.client(shared=False, timeout=_TIMEOUT, patience=0)
    yield from check_access(client, token_given=bool(settings.access_token))
    if client.clock_offset is not None:
        yield _check_clock(client)


def _check_versions(version_of: Callable[[str], str | None]) -> Finding:
    ours = f"airflow-provider-aep {__version__}"
    airflow = version_of("apache-airflow-core") or version_of("apache-airflow")
    if airflow is None:
        return Finding("Versions", f"{ours}; no Airflow here: the command line works without")
    read = re.match(r"(\d+)\.(\d+)", airflow)
    oldest = ".".join(str(part) for part in OLDEST_AIRFLOW)
    if not read or (int(read[1]), int(read[2])) < OLDEST_AIRFLOW:
        text = f"Airflow {airflow} is too old: {ours} needs {oldest} or newer. Upgrade Airflow."
        return Finding("Versions", text, "airflow-too-old")
    return Finding("Versions", f"{ours}, Airflow {airflow}")


def _check_proxy(settings: Settings) -> Finding:
    try:
        return Finding("Proxy", _proxy(settings))
    except ValueError:
        text = "its URL in the environment (HTTPS_PROXY, ALL_PROXY) cannot be read; it is one such as http://proxy:3128"
        return Finding("Proxy", text, "proxy-url")


def _proxy(settings: Settings) -> str:
    """The proxy on the way to the platform. Its URL may hold a password, so only host and port are shown."""
    host = urlsplit(settings.host).hostname or ""
    scheme = urlsplit(settings.host).scheme
    given = settings.proxies or {}
    for origin, proxies in (("the connection's extra.proxies", given), ("the environment", getproxies())):
        url = proxies.get(f"{scheme}://{host}") or proxies.get(scheme) or proxies.get("all")
        if url and not (proxies is not given and (is_loopback(host) or proxy_bypass(host))):
            parts = urlsplit(url if "//" in url else f"//{url}")
            port = f":{parts.port}" if parts.port else ""
            return f"{parts.hostname}{port}, from {origin}"
    return "none"


def _check_clock(client: AepClient) -> Finding:
    offset = client.clock_offset or 0.0
    if abs(offset) <= _CLOCKS_DIFFER:
        return Finding("Clock", "agrees with the platform's")
    how = "behind" if offset > 0 else "ahead of"
    text = f"this machine's clock is {abs(offset):.0f} s {how} the platform's: let it be set by NTP."
    return Finding("Clock", text, "clock")

"""Hosts to which secrets may be sent: https anywhere, http to this machine only."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from airflow_provider_aep.exceptions import AepConfigError


def checked_url(url: str, field: str) -> str:
    """The URL without a trailing slash.

    :raises AepConfigError: it is not https, unless the host is this machine; or it carries credentials or a query.
    """
    try:
        parts = urlsplit(url if "//" in url else f"https://{url}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if not host or "@" in parts.netloc or parts.query or parts.fragment or parts.scheme not in ("https", "http"):
        raise AepConfigError(
            f"{field} must be a URL such as https://platform.adobe.io, without user, password or query."
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise AepConfigError(f"{field} is http:// to {host!r}; secrets go over https only (http to loopback is fine).")
    return parts.geturl().rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

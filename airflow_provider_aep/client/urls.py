"""Hosts to which secrets may be sent: https anywhere, http to this machine or where the author allows it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from airflow_provider_aep.exceptions import AepConfigError


def checked_url(url: str, field: str, *, allow_http: bool = False) -> str:
    """The URL without a trailing slash.

    :raises AepConfigError: it is not https, unless the host is this machine or `allow_http` is set; or it carries
        credentials or a query.
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
    if parts.scheme == "http" and not allow_http and not is_loopback(host):
        raise AepConfigError(
            f"{field} is http:// to {host!r}; secrets go over https only (http to loopback is fine, and to an emulator "
            "in a container with allow_http in the extra)."
        )
    return parts.geturl().rstrip("/")


def is_plain(url: str) -> bool:
    """Whether what is sent there can be read on the way."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

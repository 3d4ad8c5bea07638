"""Who may use the emulator's own routes: not a web page that a browser on this machine happens to show."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from airflow_provider_aep.emulator.http.errors import ServiceError
from airflow_provider_aep.emulator.http.message import Request
from airflow_provider_aep.emulator.state.platform import Platform

FOREIGN = ("cross-site", "same-site")


def check_caller(platform: Platform, request: Request) -> None:
    """Refuse a Host that could be a foreign page's, and whatever a page of another origin would change."""
    host = request.headers.get("host", "")
    name = _name(host)
    if not (_is_local(name) or name in platform.allowed_hosts):
        raise _forbidden(f"The Host {name!r} is not the emulator's. Start it with --allow-host {name} if it is.")
    if request.method == "GET":
        return
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site") in FOREIGN or (origin is not None and origin != f"http://{host}"):
        raise _forbidden("A web page of another origin cannot change the emulator.")


def _name(host: str) -> str:
    """The host's name without its port; empty if there is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_local(name: str) -> bool:
    """An address, or a name that no page on the internet can have: `localhost`, or a container's without a dot."""
    try:
        ip_address(name)
    except ValueError:
        return bool(name) and ("." not in name or name.endswith(".localhost"))
    return True


def _forbidden(detail: str) -> ServiceError:
    return ServiceError(403, "ForbiddenError", detail)

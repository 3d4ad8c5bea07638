"""The Airflow connection that leads to an emulator, as JSON and as a URI."""

from __future__ import annotations

import json
from ipaddress import ip_address
from urllib.parse import quote, urlencode, urlsplit

from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

DEFAULT_SANDBOX = "dev"


def airflow_connection(platform: Platform, url: str) -> Json:
    switches = platform.switches
    return {
        "conn_type": "aep",
        "host": url,
        "login": switches.client_id,
        "password": switches.client_secret,
        "extra": {
            "ims_org_id": switches.org_id,
            "sandbox": DEFAULT_SANDBOX,
            "ims_url": url,
            # How long a create has to wait for its rivals to be seen: here a list shows everything at once.
            "list_lag": switches.list_lag,
            **({} if _is_loopback(url) else {"allow_http": True}),
        },
    }


def _is_loopback(url: str) -> bool:
    """The provider takes plain HTTP from these, and from others only if the connection says so."""
    name = urlsplit(url).hostname or ""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def airflow_uri(platform: Platform, url: str) -> str:
    """`aep://login:password@http%3A%2F%2Fhost%3Aport/?extras`, so that the host keeps its scheme and port."""
    connection = airflow_connection(platform, url)
    login, password = (quote(connection[name], safe="") for name in ("login", "password"))
    query = urlencode({"__extra__": json.dumps(connection["extra"])})
    return f"aep://{login}:{password}@{quote(url, safe='')}/?{query}"

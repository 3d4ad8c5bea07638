"""The plugin, as Airflow finds it. Every process of Airflow imports this module, so it imports next to nothing.

https://airflow.apache.org/docs/apache-airflow/stable/howto/custom-view-plugin.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

NAME = "AEP dataflows"
"""The entry in Airflow's menu, and the name under which `static/page.js` puts its component."""


def _fastapi_apps() -> list[Any]:
    from airflow_provider_aep.plugins.page import make_app

    return [{"app": make_app(), "url_prefix": "/aep", "name": NAME}]


def _react_apps() -> list[Any]:
    # Airflow 3.1 takes the address of the script as it stands, so it begins with the path of Airflow's own.
    root = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
    return [
        {
            "name": NAME,
            "bundle_url": f"{root}/aep/static/page.js",
            "url_route": "aep",
            "category": "browse",
            "destination": "nav",
            "icon": f"{root}/aep/static/aep.svg",
        }
    ]


class AepPlugin(AirflowPlugin):
    """The page, if the setting `[aep] ui_plugin_enabled` is on."""

    name = "aep"
    _enabled = conf.getboolean("aep", "ui_plugin_enabled", fallback=False)
    fastapi_apps = _fastapi_apps() if _enabled else []
    react_apps = _react_apps() if _enabled else []

"""The only HTTP of this package, without Airflow: `AepClient` sends calls.

`AepClient` is loaded when it is first named: a DAG file that imports operators sends nothing and must not pay for HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient

__all__ = ["AepClient"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from airflow_provider_aep.client import http

        return getattr(http, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

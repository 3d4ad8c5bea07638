"""Endpoints: pure functions from arguments to a Call, one module per service of the platform.

A DAG file asks for nothing, so a module is loaded when it is first named: `api.flow_service.get_flow`.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_aep.api import call, catalog, explore, flow_service, request, sandbox

__all__ = ["call", "catalog", "explore", "flow_service", "request", "sandbox"]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")

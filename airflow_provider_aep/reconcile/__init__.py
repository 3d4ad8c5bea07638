"""The engine: a resource is looked up, what to do is decided, and it is done. No Airflow, and no endpoint.

What a DAG file does not need is loaded when it is first named: `reconcile.ensure.Ensurer`.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_aep.reconcile import decide, ensure, lookup

__all__ = ["decide", "ensure", "lookup"]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")

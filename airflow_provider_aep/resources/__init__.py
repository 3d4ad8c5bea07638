"""What the engine must know of each resource: one class a resource, one object of each.

A resource's file says by what it is found again, what of it is compared, what can be changed in place and how, and what
is checked before a new one is made. `airflow_provider_aep.reconcile` does the rest.

A DAG file needs none of it, so it is loaded when it is first named: `resources.flow.FLOW`.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_aep.resources import (
        base_connection,
        dataset,
        flow,
        mapping_set,
        schema,
        source_connection,
        target_connection,
    )

__all__ = ["base_connection", "dataset", "flow", "mapping_set", "schema", "source_connection", "target_connection"]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")

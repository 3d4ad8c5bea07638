"""Flow runs, without Airflow: start one once, wait for many, judge what came of them.

What a DAG file does not need is loaded when it is first named: `runs.start.RunStarter`.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_aep.runs import flow_state, loaded, next_step, request, start, start_guard, watch

__all__ = ["flow_state", "loaded", "next_step", "request", "start", "start_guard", "watch"]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")

"""A local Adobe Experience Platform over HTTP, written from Adobe's documentation.

It shares no code with the rest of the provider, so that a misread field name cannot agree with itself.
Importing this package is cheap: the server is imported when `AepEmulator` is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_aep.emulator.emulator import AepEmulator

__all__ = ["AepEmulator"]


def __getattr__(name: str) -> Any:
    if name == "AepEmulator":
        from airflow_provider_aep.emulator.emulator import AepEmulator

        return AepEmulator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

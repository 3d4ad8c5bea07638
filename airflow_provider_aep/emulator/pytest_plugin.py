"""The fixture `aep_emulator`, for tests of DAGs that use this provider."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from airflow_provider_aep.emulator import AepEmulator


@pytest.fixture
def aep_emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[AepEmulator]:
    """A fresh local AEP; the Airflow connection `aep_default` leads to it."""
    # pytest loads this module in every session, so the server is imported only by those who use it.
    from airflow_provider_aep.emulator import AepEmulator

    with AepEmulator() as aep:
        monkeypatch.setenv("AIRFLOW_CONN_AEP_DEFAULT", aep.connection_json())
        yield aep

"""The fixture `aep_emulator`, for tests of DAGs that use this provider."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from airflow_provider_aep.emulator import AepEmulator


@pytest.fixture
def aep_emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[AepEmulator]:
    """A fresh local AEP; the Airflow connection `aep_default` leads to it.

    Its clock moves ten minutes at each look at runs or batches, so that whoever waits for one hardly waits;
    `aep_emulator.auto_advance = 0` holds it.

    The test fails if a scripted outcome or a planned fault was never used, as by a misspelt name: it would have tested
    something else than it says. `clear_scripts()` and `clear_faults()` forget those that were only a precaution.
    """
    # pytest loads this module in every session, so the server is imported only by those who use it.
    from airflow_provider_aep.emulator import AepEmulator

    with AepEmulator(auto_advance=600) as aep:
        monkeypatch.setenv("AIRFLOW_CONN_AEP_DEFAULT", aep.connection_json())
        yield aep
        unused = aep.unused
    if unused:
        pytest.fail("; ".join(unused), pytrace=False)

"""Every test here talks to a real emulator over real sockets, by plain `requests`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from airflow_provider_aep.emulator import AepEmulator

from .caller import Caller


@pytest.fixture
def aep() -> Iterator[AepEmulator]:
    with AepEmulator() as emulator:
        yield emulator


@pytest.fixture
def api(aep: AepEmulator) -> Iterator[Caller]:
    with Caller(aep) as caller:
        yield caller

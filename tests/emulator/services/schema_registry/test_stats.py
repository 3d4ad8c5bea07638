"""Counts of what the tenant has."""

from airflow_provider_aep.emulator import AepEmulator
from emulator.caller import Caller

from .bodies import BODIES


def test_stats_count(aep: AepEmulator, api: Caller) -> None:
    for collection, body in BODIES.items():
        api.made(f"schema/tenant/{collection}", body)
        aep.advance(1)
    stats = api.get("schema/stats").json()
    assert stats["counts"] == {"schemas": 1, "classes": 1, "mixins": 1, "datatypes": 1, "unions": 0}
    created = [each["title"] for each in stats["recentlyCreatedResources"]]
    assert created == ["Guests", "Room", "Hotel", "Loyalty"]

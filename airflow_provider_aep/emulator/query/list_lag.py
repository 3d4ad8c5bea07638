"""Lists that do not show at once what was just made: each object at a time of its own, not in the order of creation."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

_CREATED = ("createdAt", "created", "createdDate", "repo:createdDate")


def shown(platform: Platform, objects: Iterable[Json]) -> list[Json]:
    """The objects that lists show by now. When it is each one's turn depends on its id, within `list_lag` seconds."""
    lag = platform.switches.list_lag
    if not lag:
        return list(objects)
    now_ms = platform.clock.now_ms()
    return [each for each in objects if _created_ms(each) + _share(each) * lag * 1000 <= now_ms]


def not_yet(platform: Platform, one: Json) -> bool:
    """Whether a read by its id does not find this object yet."""
    return platform.switches.reads_lag and not shown(platform, [one])


def _created_ms(each: Json) -> int:
    known = {**each.get("meta:registryMetadata", {}), **each}
    return int(next(known[field] for field in _CREATED if field in known))


def _share(each: Json) -> float:
    """From 0 to 1, the same whenever it is asked for."""
    return zlib.crc32(str(each.get("id") or each.get("$id")).encode()) / 0xFFFFFFFF

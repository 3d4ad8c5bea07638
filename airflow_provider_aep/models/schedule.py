"""When a dataflow runs, and by which column it knows what is new: the rules of the flow specs that Adobe publishes.

https://developer.adobe.com/experience-platform-apis/references/flow-service/ (Flows, ``scheduleParams``)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.models.base import AepModel
from airflow_provider_aep.models.times import epoch_seconds
from airflow_provider_aep.models.tolerant import Flag, Lenient, Name, Seconds, read_seconds
from airflow_provider_aep.validation import Problems, id_problem

FREQUENCIES = ("once", "minute", "hour", "day", "week")
TABLE_SPEC = FLOW_SPEC_IDS["CRMToAEP"]
BATCH_SPECS = {TABLE_SPEC, FLOW_SPEC_IDS["CloudStorageToAEP"], FLOW_SPEC_IDS["RestStorageToAEP"]}
# The last one is for data that is XDM already; it is published without a name.
STREAMING_SPECS = set(FLOW_SPEC_IDS.values()) - BATCH_SPECS | {"d8a6f005-7eaf-4153-983e-e8574508b877"}
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_SCHEDULE_KEYS = {
    "start_time": "startTime",
    "frequency": "frequency",
    "interval": "interval",
    "backfill": "backfill",
}


def _lower(frequency: str | None) -> str | None:
    # "Once" is what the platform calls "once" elsewhere.
    return frequency and frequency.lower()


class Schedule(AepModel):
    """Adobe's specification has `start_time` in epoch seconds and `interval` as a string; both are read in any form."""

    start_time: Seconds = None
    frequency: Annotated[Name, AfterValidator(_lower)] = None
    interval: Annotated[str | int | None, Lenient] = None
    backfill: Flag = None

    @property
    def seconds(self) -> int | None:
        """Seconds from one run to the next; None for a schedule without a known interval, such as ``once``."""
        unit = _SECONDS.get(self.frequency or "")
        interval = str(self.interval)
        return unit * int(interval) if unit and re.fullmatch(r"[1-9]\d{0,8}", interval) else None

    def describe(self) -> str:
        """The schedule in words, such as ``every 15 minutes``."""
        if self.seconds is None:
            return self.frequency or "unknown"
        return f"every {self.frequency}" if str(self.interval) == "1" else f"every {self.interval} {self.frequency}s"

    @property
    def end_time(self) -> int | None:
        """When the last run begins, in epoch seconds. Only older flow specs let a schedule end."""
        return read_seconds((self.model_extra or {}).get("endTime"))


def read_schedule(problems: Problems, flow_spec_id: Any, given: Any) -> Schedule | None:
    """The schedule an author declares. What an unpublished flow spec allows, `validate_against_spec` checks later."""
    if given is None:
        if flow_spec_id in BATCH_SPECS:
            problems.add(
                "schedule_params",
                'is missing: a batch dataflow has a schedule, such as {"frequency": "once"}',
            )
        return None
    if flow_spec_id in STREAMING_SPECS:
        problems.add("schedule_params", "must be left out: a streaming dataflow has no schedule")
        return None
    if not isinstance(given, Mapping):
        problems.add("schedule_params", f"must be a dict, not a {type(given).__name__}")
        return None
    wire = {_SCHEDULE_KEYS.get(str(key), str(key)): value for key, value in given.items() if value is not None}
    more = {key: value for key, value in wire.items() if key not in _SCHEDULE_KEYS.values()}
    if flow_spec_id in BATCH_SPECS or id_problem(flow_spec_id, "uuid"):
        _check_frequency(problems, wire)
        if more:
            known = ", ".join(_SCHEDULE_KEYS)
            problems.add("schedule_params", f"has unknown keys {', '.join(sorted(more))}; known are {known}")
    start_time = (
        problems.attempt(epoch_seconds, wire["startTime"], "schedule_params.start_time")
        if "startTime" in wire
        else None
    )
    backfill = problems.flag("schedule_params.backfill", wire["backfill"]) if "backfill" in wire else None
    interval = wire.get("interval")
    return Schedule(
        start_time=start_time,
        frequency=None if wire.get("frequency") is None else str(wire["frequency"]),
        interval=None if interval is None else str(interval),
        backfill=backfill,
        **more,
    )


def _check_frequency(problems: Problems, wire: dict[str, Any]) -> None:
    frequency, interval = wire.get("frequency"), wire.get("interval")
    if frequency not in FREQUENCIES:
        problems.add("schedule_params.frequency", f"is {frequency!r}; it is one of {', '.join(FREQUENCIES)}")
    elif frequency == "once":
        for key in ("interval", "backfill"):
            if key in wire:
                problems.add(f"schedule_params.{key}", "must be left out: a dataflow that runs once has none")
    elif interval is None or isinstance(interval, bool) or not str(interval).isdecimal():
        problems.add("schedule_params.interval", f"is {interval!r}; with frequency {frequency!r} it is a whole number")
    elif int(interval) < (minimum := 15 if frequency == "minute" else 1):
        problems.add(
            "schedule_params.interval",
            f"is {interval}; with frequency {frequency!r} it is at least {minimum}",
        )


def check_need_of_delta_column(
    problems: Problems, flow_spec_id: Any, delta_column: Any, schedule: Schedule | None
) -> None:
    once = schedule is not None and schedule.frequency == "once"
    if delta_column is None:
        if flow_spec_id == TABLE_SPEC and schedule is not None and not once:
            problems.add(
                "delta_column",
                'is missing: a scheduled table dataflow needs one, such as {"name": "LastModifiedDate"}',
            )
        return
    if once:
        problems.add("delta_column", "must be left out: a dataflow that runs once has none; its first run names it")
    elif flow_spec_id in STREAMING_SPECS:
        problems.add("delta_column", "must be left out: a streaming dataflow has none")
    check_delta_column(problems, delta_column)


def check_delta_column(problems: Problems, delta_column: Any) -> None:
    """Note what is wrong with `{"name": ..., "dateFormat": ..., "timezone": ...}`, of which only the name must be."""
    if not isinstance(delta_column, Mapping):
        problems.add("delta_column", f'must be a dict such as {{"name": "LastModifiedDate"}}, not {delta_column!r}')
        return
    problems.text("delta_column.name", delta_column.get("name"))
    date_format = delta_column.get("dateFormat")
    # The tutorial's own value is "YYYY-MM-DD": in these patterns YYYY is the week's year and DD the day of the year.
    if date_format is not None and ("YYYY" in str(date_format) or "DD" in str(date_format)):
        problems.add(
            "delta_column.dateFormat",
            f"is {date_format!r}; write yyyy-MM-dd HH:mm:ss (Microsoft Dynamics: yyyy-MM-ddTHH:mm:ssZ)",
        )

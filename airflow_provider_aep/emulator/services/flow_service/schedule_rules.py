"""The rules of scheduleParams: first those with a published code, then the flow spec's JSON Schema."""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_aep.emulator.http.errors import FlowServiceError, SourcesError
from airflow_provider_aep.emulator.services.flow_service.spec_validation import violations
from airflow_provider_aep.emulator.state.json import Json
from airflow_provider_aep.emulator.state.platform import Platform

WHOLE_NUMBER = re.compile(r"-?\d{1,18}")
FREQUENCIES = ("once", "minute", "hour", "day", "week")
MILLISECONDS_FROM = 100_000_000_000


def check_schedule(platform: Platform, flow: Json, spec: Json, *, new: bool) -> None:
    schedule = flow.get("scheduleParams")
    if not isinstance(schedule, dict) or not schedule:
        raise SourcesError(
            "1317-400",
            "The provided schedule params are empty but should not be empty. "
            "Please provide valid schedule params and try again.",
        )
    rules = spec["scheduleSpec"].get("spec", {})
    frequency = schedule.get("frequency")
    if frequency not in rules.get("properties", {}).get("frequency", {}).get("enum", FREQUENCIES):
        raise SourcesError(
            "1397-400",
            f"The provided frequency : {frequency} is invalid. Please provide a valid frequency and try again.",
        )
    _check_interval(schedule)
    _check_start(platform, schedule, new=new)
    found = violations(schedule, rules)
    if found:
        raise SourcesError("1318-400", f"{'; '.join(found)}. Please check the provided request and try again.")


def _check_interval(schedule: Json) -> None:
    frequency, interval = schedule["frequency"], schedule.get("interval")
    if frequency == "once":
        if "interval" in schedule:
            raise SourcesError(
                "1361-400",
                "Interval is not allowed with one time ingestion. "
                "Please remove interval or change frequency and then try again.",
            )
        if "backfill" in schedule:
            raise SourcesError(
                "1364-400",
                "The backfill flag is not allowed when frequency is set to one. "
                "Please remove the backfill flag when frequency is set to once and try again.",
            )
        return
    if interval is None:
        raise _missing("interval")
    number = _whole_number(interval)
    if number is None:
        raise SourcesError(
            "1363-400",
            f"Interval {interval} is not allowed with frequency: {frequency}. "
            "Please provide a valid interval value and try again.",
        )
    least = 15 if frequency == "minute" else 1
    if number < least:
        raise SourcesError(
            "1362-400",
            f"Interval cannot be less than {least}. Please provide a valid interval value and try again.",
        )


def _check_start(platform: Platform, schedule: Json, *, new: bool) -> None:
    if "startTime" not in schedule:
        raise _missing("startTime")
    start = _whole_number(schedule["startTime"])
    if start is None or start >= MILLISECONDS_FROM:
        raise SourcesError(
            "1340-400",
            f"An error occurred while parsing {schedule['startTime']}. "
            "Please check the time format provided in the request and try again.",
        )
    if not new or not platform.switches.refuse_past_start_time:
        return
    if start < platform.now() - platform.switches.start_time_grace:
        raise SourcesError(
            "1360-400",
            "The start time cannot be set in the past. Please provide a valid start time and try again.",
        )


def check_change(platform: Platform, before: Json, after: Json) -> None:
    """What may no longer change once the start time has passed."""
    old, new = before.get("scheduleParams") or {}, after.get("scheduleParams") or {}
    start = _whole_number(old.get("startTime"))
    if start is None or start > platform.now():
        return
    if not _same(old.get("startTime"), new.get("startTime")):
        raise SourcesError("1366-400", "The start time has passed and the update operation is no longer allowed.")
    if old.get("frequency") != "once" and new.get("frequency") == "once":
        raise SourcesError("1403-400", "The start time has passed and you can no longer change the frequency to once.")
    if not _same(old.get("backfill"), new.get("backfill")):
        raise SourcesError("1404-400", "The start time has passed and you can no longer update backfill.")


def check_transition(flow: Json, operation: str) -> None:
    """A flow that is between states takes no changes."""
    if flow["state"] in ("enabling", "disabling", "updating"):
        code, detail = {
            "update": ("1420-400", f"The current state {flow['state']} cannot be updated."),
            "delete": ("1458-400", f"Operation delete cannot be applied in state {flow['state']}."),
        }.get(operation, ("1421-400", f"The current state {flow['state']} cannot be transitioned."))
        raise FlowServiceError(code, detail)


def _missing(name: str) -> SourcesError:
    return SourcesError("1359-400", f"The param {name} is missing in the request. Please provide a valid {name}.")


def _whole_number(value: Any) -> int | None:
    if isinstance(value, bool) or not WHOLE_NUMBER.fullmatch(str(value)):
        return None
    return int(value)


def _same(left: Any, right: Any) -> bool:
    return str(left).lower() == str(right).lower()

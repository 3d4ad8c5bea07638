"""What is to be changed in a live dataflow, as the flow that holds these parts only.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/update-dataflows
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_aep.models.flow import Flow, read_options
from airflow_provider_aep.models.schedule import Schedule, check_delta_column, read_schedule
from airflow_provider_aep.models.transformation import Transformation, check_version, read_transformations
from airflow_provider_aep.validation import Problems

CHANGES = (
    "name",
    "description",
    "schedule_params",
    "mapping_set_id",
    "mapping_set_version",
    "delta_column",
    "options",
    "transformations",
)


def changed(live: Flow, changes: Any, now: float) -> Flow:
    """The declared part of a live flow that is to be changed.

    :param changes: names of `CHANGES`, with values as in `Flow.declare`; of the schedule, what is named.
    :param now: the platform's time in epoch seconds.
    :raises AepConfigError: every problem at once.
    """
    problems = Problems(f"change of dataflow {live.name!r}")
    if not isinstance(changes, Mapping) or not changes or set(changes) - set(CHANGES):
        problems.add("changes", f"is {changes!r}; it is a dict of {', '.join(CHANGES)}")
        problems.raise_if_any()
    problems.name("name", changes.get("name"), required=False)
    problems.text("description", changes.get("description"), required=False)
    declared = Flow(
        id=live.id, flow_spec=live.flow_spec, name=changes.get("name"), description=changes.get("description")
    )
    declared.options = read_options(problems, changes.get("options"))
    if "schedule_params" in changes:
        declared.schedule_params = _changed_schedule(problems, live, changes["schedule_params"])
        declared._start_time_changed = _start_time_changed(problems, live, declared.schedule_params, now)
    if "delta_column" in changes:
        check_delta_column(problems, changes["delta_column"])
        declared.transformations.append(Transformation(name="Copy", params={"deltaColumn": changes["delta_column"]}))
    mapping = dict(live.transformation("Mapping") or {})
    if "mapping_set_id" in changes:
        problems.id("mapping_set_id", changes["mapping_set_id"], "mapping set")
        # Without a version of its own, the latest: the live one is that of another mapping set.
        mapping = {"mappingId": changes["mapping_set_id"]}
    if changes.get("mapping_set_version") is not None:
        check_version(problems, changes["mapping_set_version"])
        mapping["mappingVersion"] = str(changes["mapping_set_version"])
    elif "mapping_set_version" in changes:
        mapping.pop("mappingVersion", None)
    if {"mapping_set_id", "mapping_set_version"} & set(changes):
        declared.transformations.append(Transformation(name="Mapping", params=mapping))
    declared.transformations += read_transformations(problems, changes.get("transformations", ()))
    problems.raise_if_any()
    return declared


def _changed_schedule(problems: Problems, live: Flow, declared: Any) -> Schedule | None:
    if not isinstance(declared, Mapping) or live.schedule_params is None:
        problems.add("schedule_params", f"is {declared!r}; it is a dict, and the dataflow must have a schedule")
        return None
    if declared.get("frequency") == "once" != live.schedule_params.frequency:
        problems.add("schedule_params.frequency", "cannot become 'once' in a live dataflow: make a new one")
        return None
    unit, number = live.schedule_params.frequency, live.schedule_params.interval
    if declared.get("frequency", unit) != unit and "interval" not in declared and str(number) != "1":
        problems.add("schedule_params.interval", f"is missing: the live one, {number}, counts in units of {unit!r}")
    kept = {"frequency": live.schedule_params.frequency, "interval": live.schedule_params.interval}
    return read_schedule(problems, live.flow_spec.id, {**kept, **declared})


def _start_time_changed(problems: Problems, live: Flow, declared: Schedule | None, now: float) -> bool:
    start = live.schedule_params.start_time if live.schedule_params else None
    if declared is None or declared.start_time is None or declared.start_time == start:
        return False
    if start is not None and start <= now:
        problems.add(
            "schedule_params.start_time", f"cannot be changed: the dataflow began at {start}; make a new dataflow"
        )
    return True

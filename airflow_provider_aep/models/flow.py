"""The flow ("dataflow"): from a source connection to a target connection, with mapping and schedule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, PrivateAttr

from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.models.base import AepModel, Gaps, Ref, Resource, epoch_seconds
from airflow_provider_aep.models.flow_spec import FlowSpec

FREQUENCIES = ("once", "minute", "hour", "day", "week")
START_DELAY_SECONDS = 300
_TABLE_SPEC = FLOW_SPEC_IDS["CRMToAEP"]
_BATCH_SPECS = {_TABLE_SPEC, FLOW_SPEC_IDS["CloudStorageToAEP"], FLOW_SPEC_IDS["RestStorageToAEP"]}
# The last one is for data that is XDM already; it is published without a name.
_STREAMING_SPECS = set(FLOW_SPEC_IDS.values()) - _BATCH_SPECS | {"d8a6f005-7eaf-4153-983e-e8574508b877"}
_SCHEDULE_KEYS = {
    "start_time": "startTime",
    "frequency": "frequency",
    "interval": "interval",
    "backfill": "backfill",
}


class Transformation(AepModel):
    """`Copy` names the delta column of a table source, `Mapping` the mapping set."""

    name: str
    params: dict[str, Any] = {}


class Schedule(AepModel):
    """Adobe's specification has `start_time` in epoch seconds and `interval` as a string; both are read in any form."""

    start_time: int | None = None
    frequency: str | None = None
    interval: str | int | None = None
    backfill: bool | None = None


class LastRun(AepModel):
    id: str | None = None
    state: str | None = None
    # epoch milliseconds
    started_at_utc: int | None = Field(None, alias="startedAtUTC")
    completed_at_utc: int | None = Field(None, alias="completedAtUTC")


class Flow(Resource):
    name: str | None = None
    description: str | None = None
    flow_spec: Ref
    source_connection_ids: list[str] = []
    target_connection_ids: list[str] = []
    transformations: list[Transformation] = []
    schedule_params: Schedule | None = None
    options: dict[str, Any] | None = None
    last_run_details: LastRun | None = None
    _starts_anew: bool = PrivateAttr(default=False)

    @classmethod
    def declare(
        cls,
        *,
        name: Any,
        flow_spec_id: Any,
        source_connection_id: Any,
        target_connection_id: Any,
        mapping_set_id: Any = None,
        mapping_set_version: Any = 0,
        delta_column: Any = None,
        schedule_params: Any = None,
        options: Any = None,
        description: Any = None,
    ) -> Self:
        """The dataflow an author asks for, by what is published of its flow spec.

        :raises AepConfigError: every gap at once.
        """
        gaps = Gaps(f"dataflow {name!r}")
        gaps.text("name", name)
        gaps.text("description", description, required=False)
        flow_spec_id = flow_spec_id.lower() if isinstance(flow_spec_id, str) else flow_spec_id
        gaps.id("flow_spec_id", flow_spec_id)
        gaps.id("source_connection_id", source_connection_id)
        gaps.id("target_connection_id", target_connection_id)
        if mapping_set_id is not None:
            gaps.id("mapping_set_id", mapping_set_id, "mapping set")
        elif flow_spec_id in _BATCH_SPECS:
            gaps.add("mapping_set_id", "is missing: a batch dataflow maps its source to the schema of its target")
        _check_version(gaps, mapping_set_version)
        _check_options(gaps, options)
        schedule = _schedule(gaps, flow_spec_id, schedule_params)
        _check_delta_column(gaps, flow_spec_id, delta_column, schedule)
        gaps.close()
        copy = [Transformation(name="Copy", params={"deltaColumn": dict(delta_column)})] if delta_column else []
        params = {"mappingId": mapping_set_id, "mappingVersion": str(mapping_set_version)}
        mapping = [Transformation(name="Mapping", params=params)] if mapping_set_id else []
        return cls(
            name=name,
            description=description,
            flow_spec=Ref(id=flow_spec_id),
            source_connection_ids=[source_connection_id],
            target_connection_ids=[target_connection_id],
            transformations=copy + mapping,
            schedule_params=schedule,
            options=dict(options) if options else None,
        )

    def with_start(self, now: float) -> Self:
        """This flow with the start time a new one needs.

        :param now: the platform's time in epoch seconds.
        :raises AepConfigError: the start time lies in the past, which the platform refuses (1360).
        """
        schedule = self.schedule_params
        if schedule is None:
            return self
        if schedule.start_time is None:
            schedule = schedule.model_copy(update={"start_time": int(now) + START_DELAY_SECONDS})
        elif schedule.start_time < now:
            gaps = Gaps(f"dataflow {self.name!r}")
            gaps.add(
                "schedule_params.start_time",
                f"is {schedule.start_time}, {int(now) - schedule.start_time} s in the past; a new dataflow begins in "
                "the future: leave start_time out to begin in five minutes",
            )
            gaps.close()
        return self.model_copy(update={"schedule_params": schedule})

    @property
    def starts_anew(self) -> bool:
        """Whether the start time of a live flow is to be changed; a wish for a new one does not ask for that."""
        return self._starts_anew

    def transformation(self, name: str) -> dict[str, Any] | None:
        """The parameters of the transformation of that name. Its place in the list means nothing."""
        return next((part.params for part in self.transformations if part.name == name), None)


def _check_version(gaps: Gaps, version: Any) -> None:
    if not str(version).isdecimal():
        gaps.add("mapping_set_version", f"is {version!r}; it is a whole number, as the mapping set says")


def _check_options(gaps: Gaps, options: Any) -> None:
    if options is not None and not isinstance(options, Mapping):
        gaps.add("options", f"must be a dict, not a {type(options).__name__}")


def _schedule(gaps: Gaps, flow_spec_id: Any, wish: Any) -> Schedule | None:
    if wish is None:
        if flow_spec_id in _BATCH_SPECS:
            gaps.add(
                "schedule_params",
                'is missing: a batch dataflow has a schedule, such as {"frequency": "once"}',
            )
        return None
    if flow_spec_id in _STREAMING_SPECS:
        gaps.add("schedule_params", "must be left out: a streaming dataflow has no schedule")
        return None
    if not isinstance(wish, Mapping):
        gaps.add("schedule_params", f"must be a dict, not a {type(wish).__name__}")
        return None
    given = {_SCHEDULE_KEYS.get(str(key), str(key)): value for key, value in wish.items() if value is not None}
    unknown = sorted(set(given) - set(_SCHEDULE_KEYS.values()))
    if unknown:
        gaps.add("schedule_params", f"has unknown keys {', '.join(unknown)}; known are {', '.join(_SCHEDULE_KEYS)}")
    _check_frequency(gaps, given)
    start_time = (
        gaps.attempt(epoch_seconds, given["startTime"], "schedule_params.start_time") if "startTime" in given else None
    )
    backfill = _boolean(gaps, given.get("backfill"))
    interval = given.get("interval")
    return Schedule(
        start_time=start_time,
        frequency=str(given.get("frequency")),
        interval=None if interval is None else str(interval),
        backfill=backfill,
    )


def _check_frequency(gaps: Gaps, given: dict[str, Any]) -> None:
    frequency, interval = given.get("frequency"), given.get("interval")
    if frequency not in FREQUENCIES:
        gaps.add("schedule_params.frequency", f"is {frequency!r}; it is one of {', '.join(FREQUENCIES)}")
    elif frequency == "once":
        for key in ("interval", "backfill"):
            if key in given:
                gaps.add(f"schedule_params.{key}", "must be left out: a dataflow that runs once has none")
    elif interval is None or isinstance(interval, bool) or not str(interval).isdecimal():
        gaps.add("schedule_params.interval", f"is {interval!r}; with frequency {frequency!r} it is a whole number")
    elif int(interval) < (minimum := 15 if frequency == "minute" else 1):
        gaps.add(
            "schedule_params.interval",
            f"is {interval}; with frequency {frequency!r} it is at least {minimum}",
        )


def _boolean(gaps: Gaps, value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    gaps.add("schedule_params.backfill", f"is {value!r}; it is true or false")
    return None


def _check_delta_column(gaps: Gaps, flow_spec_id: Any, delta_column: Any, schedule: Schedule | None) -> None:
    once = schedule is not None and schedule.frequency == "once"
    if delta_column is None:
        if flow_spec_id == _TABLE_SPEC and schedule is not None and not once:
            gaps.add(
                "delta_column",
                'is missing: a scheduled table dataflow needs one, such as {"name": "LastModifiedDate"}',
            )
        return
    if once:
        gaps.add("delta_column", "must be left out: a dataflow that runs once has none; its first run names it")
    elif flow_spec_id in _STREAMING_SPECS:
        gaps.add("delta_column", "must be left out: a streaming dataflow has none")
    check_delta_column(gaps, delta_column)


def check_delta_column(gaps: Gaps, delta_column: Any) -> None:
    """Note what is wrong with `{"name": ..., "dateFormat": ..., "timezone": ...}`, of which only the name must be."""
    if not isinstance(delta_column, Mapping):
        gaps.add("delta_column", f'must be a dict such as {{"name": "LastModifiedDate"}}, not {delta_column!r}')
        return
    gaps.text("delta_column.name", delta_column.get("name"))
    date_format = delta_column.get("dateFormat")
    # The tutorial's own value is "YYYY-MM-DD": in these patterns YYYY is the week's year and DD the day of the year.
    if date_format is not None and ("YYYY" in str(date_format) or "DD" in str(date_format)):
        gaps.add(
            "delta_column.dateFormat",
            f"is {date_format!r}; write yyyy-MM-dd HH:mm:ss (Microsoft Dynamics: yyyy-MM-ddTHH:mm:ssZ)",
        )


CHANGES = ("name", "description", "schedule_params", "mapping_set_id", "mapping_set_version", "delta_column", "options")


def changed(live: Flow, changes: Any, now: float) -> Flow:
    """The declared part of a live flow that is to be changed.

    :param changes: names of `CHANGES`, with values as in `Flow.declare`; of the schedule, what is named.
    :param now: the platform's time in epoch seconds.
    :raises AepConfigError: every gap at once.
    """
    gaps = Gaps(f"change of dataflow {live.name!r}")
    if not isinstance(changes, Mapping) or not changes or set(changes) - set(CHANGES):
        gaps.add("changes", f"is {changes!r}; it is a dict of {', '.join(CHANGES)}")
        gaps.close()
    for field in ("name", "description"):
        gaps.text(field, changes.get(field), required=False)
    wish = Flow(id=live.id, flow_spec=live.flow_spec, name=changes.get("name"), description=changes.get("description"))
    _check_options(gaps, changes.get("options"))
    wish.options = dict(changes["options"]) if isinstance(changes.get("options"), Mapping) else None
    if "schedule_params" in changes:
        wish.schedule_params = _changed_schedule(gaps, live, changes["schedule_params"])
        wish._starts_anew = _starts_anew(gaps, live, wish.schedule_params, now)
    if "delta_column" in changes:
        check_delta_column(gaps, changes["delta_column"])
        wish.transformations.append(Transformation(name="Copy", params={"deltaColumn": changes["delta_column"]}))
    mapping = dict(live.transformation("Mapping") or {})
    if "mapping_set_id" in changes:
        gaps.id("mapping_set_id", changes["mapping_set_id"], "mapping set")
        mapping |= {"mappingId": changes["mapping_set_id"], "mappingVersion": "0"}
    if "mapping_set_version" in changes:
        _check_version(gaps, changes["mapping_set_version"])
        mapping["mappingVersion"] = str(changes["mapping_set_version"])
    if {"mapping_set_id", "mapping_set_version"} & set(changes):
        wish.transformations.append(Transformation(name="Mapping", params=mapping))
    gaps.close()
    return wish


def _changed_schedule(gaps: Gaps, live: Flow, wish: Any) -> Schedule | None:
    if not isinstance(wish, Mapping) or live.schedule_params is None:
        gaps.add("schedule_params", f"is {wish!r}; it is a dict, and the dataflow must have a schedule")
        return None
    if wish.get("frequency") == "once" != live.schedule_params.frequency:
        gaps.add("schedule_params.frequency", "cannot become 'once' in a live dataflow: make a new one")
        return None
    unit, number = live.schedule_params.frequency, live.schedule_params.interval
    if wish.get("frequency", unit) != unit and "interval" not in wish and str(number) != "1":
        gaps.add("schedule_params.interval", f"is missing: the live one, {number}, counts in units of {unit!r}")
    kept = {"frequency": live.schedule_params.frequency, "interval": live.schedule_params.interval}
    return _schedule(gaps, live.flow_spec.id, {**kept, **wish})


def _starts_anew(gaps: Gaps, live: Flow, wish: Schedule | None, now: float) -> bool:
    start = live.schedule_params.start_time if live.schedule_params else None
    if wish is None or wish.start_time is None or wish.start_time == start:
        return False
    if start is not None and start <= now:
        gaps.add("schedule_params.start_time", f"cannot be changed: the dataflow began at {start}; make a new dataflow")
    return True


def fits(flow: Flow, flow_spec: FlowSpec, source_connection_spec_id: str) -> None:
    """Hold a wish against the flow spec that the platform answered.

    :raises AepConfigError: every gap at once: the source does not belong to the flow spec, or its JSON Schemas refuse
        the schedule, the options or a transformation.
    """
    gaps = Gaps(f"dataflow {flow.name!r}")
    label = f"flow spec {flow_spec.name or flow_spec.id}"
    if source_connection_spec_id not in flow_spec.source_connection_spec_ids:
        gaps.add(
            "flow_spec_id",
            f"is {flow_spec.id!r}, but {label} does not list connection spec {source_connection_spec_id} of the source "
            "connection; look the flow spec up with AepGetFlowSpecOperator(connector=...)",
        )
    schedule = flow.schedule_params
    if schedule and flow_spec.schedule_spec:
        numbers = schedule.to_wire()
        if schedule.interval is not None:
            numbers["interval"] = int(schedule.interval)
        _hold_against(gaps, label, "schedule_params", numbers, flow_spec.schedule_spec.spec)
    if flow.options and flow_spec.option_spec:
        _hold_against(gaps, label, "options", flow.options, flow_spec.option_spec.spec)
    specs = {part.name: part.spec for part in flow_spec.transformation_specs}
    for part in flow.transformations:
        field = "delta_column" if part.name == "Copy" else "mapping_set_id"
        if specs and part.name not in specs:
            gaps.add(field, f"must be left out: {label} has no transformation {part.name}")
        _hold_against(gaps, label, field, part.params, specs.get(part.name))
    gaps.close()


def _hold_against(gaps: Gaps, label: str, field: str, value: Any, schema: dict[str, Any] | None) -> None:
    # Imported here: it is slow to import, and only a dataflow about to be written needs it.
    from jsonschema import Draft7Validator

    for error in Draft7Validator(schema or {}).iter_errors(value):
        where = ".".join([field, *(str(step) for step in error.absolute_path)])
        gaps.add(where, f"does not fit {label}: {error.message}")

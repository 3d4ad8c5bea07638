"""The flow ("dataflow"): from a source connection to a target connection, with mapping and schedule.

https://developer.adobe.com/experience-platform-apis/references/flow-service/ (Flows)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, PrivateAttr

from airflow_provider_aep.models.base import AepModel, Ref, Resource
from airflow_provider_aep.models.schedule import (
    BATCH_SPECS,
    Schedule,
    check_need_of_delta_column,
    read_schedule,
)
from airflow_provider_aep.models.tolerant import Lenient, Name, Texts, Time
from airflow_provider_aep.validation import Problems

START_DELAY_SECONDS = 300


class Transformation(AepModel):
    """`Copy` names the delta column of a table source, `Mapping` the mapping set."""

    name: str
    params: dict[str, Any] = {}


class LastRun(AepModel):
    id: Name = None
    state: Name = None
    # epoch milliseconds
    started_at_utc: Time = Field(None, alias="startedAtUTC")
    completed_at_utc: Time = Field(None, alias="completedAtUTC")


class Flow(Resource):
    name: Name = None
    description: Name = None
    flow_spec: Ref
    source_connection_ids: Texts = []
    target_connection_ids: Texts = []
    transformations: list[Transformation] = []
    schedule_params: Schedule | None = None
    options: dict[str, Any] | None = None
    last_run_details: Annotated[LastRun | None, Lenient] = None
    _start_time_changed: bool = PrivateAttr(default=False)

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

        :raises AepConfigError: every problem at once.
        """
        problems = Problems(f"dataflow {name!r}")
        problems.text("name", name)
        problems.text("description", description, required=False)
        flow_spec_id = flow_spec_id.lower() if isinstance(flow_spec_id, str) else flow_spec_id
        problems.id("flow_spec_id", flow_spec_id)
        problems.id("source_connection_id", source_connection_id)
        problems.id("target_connection_id", target_connection_id)
        if mapping_set_id is not None:
            problems.id("mapping_set_id", mapping_set_id, "mapping set")
        elif flow_spec_id in BATCH_SPECS:
            problems.add("mapping_set_id", "is missing: a batch dataflow maps its source to the schema of its target")
        check_version(problems, mapping_set_version)
        options = read_options(problems, options)
        schedule = read_schedule(problems, flow_spec_id, schedule_params)
        check_need_of_delta_column(problems, flow_spec_id, delta_column, schedule)
        problems.raise_if_any()
        return cls(
            name=name,
            description=description,
            flow_spec=Ref(id=flow_spec_id),
            source_connection_ids=[source_connection_id],
            target_connection_ids=[target_connection_id],
            transformations=_transformations(delta_column, mapping_set_id, mapping_set_version),
            schedule_params=schedule,
            options=options or None,
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
            problems = Problems(f"dataflow {self.name!r}")
            problems.add(
                "schedule_params.start_time",
                f"is {schedule.start_time}, {int(now) - schedule.start_time} s in the past; a new dataflow begins in "
                "the future: leave start_time out to begin in five minutes",
            )
            problems.raise_if_any()
        return self.model_copy(update={"schedule_params": schedule})

    @property
    def start_time_changed(self) -> bool:
        """Whether the start time of a live flow is to be changed; a declared for a new one does not ask for that."""
        return self._start_time_changed

    def transformation(self, name: str) -> dict[str, Any] | None:
        """The parameters of the transformation of that name. Its place in the list means nothing."""
        return next((part.params for part in self.transformations if part.name == name), None)


def _transformations(delta_column: Any, mapping_set_id: Any, mapping_set_version: Any) -> list[Transformation]:
    copy = [Transformation(name="Copy", params={"deltaColumn": dict(delta_column)})] if delta_column else []
    params = {"mappingId": mapping_set_id, "mappingVersion": str(mapping_set_version)}
    mapping = [Transformation(name="Mapping", params=params)] if mapping_set_id else []
    return copy + mapping


def check_version(problems: Problems, version: Any) -> None:
    if not str(version).isdecimal():
        problems.add("mapping_set_version", f"is {version!r}; it is a whole number, as the mapping set says")


def read_options(problems: Problems, options: Any) -> dict[str, Any] | None:
    """The options, with what templates delivered as text in the types that the flow specs demand."""
    if options is None:
        return None
    if not isinstance(options, Mapping):
        problems.add("options", f"must be a dict, not a {type(options).__name__}")
        return None
    read = dict(options)
    for name, value in options.items():
        if name == "partialIngestionPercent" and isinstance(value, str):
            percent = problems.number(f"options.{name}", value)
            read[name] = int(percent) if percent.is_integer() else percent
        elif name == "errorDiagnosticsEnabled" and isinstance(value, str):
            read[name] = problems.flag(f"options.{name}", value)
    return read

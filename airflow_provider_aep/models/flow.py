"""The flow ("dataflow"): from a source connection to a target connection, with mapping and schedule.

https://developer.adobe.com/experience-platform-apis/references/flow-service/ (Flows)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PrivateAttr

from airflow_provider_aep.models.base import AepModel, Ref, Resource
from airflow_provider_aep.models.schedule import (
    BATCH_SPECS,
    Schedule,
    check_need_of_delta_column,
    read_schedule,
)
from airflow_provider_aep.models.tolerant import Lenient, Name, Texts, Time, only_objects
from airflow_provider_aep.models.transformation import (
    Transformation,
    Transformations,
    check_version,
    named_transformations,
    read_transformations,
)
from airflow_provider_aep.validation import Problems

START_DELAY_SECONDS = 300


class LastRun(AepModel):
    id: Name = None
    state: Name = None
    # epoch milliseconds
    started_at_utc: Time = Field(None, alias="startedAtUTC")
    completed_at_utc: Time = Field(None, alias="completedAtUTC")


class FlowProperties(AepModel):
    """What Flow Service tells of both ends of a dataflow; one of the two, in what Adobe shows."""

    is_source_flow: Annotated[bool | None, Lenient] = None
    is_destination_flow: Annotated[bool | None, Lenient] = None


class FlowSource(AepModel):
    """What a dataflow itself tells of its source connection."""

    connection_spec: Annotated[Ref | None, Lenient] = None
    base_connection: Annotated[Ref | None, Lenient] = None


class Inherited(AepModel):
    properties: Annotated[FlowProperties | None, Lenient] = None
    source_connections: Annotated[list[FlowSource], BeforeValidator(only_objects)] = []


class Flow(Resource):
    name: Name = None
    description: Name = None
    flow_spec: Ref
    source_connection_ids: Texts = []
    target_connection_ids: Texts = []
    transformations: Transformations = []
    schedule_params: Schedule | None = None
    options: dict[str, Any] | None = None
    last_run_details: Annotated[LastRun | None, Lenient] = None
    inherited_attributes: Annotated[Inherited | None, Lenient] = None
    _start_time_changed: bool = PrivateAttr(default=False)
    _follows_latest: bool = PrivateAttr(default=False)
    _made_as_draft: bool = PrivateAttr(default=False)

    @classmethod
    def declare(
        cls,
        *,
        name: Any,
        flow_spec_id: Any,
        source_connection_id: Any,
        target_connection_id: Any,
        mapping_set_id: Any = None,
        mapping_set_version: Any = None,
        delta_column: Any = None,
        schedule_params: Any = None,
        options: Any = None,
        description: Any = None,
        transformations: Any = (),
    ) -> Self:
        """The dataflow an author asks for, by what is published of its flow spec.

        :raises AepConfigError: every problem at once.
        """
        problems = Problems(f"dataflow {name!r}")
        problems.name("name", name)
        problems.text("description", description, required=False)
        flow_spec_id = flow_spec_id.lower() if isinstance(flow_spec_id, str) else flow_spec_id
        _check_ids(problems, flow_spec_id, source_connection_id, target_connection_id)
        _check_mapping_set(problems, flow_spec_id, mapping_set_id, mapping_set_version)
        further = read_transformations(problems, transformations)
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
            transformations=[*named_transformations(delta_column, mapping_set_id, mapping_set_version), *further],
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

    def as_draft(self) -> Self:
        """This flow, which is to be made as a draft: nothing runs until it is published.

        https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/draft
        """
        draft = self.model_copy()
        draft._made_as_draft = True
        return draft

    @property
    def made_as_draft(self) -> bool:
        """Whether a new one is to be made as a draft."""
        return self._made_as_draft

    def changing_start(self, live: Flow, now: float) -> Self:
        """This flow, which asks for another start time of a live one if neither start lies in the past: the platform
        takes no change of a start that has passed, and none to the past.

        :param now: the platform's time in epoch seconds.
        """
        starts = [each.schedule_params.start_time if each.schedule_params else None for each in (self, live)]
        changed = self.model_copy()
        changed._start_time_changed = all(start is not None and start > now for start in starts)
        return changed

    @property
    def unversioned_mapping_set(self) -> str | None:
        """The id of a declared mapping set of which no version was declared: the latest is meant."""
        return None if "mappingVersion" in self._mapping else self.mapping_set_id

    def with_mapping_version(self, version: int) -> Self:
        """This flow with the latest version of its mapping set, which nobody declared: `follows_latest` says so."""
        mapping = {**self._mapping, "mappingVersion": str(version)}
        others = {part.name: part for part in self.transformations}
        parts = {**others, "Mapping": Transformation(name="Mapping", params=mapping)}
        resolved = self.model_copy(update={"transformations": list(parts.values())})
        resolved._follows_latest = True
        return resolved

    @property
    def follows_latest(self) -> bool:
        """Whether the version of the mapping set is the latest one there is, and not one that an author declared."""
        return self._follows_latest

    @property
    def is_destination(self) -> bool:
        """Whether this is a dataflow to a destination: it may have the name of a source dataflow."""
        properties = self.inherited_attributes and self.inherited_attributes.properties
        return bool(properties and (properties.is_destination_flow or properties.is_source_flow is False))

    @property
    def source(self) -> FlowSource:
        """What the dataflow tells of its source: the connection spec, and the account if it has one."""
        sources = self.inherited_attributes.source_connections if self.inherited_attributes else []
        return sources[0] if sources else FlowSource()

    @property
    def inlet_url(self) -> str | None:
        """The streaming endpoint of the dataflow, if the platform gave it one."""
        url = (self.options or {}).get("inletUrl")
        return url if isinstance(url, str) and url else None

    @property
    def start_time_changed(self) -> bool:
        """Whether the start time of a live flow is to be changed; a declared for a new one does not ask for that."""
        return self._start_time_changed

    def transformation(self, name: str) -> dict[str, Any] | None:
        """The parameters of the transformation of that name. Its place in the list means nothing."""
        return next((part.params for part in self.transformations if part.name == name), None)

    @property
    def _mapping(self) -> dict[str, Any]:
        return self.transformation("Mapping") or {}

    @property
    def mapping_set_id(self) -> str | None:
        """The mapping set that the dataflow uses; None where data is XDM already."""
        id_ = self._mapping.get("mappingId")
        return str(id_) if id_ else None

    @property
    def mapping_set_version(self) -> Any:
        """The version of the mapping set that the dataflow uses, whatever has been made of it since, as the platform
        shows it; None where it shows none.
        """
        return self._mapping.get("mappingVersion")

    @property
    def mapping_set_version_number(self) -> int:
        """The same as a number; 0, the first version, where none is shown that can be read."""
        shown = str(self.mapping_set_version)
        return int(shown) if shown.isdecimal() else 0


def _check_ids(problems: Problems, flow_spec_id: Any, source_connection_id: Any, target_connection_id: Any) -> None:
    problems.id("flow_spec_id", flow_spec_id)
    problems.id("source_connection_id", source_connection_id)
    problems.id("target_connection_id", target_connection_id)


def _check_mapping_set(problems: Problems, flow_spec_id: Any, mapping_set_id: Any, version: Any) -> None:
    if mapping_set_id is not None:
        problems.id("mapping_set_id", mapping_set_id, "mapping set")
    elif flow_spec_id in BATCH_SPECS:
        problems.add("mapping_set_id", "is missing: a batch dataflow maps its source to the schema of its target")
    if version is not None:
        check_version(problems, version)


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

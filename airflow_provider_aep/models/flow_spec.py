"""The flow spec: the platform's own rules for one family of dataflows, as JSON Schemas.

https://developer.adobe.com/experience-platform-apis/references/flow-service/ (Flow specs)
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from airflow_provider_aep.models.base import AepModel
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.tolerant import Lenient, Name, Object, Texts, object_or_empty, only_objects
from airflow_provider_aep.models.transformation import TRANSFORMATION_ARGUMENTS
from airflow_provider_aep.validation import Problems


class SpecPart(AepModel):
    """One rule set: of the schedule, the options or a transformation."""

    name: Name = None
    # `spec` is a JSON Schema, draft 7.
    spec: Object = None


class FlowSpec(AepModel):
    id: str
    name: Name = None
    version: Name = None
    source_connection_spec_ids: Texts = []
    target_connection_spec_ids: Texts = []
    # Both keys are published, the plural one is the newer; Adobe's OpenAPI has a single object there.
    transformation_specs: Annotated[list[SpecPart], BeforeValidator(only_objects)] = Field(
        [], validation_alias=AliasChoices("transformationSpecs", "transformationSpec", "transformation_specs")
    )
    schedule_spec: Annotated[SpecPart | None, Lenient] = None
    option_spec: Annotated[SpecPart | None, Lenient] = None
    attributes: Annotated[dict[str, Any], BeforeValidator(object_or_empty)] = {}

    @property
    def flow_runs_supported(self) -> bool:
        """False for streaming: such a dataflow has no runs to wait for."""
        interface = object_or_empty(self.attributes.get("uiAttributes"))
        return object_or_empty(interface.get("apiFeatures")).get("flowRunsSupported") is not False

    @property
    def drafts_supported(self) -> bool:
        """False where the platform says that such a dataflow cannot be a draft; many flow specs do not say."""
        return self.attributes.get("isDraftModeSupported") is not False


def validate_against_spec(flow: Flow, flow_spec: FlowSpec, source_connection_spec_id: str) -> None:
    """Check a declared dataflow against the flow spec that the platform answered.

    :raises AepConfigError: every problem at once: the source does not belong to the flow spec, or its JSON Schemas
        refuse the schedule, the options or a transformation.
    """
    problems = Problems(f"dataflow {flow.name!r}")
    label = f"flow spec {flow_spec.name or flow_spec.id}"
    if source_connection_spec_id not in flow_spec.source_connection_spec_ids:
        problems.add(
            "flow_spec_id",
            f"is {flow_spec.id!r}, but {label} does not list connection spec {source_connection_spec_id} of the source "
            "connection; look the flow spec up with AepGetFlowSpecOperator(connector=...)",
        )
    if flow.made_as_draft and not flow_spec.drafts_supported:
        problems.add("state", f"must not be draft: {label} has no drafts (isDraftModeSupported is false)")
    schedule = flow.schedule_params
    if schedule and flow_spec.schedule_spec:
        numbers = schedule.to_wire()
        if str(schedule.interval).isdecimal():
            numbers["interval"] = int(str(schedule.interval))
        _validate_part(problems, label, "schedule_params", numbers, flow_spec.schedule_spec.spec)
    if flow.options and flow_spec.option_spec:
        _validate_part(problems, label, "options", flow.options, flow_spec.option_spec.spec)
    specs = {part.name: part.spec for part in flow_spec.transformation_specs}
    for part in flow.transformations:
        field = TRANSFORMATION_ARGUMENTS.get(str(part.name), f"transformations.{part.name}")
        if specs and part.name not in specs:
            known = "" if part.name in TRANSFORMATION_ARGUMENTS else f"; it has {', '.join(sorted(map(str, specs)))}"
            problems.add(field, f"must be left out: {label} has no transformation {part.name}{known}")
        _validate_part(problems, label, field, part.params, specs.get(part.name))
    problems.raise_if_any()


def _validate_part(problems: Problems, label: str, field: str, value: Any, schema: dict[str, Any] | None) -> None:
    # Imported here: it is slow to import, and only a dataflow about to be written needs it.
    from jsonschema import Draft7Validator

    for error in Draft7Validator(schema or {}).iter_errors(value):
        where = ".".join([field, *(str(step) for step in error.absolute_path)])
        problems.add(where, f"does not fit {label}: {error.message}")

"""The flow spec: the platform's own rules for one family of dataflows, as JSON Schemas."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from airflow_provider_aep.models.base import AepModel


class SpecPart(AepModel):
    """One rule set: of the schedule, the options or a transformation."""

    name: str | None = None
    # `spec` is a JSON Schema, draft 7.
    spec: dict[str, Any] | None = None


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class FlowSpec(AepModel):
    id: str
    name: str | None = None
    version: str | None = None
    source_connection_spec_ids: list[str] = []
    target_connection_spec_ids: list[str] = []
    # Both keys are published, the plural one is the newer; Adobe's OpenAPI has a single object there.
    transformation_specs: Annotated[list[SpecPart], BeforeValidator(_listed)] = Field(
        [], validation_alias=AliasChoices("transformationSpecs", "transformationSpec", "transformation_specs")
    )
    schedule_spec: SpecPart | None = None
    option_spec: SpecPart | None = None
    attributes: dict[str, Any] = {}

    @property
    def flow_runs_supported(self) -> bool:
        """False for streaming: such a dataflow has no runs to wait for."""
        features = (self.attributes.get("uiAttributes") or {}).get("apiFeatures") or {}
        return features.get("flowRunsSupported") is not False

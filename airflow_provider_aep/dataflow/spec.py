"""What a file says of one dataflow: the arguments of the create operators under Adobe's nouns, ids left out.

Names default to the dataflow's. A `schema` or `base_connection` that is a name alone refers to what is there already,
and is never created. `params`, `options` and `auth_params` are the source's and the platform's own and pass through.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from airflow_provider_aep.dataflow.shape import Shape, shape_of_model

API_VERSION: Final = "aep/v1"

State = Literal["enabled", "disabled", "draft", "absent"]


class SpecModel(BaseModel):
    """Snake case in files too; an unknown key is an error, because it would say nothing."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", populate_by_name=True, hide_input_in_errors=True, coerce_numbers_to_str=True, frozen=True
    )


class BaseConnectionSpec(SpecModel):
    """How the platform signs in to the source ("account" in the UI). With a name alone: one that is there already.

    No secret stands in a file: `credentials_conn_id` names an Airflow connection that holds them.
    """

    name: str | None = None
    id: str | None = None
    auth_spec_name: str | None = None
    auth_params: dict[str, Any] | None = None
    credentials_conn_id: str | None = None
    description: str | None = None

    @property
    def is_reference(self) -> bool:
        """Whether it refers to an account that is there already."""
        return self.auth_spec_name is None


class SourceSpec(SpecModel):
    """What is read. `table` or `path`, by the connector; all else in `params`, as Adobe spells it.

    Without `columns` they are asked of the source when the source connection is made, and never compared.
    """

    name: str | None = None
    table: str | None = None
    path: str | None = None
    data_format: str | None = None
    columns: list[dict[str, Any]] | None = None
    params: dict[str, Any] = {}
    description: str | None = None


class SchemaSpec(SpecModel):
    """The XDM schema. With a title or an id alone: one that is there already."""

    title: str | None = None
    id: str | None = None
    schema_class: str | None = None
    field_groups: list[str] = []
    description: str | None = None

    @property
    def is_reference(self) -> bool:
        """Whether it refers to a schema that is there already."""
        return self.schema_class is None


class DatasetSpec(SpecModel):
    """Where the data lands."""

    name: str | None = None
    id: str | None = None
    enable_profile: bool = False
    enable_identity: bool = False
    tags: dict[str, list[Any]] | None = None
    description: str | None = None


class TargetSpec(SpecModel):
    """The target connection: the dataset as Flow Service writes to it."""

    name: str | None = None
    schema_version: int = 1
    data_format: str = "parquet_xdm"
    description: str | None = None


class MappingSourceSpec(SpecModel):
    """What fills one field: exactly one of `source` (an attribute), `expression` and `static`."""

    source: str | None = None
    expression: str | None = None
    static: str | None = None
    identity: bool | None = None
    identity_group: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        said = [text for text in (self.source, self.expression, self.static) if text is not None]
        if len(said) != 1:
            raise ValueError("says what fills the field by exactly one of source, expression and static")
        return self


def _form(given: Any) -> str:
    """Which of several forms is used, so that only what is wrong with this one is said."""
    if isinstance(given, list):
        return "list"
    return "object" if isinstance(given, Mapping | BaseModel) else "text"


MappingSource = Annotated[
    Annotated[str, Tag("text")] | Annotated[MappingSourceSpec, Tag("object")],
    Discriminator(_form, custom_error_type="mapping_source", custom_error_message="an attribute, or an object"),
]
"""What fills one field: the name of an attribute of the source, or an object."""

Mappings = Annotated[
    Annotated[dict[str, MappingSource], Tag("object")] | Annotated[list[dict[str, Any]], Tag("list")],
    Discriminator(_form, custom_error_type="mappings", custom_error_message="an object, or Adobe's own list"),
]
"""Destination -> what fills it, or Adobe's own list of mappings."""


class DeltaColumnSpec(SpecModel):
    """The column by which a scheduled table source knows what is new. Its keys are spelled as Adobe spells them."""

    name: str
    date_format: str | None = Field(None, alias="dateFormat")
    timezone: str | None = None


def _as_text(given: Any) -> Any:
    """A time of Python's as a file would have it."""
    return given.isoformat() if isinstance(given, date) else given


class ScheduleSpec(SpecModel):
    """When batches are taken. `start_time` is an ISO time with an offset; it says when a new dataflow begins."""

    frequency: str | None = None
    interval: int | str | None = None
    start_time: Annotated[str | int | None, BeforeValidator(_as_text)] = None
    backfill: bool | None = None


def _named(field: str) -> Any:
    """Reads a text as an object that has this field alone."""
    return BeforeValidator(lambda given: {field: given} if isinstance(given, str) else given)


class DataflowSpec(SpecModel):
    """One dataflow, as it is to be in one sandbox: `sandboxes` has been merged.

    :param file: where it stands; None for a spec that was handed in as a dict.
    :param line: where it begins in that file.
    """

    api_version: Literal["aep/v1"] = Field(API_VERSION, alias="apiVersion")
    kind: Literal["Dataflow"] = "Dataflow"
    name: str
    id: str | None = None
    connector: str
    description: str | None = None
    state: State | None = None
    protect: bool = False
    flow_spec: str | None = None
    base_connection: Annotated[BaseConnectionSpec | None, _named("name")] = None
    source: SourceSpec = SourceSpec()
    schema_: Annotated[SchemaSpec, _named("title")] = Field(alias="schema")
    dataset: Annotated[DatasetSpec, _named("name")] = DatasetSpec()
    target: TargetSpec = TargetSpec()
    mappings: Mappings | None = None
    delta_column: DeltaColumnSpec | None = None
    schedule: ScheduleSpec | None = None
    options: dict[str, Any] | None = None
    transformations: list[dict[str, Any]] = []
    policy: dict[str, Any] | None = None
    sample: list[dict[str, Any]] | None = None

    file: str | None = Field(None, exclude=True)
    line: int | None = Field(None, exclude=True)


class SharedBaseConnectionSpec(BaseConnectionSpec):
    """An account that several dataflows share, in a document of its own; they refer to it by its name."""

    api_version: Literal["aep/v1"] = Field(API_VERSION, alias="apiVersion")
    kind: Literal["BaseConnection"] = "BaseConnection"
    name: str
    connector: str

    file: str | None = Field(None, exclude=True)
    line: int | None = Field(None, exclude=True)


def _document_shape() -> Shape:
    root = shape_of_model(DataflowSpec, SharedBaseConnectionSpec)
    return Shape(keys={**root.keys, "sandboxes": Shape(any_key=root)})


DOCUMENT: Final = _document_shape()
"""Where a document holds text: the text of a dataflow and that of an account, and of their overlays."""

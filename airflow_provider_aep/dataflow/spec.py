"""What a file says of one dataflow: the arguments of the create operators under Adobe's nouns, ids left out.

Names default to the dataflow's. A `schema` or `base_connection` that is a name alone refers to what is there already,
and is never created. `params`, `options` and `auth_params` are the source's and the platform's own and pass through.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

API_VERSION: Final = "aep/v1"

State = Literal["enabled", "disabled", "draft", "absent"]


class SpecModel(BaseModel):
    """Snake case in files too; an unknown key is an error, because it would say nothing."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", populate_by_name=True, hide_input_in_errors=True, coerce_numbers_to_str=True, frozen=True
    )


class BaseConnectionSpec(SpecModel):
    """How the platform signs in to the source ("account" in the UI). With a name alone: one that is there already.

    :param name: its name; by default that of the dataflow.
    :param id: the id of one that is there already, where its name does not tell which.
    :param auth_spec_name: the way of signing in, as Adobe names it, such as ``Basic Authentication``.
    :param auth_params: the parameters of that way that are no secrets, as Adobe spells them.
    :param credentials_conn_id: the Airflow connection that holds the secrets.
    :param description: a text for people.
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
    """What is read.

    :param name: the name of the source connection; by default that of the dataflow.
    :param table: the table, of a table source.
    :param path: the file or folder, of a file source.
    :param data_format: the format of files: ``delimited``, ``json`` or ``parquet``.
    :param columns: the columns, each with a ``name`` and a ``type``. Without them the source is asked for them when the
        source connection is made, and they are never compared.
    :param params: all else that the source wants, as Adobe spells it; passed on as it is.
    :param description: a text for people.
    """

    name: str | None = None
    table: str | None = None
    path: str | None = None
    data_format: str | None = None
    columns: list[dict[str, Any]] | None = None
    params: dict[str, Any] = {}
    description: str | None = None


class SchemaSpec(SpecModel):
    """The XDM schema. With a title or an id alone: one that is there already.

    :param title: its title; by default the name of the dataflow.
    :param id: the ``$id`` of one that is there already.
    :param schema_class: the ``$id`` of its class.
    :param field_groups: the ``$id`` of each of its field groups.
    :param description: a text for people.
    """

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
    """Where the data lands.

    :param name: its name; by default that of the dataflow.
    :param id: the id of one that is there already, where its name does not tell which.
    :param enable_profile: whether Real-Time Customer Profile takes up its data.
    :param enable_identity: whether Identity Service takes up its data.
    :param tags: a list of texts for each tag. Other tags stay as they are.
    :param description: a text for people.
    """

    name: str | None = None
    id: str | None = None
    enable_profile: bool = False
    enable_identity: bool = False
    tags: dict[str, list[Any]] | None = None
    description: str | None = None


class TargetSpec(SpecModel):
    """The target connection: the dataset as Flow Service writes to it.

    :param name: its name; by default that of the dataflow.
    :param schema_version: the major version of the schema.
    :param data_format: the format in which it is written.
    :param description: a text for people.
    """

    name: str | None = None
    schema_version: int = 1
    data_format: str = "parquet_xdm"
    description: str | None = None


class MappingSourceSpec(SpecModel):
    """What fills one field: exactly one of `source`, `expression` and `static`.

    :param source: the name of an attribute of the source.
    :param expression: a calculated field, in the language of Data Prep.
    :param static: the same text for each row.
    :param identity: whether the field is an identity.
    :param identity_group: the namespace of that identity.
    """

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
    """The column by which a scheduled table source knows what is new, spelled as Adobe spells it.

    :param name: the name of the column.
    :param date_format: how the source writes its times, such as ``yyyy-MM-dd HH:mm:ss``.
    :param timezone: the time zone of these times.
    """

    name: str
    date_format: str | None = Field(None, alias="dateFormat")
    timezone: str | None = None


def _as_text(given: Any) -> Any:
    """A time of Python's as a file would have it."""
    return given.isoformat() if isinstance(given, date) else given


class ScheduleSpec(SpecModel):
    """When batches are taken.

    :param frequency: ``once``, ``minute``, ``hour``, ``day`` or ``week``.
    :param interval: how many of these lie between two runs; with ``minute`` at least 15; none with ``once``.
    :param start_time: when a new dataflow begins: an ISO time with an offset, or epoch seconds; by default in five
        minutes. A dataflow that is there keeps its own.
    :param backfill: whether the first run takes what is there already; none with ``once``.
    """

    frequency: str | None = None
    interval: int | str | None = None
    start_time: Annotated[str | int | None, BeforeValidator(_as_text)] = None
    backfill: bool | None = None


def _named(field: str) -> Any:
    """Reads a text as an object that has this field alone."""
    return BeforeValidator(lambda given: {field: given} if isinstance(given, str) else given)


class DataflowSpec(SpecModel):
    """One dataflow, as it is to be in one sandbox.

    :param api_version: the version of this form of files: ``aep/v1``.
    :param kind: what the document describes: ``Dataflow``, or ``BaseConnection`` for an account that several share.
    :param name: the name by which the dataflow is found.
    :param id: the id of a dataflow that is there already under another name, and then gets this one.
    :param connector: the source, such as ``salesforce``, or the id of its connection spec.
    :param description: a text for people.
    :param state: the state that the dataflow is brought to; without it, its state stays as it is. ``draft`` makes a new
        one as a draft and leaves a draft one, ``absent`` has it removed.
    :param protect: whether it must be neither replaced nor removed.
    :param flow_spec: the name or id of the flow spec, where the connector does not tell it.
    :param base_connection: how the platform signs in to the source. A name alone: an account that is there already, or
        is described in a document of its own.
    :param source: what is read.
    :param schema: the schema of the data. A title alone: one that is there already.
    :param dataset: where the data lands. A name alone: a dataset of that name, with all else as by default.
    :param target: the target connection.
    :param mappings: for each destination the attribute of the source, or what else fills it; or Adobe's own list.
    :param delta_column: the column by which a scheduled table source knows what is new.
    :param schedule: when batches are taken; none of a stream.
    :param options: the options of the dataflow, such as ``partialIngestionPercent``; passed on as they are.
    :param transformations: further transformations, each with ``name`` and ``params``, such as ``Encryption``.
    :param policy: what counts as success of its runs, for tasks that wait for them; never sent.
    :param sample: rows of the source, to try the mappings with; never stored.
    :param sandboxes: for each sandbox what is different there, merged by JSON Merge Patch. Without it a document is the
        same in every sandbox; with it, a sandbox that is not listed is refused.
    :param file: where it stands; None for a spec that was handed in as a dict. No key of a file.
    :param line: where it begins in that file. No key of a file.
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
    """An account that several dataflows share, in a document of its own; they refer to it by its name.

    :param api_version: the version of this form of files: ``aep/v1``.
    :param kind: what the document describes: ``BaseConnection``.
    :param connector: the source, such as ``salesforce``, or the id of its connection spec.
    :param sandboxes: for each sandbox what is different there, merged by JSON Merge Patch.
    :param file: where it stands; None for a spec that was handed in as a dict. No key of a file.
    :param line: where it begins in that file. No key of a file.
    """

    api_version: Literal["aep/v1"] = Field(API_VERSION, alias="apiVersion")
    kind: Literal["BaseConnection"] = "BaseConnection"
    name: str
    connector: str

    file: str | None = Field(None, exclude=True)
    line: int | None = Field(None, exclude=True)

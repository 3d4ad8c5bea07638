"""The target connection: the dataset in the data lake in which a dataflow lands.

https://developer.adobe.com/experience-platform-apis/references/flow-service/ (Target connections)
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field

from airflow_provider_aep.connectors import DATA_LAKE_CONNECTION_SPEC_ID
from airflow_provider_aep.models.base import AepModel, Ref, Resource
from airflow_provider_aep.models.media_types import schema_media_type
from airflow_provider_aep.models.tolerant import Name
from airflow_provider_aep.validation import Problems


class SchemaVersion(AepModel):
    """`version` is a media type; it names the major version and means its latest minor one."""

    id: str
    version: str | None = None


class TargetData(AepModel):
    format: str | None = None
    # `schema` would hide a method of pydantic's model.
    xdm_schema: SchemaVersion | None = Field(None, alias="schema")


class TargetParams(AepModel):
    data_set_id: str | None = None


class TargetConnection(Resource):
    name: Name = None
    description: Name = None
    data: TargetData = Field(default_factory=TargetData)
    params: TargetParams = Field(default_factory=TargetParams)
    connection_spec: Ref = Field(default_factory=lambda: Ref(id=DATA_LAKE_CONNECTION_SPEC_ID))

    @classmethod
    def declare(
        cls,
        *,
        name: Any,
        dataset_id: Any,
        schema_id: Any,
        schema_version: Any = 1,
        data_format: Any = "parquet_xdm",
        description: Any = None,
    ) -> Self:
        """The target connection an author asks for; its connection spec is always the data lake's.

        :raises AepConfigError: every problem at once.
        """
        problems = Problems(f"target connection {name!r}")
        problems.name("name", name)
        problems.text("description", description, required=False)
        problems.text("data_format", data_format, required=False)
        problems.id("dataset_id", dataset_id, "dataset")
        problems.id("schema_id", schema_id, "schema")
        version = ""
        try:
            version = schema_media_type(schema_version)
        except ValueError as problem:
            problems.add("schema_version", str(problem))
        problems.raise_if_any()
        return cls(
            name=name,
            description=description,
            data=TargetData(format=data_format, xdm_schema=SchemaVersion(id=schema_id, version=version)),
            params=TargetParams(data_set_id=dataset_id),
        )

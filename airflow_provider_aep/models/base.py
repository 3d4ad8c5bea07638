"""What all wire models share: names on the wire, and what every object of Flow Service says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from airflow_provider_aep.models.tolerant import Name, Time


class AepModel(BaseModel):
    """snake_case here, camelCase on the wire.

    Answers are read tolerantly: unknown fields are kept, null means that nothing was said, numbers and their spelling
    as a string are the same. What cannot be read is not repeated in the error, because answers hold secrets.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="allow",
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
        # Every DAG file that imports an operator would pay for building the validators; so no default is a model.
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _null_says_nothing(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and any(value is None for value in data.values()):
            return {key: value for key, value in data.items() if value is not None}
        return data

    def with_extras(self, extras: Mapping[str, Any], keys: Iterable[str]) -> Self:
        """This object and, of some undeclared fields of another, those that it does not have itself."""
        own = self.model_extra or {}
        more = {key: extras[key] for key in keys if key not in own and extras.get(key) not in (None, "", [], {})}
        return type(self).model_validate({**self.to_wire(), **more})

    def to_wire(self, *fields: str) -> dict[str, Any]:
        """The JSON object as Adobe spells it, without what was never said.

        :param fields: only these, by their names here; all if none is named.
        """
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, include={*fields} or None)


class Ref(AepModel):
    """A reference by id and version: connection specs and flow specs."""

    id: str
    version: Name = "1.0"

    @model_validator(mode="before")
    @classmethod
    def _bare_id(cls, data: Any) -> Any:
        # As Adobe's specification shows the flow spec of a flow in a list.
        return {"id": data} if isinstance(data, str) else data


# Flow Service says "etag"; its specification of runs, "eTag".
_ETAG = AliasChoices("etag", "eTag")


class Resource(AepModel):
    """What every object of Flow Service tells about itself once it lives. Times are epoch milliseconds."""

    id: str | None = None
    etag: Name = Field(None, validation_alias=_ETAG)
    version: Name = None
    state: Name = None
    created_at: Time = None
    created_client: Name = None

    @property
    def live_etag(self) -> str | None:
        """The etag for `If-Match`: on reading, Flow Service says it as `etag`, as `version`, or as both."""
        return self.etag or self.version


class Created(AepModel):
    """The answer to a create, an update or an action: the object itself is not echoed."""

    id: str
    etag: Name = Field(None, validation_alias=_ETAG)

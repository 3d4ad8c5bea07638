"""The XDM schema: a class and its field groups, of which Schema Registry makes a structure for data.

https://developer.adobe.com/experience-platform-apis/references/schema-registry/ (Schemas)
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field

from airflow_provider_aep.models.base import AepModel
from airflow_provider_aep.models.tolerant import Name, Texts, only_objects
from airflow_provider_aep.validation import Problems

XDM = "https://ns.adobe.com/"
# Not a class: in `meta:extends` it says that a schema is relational, which Adobe called model-based before.
RELATIONAL = f"{XDM}xdm/data/adhoc-v2"


class SchemaPart(AepModel):
    ref: Name = Field(None, alias="$ref")


class Schema(AepModel):
    id: str | None = Field(None, alias="$id")
    alt_id: Name = Field(None, alias="meta:altId")
    version: Name = None
    type: Name = None
    title: Name = None
    description: Name = None
    all_of: Annotated[list[SchemaPart], BeforeValidator(only_objects)] = []
    extends: Texts | None = Field(None, alias="meta:extends")

    @classmethod
    def declare(cls, *, title: Any, schema_class: Any, field_groups: Any = (), description: Any = None) -> Self:
        """The schema an author asks for.

        Schema Registry demands a description; the title stands in for one. The behaviour `RELATIONAL` in place of a
        class says that the schema is relational.

        :raises AepConfigError: every problem at once.
        """
        problems = Problems(f"schema {title!r}")
        problems.name("title", title)
        problems.text("description", description, required=False)
        if isinstance(field_groups, str) or not isinstance(field_groups, list | tuple):
            problems.add("field_groups", f"must be a list of $id URIs, not {field_groups!r}")
            field_groups = ()
        parts = {"schema_class": schema_class}
        parts |= {f"field_groups[{index}]": group for index, group in enumerate(field_groups)}
        for field, uri in parts.items():
            if not isinstance(uri, str) or not uri.startswith(XDM):
                problems.add(field, f"is {uri!r}; it is a $id such as {XDM}xdm/context/profile")
        if schema_class == RELATIONAL and field_groups:
            problems.add(
                "field_groups", "must be left out: the fields of a relational schema stand in the schema itself"
            )
        problems.raise_if_any()
        common = {"type": "object", "title": title, "description": description or title}
        if schema_class == RELATIONAL:
            return cls(**common, extends=[RELATIONAL])
        return cls(**common, all_of=[SchemaPart(ref=uri) for uri in dict.fromkeys(parts.values())])

    @property
    def parts(self) -> list[str]:
        """The class and field groups of the schema, by `$id`. A relational one has `RELATIONAL` for its class."""
        behaviour = [RELATIONAL] if self.is_relational else []
        return behaviour + [part.ref for part in self.all_of if part.ref]

    @property
    def is_relational(self) -> bool:
        """Whether it has neither class nor field groups, but fields of its own (``definitions.customFields``)."""
        return RELATIONAL in (self.extends or [])

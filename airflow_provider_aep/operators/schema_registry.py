"""Operators for Schema Registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.operators.base import CREATE_FIELDS, AepCreateOperator
from airflow_provider_aep.reconcile.ensure import Ensured
from airflow_provider_aep.resources.kinds import SCHEMA


class AepCreateSchemaOperator(AepCreateOperator[Schema]):
    """Make sure an XDM schema is there. Titles are unique in the tenant.

    Returns the schema's ``$id``; XCom keys ``alt_id`` and ``version``.

    https://developer.adobe.com/experience-platform-apis/references/schema-registry/

    :param title: the schema's title, by which it is found again.
    :param schema_class: ``$id`` of the class, e.g. ``https://ns.adobe.com/xdm/context/profile``.
    :param field_groups: ``$id`` of each field group. A live schema may have more.
    :param description: if there is none, the title is sent.
    """

    kind = SCHEMA
    template_fields: Sequence[str] = ("title", "schema_class", "field_groups", "description", *CREATE_FIELDS)

    def __init__(
        self,
        *,
        title: str,
        schema_class: str,
        field_groups: Sequence[str] = (),
        description: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.title = title
        self.schema_class = schema_class
        self.field_groups = field_groups
        self.description = description

    def declare(self) -> Schema:
        return Schema.declare(
            title=self.title,
            schema_class=self.schema_class,
            field_groups=self.field_groups,
            description=self.description,
        )

    def facts(self, ensured: Ensured[Schema]) -> dict[str, Any]:
        return {"alt_id": ensured.facts.alt_id, "version": ensured.facts.version}

"""Operators for Schema Registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_aep import resources
from airflow_provider_aep.operators.base import AepCreateOperator

if TYPE_CHECKING:
    from airflow_provider_aep.models.schema import Schema
    from airflow_provider_aep.reconcile.resource_type import Ensured, ResourceType


class AepCreateSchemaOperator(AepCreateOperator["Schema"]):
    """Make sure an XDM schema is there. Titles are unique in the tenant.

    Returns the schema's ``$id``; XCom keys ``alt_id`` and ``version``.

    https://developer.adobe.com/experience-platform-apis/references/schema-registry/

    :param title: the schema's title, by which it is found again.
    :param schema_class: ``$id`` of the class, e.g. ``https://ns.adobe.com/xdm/context/profile``. With
        ``https://ns.adobe.com/xdm/data/adhoc-v2`` a relational schema is meant, which can be reused, but not made.
    :param field_groups: ``$id`` of each field group. A live schema may have more.
    :param description: if there is none, the title is sent.
    """

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
        self.keep(locals())

    @property
    def resource_type(self) -> ResourceType[Schema]:
        return resources.schema.SCHEMA

    def xcoms(self, ensured: Ensured[Schema]) -> dict[str, Any]:
        return {"alt_id": ensured.resource.alt_id, "version": ensured.resource.version}

"""Operators for Data Prep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.operators.base import CREATE_FIELDS, AepCreateOperator
from airflow_provider_aep.reconcile.ensure import Ensured
from airflow_provider_aep.resources.kinds import MAPPING_SET


class AepCreateMappingSetOperator(AepCreateOperator[MappingSet]):
    """Make sure a mapping set is there. Returns its id; XCom key ``version``.

    https://developer.adobe.com/experience-platform-apis/references/data-prep/

    :param schema_id: ``$id`` of the target schema.
    :param mappings: ``{"source": "email", "destination": "personalEmail.address"}``, with ``"type": "EXPRESSION"`` or
        ``"STATIC"`` where the source is not an attribute; or Adobe's own form, which is sent unchanged.
    :param name: by which the set is found again; without one, a name is made from the content.
    :param xdm_version: version of the schema.
    """

    kind = MAPPING_SET
    template_fields: Sequence[str] = ("schema_id", "mappings", "name", "xdm_version", *CREATE_FIELDS)
    template_fields_renderers: ClassVar[dict[str, str]] = {"mappings": "json"}

    def __init__(
        self,
        *,
        schema_id: str,
        mappings: Sequence[Any],
        name: str | None = None,
        xdm_version: str = "1.0",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.schema_id = schema_id
        self.mappings = mappings
        self.name = name
        self.xdm_version = xdm_version

    def declare(self) -> MappingSet:
        return MappingSet.declare(
            schema_id=self.schema_id, mappings=self.mappings, name=self.name, xdm_version=self.xdm_version
        )

    def facts(self, ensured: Ensured[MappingSet]) -> dict[str, Any]:
        return {"version": ensured.facts.version or 0}

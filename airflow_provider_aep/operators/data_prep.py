"""Operators for Data Prep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_aep import resources
from airflow_provider_aep.operators.base import AepCreateOperator

if TYPE_CHECKING:
    from airflow_provider_aep.models.mapping_set import MappingSet
    from airflow_provider_aep.reconcile.resource_type import Ensured, ResourceType


class AepCreateMappingSetOperator(AepCreateOperator["MappingSet"]):
    """Make sure a mapping set is there. Returns its id; XCom key ``version``.

    https://developer.adobe.com/experience-platform-apis/references/data-prep/

    :param schema_id: ``$id`` of the target schema.
    :param mappings: ``{"source": "email", "destination": "personalEmail.address"}``, with ``"type": "EXPRESSION"`` or
        ``"STATIC"`` where the source is not an attribute; or Adobe's own form, which is sent unchanged but for what
        only the platform can say (``id``, ``matchScore``, ``functionVersion``, who wrote it and when).
    :param name: by which the set is found again; without one, a name is made from the content.
    :param xdm_version: version of the schema.
    """

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
        self.keep(locals())

    @property
    def resource_type(self) -> ResourceType[MappingSet]:
        return resources.mapping_set.MAPPING_SET

    def xcoms(self, ensured: Ensured[MappingSet]) -> dict[str, Any]:
        return {"version": ensured.resource.version or 0}

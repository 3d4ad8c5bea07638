"""Operators for Catalog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.operators.base import CREATE_FIELDS, AepCreateOperator
from airflow_provider_aep.reconcile.ensure import Ensured
from airflow_provider_aep.resources.kinds import DATASET


class AepCreateDatasetOperator(AepCreateOperator[Dataset]):
    """Make sure a dataset is there. Returns its id.

    https://developer.adobe.com/experience-platform-apis/references/catalog/

    :param name: the dataset's name, by which it is found again.
    :param schema_id: ``$id`` of its schema.
    :param enable_profile: feed Real-Time Customer Profile. The schema must be enabled for it; this cannot be undone.
    :param enable_identity: feed the identity graph.
    :param tags: further tags, each with a list of values.
    """

    kind = DATASET
    template_fields: Sequence[str] = (
        "name",
        "schema_id",
        "enable_profile",
        "enable_identity",
        "tags",
        *CREATE_FIELDS,
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"tags": "json"}

    def __init__(
        self,
        *,
        name: str,
        schema_id: str,
        enable_profile: bool = False,
        enable_identity: bool = False,
        tags: dict[str, list[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.name = name
        self.schema_id = schema_id
        self.enable_profile = enable_profile
        self.enable_identity = enable_identity
        self.tags = tags

    def declare(self) -> Dataset:
        return Dataset.declare(
            name=self.name,
            schema_id=self.schema_id,
            enable_profile=self.enable_profile,
            enable_identity=self.enable_identity,
            tags=self.tags,
        )

    def facts(self, ensured: Ensured[Dataset]) -> dict[str, Any]:
        return {}

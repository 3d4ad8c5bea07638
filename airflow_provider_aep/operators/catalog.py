"""Operators for Catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_aep import resources
from airflow_provider_aep.operators.base import AepCreateOperator

if TYPE_CHECKING:
    from airflow_provider_aep.models.dataset import Dataset
    from airflow_provider_aep.reconcile.resource_type import ResourceType

if TYPE_CHECKING:
    from airflow.sdk import Context


class AepCreateDatasetOperator(AepCreateOperator["Dataset"]):
    """Make sure a dataset is there. Returns its id.

    https://developer.adobe.com/experience-platform-apis/references/catalog/

    :param name: the dataset's name, by which it is found again.
    :param schema_id: ``$id`` of its schema.
    :param enable_profile: feed Real-Time Customer Profile. The schema must be enabled for it; this cannot be undone.
    :param enable_identity: feed the identity graph.
    :param tags: further tags, each with a list of entries such as ``isUpsert:true``. Entries that the platform or
        people add are left as they are; only another value of the same key is a difference.
    :param description: shown in the UI.
    """

    template_fields_renderers: ClassVar[dict[str, str]] = {"tags": "json"}

    def __init__(
        self,
        *,
        name: str,
        schema_id: str,
        enable_profile: bool = False,
        enable_identity: bool = False,
        tags: dict[str, list[str]] | None = None,
        description: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.keep(locals())

    def keep_lineage(self, context: Context, declared: Dataset, id_: str) -> None:
        schema = declared.schema_ref
        self.keep_end(self.hook.get_conn(), dataset_id=id_, schema_id=schema.id if schema else None)

    @property
    def resource_type(self) -> ResourceType[Dataset]:
        return resources.dataset.DATASET

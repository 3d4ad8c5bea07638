"""What base, source and target connections and dataflows have in common: all are objects of Flow Service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.exceptions import AepApiError
from airflow_provider_aep.models.base import Resource
from airflow_provider_aep.reconcile.resource_type import UNKNOWN_TIME, ResourceType
from airflow_provider_aep.validation import checked_id

R = TypeVar("R", bound=Resource)

NOT_REFLECTED = "the platform does not pass a change on to the dataflow that uses it"


class FlowServiceType(ResourceType[R]):
    """Ids are UUIDs, names repeat, every change needs the etag of the live resource."""

    def etag_of(self, resource: Any) -> str | None:
        return resource.live_etag if isinstance(resource, Resource) else resource.etag

    def list_some(self, ids: Sequence[str]) -> Call[list[R]]:
        # https://experienceleague.adobe.com/en/docs/experience-platform/dataflows/api/sort-and-filter
        listed = self.list_all()
        named = ",".join(checked_id("id", id_) for id_ in ids)
        return replace(listed, params={**listed.params, "property": [f"id=={named}"]})

    def created_at(self, live: R) -> int:
        return live.created_at or UNKNOWN_TIME

    def is_summary(self, live: R) -> bool:
        return not live.live_etag

    def if_match(self, live: R) -> str:
        """The etag of what is to be changed.

        :raises AepApiError: the platform shows none, not even when it was asked for this one.
        """
        etag = self.etag_of(live)
        if not etag:
            said = f"The {self.noun} {self.label(live)} with id {live.id} is shown without etag and version"
            raise AepApiError(f"{said}, and AEP takes no change without. Change it in the UI.", status=200)
        return etag

"""What a sandbox holds already, as far as probes that only read need it. Everything is read when first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from airflow_provider_aep.api import catalog, data_prep, flow_service, schema_registry
from airflow_provider_aep.api.call import Call, items
from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.exceptions import AepApiError, AepError

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient

Json = dict[str, Any]

_MAPPING_SETS: Final = f"{data_prep.BASE}/mappingSets"
_SCHEMAS: Final = f"{schema_registry.BASE}/tenant/schemas"

# By these the platform says that it does not take a request as it is.
_REFUSED: Final = (400, 409, 422)
_MOST_PAGES: Final = 20
_MOST_LISTED: Final = 100
# More than any page of ours has.
MOST_ON_A_PAGE: Final = 200


class Material:
    """Reads, through one client. Lists are read once, and so is that one cannot be read."""

    def __init__(self, client: AepClient) -> None:
        self.client = client
        self._lists: dict[str, Any] = {}

    def get(self, path: str, accept: str | None = None, **params: Any) -> Any:
        """The JSON at a path.

        :raises AepError: the platform cannot be asked, or refuses.
        """
        return self.client.send(get_call(path, accept, **params))

    def taken(self, call: Call[Any]) -> Any:
        """The JSON of the response; None: the platform does not take such a request.

        :raises AepError: the platform cannot be asked, or refuses for another reason, such as a missing permission.
        """
        try:
            found = self.client.send(call)
        except AepApiError as problem:
            if problem.status in _REFUSED and problem.from_platform:
                return None
            raise
        return {} if found is None else found

    def pages(self, resource: str, **params: Any) -> Iterator[Any]:
        """The first pages of a list of Flow Service, as they come."""
        path = f"{flow_service.BASE}/{resource}"
        query: Mapping[str, Any] | None = params
        for _ in range(_MOST_PAGES):
            page = self.get(path, **query) if query is not None else None
            if page is None:
                return
            yield page
            query = flow_service.next_page(query or {}, page)

    def listed(self, resource: str) -> list[Json]:
        """The newest objects of Flow Service, about a hundred at most."""
        return list(self._once(resource, lambda: self._newest(resource)))

    def _newest(self, resource: str) -> list[Json]:
        found: list[Json] = []
        for page in self.pages(resource, limit=_MOST_LISTED, orderby="-createdAt"):
            # What has no id cannot be asked for.
            found += [one for one in items(page) if isinstance(one, dict) and isinstance(one.get("id"), str)]
            if len(found) >= _MOST_LISTED:
                break
        return found

    @property
    def runs(self) -> list[Json]:
        return self.listed("runs")

    @property
    def flows(self) -> list[Json]:
        return self.listed("flows")

    @property
    def batches(self) -> Mapping[str, Json]:
        """By their ids, the newest first."""
        return self._of_catalog("batches", limit=100, orderBy="desc:created")

    @property
    def datasets(self) -> Mapping[str, Json]:
        return self._of_catalog("dataSets", limit=100, properties="tags")

    @property
    def mapping_sets(self) -> list[Json]:
        return list(self._once("mapping sets", lambda: self._objects(_MAPPING_SETS, "data", limit=100, start=0)))

    @property
    def schemas(self) -> list[Json]:
        def read() -> list[Json]:
            return self._objects(_SCHEMAS, "results", schema_registry.FULL, orderby="title")

        return list(self._once("schemas", read))

    def _objects(self, path: str, key: str, accept: str | None = None, **params: Any) -> list[Json]:
        return [one for one in self.get(path, accept, **params)[key] if isinstance(one, dict)]

    def _of_catalog(self, resource: str, **params: Any) -> Mapping[str, Json]:
        def read() -> Mapping[str, Json]:
            found = self.get(f"{catalog.BASE}/{resource}", **params)
            return {id_: one for id_, one in found.items() if isinstance(one, dict)}

        return dict(self._once(resource, read))

    def _once(self, name: str, read: Callable[[], Any]) -> Any:
        if name not in self._lists:
            try:
                self._lists[name] = read()
            except AepError as problem:
                self._lists[name] = problem
        found = self._lists[name]
        if isinstance(found, AepError):
            raise found
        return found


def get_call(path: str, accept: str | None = None, **params: Any) -> Call[Any]:
    """A read of any path."""
    return any_call("GET", path, params=params, headers={"Accept": accept} if accept else None)

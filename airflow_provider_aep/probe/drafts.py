"""Probes that write: drafts of base connections, a schema and a dataset. All are called so that they are recognised,
and removed again; what an earlier probe that was killed left behind, too. No mapping set is made: none can be deleted.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/draft
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any, Final

from airflow_provider_aep.api import catalog, flow_service, schema_registry
from airflow_provider_aep.api.call import only_item
from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.exceptions import AepApiError, AepError, AepNotFoundError
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.probe.leftovers import (
    CONNECTION_SPEC,
    MARK,
    PREFIX,
    Leftovers,
    Removal,
    list_connections,
    list_schemas,
    remove_connection,
    remove_dataset,
    remove_schema,
)
from airflow_provider_aep.probe.material import Json, Material
from airflow_provider_aep.probe.probes import in_order

LAGS: Final = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds that are told apart."""
_DRAFTS: Final = 8
_SCHEMA_CLASS: Final = "https://ns.adobe.com/xdm/context/profile"
_CONNECTIONS: Final = f"{flow_service.BASE}/connections"


class Drafts:
    """What a probe makes in a sandbox, and removes again.

    :param pause: waits for seconds.
    """

    def __init__(
        self,
        material: Material,
        pause: Callable[[float], None],
    ) -> None:
        self.material = material
        self._pause = pause
        self._leftovers = Leftovers(material.client)
        # What was asked for, and of it what was answered.
        self._asked_for: set[str] = set()
        self._own: list[Removal] = []
        self._failure: AepError | None = None

    def make_connection(self, name: str) -> Json | None:
        """Id and etag of a new draft; None: the platform takes no such name."""
        body = {"name": name, "description": MARK, "connectionSpec": {"id": CONNECTION_SPEC, "version": "1.0"}}
        post = any_call("POST", _CONNECTIONS, params={"mode": "draft"}, body=body)
        made = self._make("connections", lambda: self.material.taken(post))
        if made is None:
            return None
        draft: Json = only_item(made)
        self._own.append(remove_connection(draft["id"]))
        return draft

    def read(self, path: str) -> Json:
        """An object by its id, as soon as it can be read."""
        for _ in self._waits():
            with suppress(AepNotFoundError):
                return dict(self.material.get(path))
        return dict(self.material.get(path))

    @cached_property
    def read_at_once(self) -> bool:
        """Whether each draft could be read by its id right after it was made."""
        return all(self._made.values())

    @cached_property
    def list_lag(self) -> float:
        """Seconds within which lists show a new object: the first of `LAGS` after which none was hidden."""
        wanted = set(self._made)
        for lag in self._waits():
            if wanted <= {connection.id for connection in list_connections(self.material.client)}:
                return lag
        return LAGS[-1]

    @cached_property
    def _made(self) -> dict[str, bool]:
        """Id of each draft -> whether it could be read at once. A failure is that of all who ask for them."""
        if self._failure is None:
            try:
                return dict(self._make_drafts())
            except AepError as problem:
                self._failure = problem
        raise self._failure

    def _make_drafts(self) -> Iterator[tuple[str, bool]]:
        for number in range(1, _DRAFTS + 1):
            draft = self.make_connection(f"{PREFIX} {number}")
            if draft is None:
                raise AepError("The platform takes no draft of a base connection.")
            yield draft["id"], self._is_readable(draft["id"])

    @property
    def first(self) -> str:
        """The path of the first draft."""
        return f"{_CONNECTIONS}/{next(iter(self._made))}"

    def _is_readable(self, id_: str) -> bool:
        try:
            self.material.get(f"{_CONNECTIONS}/{id_}")
        except AepNotFoundError:
            return False
        return True

    def _waits(self) -> Iterator[float]:
        """Each of `LAGS`, once so much time has passed since the first one."""
        before = 0.0
        for lag in LAGS:
            self._pause(lag - before)
            before = lag
            yield lag

    @cached_property
    def dataset(self) -> str:
        """The path of a new dataset."""
        client = self.material.client
        schema = next(iter(list_schemas(client)), None)
        if schema is None:
            declared = Schema.declare(title=PREFIX, schema_class=_SCHEMA_CLASS, description=MARK)
            schema = str(self._make("schemas", lambda: client.send(schema_registry.create_schema(declared))).id)
        self._own.insert(0, remove_schema(schema))
        wanted = Dataset.declare(name=PREFIX, schema_id=schema, description=MARK)
        made = self._make("datasets", lambda: client.send(catalog.create_dataset(wanted)))
        self._own.append(remove_dataset(made.id))
        return f"{catalog.BASE}/dataSets/{made.id}"

    def _make(self, what: str, request: Callable[[], Any]) -> Any:
        """What a request answers. Unless the first one of its sort is refused, there may be something to remove."""
        is_first = what not in self._asked_for
        self._asked_for.add(what)
        try:
            return request()
        except AepApiError as problem:
            if is_first and not problem.retryable:
                self._asked_for.discard(what)
            raise

    def sweep(self) -> list[str]:
        """Remove all that any probe has made and lists show. Returns what the platform does not let go, in words."""
        self._leftovers.sweep(self._asked_for)
        return self._leftovers.left

    def close(self) -> list[str]:
        """`sweep`, once lists show everything."""
        for removal in reversed(self._own):
            self._leftovers.remove(*removal)
        if self._asked_for:
            self._pause(max(self.__dict__.get("list_lag", 0.0), self.material.client.list_lag))
        return self.sweep()


def list_lag(drafts: Drafts) -> float:
    return drafts.list_lag


def read_at_once(drafts: Drafts) -> bool:
    return drafts.read_at_once


def newest_first(drafts: Drafts) -> bool | None:
    if drafts.list_lag >= LAGS[-1]:
        return None
    return in_order([one.created_at for one in list_connections(drafts.material.client) if one.created_at])


def names_repeat(drafts: Drafts) -> bool:
    """Whether there may be a second object of one name."""
    drafts.read(drafts.first)
    return drafts.make_connection(f"{PREFIX} 1") is not None


def names_kept(drafts: Drafts) -> bool:
    """Whether a name keeps the blanks around it."""
    name = f"{PREFIX} blanks  "
    made = drafts.make_connection(name)
    return made is not None and only_item(drafts.read(f"{_CONNECTIONS}/{made['id']}"))["name"] == name


def etag_changes(drafts: Drafts) -> bool:
    """Whether a changed draft has another etag."""
    before = only_item(drafts.read(drafts.first))["etag"]
    patch = [{"op": "add", "path": "/description", "value": f"{MARK} Changed."}]
    changed = drafts.material.client.send(any_call("PATCH", drafts.first, body=patch, headers={"If-Match": before}))
    return bool(only_item(changed)["etag"] != before)


def patch_of_unknown_fields_refused(drafts: Drafts) -> bool:
    """Whether a change of a field that is not there is refused."""
    etag = only_item(drafts.read(drafts.first))["etag"]
    patch = [{"op": "replace", "path": "/airflowAepProbe", "value": "changed by a probe"}]
    return drafts.material.taken(any_call("PATCH", drafts.first, body=patch, headers={"If-Match": etag})) is None


def dataset_tags_merged(drafts: Drafts) -> bool:
    """Whether a change of one tag of a dataset leaves the others."""
    path = drafts.dataset
    for tag in ("first", "second"):
        drafts.material.client.send(any_call("PATCH", path, body={"tags": {f"{PREFIX}-{tag}": ["made:here"]}}))
    (shown,) = drafts.read(path).values()
    return f"{PREFIX}-first" in shown["tags"]


def dataset_delete_repeatable(drafts: Drafts) -> bool:
    """Whether a dataset that is gone can be deleted once more."""
    dataset_id = drafts.dataset.rpartition("/")[2]
    drafts.material.client.send(catalog.delete_dataset(dataset_id))
    try:
        drafts.material.client.send(any_call("DELETE", drafts.dataset))
    except AepNotFoundError:
        return False
    return True

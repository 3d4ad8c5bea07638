"""What probes make is recognised by its name and its description, and removed again; what others made never is.

A killed probe leaves things behind, and lists may ignore a filter or show what has a similar name. So nothing is
removed because a list shows it: both name and description must be a probe's.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from airflow_provider_aep.api import catalog, flow_service, schema_registry
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.exceptions import AepError, AepNotFoundError

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient

PREFIX: Final = "airflow-aep-probe"
"""How the name of everything begins that a probe makes."""
MARK: Final = "Made by airflow-aep doctor --probe --write, which removes it again."
"""How its description begins."""
CONNECTION_SPEC: Final = get_connector("amazon-s3").connection_spec_id

# What is to be removed, in words, and how.
Removal = tuple[str, Call[None]]


def list_connections(client: AepClient) -> list[Any]:
    """The live base connections whose names begin as a probe's do, as a list shows them; others' may be among them."""
    listed = client.send(flow_service.list_base_connections(None, CONNECTION_SPEC))
    return [one for one in listed if (one.name or "").startswith(PREFIX)]


def list_schemas(client: AepClient) -> list[str]:
    """The ids of the schemas that probes have made."""
    listed = [one for one in client.send(schema_registry.list_schemas(PREFIX)) if one.id and one.title == PREFIX]
    return [one.id for one in listed if one.id and _is_marked(client, one, schema_registry.get_schema(one.id))]


def _is_marked(client: AepClient, shown: Any, read: Call[Any]) -> bool:
    """Whether the description is a probe's; where a list shows none, the thing is read by its id."""
    try:
        description = shown.description or client.send(read).description
    except AepNotFoundError:
        return False
    return (description or "").startswith(MARK)


def remove_connection(id_: str) -> Removal:
    return f"connection {id_}", flow_service.delete_base_connection(id_)


def remove_dataset(id_: str) -> Removal:
    return f"dataset {id_}", catalog.delete_dataset(id_)


def remove_schema(id_: str) -> Removal:
    path = f"{schema_registry.BASE}/tenant/schemas/{quote(id_, safe='')}"
    return f"schema {PREFIX!r}, which the next probe will use again", Call("DELETE", path)


def _connections(client: AepClient) -> Iterator[Removal]:
    for one in list_connections(client):
        if _is_marked(client, one, flow_service.get_base_connection(one.id)):
            yield remove_connection(one.id)


def _datasets(client: AepClient) -> Iterator[Removal]:
    for one in client.send(catalog.list_datasets(PREFIX)):
        if one.id and one.name == PREFIX and _is_marked(client, one, catalog.get_dataset(one.id)):
            yield remove_dataset(one.id)


def _schemas(client: AepClient) -> Iterator[Removal]:
    for id_ in list_schemas(client):
        yield remove_schema(id_)


# A schema can be removed once no dataset uses it.
_LISTS: Final[dict[str, Callable[[AepClient], Iterator[Removal]]]] = {
    "connections": _connections,
    "datasets": _datasets,
    "schemas": _schemas,
}


class Leftovers:
    """Removes things, and keeps account of what the platform does not let go."""

    def __init__(self, client: AepClient) -> None:
        self._client = client
        # Path -> a sentence.
        self._left: dict[str, str] = {}

    @property
    def left(self) -> list[str]:
        """A sentence for each thing that was to be removed and is still there."""
        return list(self._left.values())

    def remove(self, what: str, call: Call[None]) -> None:
        self._left.pop(call.path, None)
        try:
            self._client.send(call)
        except AepNotFoundError:
            return
        except AepError as problem:
            self._left[call.path] = f"{what}: {problem}"

    def sweep(self, made: Container[str] = ()) -> None:
        """Remove all that any probe has made and lists show.

        :param made: of ``connections``, ``datasets`` and ``schemas`` those that there may be; if they cannot be listed,
            that is said.
        """
        for name, listed in _LISTS.items():
            try:
                found = list(listed(self._client))
            except AepError as problem:
                if name in made:
                    self._left[name] = f"perhaps {name} called {PREFIX!r}, which cannot be listed: {problem}"
                continue
            for removal in found:
                self.remove(*removal)

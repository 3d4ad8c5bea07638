"""Rules about several specs together: a name that stands twice, a resource that is declared in two ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.dataflow.documents import Steps
from airflow_provider_aep.dataflow.files import LoadedSpec, LoadResult
from airflow_provider_aep.dataflow.finding import Finding
from airflow_provider_aep.dataflow.origin import Origin
from airflow_provider_aep.dataflow.spec import BaseConnectionSpec, DataflowSpec, SharedBaseConnectionSpec
from airflow_provider_aep.exceptions import AepConfigError


class _Declared(NamedTuple):
    """A resource that several dataflows can share.

    :param key: its type and its natural key.
    :param said: the declared keys and their values.
    :param under: the way to it within the spec.
    """

    key: tuple[str, ...]
    said: Mapping[str, Any]
    origin: Origin
    under: Steps


def folder(reading: LoadResult) -> Iterator[Finding]:
    """Names that stand twice, and resources that are declared in two ways."""
    names: dict[str, LoadedSpec[DataflowSpec]] = {}
    own = []
    for read in reading.dataflows:
        first = names.setdefault(read.spec.name, read)
        if first is read or _have_ids_of_their_own(first.spec, read.spec):
            own.append(read)
        else:
            message = f"{read.spec.name!r} stands also in {_place(first.origin)}"
            yield read.origin.finding("D011", ("name",), message)
    first_said: dict[tuple[str, ...], _Declared] = {}
    for declared in _all_declared(reading.accounts, own):
        for key, value in declared.said.items():
            other = first_said.setdefault((*declared.key, key), declared)
            if other.said[key] != value:
                place = _place(other.origin, (*other.under, key))
                text = f"is another one for {declared.key[0]} {declared.key[1]!r} in {place}"
                yield declared.origin.finding("D012", (*declared.under, key), text)


def _have_ids_of_their_own(one: DataflowSpec, other: DataflowSpec) -> bool:
    """Whether two dataflows of one name can be told apart."""
    return None not in (one.id, other.id) and one.id != other.id


def _place(origin: Origin, steps: Steps = ("name",)) -> str:
    found = origin.finding("", steps, "")
    return f"{found.file}, line {found.line}" if found.line else found.file


def _all_declared(
    accounts: list[LoadedSpec[SharedBaseConnectionSpec]], dataflows: list[LoadedSpec[DataflowSpec]]
) -> Iterator[_Declared]:
    for account in accounts:
        yield from _account(account.spec, account.spec.name, account.spec.connector, account.origin, ())
    for read in dataflows:
        spec, own = read.spec, read.spec.base_connection
        if own:
            yield from _account(own, own.name or spec.name, spec.connector, read.origin, ("base_connection",))
        yield _schema(spec, read.origin)
        yield _dataset(spec, read.origin)


def _account(
    account: BaseConnectionSpec, name: str, connector: str, origin: Origin, under: Steps
) -> Iterator[_Declared]:
    try:
        of = get_connector(connector).connection_spec_id
    except AepConfigError:
        return
    keys = ("auth_spec_name", "auth_params", "credentials_conn_id", "description")
    said = {key: getattr(account, key) for key in keys}
    yield _Declared(("base connection", account.id or name, of), _given(said), origin, under)


def _schema(spec: DataflowSpec, origin: Origin) -> _Declared:
    schema = spec.schema_
    said = _given({"schema_class": schema.schema_class, "description": schema.description})
    if not schema.is_reference:
        said["field_groups"] = set(schema.field_groups)
    return _Declared(("schema", _title(spec)), said, origin, ("schema",))


def _dataset(spec: DataflowSpec, origin: Origin) -> _Declared:
    dataset = spec.dataset
    said = _given({"schema": _title(spec), "description": dataset.description, "tags": dataset.tags})
    said |= {key: True for key in ("enable_profile", "enable_identity") if getattr(dataset, key)}
    return _Declared(("dataset", dataset.id or dataset.name or spec.name), said, origin, ("dataset",))


def _title(spec: DataflowSpec) -> str:
    """The title of the schema, or its id where only that is declared."""
    return spec.schema_.title or spec.schema_.id or spec.name


def _given(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value is not None}

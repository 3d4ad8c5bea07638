"""What only several specs together can do wrong: names that stand twice, resources declared in two ways."""

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
    :param said: what is declared of it, by key.
    :param under: the way to it.
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
        # With ids they can be told apart.
        if first is read or (None not in (ids := {first.spec.id, read.spec.id}) and len(ids) == 2):
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
        schema, dataset = spec.schema_, spec.dataset
        said: dict[str, Any] = {"schema_class": schema.schema_class, "description": schema.description}
        groups = {"field_groups": set(schema.field_groups)} if not schema.is_reference else {}
        title = schema.title or ("" if schema.id else spec.name)
        yield _Declared(("schema", title or str(schema.id)), {**_given(said), **groups}, read.origin, ("schema",))
        said = {"schema": title or schema.id, "description": dataset.description, "tags": dataset.tags}
        switches = {key: True for key in ("enable_profile", "enable_identity") if getattr(dataset, key)}
        key = ("dataset", dataset.id or dataset.name or spec.name)
        yield _Declared(key, {**_given(said), **switches}, read.origin, ("dataset",))


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


def _given(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value is not None}

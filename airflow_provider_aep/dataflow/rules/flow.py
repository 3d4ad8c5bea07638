"""Rules of schedule, options, transformations and Profile, beyond those of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from airflow_provider_aep.connectors import Connector
from airflow_provider_aep.dataflow.resources import flow_spec_id
from airflow_provider_aep.dataflow.rules.codes import Problem
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.models.schedule import STREAMING_SPECS
from airflow_provider_aep.models.times import epoch_seconds
from airflow_provider_aep.validation import id_problem

# https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/collect/crm (dateFormat)
_WRITE_T_AND_Z: Final = ("microsoft-dynamics", "azure-table-storage", "generic-odata")
_OPTIONS: Final = ("errorDiagnosticsEnabled", "partialIngestionPercent")
_OF_THE_PLATFORM: Final = ("inletUrl",)


def flow(spec: DataflowSpec, connector: Connector | None, now: float) -> Iterator[Problem]:
    """What is wrong with the dataflow itself.

    :param now: in epoch seconds.
    """
    if spec.id is not None and (problem := id_problem(spec.id, "uuid")):
        yield Problem("D004", ("id",), problem)
    yield from _start_time(spec, now)
    yield from _date_format(spec, connector)
    yield from _options(spec, connector)
    yield from _encryption(spec)
    yield from _profile(spec)


def _start_time(spec: DataflowSpec, now: float) -> Iterator[Problem]:
    given = spec.schedule.start_time if spec.schedule else None
    if given is None:
        return
    try:
        start = epoch_seconds(given)
    except ValueError:
        return  # the model objects to it
    if start < now:
        text = f"is {given!r}, which has passed: only a dataflow that is there already keeps it; leave it out"
        yield Problem("D505", ("schedule", "start_time"), text, is_warning=True)


def _date_format(spec: DataflowSpec, connector: Connector | None) -> Iterator[Problem]:
    given = spec.delta_column.date_format if spec.delta_column else None
    if given is None or connector is None or connector.name not in _WRITE_T_AND_Z:
        return
    bare = given.replace("'", "")
    if not ("ddT" in bare and bare.endswith("Z")):
        text = f"is {given!r}; {connector.title} writes yyyy-MM-ddTHH:mm:ssZ"
        yield Problem("D507", ("delta_column", "dateFormat"), text, is_warning=True)


def _options(spec: DataflowSpec, connector: Connector | None) -> Iterator[Problem]:
    if not spec.options:
        return
    streams = connector is not None and flow_spec_id(spec, {}) in STREAMING_SPECS
    for name, value in spec.options.items():
        if name in _OF_THE_PLATFORM:
            yield Problem("D509", ("options", name), "is what the platform says: leave it out", at_key=True)
        elif streams and name in _OPTIONS:
            text = "is published for batch dataflows only"
            yield Problem("D506", ("options", name), text, is_warning=True, at_key=True)
        elif name == "partialIngestionPercent" and isinstance(value, int | float | str) and not _is_above_zero(value):
            yield Problem("D508", ("options", name), f"is {value!r}; it is a number above 0")
        elif name not in _OPTIONS:
            text = f"is not among the options that are published: {', '.join(_OPTIONS)}"
            yield Problem("D508", ("options", name), text, is_warning=True, at_key=True)


def _is_above_zero(value: float | str) -> bool:
    try:
        return not isinstance(value, bool) and float(value) > 0
    except ValueError:
        return True  # the model objects to it


def _encryption(spec: DataflowSpec) -> Iterator[Problem]:
    for index, one in enumerate(spec.transformations):
        params = one.get("params")
        if one.get("name") == "Encryption" and not (isinstance(params, dict) and params.get("publicKeyId")):
            text = "is missing: encrypted files are read with one of the sandbox's keys"
            yield Problem("D510", ("transformations", index, "params", "publicKeyId"), text)


def _profile(spec: DataflowSpec) -> Iterator[Problem]:
    schema = spec.schema_
    if not spec.dataset.enable_profile or schema.is_reference:
        return
    if not any("identitymap" in group.lower() for group in schema.field_groups):
        text = "is true, but the schema has no IdentityMap: it needs a primary identity that is set by hand"
        yield Problem("D302", ("dataset", "enable_profile"), text, is_warning=True)

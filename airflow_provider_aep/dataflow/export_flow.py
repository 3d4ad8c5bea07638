"""The keys of a document on a live flow itself and on its mapping set, without defaults and in short forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from airflow_provider_aep.connectors import FLOW_SPEC_IDS, get_connector
from airflow_provider_aep.dataflow.export_parts import INLET, Section, present, text_or_none, without_hidden
from airflow_provider_aep.dataflow.yaml_writer import Path
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.mapping_set import Mapping as FieldMapping
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schedule import STREAMING_SPECS, check_delta_column
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.models.times import iso_time, wire_seconds
from airflow_provider_aep.models.transformation import TRANSFORMATION_ARGUMENTS
from airflow_provider_aep.validation import Problems


def of_flow(flow: Flow) -> Section:
    """The description of the flow, and its state unless a new dataflow would be in it."""
    state = flow.state if flow.state in ("draft", "disabled") else None
    return present(description=text_or_none(flow.description), state=state), {}


def flow_spec(flow: Flow, live: SourceConnection) -> Section:
    """The flow spec, unless it is the one that is published for the source."""
    id_ = flow.flow_spec.id.lower()
    names = {each: name for name, each in FLOW_SPEC_IDS.items()}
    published = get_connector(live.connection_spec.id).flow_spec
    return ({} if published and FLOW_SPEC_IDS[published] == id_ else {"flow_spec": names.get(id_, id_)}), {}


_PARTIAL_INGESTION: Final = ("errorDiagnosticsEnabled", "partialIngestionPercent")
_SOURCE_ARGUMENTS: Final = {"ATTRIBUTE": "source", "EXPRESSION": "expression", "STATIC": "static"}
# What the short form has no place for.
_IN_ADOBES_FORM_ONLY: Final = ("primaryIdentity", "name", "description")


def mappings(live: MappingSet) -> Section:
    """Target field -> source. Adobe's own list, where two fill one field or one says more."""
    each = [mapping for mapping in live.mappings if mapping.key]
    keys = [mapping.key for mapping in each]
    if len(set(keys)) < len(keys) or not all(map(_has_short_form, each)):
        return {"mappings": [_in_adobes_form(mapping) for mapping in each]}, {}
    return {"mappings": {str(mapping.key): _in_short_form(mapping) for mapping in each}}, {}


def _has_short_form(mapping: FieldMapping) -> bool:
    extras = mapping.model_extra or {}
    return mapping.meaning[0] in _SOURCE_ARGUMENTS and not any(extras.get(key) for key in _IN_ADOBES_FORM_ONLY)


def _in_short_form(mapping: FieldMapping) -> Any:
    type_, text, *identity = mapping.meaning
    if type_ == "ATTRIBUTE" and not identity:
        return text
    return present(
        **{_SOURCE_ARGUMENTS[str(type_)]: text},
        identity=True if identity else None,
        identity_group=mapping.identity_group if identity else None,
    )


def _in_adobes_form(mapping: FieldMapping) -> dict[str, Any]:
    type_, text, *identity = mapping.meaning
    extras = mapping.model_extra or {}
    return present(
        sourceType=type_,
        source=text,
        destination=mapping.key,
        identity=True if identity else None,
        identityGroup=mapping.identity_group if identity else None,
        **{key: extras.get(key) or None for key in _IN_ADOBES_FORM_ONLY},
    )


def delta_column(flow: Flow) -> Section:
    """The delta column. One that runs once gets it from its first run on demand, and declares none."""
    column = (flow.transformation("Copy") or {}).get("deltaColumn")
    schedule = flow.schedule_params
    if not isinstance(column, Mapping) or not column.get("name"):
        return {}, {}
    if schedule is not None and schedule.frequency == "once":
        return {}, {}
    said = present(**{key: column.get(key) for key in ("name", "dateFormat", "timezone")})
    problems = Problems("delta column")
    check_delta_column(problems, said)
    if not problems.found or "dateFormat" not in said:
        return {"delta_column": said}, {}
    # As the tutorial writes it. It cannot be declared, and what is not declared stays as it is.
    date_format = said.pop("dateFormat")
    return {"delta_column": said}, {("delta_column",): f"with the date format {date_format}, which stays"}


def schedule(flow: Flow, now: float) -> Section:
    """When batches are taken. A start time that has passed is a comment: no new dataflow could begin then."""
    live = flow.schedule_params
    if live is None or flow.flow_spec.id.lower() in STREAMING_SPECS:
        return {}, {}
    start, once = wire_seconds(live.start_time), live.frequency == "once"
    begins = iso_time(live.start_time) if start is not None and start > now else None
    interval = int(str(live.interval)) if str(live.interval).isdecimal() else live.interval
    said = present(
        frequency=live.frequency,
        interval=None if once else interval,
        start_time=begins,
        backfill=None if once else live.backfill,
    )
    began = iso_time(live.start_time) if start is not None and begins is None else None
    comments: dict[Path, str] = {("schedule",): f"began {began}"} if began else {}
    return ({"schedule": said} if said else {}), comments


def options(flow: Flow) -> Section:
    """The options, without the streaming endpoint that the platform adds, and what means nothing to a stream."""
    left_out = INLET + (_PARTIAL_INGESTION if flow.flow_spec.id.lower() in STREAMING_SPECS else ())
    live = {key: value for key, value in (flow.options or {}).items() if key not in left_out and value is not None}
    said, hidden = without_hidden(live)
    place: Path = ("options",) if said else ()
    return ({"options": said} if said else {}), ({place: hidden} if hidden else {})


def transformations(flow: Flow) -> Section:
    """What has no argument of its own, such as encryption, as it is."""
    named = {part.name: part for part in reversed(flow.transformations) if part.name}
    further = [named[name] for name in reversed(named) if name not in TRANSFORMATION_ARGUMENTS]
    if not further:
        return {}, {}
    params = [without_hidden(part.params) for part in further]
    said = [{"name": part.name, "params": shown} for part, (shown, _) in zip(further, params, strict=True)]
    left_out = "; ".join(hidden for _, hidden in params if hidden)
    return {"transformations": said}, ({("transformations",): left_out} if left_out else {})

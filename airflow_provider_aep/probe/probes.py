"""Probes that only read. Each finds out one answer, or None where the sandbox holds nothing to find it out with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final

from airflow_provider_aep.api import catalog, data_prep, flow_service
from airflow_provider_aep.api.call import equals, items
from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.tags import different_keys
from airflow_provider_aep.models.times import wire_seconds
from airflow_provider_aep.models.tolerant import read_time
from airflow_provider_aep.probe.material import MOST_ON_A_PAGE, Json, Material, get_call

_RUNS: Final = f"{flow_service.BASE}/runs"
_RATE_LIMIT: Final = re.compile(r"retry-after|.*rate-?limit.*|.*quota.*", re.IGNORECASE)
# So many objects are in order by chance once in a thousand times at most.
_ENOUGH_TO_SORT: Final = 7
_ENDS: Final = ("sourceConnections", "targetConnections")


def run_id_lists(material: Material) -> bool | None:
    return _lists_every_id(material, "runs", "id", [run["id"] for run in material.runs])


def flow_id_lists(material: Material) -> bool | None:
    return _lists_every_id(material, "runs", "flowId", [run["flowId"] for run in material.runs if run.get("flowId")])


def connection_id_lists(material: Material) -> bool | None:
    return _lists_every_id(material, "connections", "id", [one["id"] for one in material.listed("connections")])


def _lists_every_id(material: Material, resource: str, field: str, ids: Iterable[str]) -> bool | None:
    """Whether a filter with two ids shows what belongs to either, and nothing else."""
    two = list(dict.fromkeys(ids))[:2]
    if len(two) < 2:
        return None
    params: dict[str, Any] = {"property": f"{field}=={','.join(two)}", "limit": 100}
    if material.taken(get_call(f"{flow_service.BASE}/{resource}", **params)) is None:
        return False
    shown = {one[field] for page in material.pages(resource, **params) for one in items(page)}
    return shown == set(two)


def dataset_id_lists(material: Material) -> bool | None:
    newest = {dataset_id: None for batch in material.batches.values() for dataset_id in _datasets_of(batch)}
    two = list(newest)[:2]
    if len(two) < 2:
        return None
    params: dict[str, Any] = {"dataSet": ",".join(two), "limit": 100, "orderBy": "desc:created"}
    found = material.taken(get_call(f"{catalog.BASE}/batches", **params))
    return {id_ for batch in (found or {}).values() for id_ in _datasets_of(batch)} == set(two)


def _datasets_of(batch: Json) -> list[str]:
    related = [one for one in batch.get("relatedObjects", []) if str(one.get("type")).lower() == "dataset"]
    return [str(one["id"]) for one in related if one.get("id")]


def name_filters(material: Material) -> bool | None:
    """Whether source and target connections can be found by a filter on their names."""
    seen = False
    for resource in _ENDS:
        named = [(one["name"], expression) for one in material.listed(resource) if (expression := _by_name(one))]
        for name, expression in named[:1]:
            seen = True
            found = material.taken(get_call(f"{flow_service.BASE}/{resource}", property=expression, limit=100))
            if found is None or {one.get("name") for one in items(found)} != {name}:
                return False
    return True if seen else None


def _by_name(one: Json) -> list[str]:
    return equals("name", one["name"]) if isinstance(one.get("name"), str) else []


def largest_page(material: Material) -> int | None:
    """How many objects a page has at most, up to `MOST_ON_A_PAGE`."""
    for limit in (MOST_ON_A_PAGE, 100):
        page = material.taken(get_call(_RUNS, limit=limit))
        if page is not None:
            count = len(items(page))
            more = flow_service.next_page({}, page) is not None
            return count if more or count == limit else None
    return None


def pages_are_filled(material: Material) -> bool | None:
    """Whether each page but the last holds something."""
    counts = [len(items(page)) for page in material.pages("runs", limit=1)]
    return None if sum(counts) < 2 else 0 not in counts[:-1]


def newest_first(material: Material) -> bool | None:
    return in_order([run["createdAt"] for run in material.runs if run.get("createdAt")])


def in_order(times: list[Any]) -> bool | None:
    """Whether times are the newest first; None if there are too few of them to know."""
    if len(set(times)) < _ENOUGH_TO_SORT:
        return None
    return times == sorted(times, reverse=True)


def flow_service_lists_whole(material: Material) -> bool | None:
    """Whether a list shows all that a read by the id shows."""
    seen = False
    for resource in ("flows", "connections", *_ENDS):
        for one in material.listed(resource)[:1]:
            seen = True
            (whole,) = items(material.get(f"{flow_service.BASE}/{resource}/{one['id']}"))
            if not set(whole) <= set(one):
                return False
    return True if seen else None


def schema_lists_whole(material: Material) -> bool | None:
    return all(one.get("allOf") for one in material.schemas) if material.schemas else None


def mapping_set_lists_whole(material: Material) -> bool | None:
    return all(one.get("mappings") for one in material.mapping_sets) if material.mapping_sets else None


def latest_mapping_set_version(material: Material) -> bool | None:
    """Whether a read without a version shows the latest one."""
    for one in material.mapping_sets:
        if int(one.get("version") or 0) > 0:
            shown = material.get(f"{data_prep.BASE}/mappingSets/{one['id']}")
            return int(shown.get("version") or 0) == int(one["version"])
    return None


def flow_spec_names(material: Material) -> bool:
    """Whether each published flow spec is found by its published name."""
    path = f"{flow_service.BASE}/flowSpecs"
    return all(items(material.get(path, property=f'name=="{name}"')) for name in FLOW_SPEC_IDS)


def run_envelope(material: Material) -> bool | None:
    """Whether one run comes in the envelope of a list."""
    return "items" in material.get(f"{_RUNS}/{material.runs[0]['id']}") if material.runs else None


def flow_spec_envelope(material: Material) -> bool:
    return "items" in material.get(f"{flow_service.BASE}/flowSpecs/{FLOW_SPEC_IDS['CRMToAEP']}")


def profile_tag_dates(material: Material) -> bool | None:
    """Whether the platform notes in the tag `unifiedProfile` since when a dataset is enabled."""
    tags = [
        one["tags"].get("unifiedProfile") for one in material.datasets.values() if isinstance(one.get("tags"), dict)
    ]
    enabled = [entries for entries in tags if entries and not different_keys(["enabled:true"], entries)]
    return any(str(entry).startswith("enabledAt:") for entries in enabled for entry in entries) if enabled else None


def created_after_exclusive(material: Material) -> bool | None:
    """Whether `createdAfter` leaves out what was made at that very moment."""
    for id_, batch in material.batches.items():
        for dataset_id in _datasets_of(batch)[:1]:
            params = {"dataSet": dataset_id, "createdAfter": batch["created"], "limit": 100, "orderBy": "asc:created"}
            return id_ not in material.get(f"{catalog.BASE}/batches", **params)
    return None


def window_bounds_shared(material: Material) -> bool | None:
    """Whether the window of a scheduled run begins where that of the run before it ended.

    If so, one of the two bounds must be left out, as Adobe's own schedules would load what lies on it twice.
    """
    gaps = [
        (later[0] - earlier[1], later[1] - later[0])
        for windows in _scheduled_windows(material).values()
        for earlier, later in pairwise(sorted(windows))
    ]
    if any(gap == 0 for gap, _ in gaps):
        return True
    # A larger gap is that of a run which did not take place, or is not listed.
    return False if any(0 < gap < length / 2 for gap, length in gaps) else None


def _scheduled_windows(material: Material) -> dict[str, set[tuple[float, float]]]:
    """Dataflow -> the windows of its runs in epoch seconds, if it runs by a schedule."""
    scheduled = {flow["id"] for flow in material.flows if _frequency(flow) not in (None, "once")}
    windows: dict[str, set[tuple[float, float]]] = {id_: set() for id_ in scheduled}
    for run in (FlowRun.model_validate(body) for body in material.runs if body.get("flowId") in scheduled):
        begin, end = (wire_seconds(read_time(bound)) for bound in run.window or (None, None))
        if begin and end and begin < end:
            windows[str(run.flow_id)].add((begin, end))
    return windows


def _frequency(flow: Json) -> Any:
    return (flow.get("scheduleParams") or {}).get("frequency")


def rate_limit_headers(material: Material) -> list[str]:
    """The headers of a response that tell of a rate limit, by their names."""
    headers = material.client.response_to(get_call(_RUNS, limit=1)).headers
    return sorted(name.lower() for name in headers if _RATE_LIMIT.fullmatch(name))

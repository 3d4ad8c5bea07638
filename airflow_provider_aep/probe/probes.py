"""Probes that only read. Each finds out one answer, or None where the sandbox holds nothing to find it out with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice, pairwise
from typing import Any, Final
from urllib.parse import quote

from airflow_provider_aep.api import catalog, data_prep, flow_service, schema_registry
from airflow_provider_aep.api.call import equals, items
from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.exceptions import AepNotFoundError
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.tags import different_keys
from airflow_provider_aep.models.times import wire_seconds
from airflow_provider_aep.models.tolerant import read_time
from airflow_provider_aep.probe.material import MOST_ON_A_PAGE, Json, Material, get_call

_RUNS: Final = f"{flow_service.BASE}/runs"
_RATE_LIMIT: Final = re.compile(r"retry-after|.*rate-?limit.*|.*quota.*", re.IGNORECASE)
# So many objects are in order by chance once in a thousand times at most.
_ENOUGH_TO_SORT: Final = 7
# A page of Catalog's has no more.
_FULL_PAGE: Final = 100
_PAGES_TO_MEASURE: Final = 3
_ENOUGH_TO_READ: Final = 5
_HEADER_WORDS: Final = frozenset(
    "x retry after rate limit ratelimit quota remaining reset policy used second minute hour day".split()
)
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
    params: dict[str, Any] = {"property": f"{field}=={','.join(two)}", "limit": 100, "orderby": "-createdAt"}
    if material.taken(get_call(f"{flow_service.BASE}/{resource}", **params)) is None:
        return False
    seen: set[Any] = set()
    more: Any = None
    for page in material.pages(resource, **params):
        seen |= {one.get(field) for one in items(page)}
        more = flow_service.next_page({}, page)
        if not seen <= set(two):
            return False
        if seen == set(two):
            return True
    # What is not on the first pages may be on those that were not read.
    return None if more else False


def dataset_id_lists(material: Material) -> bool | None:
    newest = {dataset_id: None for batch in material.batches.values() for dataset_id in _datasets_of(batch)}
    two = list(newest)[:2]
    if len(two) < 2:
        return None
    params: dict[str, Any] = {"dataSet": ",".join(two), "limit": _FULL_PAGE, "orderBy": "desc:created"}
    found = material.taken(get_call(f"{catalog.BASE}/batches", **params))
    if found is None:
        return False
    # A batch may belong to several datasets.
    shown = [_datasets_of(batch) for batch in found.values()]
    if not all(set(one) & set(two) for one in shown):
        return False
    if set(two) <= {id_ for one in shown for id_ in one}:
        return True
    return None if len(found) >= _FULL_PAGE else False


def _datasets_of(batch: Json) -> list[str]:
    related = [one for one in batch.get("relatedObjects") or [] if str(one.get("type")).lower() == "dataset"]
    return [str(one["id"]) for one in related if one.get("id")]


def name_filters(material: Material) -> bool | None:
    """Whether source connections and target connections can be found by a filter on their names."""
    answers = []
    for resource in _ENDS:
        named = [(one["name"], expression) for one in material.listed(resource) if (expression := _by_name(one))]
        for name, expression in named[:1]:
            found = material.taken(get_call(f"{flow_service.BASE}/{resource}", property=expression, limit=100))
            answers.append(found is not None and {one.get("name") for one in items(found)} == {name})
    return _all_of(answers, len(_ENDS))


def _by_name(one: Json) -> list[str]:
    return equals("name", one["name"]) if isinstance(one.get("name"), str) else []


def _all_of(answers: list[bool], wanted: int) -> bool | None:
    """False if one of them is; True if there are so many; None if too few were found out."""
    return all(answers) if len(answers) == wanted or not all(answers) else None


def largest_page(material: Material) -> int | None:
    """How many objects a page has at most, up to `MOST_ON_A_PAGE`. Some may be hidden, so the fullest page counts."""
    for limit in (MOST_ON_A_PAGE, 100):
        if material.taken(get_call(_RUNS, limit=limit)) is not None:
            pages = list(islice(material.pages("runs", limit=limit), _PAGES_TO_MEASURE))
            count = max(len(items(page)) for page in pages)
            more = flow_service.next_page({}, pages[0]) is not None
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
    """Whether lists show all that a read by the id shows."""
    resources = ("flows", "connections", *_ENDS)
    answers = []
    for resource in resources:
        for one in material.listed(resource)[:1]:
            (whole,) = items(material.get(f"{flow_service.BASE}/{resource}/{one['id']}"))
            answers.append(_shows_all(one, whole))
    return _all_of(answers, len(resources))


def _shows_all(shown: Any, whole: Any) -> bool:
    """Whether an object has all the fields that another one has, on every level. Values may have changed."""
    if not isinstance(whole, dict) or whole == {}:
        return True
    return isinstance(shown, dict) and all(key in shown and _shows_all(shown[key], whole[key]) for key in whole)


def schema_lists_whole(material: Material) -> bool | None:
    """Whether a list shows `allOf`. A schema may have none, so it takes one that has some."""

    def read(one: Json) -> Any:
        accept = f"{schema_registry.FULL}; version=1"
        return material.get(f"{schema_registry.BASE}/tenant/schemas/{quote(one['$id'], safe='')}", accept)

    return _shown_in_list(material.schemas, "allOf", read)


def mapping_set_lists_whole(material: Material) -> bool | None:
    """Whether a list shows the mappings. A mapping set may have none, so it takes one that has some."""

    def read(one: Json) -> Any:
        return material.get(f"{data_prep.BASE}/mappingSets/{one['id']}")

    return _shown_in_list(material.mapping_sets, "mappings", read)


def _shown_in_list(listed: list[Json], field: str, read: Callable[[Json], Any]) -> bool | None:
    """Whether a list shows a field that objects have: False only if one has it when it is read by its id."""
    if any(one.get(field) for one in listed):
        return True
    return False if any(read(one).get(field) for one in listed[:_ENOUGH_TO_READ]) else None


def latest_mapping_set_version(material: Material) -> bool | None:
    """Whether a read without a version shows the latest one."""
    for one in material.mapping_sets:
        if int(one.get("version") or 0) > 0:
            shown = material.get(f"{data_prep.BASE}/mappingSets/{one['id']}")
            return int(shown.get("version") or 0) >= int(one["version"])
    return None


def flow_spec_names(material: Material) -> bool | None:
    """Whether each published flow spec has its published name; one that the credential may not see tells nothing."""
    path = f"{flow_service.BASE}/flowSpecs"
    answers = []
    for name, id_ in FLOW_SPEC_IDS.items():
        named = items(material.get(path, property=f'name=="{name}"'))
        if any(one.get("name") == name for one in named):
            answers.append(True)
        elif _exists(material, f"{path}/{id_}"):
            answers.append(False)
    return _all_of(answers, len(FLOW_SPEC_IDS))


def _exists(material: Material, path: str) -> bool:
    try:
        return bool(items(material.get(path)))
    except AepNotFoundError:
        return False


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
    """Whether `createdAfter` leaves out what was made at that very moment. A millisecond makes the difference."""
    for id_, batch in material.batches.items():
        for dataset_id in _datasets_of(batch)[:1]:

            def shown(after: int, dataset_id: str = dataset_id, id_: str = id_) -> bool:
                params: Json = {
                    "dataSet": dataset_id,
                    "createdAfter": after,
                    "limit": _FULL_PAGE,
                    "orderBy": "asc:created",
                }
                return id_ in material.get(f"{catalog.BASE}/batches", **params)

            created = int(batch["created"])
            return None if shown(created + 1) or not shown(created - 1) else not shown(created)
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
    # A larger gap is that of a run which did not take place, or is not listed.
    answers = {gap == 0 for gap, length in gaps if 0 <= gap < length / 2}
    return answers.pop() if len(answers) == 1 else None


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
    schedule = flow.get("scheduleParams")
    return schedule.get("frequency") if isinstance(schedule, dict) else None


def rate_limit_headers(material: Material) -> list[str]:
    """The headers of a response that tell of a rate limit, by their names.

    A proxy may have put its owner's name into one, so words that nobody publishes are left out of them.
    """
    headers = material.client.response_to(get_call(_RUNS, limit=1)).headers
    return sorted({_without_names(name.lower()) for name in headers if _RATE_LIMIT.fullmatch(name)})


def _without_names(header: str) -> str:
    return "-".join(word if word in _HEADER_WORDS else "other" for word in header.split("-"))

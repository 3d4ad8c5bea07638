"""A profile: what `airflow-aep doctor --probe` found out about a real platform, as the switches that do likewise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

from airflow_provider_aep.emulator.state.json import Json

#: the format of the profiles that are read here
FORMAT = 1
_HEADER = re.compile(r"[A-Za-z0-9-]+")


def _flag(found: Any) -> bool:
    if not isinstance(found, bool):
        raise ValueError("true or false")
    return found


def _opposite(found: Any) -> bool:
    return not _flag(found)


def _gap(shared: Any) -> float:
    return 0.0 if _flag(shared) else 1.0


def _page_size(found: Any) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise ValueError("a number of objects from 1 up")
    return found


def _seconds(found: Any) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < inf:
        raise ValueError("a number of seconds from 0 up")
    return float(found)


def _headers(found: Any) -> list[str]:
    if not isinstance(found, list) or not all(isinstance(name, str) and _HEADER.fullmatch(name) for name in found):
        raise ValueError("a list of the names of headers")
    return list(found)


#: question -> its switch, and how the answer becomes the switch's value
SWITCHES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "run-id-lists": ("refuse_run_id_lists", _opposite),
    "flow-id-lists": ("refuse_flow_id_lists", _opposite),
    "connection-id-lists": ("refuse_connection_id_lists", _opposite),
    "dataset-id-lists": ("refuse_dataset_lists", _opposite),
    "name-filters": ("refuse_end_name_filters", _opposite),
    "largest-page": ("max_page_size", _page_size),
    "pages-are-filled": ("empty_pages", _opposite),
    "newest-first": ("ignore_orderby", _opposite),
    "flow-service-lists-whole": ("brief_flow_service_lists", _opposite),
    "schema-lists-whole": ("brief_schema_lists", _opposite),
    "mapping-set-lists-whole": ("brief_mapping_set_lists", _opposite),
    "latest-mapping-set-version": ("first_mapping_set_version", _opposite),
    "flow-spec-names": ("renamed_flow_specs", _opposite),
    "run-envelope": ("bare_runs", _opposite),
    "flow-spec-envelope": ("bare_flow_specs", _opposite),
    "profile-tag-dates": ("tag_enabled_at", _flag),
    "created-after-exclusive": ("created_after_inclusive", _opposite),
    "window-bounds-shared": ("window_gap", _gap),
    "rate-limit-headers": ("rate_limit_headers", _headers),
    "list-lag": ("list_lag", _seconds),
    "read-at-once": ("reads_lag", _opposite),
    "names-repeat": ("unique_names", _opposite),
    "names-kept": ("trim_names", _opposite),
    "etag-changes": ("keep_draft_etags", _opposite),
    "patch-of-unknown-fields-refused": ("lenient_patch", _opposite),
    "dataset-tags-merged": ("replace_dataset_tags", _opposite),
    "dataset-delete-repeatable": ("delete_dataset_once", _opposite),
}


def read_profile(file: str | Path) -> Json:
    """The profile in a file.

    :raises OSError: there is no such file.
    :raises ValueError: it holds no profile.
    """
    try:
        profile = json.loads(Path(file).read_text("utf-8-sig"))
    except (ValueError, RecursionError) as wrong:
        raise ValueError(f"not a profile: it is no JSON ({wrong})") from wrong
    switches_of(profile)
    return dict(profile)


def switches_of(profile: Any) -> Json:
    """The switches of a platform with these habits. What a profile does not know stays as it is.

    :raises ValueError: it is no profile.
    """
    answers = profile.get("answers") if isinstance(profile, dict) else None
    if not isinstance(answers, dict):
        raise ValueError("not a profile: it has no object 'answers'")
    if profile.get("profile", FORMAT) != FORMAT:
        raise ValueError(f"not a profile of format {FORMAT}, but of {profile['profile']!r}: another version made it")
    switches = {}
    for question, answer in answers.items():
        if answer is not None and question in SWITCHES:
            switch, convert = SWITCHES[question]
            try:
                switches[switch] = convert(answer)
            except ValueError as wrong:
                said = f"not a profile: the answer to {question!r} is {answer!r}; it is {wrong}, or null"
                raise ValueError(said) from None
    return switches

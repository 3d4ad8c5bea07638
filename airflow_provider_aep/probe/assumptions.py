"""What we assume about the platform and nobody has proven, in one table. The page docs/assumptions.md is made from it.

Each assumption is safe: if it does not hold, something costs more requests, or a setting has to say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from airflow_provider_aep.probe import drafts, probes
from airflow_provider_aep.probe.drafts import Drafts
from airflow_provider_aep.probe.material import Material


@dataclass(frozen=True)
class Assumption:
    """One assumption. Answers are plain JSON; where the claim is a sentence, True or False.

    :param id: its name in profiles.
    :param claim: what is assumed.
    :param matters: where it matters.
    :param if_so: what we do if it holds.
    :param otherwise: what we do if it does not.
    :param assumed: the answer if it holds.
    :param opposite: an answer if it does not.
    :param probe: finds out the answer by reading; None: that cannot be.
    :param writing_probe: finds it out with drafts, where reading does not.
    """

    id: str
    claim: str
    matters: str
    if_so: str
    otherwise: str
    assumed: Any = True
    opposite: Any = False
    probe: Callable[[Material], Any] | None = None
    writing_probe: Callable[[Drafts], Any] | None = None


ASSUMPTIONS: Final = (
    Assumption(
        "run-id-lists",
        "`GET /runs?property=id==A,B` shows both runs",
        matters="Waiting for many runs at once",
        if_so="one request a round for fifty runs",
        otherwise="one request a round for each run, and a line in the log",
        probe=probes.run_id_lists,
    ),
    Assumption(
        "flow-id-lists",
        "`GET /runs?property=flowId==A,B` shows the runs of both dataflows",
        matters="Waiting for runs of many dataflows; health",
        if_so="one request a round for fifty dataflows",
        otherwise="one request a round for each dataflow",
        probe=probes.flow_id_lists,
    ),
    Assumption(
        "connection-id-lists",
        "`GET /connections?property=id==A,B` shows both base connections",
        matters="The accounts in the health report",
        if_so="one request for fifty accounts",
        otherwise="one request for each account",
        probe=probes.connection_id_lists,
    ),
    Assumption(
        "dataset-id-lists",
        "`GET /batches?dataSet=A,B` shows the batches of both datasets",
        matters="Waiting for batches in many datasets",
        if_so="one request a round for fifty datasets",
        otherwise="one request a round for each dataset",
        probe=probes.dataset_id_lists,
    ),
    Assumption(
        "name-filters",
        "Source and target connections can be filtered by `name`",
        matters="Looking for one before it is made",
        if_so="one short list",
        otherwise="the list of all of them, compared here",
        probe=probes.name_filters,
    ),
    Assumption(
        "largest-page",
        "A page of Flow Service holds a hundred objects",
        matters="Every list",
        if_so="100 are asked for at once",
        otherwise="more pages: each is followed by the link in the one before",
        assumed=100,
        opposite=7,
        probe=probes.largest_page,
    ),
    Assumption(
        "pages-are-filled",
        "A page that links to a next one is not empty",
        matters="Every list",
        if_so="nothing depends on it",
        otherwise="empty pages are read on",
        probe=probes.pages_are_filled,
    ),
    Assumption(
        "newest-first",
        "`orderby=-createdAt` is followed",
        matters="Finding the runs since a time; the newest run",
        if_so="reading ends at the first page that reaches back far enough",
        otherwise="all pages are read, and the times in them compared",
        probe=probes.newest_first,
        writing_probe=drafts.newest_first,
    ),
    Assumption(
        "flow-service-lists-whole",
        "Lists of connections and dataflows show all that a read by the id shows",
        matters="Comparing what is live with what is declared",
        if_so="the list is compared",
        otherwise="each object without an etag is read by its id",
        probe=probes.flow_service_lists_whole,
    ),
    Assumption(
        "schema-lists-whole",
        "A list of schemas with `Accept: application/vnd.adobe.xed+json` shows `allOf`",
        matters="Comparing schemas",
        if_so="the list is compared",
        otherwise="the schema is read by its id",
        probe=probes.schema_lists_whole,
    ),
    Assumption(
        "mapping-set-lists-whole",
        "A list of mapping sets shows the mappings",
        matters="Comparing mapping sets",
        if_so="the list is compared",
        otherwise="the mapping set is read by its id",
        probe=probes.mapping_set_lists_whole,
    ),
    Assumption(
        "latest-mapping-set-version",
        "`GET /mappingSets/{id}` without a version shows the latest one",
        matters="The version that a dataflow uses",
        if_so="it is taken",
        otherwise="version 0 is not believed: the list is asked for the latest",
        probe=probes.latest_mapping_set_version,
    ),
    Assumption(
        "flow-spec-names",
        "The published flow specs have their published names",
        matters="Finding the flow spec of a source",
        if_so="it is found by its name",
        otherwise="it is read by its published id",
        probe=probes.flow_spec_names,
    ),
    Assumption(
        "run-envelope",
        "`GET /runs/{id}` answers in the envelope of a list",
        matters="Reading a run",
        if_so="the one item is taken",
        otherwise="the bare object is taken",
        probe=probes.run_envelope,
    ),
    Assumption(
        "flow-spec-envelope",
        "`GET /flowSpecs/{id}` answers in the envelope of a list",
        matters="Reading a flow spec",
        if_so="the one item is taken",
        otherwise="the bare object is taken, `transformationSpec` for `transformationSpecs`",
        probe=probes.flow_spec_envelope,
    ),
    Assumption(
        "profile-tag-dates",
        "A dataset that is enabled for Profile notes since when in its tag `unifiedProfile`",
        matters="Comparing the tags of datasets",
        if_so="the entry of the platform is left alone",
        otherwise="nothing depends on it",
        probe=probes.profile_tag_dates,
    ),
    Assumption(
        "created-after-exclusive",
        "`createdAfter` of Catalog leaves out what was made at that very moment",
        matters="Waiting for a batch",
        if_so="a millisecond earlier is asked for",
        otherwise="a batch that is shown besides is passed over",
        probe=probes.created_after_exclusive,
    ),
    Assumption(
        "window-bounds-shared",
        "Windows of scheduled runs that follow each other share a bound, which is thus in one of them only",
        matters="The windows of runs on demand",
        if_so="slots that share a bound are sent as they are: no record is loaded twice",
        otherwise="both bounds may be included: choose a `window_end` that is a second earlier",
        probe=probes.window_bounds_shared,
    ),
    Assumption(
        "rate-limit-headers",
        "No header tells of a rate limit",
        matters="Pacing",
        if_so="a 429 is waited out, and requests become fewer",
        otherwise="the same; please send us the profile",
        assumed=[],
        opposite=["x-ratelimit-limit", "x-ratelimit-remaining"],
        probe=probes.rate_limit_headers,
    ),
    Assumption(
        "list-lag",
        "Seconds until lists show what was made",
        matters="Making nothing twice; finding a run whose response was lost, for half a minute",
        if_so="a create waits so long for the creates of others",
        otherwise="set `list_lag` in the connection's extra to what was found; above 30, a run whose response was lost "
        "may be started once more",
        assumed=4.0,
        opposite=0.5,
        writing_probe=drafts.list_lag,
    ),
    Assumption(
        "read-at-once",
        "What was made can be read by its id at once",
        matters="Making nothing twice; each step that stands on another",
        if_so="it is read",
        otherwise="it is looked for until `list_lag` has passed",
        writing_probe=drafts.read_at_once,
    ),
    Assumption(
        "names-repeat",
        "Several base connections may have one name",
        matters="Making nothing twice",
        if_so="the oldest stays, and what this package made beside it is removed",
        otherwise="the refusal leads to the one that is there; a connection that is replaced is renamed first, "
        "to `NAME ~replaced`; what stands beside another needs another name",
        writing_probe=drafts.names_repeat,
    ),
    Assumption(
        "names-kept",
        "A name keeps the blanks around it",
        matters="Finding again what was made",
        if_so="such names are refused before the first request",
        otherwise="the same",
        writing_probe=drafts.names_kept,
    ),
    Assumption(
        "etag-changes",
        "A draft has another etag once it is changed",
        matters="Changing a draft",
        if_so="the etag in the response is used",
        otherwise="the same: it is the one in the response, too",
        writing_probe=drafts.etag_changes,
    ),
    Assumption(
        "patch-of-unknown-fields-refused",
        "A change of a field that is not there is refused",
        matters="Changing a dataflow",
        if_so="only fields that are live are replaced, others added",
        otherwise="the same",
        writing_probe=drafts.patch_of_unknown_fields_refused,
    ),
    Assumption(
        "dataset-tags-merged",
        "A PATCH of one tag of a dataset leaves the others",
        matters="Changing the tags of a dataset",
        if_so="all tags are sent",
        otherwise="the same",
        writing_probe=drafts.dataset_tags_merged,
    ),
    Assumption(
        "dataset-delete-repeatable",
        "A dataset that is gone can be deleted once more",
        matters="Removing what was made twice",
        if_so="it is gone",
        otherwise="a 404 is the same",
        writing_probe=drafts.dataset_delete_repeatable,
    ),
)

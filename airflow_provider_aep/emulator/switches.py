"""What a test may change about the platform: published ambiguities and strictness, one switch each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

AEP_SCOPES = (
    "openid",
    "session",
    "AdobeID",
    "read_organizations",
    "additional_info.projectedProductContext",
)


@dataclass
class Switches:
    """Times are seconds on the emulator's clock."""

    client_id: str = "emulator-client-id"
    client_secret: str = "emulator-client-secret"
    org_id: str = "9C991D2E622D76190A495E39@AdobeOrg"
    tenant_id: str = "aepemulator"
    token_lifetime: int = 86399
    #: refuse a flow whose startTime has passed (1360-400); Adobe's tutorials all use past times
    refuse_past_start_time: bool = True
    start_time_grace: float = 60.0
    #: refuse Copy.deltaColumn on a flow that runs once (1369-400); one published sample breaks this rule
    refuse_delta_column_with_once: bool = True
    #: answer GET /flowSpecs with a bare object and the key `transformationSpec`, as one tutorial shows
    bare_flow_specs: bool = False
    #: answer GET /runs/{id} with a bare object, as one page shows
    bare_runs: bool = False
    #: the published answers to POST /runs: "items", "plain" or "full"
    run_response: str = "items"
    #: refuse `property=id==a,b` of runs (1443-400)
    refuse_run_id_lists: bool = False
    #: refuse `property=flowId==a,b` of runs (1443-400); no published request bears two
    refuse_flow_id_lists: bool = False
    #: refuse `dataSet=a,b` of batches (400); no published request bears two
    refuse_dataset_lists: bool = False
    #: refuse `property=id==a,b` of base connections (1443-400)
    refuse_connection_id_lists: bool = False
    #: refuse a filter by name of source and target connections (1449-400)
    refuse_end_name_filters: bool = False
    #: `orderby` has no effect on the lists of Flow Service
    ignore_orderby: bool = False
    #: refuse `limit` and `start` without `orderby` in Schema Registry (1002-400); a client in wide use sends them
    refuse_limit_without_orderby: bool = True
    #: a created run is invisible for this long
    run_visibility_lag: float = 0.0
    #: lists show each new object at a time of its own, within this long after it was made
    list_lag: float = 0.0
    #: a read by an id shows a new object no sooner than the lists do
    reads_lag: bool = False
    #: how long a flow stays in `disabling`, `enabling` or `updating`
    flow_transition: float = 0.0
    #: between the creation of a run and its start
    run_queue_time: float = 5.0
    #: between the batches of a streaming flow
    streaming_batch_interval: float = 900.0
    default_page_size: int = 20
    max_page_size: int = 100
    #: put an empty page after every page of a Flow Service listing
    empty_pages: bool = False
    #: lists of connections and flows leave out etags, versions and all that is nested but state and schedule
    brief_flow_service_lists: bool = False
    #: lists of schemas leave out what they are made of, whatever is accepted
    brief_schema_lists: bool = False
    #: lists of mapping sets leave out the mappings
    brief_mapping_set_lists: bool = False
    #: the published flow specs have other names, and the same ids
    renamed_flow_specs: bool = False
    #: headers that each response has, with a number
    rate_limit_headers: list[str] = field(default_factory=list)
    #: `createdAfter` of Catalog includes what was made at that very moment
    created_after_inclusive: bool = False
    #: seconds between the end of a scheduled run's window and the beginning of the next one
    window_gap: float = 0.0
    #: refuse a second object of a name in Flow Service and Catalog (409)
    unique_names: bool = False
    #: names are kept without the blanks around them
    trim_names: bool = False
    #: a draft keeps its etag when it is changed, as one tutorial shows
    keep_draft_etags: bool = False
    #: a PATCH that replaces a field that is not there adds it
    lenient_patch: bool = False
    #: a PATCH of a dataset replaces its tags instead of merging into them
    replace_dataset_tags: bool = False
    #: the second DELETE of a dataset finds nothing (404) instead of succeeding
    delete_dataset_once: bool = False
    #: answer the exploration of a JSON file with columns, as for delimited files
    flat_json: bool = False
    #: answer an exploration with a bare list of columns, as older pages show
    bare_columns: bool = False
    #: show in the tag `unifiedProfile` since when a dataset is enabled, as older datasets do
    tag_enabled_at: bool = True
    #: GET of a mapping set without `version` shows version 0 instead of the latest
    first_mapping_set_version: bool = False
    #: the tables that exploring a table source finds: name -> columns; None: the emulator's own
    tables: dict[str, list[dict[str, Any]]] | None = field(default=None)

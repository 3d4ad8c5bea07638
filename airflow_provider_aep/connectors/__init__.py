"""What Adobe has published about sources: connector name, connection spec, flow spec, category.

Connection spec and flow spec ids are fixed and the same in every organisation. The tables below are what the
documentation names; the platform itself is the authority, so an id that is not here is accepted and only a
*name* that is not here is an error.

Adobe's reference: https://developer.adobe.com/experience-platform-apis/references/flow-service/ and, for one
page a source, https://experienceleague.adobe.com/en/docs/experience-platform/sources/home
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from airflow_provider_aep.connectors.applications import APPLICATIONS
from airflow_provider_aep.connectors.connector import AuthParams, Connector, SourceCategory
from airflow_provider_aep.connectors.databases import DATABASES
from airflow_provider_aep.connectors.files import FILES, LANDING_ZONES
from airflow_provider_aep.connectors.row import Row
from airflow_provider_aep.connectors.self_serve import MARKETO, SELF_SERVE
from airflow_provider_aep.connectors.streams import MAPPED_STREAMS, STREAMS, WEBHOOKS
from airflow_provider_aep.exceptions import AepConfigError

__all__ = [
    "ALIASES",
    "AUTH_PARAMS",
    "CONNECTORS",
    "DATA_LAKE_CONNECTION_SPEC_ID",
    "FLOW_SPEC_IDS",
    "AuthParams",
    "Connector",
    "SourceCategory",
    "connector_name",
    "get_connector",
]

DATA_LAKE_CONNECTION_SPEC_ID: Final = "c604ff05-7f1a-43c0-8e18-33bf874cb11c"
"""The connection spec of every target connection a source dataflow may have."""

_CRM: Final = "CRMToAEP"
_CLOUD: Final = "CloudStorageToAEP"
_REST: Final = "RestStorageToAEP"
_STREAM: Final = "Stream data with optional transformation"
_STREAM_MAPPED: Final = "Steam data with transformation"  # Adobe's own spelling, and the value on the wire
_PAGES: Final = "https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/create/"

FLOW_SPEC_IDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        _CRM: "14518937-270c-4525-bdec-c2ba7cce3860",
        _CLOUD: "9753525b-82c7-4dce-8a9b-5ccfce2b9876",
        _REST: "6499120c-0b15-42dc-936e-847ea3c24d72",
        _STREAM: "d69717ba-71b4-4313-b654-49f9cf126d7a",
        _STREAM_MAPPED: "c1a19761-d2c7-4702-b9fa-fe91f0613e81",
    }
)
"""Flow spec name -> id, as published. Ask the platform first (GET /flowSpecs); this is what to fall back on.

Three more flow specs are published by id only, so they have no name to be found by:
d8a6f005-7eaf-4153-983e-e8574508b877 (HTTP API with data that is XDM already),
e77fde5a-22a8-11ed-861d-0242ac120002 (webhooks such as Pendo's) and
15f8402c-ba66-4626-b54c-9f8e54244d61 (Marketo Engage activities).
"""

_FAMILIES: Final[tuple[tuple[tuple[Row, ...], SourceCategory, str | None], ...]] = (
    (APPLICATIONS, "table", _CRM),
    (DATABASES, "table", _CRM),
    (FILES, "file", _CLOUD),
    (LANDING_ZONES, "file", _CLOUD),
    (STREAMS, "streaming", _STREAM),
    (MAPPED_STREAMS, "streaming", _STREAM_MAPPED),
    (WEBHOOKS, "streaming", None),
    (SELF_SERVE, "unknown", _REST),
    (MARKETO, "unknown", None),
)
_ROWS: Final = tuple(row for rows, _, _ in _FAMILIES for row in rows)


def _connectors() -> Iterator[Connector]:
    for rows, category, flow_spec in _FAMILIES:
        for row in rows:
            yield Connector(
                name=row.name,
                title=row.title,
                connection_spec_id=row.connection_spec_id,
                category=category,
                flow_spec=flow_spec,
                auth_specs=tuple(row.auth),
                needs_account=rows not in (LANDING_ZONES, WEBHOOKS),
                page=_PAGES + row.page if row.page else None,
            )


CONNECTORS: Final[Mapping[str, Connector]] = MappingProxyType({each.name: each for each in _connectors()})
"""Every source that Adobe's pages name, by connector name.

:meta hide-value:
"""

AUTH_PARAMS: Final[Mapping[tuple[str, str], AuthParams]] = MappingProxyType(
    {(row.name, auth_spec): wanted for row in _ROWS for auth_spec, wanted in row.auth.items()}
)
"""Connector and auth spec -> what it wants, of every auth spec that is published.

:meta hide-value:
"""

ALIASES: Final[Mapping[str, str]] = MappingProxyType({alias: row.name for row in _ROWS for alias in row.aliases})
"""Other names of sources -> connector name.

:meta hide-value:
"""

_BY_SPEC_ID: Final[Mapping[str, Connector]] = MappingProxyType(
    {connector.connection_spec_id: connector for connector in CONNECTORS.values()}
)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def get_connector(name_or_spec_id: str) -> Connector:
    """Find a source by its name ("salesforce", "Amazon Kinesis", "event_hubs") or its connection spec id.

    Case does not matter, and blanks and underscores count as dashes. A connection spec id that this table
    does not know gives a connector of category ``unknown``, so that a source newer than this package can be used.

    :raises AepConfigError: the value is neither a known name nor a UUID.
    """
    # str(), because a templated value may arrive as None and deserves the same sentence.
    wanted = str(name_or_spec_id).strip().lower()
    if _UUID.fullmatch(wanted):
        return _BY_SPEC_ID.get(wanted) or Connector(wanted, wanted, wanted, "unknown", None)
    wanted = re.sub(r"[\s_]+", "-", wanted)
    connector = CONNECTORS.get(ALIASES.get(wanted, wanted))
    if connector is None:
        raise AepConfigError(_unknown(name_or_spec_id, wanted))
    return connector


def connector_name(connection_spec_id: str) -> str:
    """The name of the source with this connection spec; the id itself if this table does not know it."""
    known = _BY_SPEC_ID.get(connection_spec_id.lower())
    return known.name if known else connection_spec_id


def _unknown(value: object, wanted: str) -> str:
    near = difflib.get_close_matches(wanted, [*CONNECTORS, *ALIASES], n=3)
    nearest = f" (the nearest names are {', '.join(near)})" if near else ""
    return (
        f"Unknown connector {value!r}{nearest}: pass a name listed in "
        "airflow_provider_aep.connectors.CONNECTORS or the source's connection spec id, a UUID."
    )

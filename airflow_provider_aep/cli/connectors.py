"""``airflow-aep connectors``: what is published about sources. Asks nobody."""

from __future__ import annotations

from argparse import Namespace
from typing import Any, Final

from airflow_provider_aep.cli.terminal import print_json, print_table, print_text
from airflow_provider_aep.connectors import AUTH_PARAMS, CONNECTORS, Connector, get_connector

NOT_PUBLISHED: Final = "not published"
# Of a source that has no page of its own.
_LIST_OF_SOURCES: Final = "https://experienceleague.adobe.com/en/docs/experience-platform/sources/home"
# Source category -> data formats, required and optional source params.
_SHAPES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]] = {
    "table": (("tabular",), ("tableName", "columns"), ("path",)),
    "file": (("delimited", "json", "parquet"), ("path",), ("type", "recursive", "columnDelimiter", "compressionType")),
    "streaming": (("json",), (), ()),
}
_OF_THEIR_OWN: Final = {
    "amazon-kinesis": (("json",), ("stream", "dataType", "reset"), ()),
    "http-api": ((), (), ()),
}
# https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/filter
_ROW_FILTERS: Final = {"google-bigquery", "microsoft-dynamics", "salesforce", "snowflake"}


def run(args: Namespace) -> int:
    """Print a table of all sources, or what is known of one.

    :raises AepConfigError: there is no such source; with the nearest names.
    """
    if args.name:
        described = describe(get_connector(args.name))
        print_json(described) if args.json else _print(described)
        return 0
    rows = [
        {
            "name": one.name,
            "category": one.category,
            "flow_spec": one.flow_spec,
            "connection_spec_id": one.connection_spec_id,
        }
        for one in CONNECTORS.values()
    ]
    if args.json:
        print_json(rows)
    else:
        shown = [[value or NOT_PUBLISHED for value in row.values()] for row in rows]
        print_table(("name", "category", "flow spec", "connection spec"), shown)
    return 0


def describe(connector: Connector) -> dict[str, Any]:
    """What Adobe's pages say of a source. None, an empty list or an empty dict is what none of them says."""
    formats, required, optional = _OF_THEIR_OWN.get(connector.name) or _SHAPES.get(connector.category, ((), (), ()))
    filters = ("filters",) if connector.name in _ROW_FILTERS else ()
    return {
        "name": connector.name,
        "title": connector.title,
        "connection_spec_id": connector.connection_spec_id,
        "category": connector.category,
        "flow_spec": connector.flow_spec,
        "needs_account": connector.needs_account,
        "auth_specs": {name: _auth_params(connector.name, name) for name in connector.auth_specs},
        "data_formats": list(formats),
        "source_params": {"required": list(required), "optional": [*optional, *filters]},
        "page": connector.page or _LIST_OF_SOURCES,
    }


def _auth_params(connector: str, auth_spec: str) -> dict[str, list[str]]:
    params = AUTH_PARAMS[connector, auth_spec]
    return {"required": list(params.required), "optional": list(params.optional)}


def _print(described: dict[str, Any]) -> None:
    print_text(f"{described['title']} ({described['name']})", "good")
    print_table(("", ""), [[name, value] for name, value in _rows(described)])


def _rows(described: dict[str, Any]) -> list[tuple[str, str]]:
    account = [("account", "none: its source connections have no base connection")]
    if described["needs_account"]:
        account = [("auth specs", ", ".join(described["auth_specs"]) or NOT_PUBLISHED)]
        account += [(f"  {name}", _params(params)) for name, params in described["auth_specs"].items()]
    return [
        ("connection spec", described["connection_spec_id"]),
        ("category", described["category"]),
        ("flow spec", described["flow_spec"] or NOT_PUBLISHED),
        *account,
        ("data formats", ", ".join(described["data_formats"]) or NOT_PUBLISHED),
        ("source params", _params(described["source_params"])),
        ("Adobe's page", described["page"]),
    ]


def _params(params: dict[str, list[str]]) -> str:
    optional = [f"[{name}]" for name in params["optional"]]
    return ", ".join([*params["required"], *optional]) or NOT_PUBLISHED

"""The rules of row filters at the source: pages sources/tutorials/api/filter and sources/errors."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.emulator.http.errors import SourcesError
from airflow_provider_aep.emulator.state.json import Json

#: the page has a sample of `isNull`, which the operators of no connection spec name
ALWAYS = ("isnull",)


def check_row_filter(spec: Json, row_filter: Any) -> None:
    """Refuse a filter that the source does not take; `spec` is its connection spec."""
    supported = (spec.get("attributes") or {}).get("filterAtSource") or {}
    if not supported.get("enabled"):
        raise SourcesError(
            "1353-400",
            f"The filter at source is not yet supported for {spec['name']} connector. "
            "Please check the supported connectors in the documentation: "
            "https://experienceleague.adobe.com/docs/experience-platform/sources/api-tutorials/filter.html.",
        )
    if not isinstance(row_filter, dict):
        raise SourcesError(
            "1349-400", "The provided filter params are invalid. Please provide valid filter params and try again."
        )
    if row_filter.get("type") != "PQL":
        raise SourcesError(
            "1355-400",
            "The provided filter type is invalid. The supported filter type is: PQL. "
            "Please provide a valid filter type and try again.",
        )
    if row_filter.get("format") != "pql/json":
        raise SourcesError(
            "1356-400",
            "The provided filter format is invalid. The supported filter format is : pql/json. "
            "Please provide valid filter format and try again.",
        )
    if not isinstance(row_filter.get("value"), dict):
        raise SourcesError(
            "1357-400",
            "The provided filter is invalid. The value must be provided with detailed filters. "
            "Please provide valid filter and try again.",
        )
    operators = [*supported.get("logicalOperators", ()), *supported.get("comparisonOperators", ())]
    _check_node(row_filter["value"], {each.lower() for each in (*operators, *ALWAYS)})


def _check_node(node: Json, operators: set[str]) -> None:
    if node.get("nodeType") != "fnApply":
        return
    operator = node.get("fnName")
    if not operator or not isinstance(operator, str):
        raise SourcesError(
            "1350-400",
            "No operator was provided for filter at source. "
            "Please provide a valid filter request with appropriate operator and try again.",
        )
    if operator.lower() not in operators:
        raise SourcesError(
            "1351-400",
            f"The provided operator {operator} is not supported for filter at source for this connector. "
            "Please provide a valid operator and try again.",
        )
    params = node.get("params")
    inner = [each for each in params if isinstance(each, dict)] if isinstance(params, list) else []
    if operator.lower() == "not" and len(inner) > 1:
        raise SourcesError(
            "1390-400",
            "The 'not' operator cannot have have more than one comparison. "
            "Please provide a valid number of comparisons and try again.",
        )
    for each in inner:
        _check_node(each, operators)

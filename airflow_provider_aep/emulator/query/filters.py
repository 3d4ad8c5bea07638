"""Flow Service's `property` filters: `PATH==VALUE`, repeated = AND, comma = OR, `[]` = any element.

Values compare exactly, case included. A value in double quotes may contain commas.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from airflow_provider_aep.emulator.http.errors import FlowServiceError
from airflow_provider_aep.emulator.state.json import Json

EXPRESSION = re.compile(r"^(?P<path>[^=!<>~]*)(?P<operator>[=!<>~]+)(?P<value>.*)$", re.DOTALL)

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
}
ORDERED = (">", "<", ">=", "<=")
NUMERIC_FIELDS = ("createdAt", "updatedAt")
UNORDERED_FIELDS = ("id", "name", "flowId", "state")

AUDIT_FIELDS = {
    "id",
    "createdAt",
    "updatedAt",
    "createdBy",
    "updatedBy",
    "createdClient",
    "updatedClient",
    "sandboxId",
    "sandboxName",
    "imsOrgId",
    "etag",
    "version",
}


@dataclass(frozen=True)
class Condition:
    path: str
    operator: str
    values: tuple[str, ...]

    def holds(self, record: Json) -> bool:
        found = list(reach(record, self.path))
        if self.operator == "!=":
            return not any(self._equals(value) for value in found)
        if self.operator == "==":
            return any(self._equals(value) for value in found)
        return any(_compare(self.operator, value, wanted) for value in found for wanted in self.values)

    def _equals(self, value: Any) -> bool:
        if isinstance(value, str):
            return value in self.values
        return any(_compare("==", value, wanted) for wanted in self.values)


def parse(expression: str, fields: set[str]) -> Condition:
    """`fields` are the top-level fields the resource may be filtered by."""
    match = EXPRESSION.match(expression)
    if match is None or not match["path"]:
        raise FlowServiceError("1451-400", f"Invalid params {expression} provided in query params.")
    path, operator, raw = match["path"].strip(), match["operator"], match["value"]
    if "~" in operator:
        raise FlowServiceError("1440-400", "Operator '~' not implemented.")
    if operator not in COMPARISONS:
        raise FlowServiceError("1450-400", f"Invalid operator {operator} in filter params.")
    root = path.split(".")[0].removesuffix("[]")
    if root not in fields:
        raise FlowServiceError("1449-400", f"Invalid field {root} in filter params.")
    if not raw:
        raise FlowServiceError("1453-400", f"Invalid query value {expression} provided in query param.")
    values = _values(raw)
    if len(values) > 1 and operator not in ("==", "!="):
        raise FlowServiceError("1443-400", f"Operator '{operator}' is not allowed for multiple values.")
    if operator in ORDERED and path in UNORDERED_FIELDS:
        raise FlowServiceError("1448-400", f"Operator {operator} not supported for field {path}.")
    if path in NUMERIC_FIELDS and not all(_is_number(value) for value in values):
        raise FlowServiceError("1452-400", f"Invalid value {raw} for field {path}.")
    return Condition(path, operator, values)


def reach(value: Any, path: str) -> Iterable[Any]:
    """Every value the path leads to; `a[].b` steps into each element of a."""
    if not path:
        yield value
        return
    step, _, rest = path.partition(".")
    name = step.removesuffix("[]")
    if not isinstance(value, dict) or name not in value:
        return
    child = value[name]
    if step.endswith("[]"):
        for element in child if isinstance(child, list) else ():
            yield from reach(element, rest)
    else:
        yield from reach(child, rest)


def _values(raw: str) -> tuple[str, ...]:
    if len(raw) >= 2 and raw[0] == raw[-1] == '"':
        return (raw[1:-1],)
    return tuple(value.strip().strip('"') for value in raw.split(","))


def _compare(operator: str, value: Any, wanted: str) -> bool:
    compare = COMPARISONS[operator]
    if isinstance(value, bool):
        return compare(str(value).lower(), wanted.lower())
    if isinstance(value, (int, float)):
        return _is_number(wanted) and compare(float(value), float(wanted))
    if isinstance(value, str):
        if operator in ORDERED and _is_number(value) and _is_number(wanted):
            return compare(float(value), float(wanted))
        return compare(value, wanted)
    return False


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None

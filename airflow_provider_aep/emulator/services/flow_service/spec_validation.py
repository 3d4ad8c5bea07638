"""Checking a value against the JSON Schema of a flow spec, as leniently as AEP: "15" passes for 15."""

from __future__ import annotations

import re
from typing import Any

from jsonschema import Draft7Validator

from airflow_provider_aep.emulator.state.json import Json

WHOLE_NUMBER = re.compile(r"-?\d{1,18}")
NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?")


def violations(value: Any, schema: Json) -> list[str]:
    """What is wrong with the value, in words; empty if nothing is."""
    found = Draft7Validator(schema).iter_errors(coerce(value, schema))
    return [f"{'.'.join(str(step) for step in error.path)}: {error.message}".lstrip(": ") for error in found]


def coerce(value: Any, schema: Json) -> Any:
    """A copy with strings turned into the numbers and booleans the schema wants, and numbers into strings."""
    wanted = schema.get("type")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {name: coerce(inner, properties.get(name, {})) for name, inner in value.items()}
    if isinstance(value, str):
        return _from_string(value, wanted)
    if wanted == "string" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _from_string(value: str, wanted: Any) -> Any:
    if wanted == "integer" and WHOLE_NUMBER.fullmatch(value):
        return int(value)
    if wanted == "number" and NUMBER.fullmatch(value):
        return float(value)
    if wanted == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value

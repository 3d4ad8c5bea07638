"""Whether a request is one that Adobe's own API specifications allow.

for record in emulator.requests:
    assert violations(record) == []
"""

import json
import re
from copy import deepcopy
from functools import cache
from pathlib import Path

from jsonschema import Draft7Validator

from .disagreements import DISAGREEMENTS, NOT_SPECIFIED, WITHOUT_A_SANDBOX

ALWAYS = {"authorization", "x-api-key", "x-gw-ims-org-id"}
JSON_TYPE = "application/json"


def violations(record) -> list[str]:
    """Everything in which a request breaks Adobe's specifications, one line each.

    :param record: has `method`, `path`, `query` (name to list of values), `headers` and `body` (parsed).
    """
    if record.path.startswith(NOT_SPECIFIED):
        return []
    operation = find(record.method, record.path)
    if operation is None:
        return [f"{record.method} {record.path}: no such operation"]
    found = [*header_violations(operation, record), *query_violations(operation, record.query)]
    found += body_violations(operation, record)
    return [f"{record.method} {record.path}: {each}" for each in found]


def header_violations(operation, record):
    headers = {name.lower(): value for name, value in record.headers.items()}
    needed = ALWAYS | set(operation["headers"])
    if f"{operation['method']} {operation['path']}" not in WITHOUT_A_SANDBOX:
        needed.add("x-sandbox-name")
    if record.body is not None:
        needed.add("content-type")
    yield from (f"header {name} is missing" for name in sorted(needed) if not headers.get(name))
    # HTTP libraries say "anything" by themselves, which is not the choice that Adobe asks for.
    if "accept" in needed and headers.get("accept") == "*/*":
        yield "header accept names no media type"
    content_type = headers.get("content-type", JSON_TYPE).split(";")[0].strip()
    if record.body is not None and content_type != JSON_TYPE:
        yield f"header content-type is {content_type}, not {JSON_TYPE}"


def query_violations(operation, query):
    known = operation["query"]
    for name, parameter in known.items():
        if parameter["required"] and name not in query:
            yield f"query parameter {name} is missing"
    for name, values in query.items():
        if name not in known:
            yield f"query parameter {name} is unknown"
            continue
        schema = known[name]["schema"]
        many = schema.get("type") == "array"
        if len(values) > 1 and not many:
            yield f"query parameter {name} is given {len(values)} times"
        for value in values:
            yield from check(schema.get("items", {}) if many else schema, read(value, schema), name)


def read(text, schema):
    """A value of the query as the JSON value it stands for."""
    if schema.get("type") not in {"integer", "number", "boolean"}:
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def body_violations(operation, record):
    body = operation.get("body")
    if record.body is None:
        if body and body["required"]:
            yield "the body is missing"
    elif body is None:
        yield "there is a body, and none is wanted"
    else:
        yield from check(body["schema"], record.body, "body")


def check(schema, value, place):
    errors = Draft7Validator(schema).iter_errors(value)
    for error in sorted(errors, key=lambda error: [str(key) for key in error.absolute_path]):
        yield f"{'.'.join([place, *(str(key) for key in error.absolute_path)])}: {error.message}"


def find(method, path):
    """The operation that a request asks for, or None."""
    for pattern, operation in operations():
        if operation["method"] == method and pattern.fullmatch(path.rstrip("/")):
            return operation
    return None


@cache
def operations():
    """(pattern of the path, operation), the more literal paths first."""
    extracted = []
    for file in sorted(Path(__file__).parent.glob("*.json")):
        extracted += json.loads(file.read_text())["operations"]
    for operation in extracted:
        for disagreement in DISAGREEMENTS:
            if disagreement.is_about(operation):
                disagreement.apply(operation)
        if "body" in operation:
            operation["body"]["schema"] = strict(operation["body"]["schema"])
    extracted.sort(key=lambda operation: operation["path"].count("{"))
    return [(pattern(operation["path"]), operation) for operation in extracted]


def pattern(path):
    # The specifications end some paths with a slash and Adobe's samples do not; both are served.
    text = re.escape(path.rstrip("/"))
    text = text.replace(r"\{CONTAINER_ID\}", "(tenant|global)")
    # A schema's $id is a URI, and the emulator's log shows it unquoted.
    text = text.replace(r"\{SCHEMA_ID\}", ".+")
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", text))


def strict(schema):
    """The schema with unknown properties forbidden, so that a misspelled name is seen."""
    schema = deepcopy(schema)
    parts = [*schema.get("properties", {}).items()]
    if parts:
        schema["properties"] = {name: strict(each) for name, each in parts}
        schema.setdefault("additionalProperties", False)
    if isinstance(schema.get("items"), dict):
        schema["items"] = strict(schema["items"])
    return schema

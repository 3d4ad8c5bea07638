"""JSON Patch as Flow Service takes it: add, replace and remove, in either case."""

from __future__ import annotations

import copy
from typing import Any

from airflow_provider_aep.emulator.http.errors import FlowServiceError
from airflow_provider_aep.emulator.state.json import Json

OPERATIONS = ("add", "replace", "remove")


def applied(record: Json, body: Any) -> tuple[Json, list[Json]]:
    """(a patched copy of the record, the instructions with lower-case ops)."""
    instructions = _instructions(body)
    patched = copy.deepcopy(record)
    for instruction in instructions:
        _apply(patched, instruction)
    return patched, instructions


def _instructions(body: Any) -> list[Json]:
    # Adobe's specification types the body of PATCH /connections as one instruction, its samples as a list.
    given = [body] if isinstance(body, dict) else body
    if not isinstance(given, list) or not given:
        raise FlowServiceError(
            "1405-400",
            "The request body cannot be null or empty. Please provide a request body and try again.",
        )
    instructions = []
    for each in given:
        if not isinstance(each, dict) or not str(each.get("path", "")).startswith("/"):
            raise _refused("every instruction needs an op and a path that starts with a slash")
        operation = str(each.get("op", "")).lower()
        if operation not in OPERATIONS:
            raise FlowServiceError(
                "1434-400",
                f"Unsupported operation '{each.get('op')}' received. "
                "Please use one of the supported operation types and try again.",
            )
        if operation != "remove" and "value" not in each:
            raise _refused(f'Missing field "value" for {each["path"]}')
        instructions.append({**each, "op": operation})
    return instructions


def _apply(record: Json, instruction: Json) -> None:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in instruction["path"][1:].split("/")]
    parent: Any = record
    for step in steps[:-1]:
        parent = _child(parent, step)
    if isinstance(parent, list):
        _apply_to_list(parent, steps[-1], instruction)
    elif isinstance(parent, dict):
        _apply_to_object(parent, steps[-1], instruction)
    else:
        raise _missing(steps[-1])


def _child(parent: Any, step: str) -> Any:
    if isinstance(parent, dict) and step in parent:
        return parent[step]
    if isinstance(parent, list) and step.isdigit() and int(step) < len(parent):
        return parent[int(step)]
    raise _missing(step)


def _apply_to_object(parent: Json, name: str, instruction: Json) -> None:
    if instruction["op"] != "add" and name not in parent:
        raise _missing(name)
    if instruction["op"] == "remove":
        del parent[name]
    else:
        parent[name] = instruction["value"]


def _apply_to_list(parent: list[Any], index: str, instruction: Json) -> None:
    if instruction["op"] == "add":
        if index == "-":
            parent.append(instruction["value"])
        elif index.isdigit() and int(index) <= len(parent):
            parent.insert(int(index), instruction["value"])
        else:
            raise _missing(index)
        return
    if not index.isdigit() or int(index) >= len(parent):
        raise _missing(index)
    if instruction["op"] == "remove":
        del parent[int(index)]
    else:
        parent[int(index)] = instruction["value"]


def _missing(name: str) -> FlowServiceError:
    return _refused(f'Missing field "{name}"')


def _refused(why: str) -> FlowServiceError:
    return FlowServiceError("1455-400", f"An error has occurred while validating patch instructions: {why}.")

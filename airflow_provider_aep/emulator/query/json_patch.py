"""JSON Patch as AEP takes it: only add, replace and remove, in either case."""

from __future__ import annotations

import copy
from typing import Any

import jsonpatch
from jsonpointer import JsonPointerException

from airflow_provider_aep.emulator.state.json import Json

OPERATIONS = ("add", "replace", "remove")


class PatchError(Exception):
    """The patch cannot be applied; each service has a code of its own for it."""


class EmptyPatchError(PatchError):
    """There are no instructions."""


class UnsupportedOperationError(PatchError):
    """An operation that is part of JSON Patch, or of nothing, but not of AEP."""


def apply_patch(document: Json, body: Any, *, lenient: bool = False) -> tuple[Json, list[Json]]:
    """(a patched copy of the document, the instructions with lower-case ops).

    `lenient`: what replaces a field that is not there adds it.

    :raises PatchError: the body is no patch, or leads to something that is not in the document.
    """
    instructions = _instructions(body)
    patched = copy.deepcopy(document)
    for instruction in instructions:
        name = instruction["path"].rpartition("/")[2]
        try:
            # One by one, so that the error can name the field.
            done = (
                {**instruction, "op": "add"} if lenient and _replaces_new_field(patched, instruction) else instruction
            )
            jsonpatch.apply_patch(patched, [done], in_place=True)
        # A TypeError comes of a path that leads into a text or a number.
        except (jsonpatch.JsonPatchException, JsonPointerException, TypeError) as error:
            raise _invalid(f'Missing field "{name}"') from error
    return patched, instructions


def _instructions(body: Any) -> list[Json]:
    # Adobe's specification types the body of PATCH /connections as one instruction, its samples as a list.
    given = [body] if isinstance(body, dict) else body
    if not isinstance(given, list) or not given:
        raise EmptyPatchError("The request body cannot be null or empty. Please provide a request body and try again.")
    return [_instruction(each) for each in given]


def _instruction(given: Any) -> Json:
    if not isinstance(given, dict) or not str(given.get("path", "")).startswith("/"):
        raise _invalid("every instruction needs an op and a path that starts with a slash")
    operation = str(given.get("op", "")).lower()
    if operation not in OPERATIONS:
        raise UnsupportedOperationError(
            f"Unsupported operation '{given.get('op')}' received. "
            "Please use one of the supported operation types and try again."
        )
    if operation != "remove" and "value" not in given:
        raise _invalid(f'Missing field "value" for {given["path"]}')
    return {**given, "op": operation}


def _replaces_new_field(document: Json, instruction: Json) -> bool:
    _, *parents, field = instruction["path"].split("/")
    return instruction["op"] == "replace" and not parents and field not in document


def _invalid(why: str) -> PatchError:
    return PatchError(f"An error has occurred while validating patch instructions: {why}.")

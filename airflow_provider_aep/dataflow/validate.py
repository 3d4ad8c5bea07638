"""Makes a spec of a merged document, or names every unknown key, missing key and wrong type, each at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from airflow_provider_aep.dataflow.documents import Steps
from airflow_provider_aep.dataflow.finding import Finding
from airflow_provider_aep.dataflow.origin import Origin
from airflow_provider_aep.dataflow.spec import DataflowSpec, SharedBaseConnectionSpec
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.validation import nearest

M = TypeVar("M", bound=BaseModel)
S = TypeVar("S", DataflowSpec, SharedBaseConnectionSpec)

# Set by the reader of a document, and not by the document.
_PLACE = ("file", "line")
# Keys that a GET shows of a live resource, and that a spec does not have, or has under another name.
_COPIED = frozenset(
    "auth baseConnectionId connectionSpec created createdAt createdBy createdClient eTag etag flowSpec imsOrg imsOrgId "
    "inheritedAttributes labels lastOperation lastRunDetails mode sandboxId sandboxName scheduleParams "
    "sourceConnectionIds state targetConnectionIds updated updatedAt updatedBy updatedClient version $id".split()
)
# pydantic's type of error -> what is expected, where pydantic's own words say it in terms of Python.
_EXPECTED = {
    "string_type": "a text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


def validate(model: type[S], data: Mapping[str, Any], origin: Origin) -> tuple[S | None, list[Finding]]:
    """The spec, or what is wrong with it.

    :param data: what the document says for one sandbox.
    """
    findings = [_unknown(origin, (key,), model) for key in _PLACE if key in data]
    line = origin.line
    spec, found = _read(model, {**data, "file": origin.document.file if line else None, "line": line}, origin, ())
    if data.get("policy") is not None:
        found += _read(RunPolicy, data["policy"], origin, ("policy",))[1]
    return spec, findings + found


def _read(model: type[M], data: Any, origin: Origin, under: Steps) -> tuple[M | None, list[Finding]]:
    try:
        return model.model_validate(data, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, list(_findings(model, data, error, origin, under))


def _findings(
    model: type[BaseModel], data: Any, error: ValidationError, origin: Origin, under: Steps
) -> Iterator[Finding]:
    seen: set[Steps] = set()
    for one in error.errors(include_url=False):
        steps = _steps(data, one["loc"], one["type"])
        if steps in seen:  # one more member of a union that the value does not fit
            continue
        seen.add(steps)
        if one["type"] == "extra_forbidden":
            yield _unknown(origin, under + steps, _model_at(model, steps[:-1]))
        else:
            yield _wrong(origin, under + steps, one)


def _steps(data: Any, loc: tuple[int | str, ...], type_: str) -> Steps:
    """pydantic's way to a value, without the names it gives to the members of a union."""
    steps: list[int | str] = []
    for index, step in enumerate(loc):
        try:
            data = data[step]
        except (LookupError, TypeError):
            if type_ != "missing" or index != len(loc) - 1:
                continue
        steps.append(step)
    return tuple(steps)


def _unknown(origin: Origin, steps: Steps, model: type[BaseModel] | None) -> Finding:
    if steps[-1] in _COPIED:
        text = "is what the platform says of a live one, and not a key of a spec: leave it out"
        return origin.finding("D509", steps, text, key=True)
    known = [info.alias or name for name, info in model.model_fields.items() if name not in _PLACE] if model else []
    text = f"is not a key that is known here{nearest(str(steps[-1]), known)}"
    return origin.finding("D002", steps, text, key=True, overlay="D013")


def _wrong(origin: Origin, steps: Steps, error: Any) -> Finding:
    type_, given = error["type"], error["input"]
    code = "D004"
    if type_ == "missing":
        text = "is missing"
    elif type_ == "literal_error":
        code = "D003" if steps in (("apiVersion",), ("kind",)) else "D004"
        text = f"is {given!r}; it is {error['ctx']['expected']}"
    elif type_ == "value_error":
        text = str(error["ctx"]["error"])
    else:
        shown = repr(given) if isinstance(given, bool | int | float) else _article(given)
        text = f"is {shown}; it is {_EXPECTED.get(type_) or error['msg'].removeprefix('Input should be ')}"
    return origin.finding(code, steps, text)


def _article(given: Any) -> str:
    """The type of a value, without the value: a file may hold a secret in the wrong place."""
    if given is None:
        return "empty"
    if isinstance(given, Mapping):
        return "an object"
    return "a list" if isinstance(given, list | tuple) else "a text"


def _model_at(model: type[BaseModel], steps: Steps) -> type[BaseModel] | None:
    """The model of the object at that place, for the names that it knows."""
    found: type[BaseModel] | None = model
    for step in steps:
        fields = found.model_fields.items() if found else ()
        info = next((info for name, info in fields if step in (info.alias, name)), None)
        # A step that is no field goes into a list or an object of that model.
        found = _model_in(info.annotation) if info else found
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for found in map(_model_in, get_args(annotation)) if found), None)

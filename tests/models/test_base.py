"""models/base.py: names on the wire."""

import subprocess
import sys

import pytest
from pydantic import Field, ValidationError

from airflow_provider_aep.models.base import AepModel, Created, Ref, Resource
from airflow_provider_aep.validation import validation_messages

UUID = "9a603322-19d2-4de9-89c6-c98bd54eb184"
SCHEMA_ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"


class Letter(AepModel):
    row_count: int | None = None
    code: str | None = None
    names: list[str] = Field([])


# The wire


def test_fields_are_camel_case_on_the_wire():
    assert Letter(row_count=1, names=["n"]).to_wire() == {"rowCount": 1, "names": ["n"]}


def test_what_was_not_said_is_not_sent():
    assert Letter(code=None).to_wire() == {"names": []}


@pytest.mark.parametrize(
    "response",
    [
        {"rowCount": "7", "code": 133, "names": None},
        {"rowCount": 7, "code": "133", "names": []},
        {"row_count": 7.0, "code": "133"},
    ],
)
def test_answers_are_read_tolerantly(response):
    assert Letter.model_validate(response) == Letter(row_count=7, code="133")


def test_unknown_fields_of_an_answer_are_kept():
    assert Letter.model_validate({"newField": {"a": 1}}).to_wire() == {"names": [], "newField": {"a": 1}}


def test_what_cannot_be_read_is_not_repeated():
    with pytest.raises(ValidationError) as refused:
        Letter.model_validate({"rowCount": "hunter2", "names": "hunter2"})
    assert "hunter2" not in str(refused.value)
    assert validation_messages("response", refused.value) == [
        "response.rowCount: Input should be a valid integer, unable to parse string as an integer",
        "response.names: Input should be a valid list",
    ]
    with pytest.raises(ValidationError):
        Letter.model_validate("hunter2")


def test_a_reference_has_version_1_unless_it_says_otherwise():
    assert Ref(id=UUID).to_wire() == {"id": UUID, "version": "1.0"}
    assert Ref.model_validate({"id": UUID, "version": None}).version == "1.0"


@pytest.mark.parametrize(
    ("response", "etag"),
    [
        ({"etag": '"1"', "version": '"1"'}, '"1"'),
        ({"version": '"1"'}, '"1"'),
        ({"eTag": '"1"'}, '"1"'),
        ({}, None),
    ],
)
def test_the_etag_is_said_in_several_ways(response, etag):
    assert Resource.model_validate(response).live_etag == etag


def test_the_answer_to_a_create_has_an_id():
    assert Created.model_validate({"id": UUID}).etag is None
    with pytest.raises(ValidationError):
        Created.model_validate({"etag": '"1"'})


def test_importing_the_models_builds_no_validator():
    """A default that is a model would build one: `Field(default_factory=...)` waits until it is needed."""
    probe = """
import pkgutil
from importlib import import_module
from airflow_provider_aep import models
from airflow_provider_aep.models.base import AepModel
for module in pkgutil.iter_modules(models.__path__):
    import_module(f"airflow_provider_aep.models.{module.name}")
kinds = AepModel.__subclasses__()
for kind in kinds:
    kinds += kind.__subclasses__()
print(len(kinds), [kind.__name__ for kind in kinds if kind.__pydantic_complete__])
"""
    count, _, built = subprocess.check_output([sys.executable, "-c", probe], text=True).partition(" ")
    assert (int(count) > 30, built.strip()) == (True, "[]")

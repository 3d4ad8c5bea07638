"""validation.py: every objection at once, the shapes of ids, ids known only after apply."""

import math
from urllib.parse import quote

import pytest

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.times import epoch_seconds
from airflow_provider_aep.validation import (
    Problems,
    checked_id,
    holds_unknown_id,
    in_one_line,
    known_after_apply,
)

UUID = "9a603322-19d2-4de9-89c6-c98bd54eb184"
SCHEMA_ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"


# Problems


def test_all_gaps_are_named_at_once():
    problems = Problems("dataflow 'Accounts'")
    problems.text("name", None)
    problems.text("description", None, required=False)
    problems.text("title", " ")
    problems.id("flow_id", "latest")
    problems.add("mappings", "are missing")
    assert problems.attempt(int, "7") == 7
    problems.attempt(epoch_seconds, "soon", "start_time")
    with pytest.raises(AepConfigError) as refused:
        problems.raise_if_any()
    listed = [
        "name must be a non-empty string, not None",
        "title must be a non-empty string, not ' '",
        "flow_id is 'latest', which is not a UUID such as 9a603322-19d2-4de9-89c6-c98bd54eb184",
        "mappings are missing",
        "start_time is 'soon'; write epoch seconds or an ISO time with an offset, 2030-01-31T06:00:00+00:00",
    ]
    assert str(refused.value).splitlines() == [
        "The dataflow 'Accounts' cannot be sent:",
        *(f"  {problem}" for problem in listed),
    ]
    assert in_one_line(str(refused.value)) == f"The dataflow 'Accounts' cannot be sent: {'; '.join(listed)}."


def test_a_single_problem_is_said_in_one_sentence():
    problems = Problems("dataflow 'Accounts'")
    problems.add("mappings", "are missing")
    with pytest.raises(AepConfigError) as refused:
        problems.raise_if_any()
    assert str(refused.value) == "The dataflow 'Accounts' cannot be sent: mappings are missing."
    assert in_one_line(str(refused.value)) == str(refused.value)


def test_several_problems_within_one_are_set_further_in():
    inner, outer = Problems("mapping"), Problems("dataflow", "made")
    inner.add("source", "is missing")
    inner.add("destination", "is missing")
    outer.add("name", "is missing")
    outer.attempt(lambda value: inner.raise_if_any(), None, "mappings[0]:")
    with pytest.raises(AepConfigError) as refused:
        outer.raise_if_any()
    assert str(refused.value).splitlines() == [
        "The dataflow cannot be made:",
        "  name is missing",
        "  mappings[0]: The mapping cannot be sent:",
        "    source is missing",
        "    destination is missing",
    ]


@pytest.mark.parametrize("value", ["", "None"])
def test_an_id_that_a_template_left_empty_says_so(value):
    with pytest.raises(AepConfigError) as refused:
        checked_id("flow_id", value)
    assert str(refused.value) == (
        f"flow_id is {value!r}, which a template delivers that finds nothing: check the XCom or variable it reads."
    )


def test_without_a_gap_nothing_happens():
    problems = Problems("dataflow 'Accounts'")
    problems.text("name", "Accounts")
    problems.id("flow_id", UUID)
    assert problems.raise_if_any() is problems


@pytest.mark.parametrize(
    ("value", "read"), [(True, True), (False, False), ("True", True), ("false", False), ("FALSE", False)]
)
def test_a_flag_may_come_from_a_template(value, read):
    problems = Problems("run")
    assert problems.flag("wait", value) is read
    problems.raise_if_any()


@pytest.mark.parametrize(("value", "read"), [(30, 30.0), (0.5, 0.5), ("30", 30.0), (0, 0.0)])
def test_a_number_may_come_from_a_template(value, read):
    problems = Problems("run")
    assert problems.number("timeout", value) == read
    problems.raise_if_any()


@pytest.mark.parametrize("value", [None, "", "often", "nan", math.inf, -1, True, [], 10**400])
def test_what_is_neither_is_named(value):
    problems = Problems("run")
    problems.number("timeout", value)
    assert problems.found == [f"timeout is {value!r}; it is a number from 0 up"]
    if value is not True:
        problems.flag("wait", value)
        assert problems.found[1:] == [f"wait is {value!r}; it is true or false"]


# Ids


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ("uuid", UUID),
        ("uuid", UUID.upper()),
        ("dataset", "5c8c3c555033b814b69f947f"),
        ("mapping set", "500a9b747fcf4908a21917d49bd61780"),
        ("batch", "01EF01X41KJD82Y9ZX6ET54PCZ"),
        ("batch", UUID),
        ("schema", SCHEMA_ID),
        ("schema", "https://ns.adobe.com/xdm/context/profile"),
    ],
)
def test_ids_have_one_shape_each(shape, value):
    assert checked_id("id", value, shape) == value


@pytest.mark.parametrize(
    ("shape", "value", "problem"),
    [
        ("uuid", f"c{UUID}", "which is not a UUID such as 9a603322-19d2-4de9-89c6-c98bd54eb184"),
        ("uuid", f"{UUID}\n", "which is not a UUID such as 9a603322-19d2-4de9-89c6-c98bd54eb184"),
        ("dataset", UUID, "which is not 24 hexadecimal digits such as 5c8c3c555033b814b69f947f"),
        # One published page has a mapping id of 31 digits.
        ("mapping set", "7409d3017e24a3eb4a2dc21020f7a5b", "which is not 32 hexadecimal digits without dashes"),
        ("batch", "b1", "which is not 26 letters and digits, or a UUID"),
        (
            "schema",
            "https://evil.example/schemas/1",
            "which is not the schema's $id, such as https://ns.adobe.com/{TENANT_ID}/schemas/{HASH}",
        ),
        ("schema", None, "which is not the schema's $id, such as https://ns.adobe.com/{TENANT_ID}/schemas/{HASH}"),
    ],
)
def test_what_is_no_id_is_refused_with_the_shape_of_one(shape, value, problem):
    with pytest.raises(AepConfigError) as refused:
        checked_id("some_id", value, shape)
    assert str(refused.value) == f"some_id is {value!r}, {problem}."


def test_the_alternate_id_of_a_schema_is_refused_with_the_right_one():
    with pytest.raises(AepConfigError) as refused:
        checked_id("schema_id", "_acme.schemas.417a33e981a221bd10495920574f0a2d", "schema")
    assert str(refused.value) == (
        f"schema_id is the meta:altId '_acme.schemas.417a33e981a221bd10495920574f0a2d'; use the $id, {SCHEMA_ID}."
    )


# Ids that are known only after apply


@pytest.mark.parametrize("shape", ["uuid", "dataset", "mapping set", "batch", "schema"])
def test_a_placeholder_is_shaped_as_an_id_and_recognised_wherever_it_stands(shape):
    placeholder = known_after_apply(shape)
    problems = Problems("dataflow 'Accounts'")
    problems.id("id", placeholder, shape)
    assert problems.raise_if_any() is problems
    for place in (
        placeholder,
        {"schemaRef": {"id": placeholder}},
        [["source"], [placeholder]],
        {placeholder: True},
        f"/connections/{quote(placeholder, safe='')}/explore",
        f"id=={UUID},{placeholder}",
    ):
        assert holds_unknown_id(place)


@pytest.mark.parametrize("value", [None, 0, "", "0" * 25, "0" * 40, UUID, SCHEMA_ID, {"a": [1, "0000"]}])
def test_other_values_hold_no_placeholder(value):
    assert not holds_unknown_id(value)


@pytest.mark.parametrize("shape", ["uuid", "dataset", "mapping set", "batch"])
def test_a_placeholder_within_a_longer_id_is_none(shape):
    placeholder = known_after_apply(shape)
    assert not holds_unknown_id([f"{placeholder}0", f"a{placeholder}", f"{placeholder}-1"])


@pytest.mark.parametrize("id_", ["00000000-0000-4000-8000-000000000000", "0" * 24, "0" * 26, "0" * 32])
def test_an_id_of_zeros_is_an_id_like_any_other(id_):
    assert not holds_unknown_id({"id": id_})

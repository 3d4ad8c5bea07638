"""models/base.py: names on the wire, problems, ids, times, media types, differences."""

import math
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.base import AepModel, Created, Ref, Resource
from airflow_provider_aep.models.media_types import media_type, schema_media_type
from airflow_provider_aep.models.times import epoch_seconds, iso_time, wire_seconds
from airflow_provider_aep.reconcile.diff import differences
from airflow_provider_aep.validation import Problems, checked_id, validation_messages

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
    "answer",
    [
        {"rowCount": "7", "code": 133, "names": None},
        {"rowCount": 7, "code": "133", "names": []},
        {"row_count": 7.0, "code": "133"},
    ],
)
def test_answers_are_read_tolerantly(answer):
    assert Letter.model_validate(answer) == Letter(row_count=7, code="133")


def test_unknown_fields_of_an_answer_are_kept():
    assert Letter.model_validate({"newField": {"a": 1}}).to_wire() == {"names": [], "newField": {"a": 1}}


def test_what_cannot_be_read_is_not_repeated():
    with pytest.raises(ValidationError) as refused:
        Letter.model_validate({"rowCount": "hunter2", "names": "hunter2"})
    assert "hunter2" not in str(refused.value)
    assert validation_messages("answer", refused.value) == [
        "answer.rowCount: Input should be a valid integer, unable to parse string as an integer",
        "answer.names: Input should be a valid list",
    ]
    with pytest.raises(ValidationError):
        Letter.model_validate("hunter2")


def test_a_reference_has_version_1_unless_it_says_otherwise():
    assert Ref(id=UUID).to_wire() == {"id": UUID, "version": "1.0"}
    assert Ref.model_validate({"id": UUID, "version": None}).version == "1.0"


@pytest.mark.parametrize(
    ("answer", "etag"),
    [
        ({"etag": '"1"', "version": '"1"'}, '"1"'),
        ({"version": '"1"'}, '"1"'),
        ({"eTag": '"1"'}, '"1"'),
        ({}, None),
    ],
)
def test_the_etag_is_said_in_several_ways(answer, etag):
    assert Resource.model_validate(answer).live_etag == etag


def test_the_answer_to_a_create_has_an_id():
    assert Created.model_validate({"id": UUID}).etag is None
    with pytest.raises(ValidationError):
        Created.model_validate({"etag": '"1"'})


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
    assert str(refused.value) == (
        "The dataflow 'Accounts' cannot be sent: "
        "name must be a non-empty string, not None; "
        "title must be a non-empty string, not ' '; "
        "flow_id is 'latest', which is not a UUID such as 9a603322-19d2-4de9-89c6-c98bd54eb184; "
        "mappings are missing; "
        "start_time is 'soon'; write epoch seconds or an ISO time with an offset, 2030-01-31T06:00:00+00:00."
    )


def test_without_a_gap_nothing_happens():
    problems = Problems("dataflow 'Accounts'")
    problems.text("name", "Accounts")
    problems.id("flow_id", UUID)
    assert problems.raise_if_any() is problems


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


# Times

LAST = 99_999_999_999  # the last count of seconds that no count of milliseconds looks like
SECONDS = st.integers(0, LAST)
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
# Around the hours that summer time skips and repeats.
DST_EDGES = st.datetimes(datetime(2026, 3, 29), datetime(2026, 3, 30)) | st.datetimes(
    datetime(2026, 10, 25), datetime(2026, 11, 2)
)
AWARE = st.builds(
    lambda time, zone, fold: time.replace(tzinfo=ZoneInfo(zone), fold=fold),
    st.datetimes(datetime(1970, 1, 3), datetime(2100, 1, 1)) | DST_EDGES,
    ZONES,
    st.integers(0, 1),
)


@given(SECONDS)
def test_seconds_are_seconds_as_number_and_as_digits(seconds):
    assert epoch_seconds(seconds) == epoch_seconds(str(seconds)) == epoch_seconds(f" {seconds}.25 ") == seconds
    assert epoch_seconds(seconds + 0.5) == seconds


@given(AWARE)
@example(datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=0))
@example(datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1))
@example(datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")))
def test_a_moment_is_the_same_as_datetime_and_as_text(moment):
    seconds = math.floor((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    assert epoch_seconds(moment) == seconds
    assert epoch_seconds(moment.isoformat()) == seconds
    assert epoch_seconds(moment.astimezone(UTC).isoformat().replace("+00:00", "Z")) == seconds


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), st.integers(-1439, 1439))
def test_any_offset_counts(local, minutes):
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert epoch_seconds(moment.isoformat()) == epoch_seconds(moment.astimezone(UTC))


@given(st.datetimes())
def test_a_time_without_an_offset_is_always_refused(naive):
    for value in (naive, naive.isoformat(), naive.isoformat(" ")):
        with pytest.raises(ValueError, match="a time without an offset; add one, such as"):
            epoch_seconds(value)


@given(st.integers(LAST + 1) | st.floats(LAST + 1, allow_infinity=False))
def test_milliseconds_are_always_refused(milliseconds):
    for value in (milliseconds, str(int(milliseconds))):
        with pytest.raises(ValueError, match="looks like milliseconds; write epoch seconds"):
            epoch_seconds(value)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (1567411548000, "is 1567411548000, which looks like milliseconds; write epoch seconds"),
        ("1567411548000", "is 1567411548000, which looks like milliseconds; write epoch seconds"),
        ("2030-01-31T06:00:00", "is '2030-01-31T06:00:00', a time without an offset; add one, such as +00:00"),
        ("2030-01-31", "is '2030-01-31T00:00:00', a time without an offset; add one, such as +00:00"),
        (
            "tomorrow",
            "is 'tomorrow'; write epoch seconds or an ISO time with an offset, 2030-01-31T06:00:00+00:00",
        ),
        ("", "is ''; write epoch seconds or an ISO time with an offset, 2030-01-31T06:00:00+00:00"),
        (True, "must be a time, not True"),
        (None, "must be a time, not None"),
        ([], "must be a time, not []"),
        (math.nan, "must be a time, not nan"),
        (math.inf, "must be a time, not inf"),
        (-math.inf, "must be a time, not -inf"),
    ],
)
def test_what_is_no_time_is_refused_in_words(value, problem):
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"):
        epoch_seconds(value)


@given(st.text() | st.floats() | st.integers() | st.booleans() | st.none() | st.datetimes() | AWARE)
@example("9" * 400)
@example(10**400)
def test_anything_else_is_refused_and_nothing_breaks(value):
    try:
        assert isinstance(epoch_seconds(value), int)
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("value", "seconds", "text"),
    [
        (1596656058198, 1596656058.198, "2020-08-05T19:34:18.198000+00:00"),
        # The notification of a success has seconds.
        (1590512053, 1590512053.0, "2020-05-26T16:54:13+00:00"),
        (None, None, None),
        (0, None, None),
        (-1, None, None),
        (10**18, None, None),
    ],
)
def test_times_of_the_wire_are_milliseconds_or_seconds(value, seconds, text):
    assert wire_seconds(value) == seconds
    assert iso_time(value) == text


@given(st.integers())
def test_every_number_of_the_wire_is_a_time_or_none(value):
    assert iso_time(value) is None or datetime.fromisoformat(iso_time(value)).tzinfo == UTC


# Media types


@pytest.mark.parametrize(
    "spelling",
    [
        "application/vnd.adobe.xed-full+json;version=1",
        "application/vnd.adobe.xed-full+json; version=1",
        " application/vnd.adobe.xed-full+json ;  version=1 ",
    ],
)
def test_media_types_differ_in_blanks_only(spelling):
    assert media_type(spelling) == "application/vnd.adobe.xed-full+json;version=1"


@pytest.mark.parametrize("version", [1, "1", "1.0", 1.0, "1.12", "application/vnd.adobe.xed-full+json; version=1"])
def test_a_version_becomes_the_media_type_of_its_major_one(version):
    assert schema_media_type(version) == "application/vnd.adobe.xed-full+json;version=1"


def test_the_family_of_media_types_can_be_chosen():
    assert schema_media_type(2, "application/vnd.adobe.xed+json") == "application/vnd.adobe.xed+json;version=2"


@pytest.mark.parametrize("version", ["latest", 0, "", None, "v1", True])
def test_what_is_no_version_is_refused(version):
    problem = f"is {version!r}; write the major version of the schema, such as 1"
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"):
        schema_media_type(version)


# Differences

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_nothing_differs_from_itself(value):
    assert differences(value, value) == {}


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=3), st.dictionaries(st.text(max_size=3), JSON, max_size=3))
def test_what_was_not_declared_is_not_looked_at(declared, live):
    assert differences(declared, {**live, **declared}) == {}
    assert differences({}, live) == {}


@given(NUMBERS | st.booleans())
def test_numbers_and_booleans_are_their_spelling(value):
    spelling = str(value).lower()
    assert differences({"a": value}, {"a": spelling}) == {}
    assert differences({"a": spelling}, {"a": value}) == {}


@given(st.integers(-(2**53), 2**53))
def test_whole_numbers_may_have_a_fraction_of_nothing(value):
    assert differences(value, float(value)) == differences(value, f"{value}.0") == {}


@given(JSON, JSON)
def test_where_something_differs_both_values_are_told(declared, live):
    for path, (wanted, got) in differences(declared, live).items():
        assert path.startswith("/")
        assert wanted != got or isinstance(wanted, bool) != isinstance(got, bool)


@pytest.mark.parametrize(
    ("declared", "live", "found"),
    [
        ({"interval": 15}, {"interval": "15"}, {}),
        ({"backfill": True}, {"backfill": "true"}, {}),
        ({"backfill": True}, {"backfill": 1}, {"/backfill": (True, 1)}),
        ({"name": "a"}, {}, {"/name": ("a", None)}),
        ({"name": "1"}, {"name": "1.0"}, {"/name": ("1", "1.0")}),
        ({"name": "1"}, {"name": [1]}, {"/name": ("1", [1])}),
        ({"interval": 15}, {"interval": "often"}, {"/interval": (15, "often")}),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": ["1", {"c": 3, "d": 4}]}}, {"/a/b/1/c": (2, 3)}),
        ({"a": [1]}, {"a": [1, 2]}, {"/a": ([1], [1, 2])}),
        ({"a": (1, 2)}, {"a": [1, 2]}, {}),
        (
            {"version": "application/vnd.adobe.xed-full+json;version=1"},
            {"version": "application/vnd.adobe.xed-full+json; version=1"},
            {},
        ),
        ("a", "b", {"/": ("a", "b")}),
    ],
)
def test_differences_are_named_by_their_path(declared, live, found):
    assert differences(declared, live) == found


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


@pytest.mark.parametrize(
    ("value", "read"), [(True, True), (False, False), ("True", True), ("false", False), ("FALSE", False)]
)
def test_a_flag_may_come_from_a_template(value, read):
    problems = Problems("wish")
    assert problems.flag("wait", value) is read
    problems.raise_if_any()


@pytest.mark.parametrize(("value", "read"), [(30, 30.0), (0.5, 0.5), ("30", 30.0), (0, 0.0)])
def test_a_number_may_come_from_a_template(value, read):
    problems = Problems("wish")
    assert problems.number("timeout", value) == read
    problems.raise_if_any()


@pytest.mark.parametrize("value", [None, "", "often", "nan", math.inf, -1, True, [], 10**400])
def test_what_is_neither_is_named(value):
    problems = Problems("wish")
    problems.number("timeout", value)
    assert problems.found == [f"timeout is {value!r}; it is a number from 0 up"]
    if value is not True:
        problems.flag("wait", value)
        assert problems.found[1:] == [f"wait is {value!r}; it is true or false"]

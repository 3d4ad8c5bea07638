"""Where a live value is not what was declared, however the platform spells it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.reconcile.diff import Change, differences

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_nothing_differs_from_itself(value):
    assert differences(value, value) == ()


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=3), st.dictionaries(st.text(max_size=3), JSON, max_size=3))
def test_what_was_not_declared_is_not_compared(declared, live):
    assert differences(declared, {**live, **declared}) == ()
    assert differences({}, live) == ()


@given(NUMBERS | st.booleans())
def test_numbers_and_booleans_are_their_spelling(value):
    spelling = str(value).lower()
    assert differences({"a": value}, {"a": spelling}) == ()
    assert differences({"a": spelling}, {"a": value}) == ()


@given(st.integers(-(2**53), 2**53))
def test_whole_numbers_may_have_a_fraction_of_nothing(value):
    assert differences(value, float(value)) == differences(value, f"{value}.0") == ()


@given(JSON, JSON)
def test_where_something_differs_both_values_are_told(declared, live):
    for change in differences(declared, live):
        assert change.path.startswith("/")
        assert change.declared != change.live or isinstance(change.declared, bool) != isinstance(change.live, bool)


@pytest.mark.parametrize(
    ("declared", "live", "found"),
    [
        ({"interval": 15}, {"interval": "15"}, ()),
        ({"backfill": True}, {"backfill": "true"}, ()),
        ({"backfill": True}, {"backfill": 1}, (Change("/backfill", True, 1),)),
        ({"name": "a"}, {}, (Change("/name", "a", None),)),
        ({"name": "1"}, {"name": "1.0"}, (Change("/name", "1", "1.0"),)),
        ({"name": "1"}, {"name": [1]}, (Change("/name", "1", [1]),)),
        ({"interval": 15}, {"interval": "often"}, (Change("/interval", 15, "often"),)),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": ["1", {"c": 3, "d": 4}]}}, (Change("/a/b/1/c", 2, 3),)),
        ({"a": [1]}, {"a": [1, 2]}, (Change("/a", [1], [1, 2]),)),
        ({"a": (1, 2)}, {"a": [1, 2]}, ()),
        (
            {"version": "application/vnd.adobe.xed-full+json;version=1"},
            {"version": "application/vnd.adobe.xed-full+json; version=1"},
            (),
        ),
        ("a", "b", (Change("/", "a", "b"),)),
    ],
)
def test_differences_are_named_by_their_path(declared, live, found):
    assert differences(declared, live) == found


@pytest.mark.parametrize(
    ("path", "within"), [("/a/b", True), ("/a", True), ("/a/b/c", False), ("/a/", False), ("", True)]
)
def test_a_change_is_within_the_paths_above_it(path, within):
    assert Change("/a/b", 1, 2).is_within(path) is within


def test_a_change_says_what_was_declared_and_what_is_live():
    assert str(Change("/interval", 15, "30")) == "/interval: declared 15, live '30'"


@given(st.uuids())
def test_a_uuid_may_be_written_in_upper_case(uuid):
    assert differences({"id": str(uuid)}, {"id": str(uuid).upper()}) == ()
    assert differences({"id": str(uuid).upper()}, {"id": str(uuid)}) == ()


def test_other_texts_differ_by_case():
    assert differences({"name": "crm"}, {"name": "CRM"})

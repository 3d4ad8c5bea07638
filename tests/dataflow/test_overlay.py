"""Overlays are JSON Merge Patches, held against the RFC's own words."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.dataflow.files import load
from airflow_provider_aep.dataflow.overlay import for_sandbox, merge_patch

# The examples of RFC 7396, appendix A: original, patch, result.
EXAMPLES = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]

keys = st.sampled_from(["a", "b", "c", "name"])
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=12
)
objects = st.dictionaries(keys, values, max_size=4)


def rfc_7396(target, patch):
    """Section 2 of the RFC, line by line; it changes the target."""
    if isinstance(patch, dict):
        if not isinstance(target, dict):
            target = {}
        for name, value in patch.items():
            if value is None:
                if name in target:
                    del target[name]
            else:
                target[name] = rfc_7396(target.get(name), value)
        return target
    return patch


@pytest.mark.parametrize(("original", "patch", "result"), EXAMPLES)
def test_the_examples_of_the_rfc(original, patch, result):
    assert merge_patch(original, patch) == result


@given(values, values)
def test_a_merge_is_what_the_rfc_says(target, patch):
    before = copy.deepcopy((target, patch))
    assert merge_patch(target, patch) == rfc_7396(copy.deepcopy(target), patch)
    assert (target, patch) == before


@given(objects, objects)
def test_a_sandbox_gets_its_own_overlay_and_no_other(base, patch):
    document = {**base, "sandboxes": {"dev": {"a": "dev"}, "prod": patch, "stage": None}}
    assert for_sandbox(document, "prod") == rfc_7396(copy.deepcopy(base), patch)
    assert for_sandbox(document, "stage") == base


def test_a_name_alone_is_an_object_that_an_overlay_can_add_to():
    spec = {"name": "Orders", "connector": "s3", "schema": "Orders", "base_connection": "Bucket", "dataset": "Orders"}
    overlay = {"base_connection": {"credentials_conn_id": "b"}, "schema": "Refunds", "dataset": {"name": "All"}}
    (merged,) = load([{**spec, "sandboxes": {"prod": overlay}}], sandbox="prod").dataflows
    assert (merged.base_connection.name, merged.base_connection.credentials_conn_id) == ("Bucket", "b")
    assert (merged.schema_.title, merged.dataset.name) == ("Refunds", "All")

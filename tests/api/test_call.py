"""api/call.py: a request as a value, the three envelopes, filters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.api.call import Call, as_mapping, equals, items, only_item

OBJECTS = st.dictionaries(st.sampled_from(["id", "name", "etag"]), st.text() | st.integers(), min_size=1)


def test_two_equal_calls_ask_the_same_thing():
    assert Call("GET", "/x", dict, params={"limit": "1"}) == Call("GET", "/x", dict, params={"limit": "1"})
    assert Call("GET", "/x") != Call("GET", "/x", if_match='"1"')


def test_a_call_is_named_by_method_and_path():
    assert str(Call("GET", "/data/foundation/catalog/dataSets", params={"name": "Accounts"})) == (
        "GET /data/foundation/catalog/dataSets"
    )


def test_the_body_of_a_call_is_not_in_its_repr():
    assert "hunter2" not in repr(Call("POST", "/x", body={"auth": {"params": {"password": "hunter2"}}}))


@pytest.mark.parametrize("response", [{"items": [{"id": "a"}]}, [{"id": "a"}], {"id": "a"}, {"items": {"id": "a"}}])
def test_one_object_is_found_in_every_envelope(response):
    assert items(response) == [{"id": "a"}]
    assert only_item(response) == {"id": "a"}


@pytest.mark.parametrize("response", [{"items": []}, {"items": None}, []])
def test_nothing_is_nothing_in_every_envelope(response):
    assert items(response) == []
    with pytest.raises(ValueError, match="expected one item, got 0"):
        only_item(response)


def test_two_objects_are_not_one():
    with pytest.raises(ValueError, match="expected one item, got 2"):
        only_item({"items": [{"id": "a"}, {"id": "b"}]})


@given(st.lists(OBJECTS))
def test_a_list_means_the_same_with_and_without_an_envelope(found):
    assert items({"items": found, "_links": {}}) == items(found) == found


@given(OBJECTS)
def test_an_object_means_the_same_in_the_three_envelopes(thing):
    assert only_item(thing) == only_item([thing]) == only_item({"items": [thing]}) == thing


@pytest.mark.parametrize(
    ("response", "found"),
    [({"_links": {"next": {}}}, {"next": {}}), ({"_links": None}, {}), ({"_links": "x"}, {}), ({}, {}), ([], {})],
)
def test_a_part_that_is_no_object_is_empty(response, found):
    assert as_mapping(response, "_links") == found


def test_a_value_is_quoted_in_a_filter():
    assert equals("name", "Salesforce & Söhne = 100 %") == ['name=="Salesforce & Söhne = 100 %"']


@pytest.mark.parametrize("name", ['5" pipes', "back\\slash", "Doe, John"])
def test_a_value_that_cannot_be_quoted_is_not_filtered_by(name):
    assert equals("name", name) == []


def test_nothing_is_not_an_empty_list():
    with pytest.raises(ValueError, match="nothing was answered"):
        items(None)

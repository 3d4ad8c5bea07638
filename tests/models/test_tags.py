"""models/tags.py: the tags of a dataset are lists to which the platform and people add entries of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.models.tags import different_keys, key_of, merged

ENTRIES = st.sampled_from(
    [
        "enabled:true",
        "enabled: true",
        "enabled:false",
        "isUpsert:true",
        "enabledAt:2024-06-21 20:10:26",
        "enabled",
        "crm",
        " crm ",
        "https://example.com/1",
        "https://example.com/2",
        ":",
        "",
    ]
) | st.text(max_size=6)
ODD = st.none() | st.booleans() | st.integers() | st.dictionaries(st.text(max_size=2), st.integers(), max_size=2)
DECLARED = st.lists(ENTRIES, max_size=5)
LIVE = st.lists(ENTRIES | ODD, max_size=6)


@given(DECLARED, LIVE)
def test_after_merging_every_declared_entry_is_there_and_a_second_merge_changes_nothing(declared, live):
    now = merged(declared, live)
    assert different_keys(declared, now) == {}
    assert merged(declared, now) == now


@given(DECLARED, LIVE)
def test_merging_removes_only_another_value_of_a_declared_key(declared, live):
    now = merged(declared, live)
    changed = different_keys(declared, live)
    assert [entry for entry in live if entry not in now] == [
        entry for entry in live if key_of(entry) in changed and entry not in now
    ]
    assert changed or now == live


@given(DECLARED, LIVE, st.randoms())
def test_the_order_of_entries_makes_no_difference(declared, live, chance):
    shuffled = chance.sample(live, len(live))
    assert different_keys(declared, shuffled).keys() == different_keys(declared, live).keys()


@pytest.mark.parametrize(
    ("declared", "live", "now"),
    [
        (["enabled:true"], ["enabled:true", "isUpsert:true"], ["enabled:true", "isUpsert:true"]),
        (["enabled:true"], ["enabled: true"], ["enabled: true"]),
        (["enabled:true"], ["enabled:false", "isUpsert:true", "crm"], ["isUpsert:true", "crm", "enabled:true"]),
        (["crm"], ["hr", "crm:1"], ["hr", "crm:1", "crm"]),
        (["team:a", "team:b"], ["team:b"], ["team:a", "team:b"]),
        (["team:a"], ["team:a", "team:b"], ["team:a", "team:b"]),
        (["https://a.com"], ["https://b.com"], ["https://b.com", "https://a.com"]),
        (["crm"], [None, 0, {"a": 1}], [None, 0, {"a": 1}, "crm"]),
        (["7"], [7], [7]),
        ([], ["crm"], ["crm"]),
    ],
)
def test_what_is_live_stays_as_it_was_written(declared, live, now):
    assert merged(declared, live) == now

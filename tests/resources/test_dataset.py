"""Datasets: the platform, its UI and people add tags; those stay, and only what was declared is compared."""

import pytest
from direct import Naps, asked, direct_client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.exceptions import AepConflictError
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.models.tags import different_keys
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.resources.dataset import DATASET
from airflow_provider_aep.resources.schema import SCHEMA

PROFILE = "https://ns.adobe.com/xdm/context/profile"


class Catalog:
    """A dataset named CRM, and others who write its tags."""

    def __init__(self, aep):
        self.aep = aep
        self.client = direct_client(aep)
        self.schema_id = self.client.send(SCHEMA.create(Schema.declare(title="CRM", schema_class=PROFILE))).id

    def declare(self, **arguments):
        return Dataset.declare(**{"name": "CRM", "schema_id": self.schema_id, **arguments})

    def ensure(self, if_exists="reuse", **arguments):
        ensurer = Ensurer(self.client.send, Naps(self.aep.advance), now=lambda: 4e9)
        return ensurer.ensure(DATASET, self.declare(**arguments), if_exists)

    def write(self, **fields):
        """As the UI and other programs do, tag by tag."""
        (id_,) = self.aep.state()["dataSets"]
        self.client.send(Call("PATCH", f"/data/foundation/catalog/dataSets/{id_}", body=fields))

    @property
    def live(self):
        (dataset,) = self.aep.state()["dataSets"].values()
        return dataset

    @property
    def patches(self):
        return len(asked(self.aep, "PATCH"))


@pytest.fixture
def catalog(aep):
    return Catalog(aep)


def test_profile_with_updates_is_switched_on_in_one_request(catalog):
    catalog.ensure(enable_profile=True, tags={"unifiedProfile": ["isUpsert:true"]})
    assert catalog.live["tags"]["unifiedProfile"][:2] == ["enabled:true", "isUpsert:true"]


@pytest.mark.parametrize("if_exists", ["reuse", "update"])
def test_what_others_added_is_equal_and_untouched(catalog, if_exists):
    catalog.ensure(enable_profile=True)
    theirs = ["isUpsert:true", "enabledAt:2024-06-21 20:10:26", "enabled: true", "reviewed"]
    catalog.write(tags={"unifiedProfile": theirs, "owner": ["sales"]})
    patches = catalog.patches

    assert catalog.ensure(if_exists, enable_profile=True).change == "reused"

    assert catalog.patches == patches
    assert catalog.live["tags"]["unifiedProfile"][:4] == theirs


def test_another_value_of_the_same_key_is_a_difference_and_nothing_else_of_the_list_is_written_over(catalog):
    catalog.ensure(tags={"team": ["name:crm"]})
    catalog.write(tags={"team": ["reviewed", "name:hr", "since: 2024-06-21 20:10:26"], "owner": ["sales"]})

    with pytest.raises(AepConflictError, match=r"is different: /tags/team/name: declared 'name:crm', live 'name:hr'\."):
        catalog.ensure(tags={"team": ["name:crm"]})
    assert catalog.ensure("update", tags={"team": ["name:crm"]}).change == "updated"

    tags = catalog.live["tags"]
    assert tags["team"] == ["reviewed", "since: 2024-06-21 20:10:26", "name:crm"]
    assert tags["owner"] == ["sales"]


def test_the_time_since_when_a_dataset_is_enabled_is_the_platforms_own():
    with AepEmulator(tag_enabled_at=True) as aep:
        catalog = Catalog(aep)
        catalog.ensure(enable_profile=True)
        (_, enabled_at) = catalog.live["tags"]["unifiedProfile"]
        assert enabled_at.startswith("enabledAt:")
        assert catalog.ensure(enable_profile=True).change == "reused"
        catalog.ensure("update", enable_profile=True, tags={"team": ["crm"]})
        assert catalog.live["tags"]["unifiedProfile"] == ["enabled:true", enabled_at]


ENTRIES = st.text("ab:/ ", max_size=5) | st.sampled_from(["enabled:true", "enabled: false", "at:2024-06-21 20:10:26"])
ODD = st.none() | st.booleans() | st.integers() | st.dictionaries(st.text("a"), st.integers(), max_size=1)
NAMES = st.sampled_from(["team", "owner", "adobe/pqs/table", "unifiedProfile"])


@given(
    st.dictionaries(NAMES, st.lists(ENTRIES, max_size=3), max_size=3),
    st.dictionaries(NAMES, st.lists(ENTRIES | ODD, max_size=4) | st.text("a", max_size=2) | ODD, max_size=4),
)
def test_an_update_sends_every_declared_entry_and_all_that_is_live_and_undeclared(declared, live):
    wanted = Dataset.declare(name="CRM", schema_id=f"{PROFILE}/x", tags=declared)
    seen = Dataset.model_validate({"id": "0" * 24, "schemaRef": {"id": f"{PROFILE}/x"}, "tags": live})
    diff = DATASET.diff(wanted, seen)
    if not diff:
        return
    sent = DATASET.update(wanted, seen, diff).body["tags"]
    for tag, entries in declared.items():
        assert different_keys(entries, sent[tag]) == {}
    for tag, entries in seen.tags.items():
        replaced = different_keys(declared.get(tag, []), entries)
        lost = [entry for entry in entries if entry not in sent[tag]]
        assert not lost or set(different_keys(lost, [])) <= set(replaced)
    after = Dataset.model_validate({"id": "0" * 24, "schemaRef": {"id": f"{PROFILE}/x"}, "tags": sent})
    assert DATASET.diff(wanted, after) == ()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(NAMES, st.lists(ENTRIES, min_size=1, max_size=3), min_size=1, max_size=3),
    st.dictionaries(NAMES, st.lists(ENTRIES, max_size=4), max_size=4),
)
def test_a_second_ensure_writes_nothing(catalog, declared, live):
    catalog.ensure()
    catalog.write(tags=live)
    catalog.ensure("update", tags=declared)
    patches = catalog.patches
    assert catalog.ensure("update", tags=declared).change == "reused"
    assert catalog.patches == patches


def test_updates_of_an_enabled_dataset_are_refused_with_the_reason(catalog):
    """Adobe's page: an enabled dataset has to be disabled first, or the tag has no effect."""
    catalog.ensure(enable_profile=True)
    arguments = {"enable_profile": True, "tags": {"unifiedProfile": ["isUpsert:true"]}}
    for if_exists in ("reuse", "update"):
        with pytest.raises(AepConflictError, match="only when it becomes enabled for Profile") as refused:
            catalog.ensure(if_exists, **arguments)
        assert "pass if_exists" not in str(refused.value)
    catalog.write(tags={"unifiedProfile": ["enabled:false"]})
    catalog.ensure("update", **arguments)
    assert catalog.live["tags"]["unifiedProfile"][:2] == ["enabled:true", "isUpsert:true"]


def test_a_description_is_sent_compared_and_changed_in_place(catalog):
    made = catalog.ensure(description="of the sales team", tags={"team": ["crm"]})
    assert catalog.live["description"] == "of the sales team"
    assert catalog.ensure().change == "reused"
    with pytest.raises(AepConflictError, match="/description: declared 'Accounts', live 'of the sales team'"):
        catalog.ensure(description="Accounts")
    updated = catalog.ensure("update", description="Accounts")
    assert (updated.id, catalog.live["description"]) == (made.id, "Accounts")
    assert catalog.live["tags"]["team"] == ["crm"]
    assert catalog.ensure(description="Accounts").change == "reused"


def test_another_schema_is_refused_without_advice_that_cannot_help(catalog):
    catalog.ensure()
    other = catalog.client.send(SCHEMA.create(Schema.declare(title="other", schema_class=PROFILE))).id
    with pytest.raises(AepConflictError) as refused:
        catalog.ensure(schema_id=other, tags={"team": ["crm"]})
    assert str(refused.value).endswith(
        "Declare what is live or choose another name: a dataset keeps its schema for life."
    )

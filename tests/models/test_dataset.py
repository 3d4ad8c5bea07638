"""models/dataset.py: a place in the data lake, for data of one schema."""

import pytest

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.dataset import Dataset

SCHEMA_ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"


def declare(**changes):
    return Dataset.declare(**{"name": "Accounts", "schema_id": SCHEMA_ID, **changes})


def test_declare_a_dataset():
    assert declare().to_wire() == {
        "name": "Accounts",
        "schemaRef": {"id": SCHEMA_ID, "contentType": "application/vnd.adobe.xed-full-notext+json;version=1"},
    }


@pytest.mark.parametrize(
    ("switches", "tags"),
    [
        ({"enable_profile": True}, {"unifiedProfile": ["enabled:true"]}),
        ({"enable_identity": True}, {"unifiedIdentity": ["enabled:true"]}),
        (
            {"enable_profile": True, "enable_identity": True, "tags": {"team": ["crm"]}},
            {"team": ["crm"], "unifiedProfile": ["enabled:true"], "unifiedIdentity": ["enabled:true"]},
        ),
        ({"tags": {}}, None),
    ],
)
def test_profile_and_identity_are_switched_on_by_the_reserved_tags(switches, tags):
    assert declare(**switches).tags == tags


@pytest.mark.parametrize("tags", ["crm", ["crm"], {"team": "crm"}, {"team": [1]}, {1: ["crm"]}])
def test_tags_are_lists_of_strings(tags):
    with pytest.raises(AepConfigError) as refused:
        declare(tags=tags)
    assert str(refused.value) == (
        "The dataset 'Accounts' cannot be sent: "
        f'tags must be a dict of lists of strings such as {{"team": ["crm"]}}, not {tags!r}.'
    )


def test_all_gaps_are_named_at_once():
    with pytest.raises(AepConfigError) as refused:
        declare(name="", schema_id="_acme.schemas.417a", tags=0)
    assert str(refused.value) == (
        "The dataset '' cannot be sent: "
        "name must be a non-empty string, not ''; "
        "schema_id is the meta:altId '_acme.schemas.417a'; use the $id, https://ns.adobe.com/acme/schemas/417a; "
        'tags must be a dict of lists of strings such as {"team": ["crm"]}, not 0.'
    )


def test_a_live_dataset_may_show_odd_references_and_tags():
    live = Dataset.model_validate(
        {"id": "x", "schemaRef": {}, "tags": {"team": "crm", "unifiedProfile": ["enabled:true"]}}
    )
    assert (live.schema_ref.id, live.tags["team"]) == (None, ["crm"])


@pytest.mark.parametrize("flag", ["enable_profile", "enable_identity"])
def test_a_switch_that_is_neither_on_nor_off_is_named(flag):
    with pytest.raises(AepConfigError, match=f"{flag} is 'perhaps'; it is true or false"):
        Dataset.declare(name="d", schema_id=SCHEMA_ID, **{flag: "perhaps"})
    assert Dataset.declare(name="d", schema_id=SCHEMA_ID, **{flag: "False"}).tags is None

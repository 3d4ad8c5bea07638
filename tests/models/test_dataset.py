"""models/dataset.py: a place in the data lake, for data of one schema."""

import pytest

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.validation import in_one_line

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
        (
            {"enable_profile": True, "tags": {"unifiedProfile": ["isUpsert:true"]}},
            {"unifiedProfile": ["enabled:true", "isUpsert:true"]},
        ),
        (
            {"enable_profile": True, "tags": {"unifiedProfile": ["isUpsert: true", "enabled: true"]}},
            {"unifiedProfile": ["isUpsert: true", "enabled: true"]},
        ),
        ({"tags": {}}, None),
    ],
)
def test_profile_and_identity_are_switched_on_by_the_reserved_tags(switches, tags):
    assert declare(**switches).tags == tags


@pytest.mark.parametrize(
    ("flag", "tag"), [("enable_profile", "unifiedProfile"), ("enable_identity", "unifiedIdentity")]
)
def test_a_switch_and_its_tag_may_not_contradict_each_other(flag, tag):
    with pytest.raises(AepConfigError) as refused:
        declare(**{flag: True}, tags={tag: ["isUpsert:true", "enabled: false"]})
    assert str(refused.value) == (
        f"The dataset 'Accounts' cannot be sent: tags.{tag} holds 'enabled: false', but {flag} is true; "
        "leave one of them out."
    )


def test_a_description_is_sent():
    assert declare(description="CRM").to_wire()["description"] == "CRM"
    with pytest.raises(AepConfigError, match="description must be a non-empty string, not ''"):
        declare(description="")


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
    assert in_one_line(str(refused.value)) == (
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


@pytest.mark.parametrize("odd", [None, 0, True, {"a": 1}, [None, 0]])
def test_odd_tags_are_kept_and_stop_nothing(odd):
    live = Dataset.model_validate({"id": "x", "tags": {"odd": odd, "team": [odd, "crm"]}})
    assert live.tags["team"] == [odd, "crm"]


@pytest.mark.parametrize("flag", ["enable_profile", "enable_identity"])
def test_a_switch_that_is_neither_on_nor_off_is_named(flag):
    with pytest.raises(AepConfigError, match=f"{flag} is 'perhaps'; it is true or false"):
        Dataset.declare(name="d", schema_id=SCHEMA_ID, **{flag: "perhaps"})
    assert Dataset.declare(name="d", schema_id=SCHEMA_ID, **{flag: "False"}).tags is None

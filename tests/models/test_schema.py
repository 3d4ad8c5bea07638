"""models/schema.py: a class and its field groups."""

import pytest

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.validation import in_one_line

PROFILE = "https://ns.adobe.com/xdm/context/profile"
DETAILS = "https://ns.adobe.com/xdm/context/profile-person-details"


def test_declare_a_schema():
    schema = Schema.declare(title="Accounts", schema_class=PROFILE, field_groups=[DETAILS], description="CRM")
    assert schema.to_wire() == {
        "type": "object",
        "title": "Accounts",
        "description": "CRM",
        "allOf": [{"$ref": PROFILE}, {"$ref": DETAILS}],
    }
    assert schema.parts == [PROFILE, DETAILS]


def test_the_title_stands_in_for_a_description():
    assert Schema.declare(title="Accounts", schema_class=PROFILE).description == "Accounts"


def test_a_part_that_is_named_twice_is_sent_once():
    schema = Schema.declare(title="Accounts", schema_class=PROFILE, field_groups=(DETAILS, PROFILE, DETAILS))
    assert schema.parts == [PROFILE, DETAILS]


def test_a_live_schema_may_have_parts_of_its_own():
    live = Schema.model_validate({"$id": "x", "allOf": [{"$ref": PROFILE}, {"type": "object", "properties": {}}]})
    assert live.parts == [PROFILE]


def test_all_gaps_are_named_at_once():
    with pytest.raises(AepConfigError) as refused:
        Schema.declare(title=None, schema_class="profile", field_groups=[DETAILS, "details"], description=" ")
    assert in_one_line(str(refused.value)) == (
        "The schema None cannot be sent: "
        "title must be a non-empty string, not None; "
        "description must be a non-empty string, not ' '; "
        "schema_class is 'profile'; it is a $id such as https://ns.adobe.com/xdm/context/profile; "
        "field_groups[1] is 'details'; it is a $id such as https://ns.adobe.com/xdm/context/profile."
    )


@pytest.mark.parametrize("field_groups", [DETAILS, {DETAILS: 1}])
def test_field_groups_are_a_list(field_groups):
    with pytest.raises(AepConfigError) as refused:
        Schema.declare(title="Accounts", schema_class=PROFILE, field_groups=field_groups)
    assert str(refused.value) == (
        f"The schema 'Accounts' cannot be sent: field_groups must be a list of $id URIs, not {field_groups!r}."
    )

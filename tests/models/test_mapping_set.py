"""models/mapping_set.py: two dialects, one meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.validation import in_one_line

SCHEMA_ID = "https://ns.adobe.com/acme/schemas/417a33e981a221bd10495920574f0a2d"
EMAIL = {"source": "email", "destination": "personalEmail.address"}
NAME = {"source": "first_name", "destination": "person.name.firstName"}
LOWER = {"type": "EXPRESSION", "source": "lower(email)", "destination": "personalEmail.address"}


def declare(*mappings, **changes):
    return MappingSet.declare(**{"schema_id": SCHEMA_ID, "mappings": mappings, **changes})


def objection(*mappings, **changes):
    with pytest.raises(AepConfigError) as refused:
        declare(*mappings, **changes)
    start = f"The mapping set for schema {changes.get('schema_id', SCHEMA_ID)!r} cannot be sent: "
    assert in_one_line(str(refused.value)).startswith(start)
    return in_one_line(str(refused.value)).removeprefix(start)


# What is sent


def test_pairs_are_sent_in_the_dialect_of_the_tutorials():
    assert declare(NAME, EMAIL, name="Accounts").to_wire() == {
        "version": 0,
        "name": "Accounts",
        "xdmSchema": SCHEMA_ID,
        "xdmVersion": "1.0",
        "mappings": [
            {
                "sourceAttribute": "first_name",
                "destinationXdmPath": "person.name.firstName",
                "identity": False,
                "version": 0,
            },
            {
                "sourceAttribute": "email",
                "destinationXdmPath": "personalEmail.address",
                "identity": False,
                "version": 0,
            },
        ],
    }


@pytest.mark.parametrize(
    "pair",
    [
        ("first_name", "person.name.firstName"),
        ["first_name", "person.name.firstName"],
        ("ATTRIBUTE", "first_name", "person.name.firstName"),
        {"type": "attribute", **NAME},
    ],
)
def test_a_pair_may_be_written_in_several_ways(pair):
    assert declare(pair) == declare(NAME)


def test_what_the_older_dialect_cannot_say_is_said_in_the_newer_one():
    assert declare(NAME, LOWER, xdm_version="2.0", name="n").to_wire() == {
        "version": 0,
        "name": "n",
        "outputSchema": {
            "schemaRef": {"id": SCHEMA_ID, "contentType": "application/vnd.adobe.xed-full+json;version=2"}
        },
        "mappings": [
            {"sourceType": "ATTRIBUTE", "source": "first_name", "destination": "person.name.firstName"},
            {"sourceType": "EXPRESSION", "source": "lower(email)", "destination": "personalEmail.address"},
        ],
    }


def test_a_constant_is_a_static_source():
    (mapping,) = declare(("STATIC", "CRM", "_acme.origin")).to_wire()["mappings"]
    assert mapping == {"sourceType": "STATIC", "source": "CRM", "destination": "_acme.origin"}


@pytest.mark.parametrize(
    "wire",
    [
        {
            "destinationXdmPath": "a.b",
            "sourceAttribute": "x",
            "identity": True,
            "identityGroup": "g",
            "namespaceCode": "n",
            "version": 3,
        },
        {"sourceType": "STATIC", "source": "CRM", "destination": "a.b", "name": "n", "description": "d"},
        {"sourceType": "text/x.schema-path", "source": "x", "destination": "a.b"},
    ],
)
def test_adobes_own_form_goes_out_as_it_came_in(wire):
    assert declare(wire).to_wire()["mappings"] == [wire]


def test_b6_what_only_the_platform_says_is_not_sent_and_that_is_logged(caplog):
    """A mapping that was copied from a live mapping set."""
    said = {"sourceType": "text/x.schema-path", "source": "x", "destination": "a.b", "sourceAttribute": "x"}
    said |= {"destinationXdmPath": "a.b", "version": 0, "identity": False, "primaryIdentity": False, "name": "n"}
    copied = {"id": "c" * 32, "matchScore": 0.0, "functionVersion": 1, "createdDate": 1582250953000, "createdBy": "A"}
    copied |= {"modifiedDate": 1582250953000, "modifiedBy": "B"}
    caplog.set_level("INFO")
    assert declare(said | copied, name="n").to_wire()["mappings"] == [said]
    assert caplog.messages == [
        "Mapping set 'n': createdBy, createdDate, functionVersion, id, matchScore, modifiedBy, modifiedDate: only the "
        "platform says this, so it is not sent."
    ]


@given(st.dictionaries(st.text("abcXYZ", min_size=1), st.booleans() | st.integers() | st.text("abc"), max_size=4))
def test_b6_whatever_else_a_mapping_says_is_sent(more):
    """Adobe's own form: the platform knows more than we do."""
    wire = {"sourceType": "ATTRIBUTE", "source": "x", "destination": "a.b"}
    assert declare({**more, **wire}).to_wire()["mappings"] == [{**more, **wire}]


def test_nulls_of_the_tutorial_are_left_out():
    wire = {"destinationXdmPath": "a.b", "sourceAttribute": "x", "identityGroup": None, "namespaceCode": None}
    assert declare(wire).to_wire()["mappings"] == [{"destinationXdmPath": "a.b", "sourceAttribute": "x"}]


def test_an_item_that_is_no_mapping_does_not_make_a_live_mapping_set_unreadable():
    live = MappingSet.model_validate({"id": "1", "version": 3, "mappings": [None, {"source": "x", "destination": "a"}]})
    assert (live.version, [mapping.key for mapping in live.mappings]) == (3, ["a"])
    assert MappingSet.model_validate({"id": "1", "mappings": ["x"]}).mappings == []


def test_without_a_name_one_is_made_of_the_content():
    nameless = declare(NAME, EMAIL)
    assert nameless.name == f"airflow-{nameless.digest}"
    assert len(nameless.digest) == 12
    assert declare(EMAIL, NAME).name == nameless.name
    assert declare(NAME).name != nameless.name
    assert declare(NAME, EMAIL, schema_id=f"{SCHEMA_ID}0").name != nameless.name


# What two mapping sets must share to be equal

FIELDS = st.text(alphabet="abcXYZ_.0", min_size=1, max_size=8)
PAIRS = st.dictionaries(FIELDS, FIELDS, min_size=1, max_size=5)


@given(PAIRS, st.randoms(use_true_random=False))
def test_both_dialects_have_one_digest(pairs, random):
    older = [{"destinationXdmPath": to, "sourceAttribute": source} for to, source in pairs.items()]
    newer = [{"sourceType": "ATTRIBUTE", "destination": to, "source": source} for to, source in pairs.items()]
    read_back = [
        {
            "sourceType": "text/x.schema-path",
            "source": source,
            "sourceAttribute": source,
            "destination": to,
            "destinationXdmPath": to,
        }
        for to, source in pairs.items()
    ]
    digests = set()
    for wire in (older, newer, read_back):
        random.shuffle(wire)
        digests.add(declare(*wire).digest)
        live = {"outputSchema": {"schemaRef": {"id": SCHEMA_ID}}, "xdmSchema": None, "mappings": wire}
        digests.add(MappingSet.model_validate(live).digest)
        digests.add(MappingSet.model_validate({"xdmSchema": SCHEMA_ID, "mappings": wire}).digest)
    assert len(digests) == 1


@given(PAIRS)
def test_an_expression_is_not_the_attribute_of_the_same_text(pairs):
    attributes = [{"destination": to, "source": source} for to, source in pairs.items()]
    expressions = [{"type": "EXPRESSION", **pair} for pair in attributes]
    assert declare(*attributes).digest != declare(*expressions).digest


def test_expressions_are_read_back_in_two_spellings():
    for spelling in ("text/x.aep-xl", "xdm:mapping-expression", "EXPRESSION"):
        live = MappingSet.model_validate({"mappings": [{"sourceType": spelling, "source": "x", "destination": "a"}]})
        assert live.meaning == {"a": ("EXPRESSION", "x")}


def test_a_live_mapping_set_may_say_little():
    live = MappingSet.model_validate({"id": "x", "outputSchema": {"schemaRef": None}, "mappings": [{"version": 0}]})
    assert (live.schema_id, live.meaning) == (None, {})


# Problems


@pytest.mark.parametrize("mappings", [None, [], "email", {"email": "a.b"}])
def test_a_mapping_set_has_mappings(mappings):
    assert objection(mappings=mappings) == (
        'mappings must list pairs such as {"source": "email", "destination": "personalEmail.address"}.'
    )


def test_all_gaps_are_named_at_once():
    problems = objection(
        {"source": "email"},
        {"source": "", "destination": "a", "target": "b"},
        {"type": "FORMULA", **EMAIL},
        "email",
        ("a", 1),
        schema_id="_acme.schemas.417a",
        name="",
        xdm_version="latest",
    )
    assert problems == (
        "schema_id is the meta:altId '_acme.schemas.417a'; use the $id, https://ns.adobe.com/acme/schemas/417a; "
        "name must be a non-empty string, not ''; "
        "xdm_version is 'latest'; write the major version of the schema, such as 1; "
        "mappings[0].destination must be a non-empty string, not None; "
        "mappings[1] has unknown keys target; a pair has source, destination and perhaps type; "
        "mappings[1].source must be a non-empty string, not ''; "
        "mappings[2].type is 'FORMULA'; it is one of ATTRIBUTE, EXPRESSION, STATIC; "
        'mappings[3] must be a dict such as {"source": "email", "destination": "a.b"}, not \'email\'; '
        'mappings[4] must be a dict such as {"source": "email", "destination": "a.b"}, not (\'a\', 1).'
    )


def test_adobes_own_form_is_checked_for_what_a_mapping_cannot_do_without():
    problems = objection(
        {"destinationXdmPath": "a.b"},
        {"sourceType": "ATRIBUTE", "source": "x", "destination": ""},
        {"destinationXdmPath": "a.c", "sourceAttribute": "x", "identity": "perhaps", "version": "one"},
    )
    assert problems == (
        "mappings[0].sourceAttribute is missing; "
        "mappings[1].destinationXdmPath is missing; "
        "mappings[1].sourceType is 'ATRIBUTE'; it is one of ATTRIBUTE, EXPRESSION, STATIC; "
        "mappings[2].identity: Input should be a valid boolean, unable to interpret input; "
        "mappings[2].version: Input should be a valid integer, unable to parse string as an integer."
    )


def test_a_source_that_is_no_text_is_named_as_its_author_wrote_it():
    assert objection(
        {"sourceType": "EXPRESSION", "source": 1, "destination": "a.b"},
        {"sourceAttribute": 2, "destinationXdmPath": 3},
    ) == (
        "mappings[0].source must be a non-empty string, not 1; "
        "mappings[1].destinationXdmPath must be a non-empty string, not 3; "
        "mappings[1].sourceAttribute must be a non-empty string, not 2."
    )


def test_an_expression_may_not_be_too_long():
    assert declare(("EXPRESSION", "x" * 4096, "a.b")).mappings[0].source == "x" * 4096
    assert objection(("EXPRESSION", "x" * 4097, "a.b")) == (
        "mappings[0].source has 4097 characters; an expression has at most 4096."
    )


def test_a_target_field_is_filled_once():
    assert objection(EMAIL, LOWER, NAME) == "mappings fill 'personalEmail.address' more than once."


def test_adobes_own_form_may_fill_a_field_twice_because_data_prep_takes_it():
    email = {"sourceType": "ATTRIBUTE", "source": "email", "destination": "personalEmail.address"}
    lower = {"destinationXdmPath": "personalEmail.address", "sourceAttribute": "mail"}
    both = declare(email, lower)
    assert both.meaning == {"personalEmail.address": (("ATTRIBUTE", "email"), ("ATTRIBUTE", "mail"))}
    assert both.digest not in (declare(lower, email).digest, declare(email).digest)
    assert objection(email, lower, EMAIL) == "mappings fill 'personalEmail.address' more than once."


# Identities

MEMBER = {"destinationXdmPath": "_acme.id", "sourceAttribute": "id", "identity": True, "identityGroup": "CRM"}


def test_an_identity_stays_one_in_the_newer_dialect():
    first, second = declare(MEMBER, LOWER).to_wire()["mappings"]
    assert first == {
        "sourceType": "ATTRIBUTE",
        "source": "id",
        "destination": "_acme.id",
        "identity": True,
        "identityGroup": "CRM",
    }
    assert second == {"sourceType": "EXPRESSION", "source": LOWER["source"], "destination": LOWER["destination"]}


@pytest.mark.parametrize("change", [{"identity": False}, {"identityGroup": "Email"}])
def test_another_identity_is_another_meaning(change):
    assert declare(MEMBER).meaning != declare({**MEMBER, **change}).meaning
    assert declare(MEMBER).name != declare({**MEMBER, **change}).name


@pytest.mark.parametrize(
    ("live", "version"),
    [
        ({"xdmVersion": "2.0"}, 2),
        ({"outputSchema": {"schemaRef": {"id": SCHEMA_ID, "contentType": "application/x+json; version=3.0"}}}, 3),
        ({"xdmVersion": "latest"}, None),
        ({}, None),
    ],
)
def test_the_version_of_the_schema_is_told_in_two_places(live, version):
    assert MappingSet.model_validate(live).schema_version == version


def test_both_dialects_mean_the_same_in_the_newer_one():
    older, newer = declare(EMAIL, NAME), declare(LOWER, NAME)
    assert older.in_newer_dialect().meaning == older.meaning
    assert (older.in_newer_dialect().schema_id, older.in_newer_dialect().schema_version) == (SCHEMA_ID, 1)
    assert "xdmSchema" not in older.in_newer_dialect().to_wire()
    assert newer.in_newer_dialect() == newer

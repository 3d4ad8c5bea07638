"""models/explore.py and models/explored.py: what exploring asks for, and what is made of its answer."""

import json
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.connectors import CONNECTORS, get_connector
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.explore import OBJECT_TYPES, OPTIONS, explore_params
from airflow_provider_aep.models.explored import _leaves_of_schema, read_explored

DELIMITED = {"fileType": "delimited"}
SELF_SERVE = "0f0e0d0c-0b0a-4908-8706-050403020100"


def params(connector, *asked):
    return explore_params(get_connector(connector), *asked)


@pytest.mark.parametrize(
    ("connector", "path", "options", "object_type"),
    [
        ("salesforce", None, None, "root"),
        ("salesforce", "Accounts", None, "table"),
        # A table may be called as files are.
        ("salesforce", "odd.csv", None, "table"),
        ("amazon-s3", None, None, "root"),
        ("amazon-s3", "/exports", None, "folder"),
        ("amazon-s3", "/exports/2024.01/", None, "folder"),
        ("amazon-s3", "/exports/leads.csv", None, "file"),
        ("amazon-s3", "/exports/leads", DELIMITED, "file"),
        ("amazon-s3", "/exports/leads", {"determineProperties": True}, "file"),
        ("data-landing-zone", "dlz-user-container/leads.csv", None, "file"),
        ("generic-rest-api", None, None, "rest"),
        ("stripe", None, None, "rest"),
        (SELF_SERVE, None, None, "root"),
        (SELF_SERVE, None, {"sourceParams": {"resourcePath": "charges"}}, "rest"),
        (SELF_SERVE, "Accounts", None, "table"),
        (SELF_SERVE, "/leads", DELIMITED, "file"),
    ],
)
def test_the_type_is_taken_from_connector_and_path(connector, path, options, object_type):
    found = params(connector, path, None, options)
    assert found["objectType"] == object_type
    assert found.get("object") == ("json" if object_type == "rest" else path)


def test_a_type_that_is_said_wins():
    assert params("amazon-s3", "/exports/archive.old", "FOLDER") == {
        "objectType": "folder",
        "object": "/exports/archive.old",
    }


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/leads.csv", DELIMITED),
        ("/LEADS.CSV", DELIMITED),
        ("/leads.txt", DELIMITED),
        ("/leads.tsv", {**DELIMITED, "columnDelimiter": r"\t"}),
        ("/leads.json", {"fileType": "json"}),
        ("/leads.parquet", {"fileType": "parquet"}),
        ("/leads.csv.gz", {**DELIMITED, "compressionType": "gzip"}),
        ("/leads.json.bz2", {"fileType": "json", "compressionType": "bzip2"}),
        ("/leads.csv.tar.gz", {**DELIMITED, "compressionType": "tarGzip"}),
        ("/leads.csv.tgz", {**DELIMITED, "compressionType": "tarGzip"}),
        ("/leads.csv.gpg", DELIMITED),
        ("/leads.csv.gz.pgp", {**DELIMITED, "compressionType": "gzip"}),
        # Neither the name nor the author tells: the platform looks into the file.
        ("/leads", {"determineProperties": "true"}),
        ("/leads.dat.gz", {"determineProperties": "true"}),
    ],
)
def test_how_to_read_a_file_is_taken_from_its_name(path, told):
    found = params("amazon-s3", path, "file")
    assert found == {"objectType": "file", "object": path, "preview": "true", **told}


def test_options_win_over_the_name():
    options = {"fileType": "json", "compressionType": "tar", "encoding": "ISO-8859-1", "preview": False}
    assert params("amazon-s3", "/leads.tsv.gz", None, options) == {
        "objectType": "file",
        "object": "/leads.tsv.gz",
        "fileType": "json",
        "compressionType": "tar",
        "encoding": "ISO-8859-1",
        "preview": "false",
    }
    assert params("amazon-s3", "/leads.csv.gz", None, {"determineProperties": "true"}) == {
        "objectType": "file",
        "object": "/leads.csv.gz",
        "preview": "true",
        "determineProperties": "true",
    }


def test_a_tab_is_written_as_adobe_does():
    assert params("amazon-s3", "/leads.csv", None, {"columnDelimiter": "\t"})["columnDelimiter"] == r"\t"


@pytest.mark.parametrize("name", ["sourceParams", "filters"])
def test_what_adobe_wants_in_base64_is_given_as_a_dict(name):
    found = params("generic-rest-api", None, "rest", {name: {"listId": "10c097ca71"}})
    assert found[name] == "eyJsaXN0SWQiOiIxMGMwOTdjYTcxIn0="  # as the page on Mailchimp has it
    assert params("generic-rest-api", None, "rest", {name: "e30"})[name] == "e30"


@pytest.mark.parametrize(
    ("connector", "asked", "said"),
    [
        ("salesforce", (7,), "object_path must be a non-empty string, not 7"),
        ("salesforce", ("",), "object_path must be a non-empty string"),
        ("salesforce", ("Accounts", "planet"), "object_type is 'planet'; it is one of root, table"),
        ("salesforce", (None, "table"), "object_path is missing: it names the table"),
        ("salesforce", ("Accounts", "root"), "object_path must be left out for the root"),
        ("amazon-s3", ("/x.csv", None, "csv"), "options must be a dict, not a str"),
        ("amazon-s3", ("/x.csv", None, {"filetype": "json"}), "options.filetype is unknown; there are fileType"),
        ("amazon-s3", ("/x.csv", None, {"columnDelimiter": "||"}), "the delimiter is exactly one character"),
        ("amazon-s3", ("/x.csv", None, {"encoding": 8}), "options.encoding must be a non-empty string, not 8"),
        ("amazon-s3", ("/x.csv", None, {"preview": "maybe"}), "options.preview is 'maybe'; it is true or false"),
        ("amazon-s3", ("/x", None, {"compressionType": "gzip"}), "options.fileType is missing: the name '/x'"),
        (
            "amazon-s3",
            ("/x", None, {"determineProperties": True, "fileType": "json"}),
            "options.determineProperties must be left out, or else fileType",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(connector, asked, said):
    with pytest.raises(AepConfigError, match="The request to explore cannot be sent: ") as raised:
        params(connector, *asked)
    assert said in str(raised.value)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2)
)


@given(
    st.sampled_from(sorted(CONNECTORS)),
    st.none() | st.text(max_size=9),
    st.none() | st.sampled_from(OBJECT_TYPES),
    st.none() | st.dictionaries(st.sampled_from(OPTIONS), ANYTHING | st.dictionaries(st.text(max_size=3), ANYTHING)),
)
def test_a_query_is_made_of_texts_or_refused(connector, path, object_type, options):
    try:
        found = params(connector, path, object_type, options)
    except AepConfigError:
        return
    assert found["objectType"] in OBJECT_TYPES
    assert all(isinstance(value, str) and value for value in found.values())
    for name in ("sourceParams", "filters"):
        if isinstance((options or {}).get(name), dict):
            assert json.loads(b64decode(found[name])) == options[name]


# Answers


def test_an_odd_entry_is_passed_over():
    found = read_explored([None, {"name": None}, "x", {"name": "Accounts", "type": 7}])
    assert found.entries == [{"name": "Accounts", "type": 7}]
    assert read_explored([]).entries == []


def test_a_dot_within_a_name_is_written_as_data_prep_wants_it():
    schema = {"type": "object", "properties": {"a": {"type": "object", "properties": {"b.c": {"type": "string"}}}}}
    assert read_explored({"schema": schema}).entries == [{"name": r"a.b\.c", "type": "string"}]


def test_of_several_types_the_one_that_has_values_counts():
    schema = {"type": "array", "items": {"properties": {"a": {"type": ["null", "string"]}, "b": True}}}
    assert read_explored({"schema": schema}).entries == [{"name": "a", "type": "string"}, {"name": "b", "type": None}]


LEAF = st.sampled_from([{"type": "string"}, {"type": "integer"}, {}])
SCHEMAS = st.recursive(
    LEAF,
    lambda inner: (
        st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, min_size=1, max_size=3).map(
            lambda properties: {"type": "object", "properties": properties}
        )
        | inner.map(lambda items: {"type": "array", "items": items})
    ),
)


def count_leaves(schema):
    if "properties" in schema:
        return sum(map(count_leaves, schema["properties"].values()))
    return count_leaves(schema["items"]) if "items" in schema else 1


@given(st.dictionaries(st.text("abc", min_size=1, max_size=2), SCHEMAS, min_size=1))
def test_nested_data_has_an_entry_for_each_leaf(properties):
    schema = {"type": "object", "properties": properties}
    entries = read_explored({"format": "hierarchical", "schema": schema}).entries
    assert len(entries) == count_leaves(schema) == len({entry["name"] for entry in entries})


KEYS = ("schema", "columns", "items", "data", "properties", "name", "type", "columnName", "columnType")


@given(st.recursive(ANYTHING, lambda inner: st.dictionaries(st.sampled_from(KEYS), inner) | st.lists(inner)))
def test_any_answer_is_read_or_refused(response):
    try:
        found = read_explored(response)
    except ValueError:
        return
    assert all(isinstance(entry["name"], str) for entry in found.entries)


def test_an_object_without_properties_has_no_leaves():
    assert list(_leaves_of_schema({"type": "object"})) == []


@pytest.mark.parametrize("rows", [[], [{}], ["text"], [None, 1]])
def test_rows_without_any_name_have_no_leaves(rows):
    assert read_explored({"data": rows}).entries == []

"""models/source_connection.py: which table, path or stream is read; each kind of source has its rules."""

import pytest

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.source_connection import SourceConnection
from airflow_provider_aep.validation import in_one_line

BASE_ID = "4cb0c374-d3bb-4557-b139-5712880adc55"
COLUMNS = [{"name": "email", "type": "string", "xdm": {"type": "string"}}]
TABLE = {"tableName": "Accounts", "columns": COLUMNS}


def declare(connector="salesforce", **changes):
    return SourceConnection.declare(
        **{"name": "Accounts", "connector": connector, "base_connection_id": BASE_ID, **changes}
    )


def sent(connector="salesforce", **changes):
    return declare(connector, **changes).to_wire()


def objection(connector="salesforce", **changes):
    with pytest.raises(AepConfigError) as refused:
        declare(connector, **changes)
    start = f"The source connection {changes.get('name', 'Accounts')!r} cannot be sent: "
    assert in_one_line(str(refused.value)).startswith(start)
    return in_one_line(str(refused.value)).removeprefix(start)


# Tables


def test_declare_a_table():
    assert sent(source_params=TABLE, description="CRM") == {
        "name": "Accounts",
        "description": "CRM",
        "baseConnectionId": BASE_ID,
        "data": {"format": "tabular"},
        "params": {"tableName": "Accounts", "columns": COLUMNS},
        "connectionSpec": {"id": "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5", "version": "1.0"},
    }


def test_columns_are_sent_as_explore_returned_them():
    columns = [{"name": "at", "type": "string", "meta:xdmType": "date-time", "xdm": {"type": "string", "format": "x"}}]
    assert sent(source_params={"tableName": "T", "columns": columns})["params"]["columns"] == columns


@pytest.mark.parametrize("xdm", [{"type": "String"}, {"type": "string"}])
def test_xdm_types_are_lower_case(xdm):
    columns = [{"name": "email", "type": "string", "xdm": xdm}]
    params = sent(source_params={"tableName": "T", "columns": columns})["params"]
    assert params["columns"] == [{"name": "email", "type": "string", "xdm": {"type": "string"}}]


def test_a_column_without_an_xdm_type_is_left_as_it_is():
    columns = ({"name": "email", "type": "string"},)
    assert sent(source_params={"tableName": "T", "columns": columns})["params"]["columns"] == [*columns]


def test_filters_of_a_table_pass_through():
    filters = {"type": "PQL", "format": "pql/json", "value": {}}
    assert sent(source_params={**TABLE, "filters": filters})["params"]["filters"] == filters


def test_a_table_has_a_name_and_columns():
    assert objection(source_params={"path": "Accounts"}) == (
        "source_params.tableName must be a non-empty string, not None; "
        "source_params.columns must list the columns, as AepExploreConnectionOperator returns them."
    )


def test_some_sources_name_their_table_in_a_path():
    # https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/collect/advertising
    params = {"path": "v201809.AD_PERFORMANCE_REPORT", "columns": COLUMNS}
    assert sent("google-ads", source_params=params)["params"] == params
    assert objection("google-ads", source_params={"columns": COLUMNS}) == (
        "source_params.tableName must be a non-empty string, not None."
    )


def test_columns_have_a_name_and_a_type():
    assert objection(source_params={"tableName": "T", "columns": ["email", {"name": 3}]}) == (
        'source_params.columns[0] must be a dict such as {"name": "email", "type": "string"}, not \'email\'; '
        "source_params.columns[1].name must be a non-empty string, not 3; "
        "source_params.columns[1].type must be a non-empty string, not None."
    )


def test_a_table_is_tabular():
    assert objection(data_format="delimited", source_params=TABLE) == (
        "data_format is 'delimited'; a table source is always 'tabular'."
    )


# Files


def test_declare_files():
    params = {"path": "/leads/*.tsv", "type": "folder", "recursive": True}
    assert sent("amazon-s3", data_format="delimited", source_params=params) == {
        "name": "Accounts",
        "baseConnectionId": BASE_ID,
        "data": {"format": "delimited"},
        "params": params,
        "connectionSpec": {"id": "ecadc60c-7455-4d87-84dc-2a0e293d997b", "version": "1.0"},
    }


@pytest.mark.parametrize(
    "source_params",
    [
        {"path": "/x", "columnDelimiter": "\t", "encoding": "UTF-8", "compressionType": "gzip"},
        {"path": "/x", "properties": {"columnDelimiter": "\t", "encoding": "UTF-8", "compressionType": "gzip"}},
        {"path": "/x", "properties": {"columnDelimiter": "\t", "encoding": "UTF-8"}, "compressionType": "gzip"},
    ],
)
def test_how_files_are_read_is_sent_with_their_format(source_params):
    body = sent("azure-blob", data_format="delimited", source_params=source_params)
    assert body["params"] == {"path": "/x"}
    assert body["data"] == {
        "format": "delimited",
        "properties": {"columnDelimiter": "\t", "encoding": "UTF-8", "compressionType": "gzip"},
    }


def test_files_have_a_format_and_a_path():
    assert objection("sftp", source_params={"tableName": "x"}) == (
        "data_format is None; a file source has one of delimited, json, parquet; "
        "source_params.path must be a non-empty string, not None."
    )


@pytest.mark.parametrize("delimiter", ["||", "", 9])
@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"properties": one}])
def test_a_delimiter_is_one_character(delimiter, wrap):
    params = {"path": "/x", **wrap({"columnDelimiter": delimiter})}
    assert objection("sftp", data_format="delimited", source_params=params) == (
        f"source_params.columnDelimiter is {delimiter!r}; the delimiter is exactly one character."
    )


def test_the_properties_of_files_are_a_dict():
    params = {"path": "/x", "properties": ["gzip"]}
    assert objection("sftp", data_format="json", source_params=params) == (
        "source_params.properties must be a dict, not a list."
    )


def test_how_files_are_read_is_said_once():
    properties = {"columnDelimiter": ",", "encoding": "UTF-8"}
    params = {"path": "/x", "properties": properties, "columnDelimiter": ";", "encoding": "UTF-8"}
    assert objection("sftp", data_format="delimited", source_params=params) == (
        "source_params.columnDelimiter is ';', but ',' among its properties; say it once."
    )


# Streams


def test_declare_a_stream():
    params = {"stream": "events", "dataType": "raw", "reset": "latest"}
    assert sent("kinesis", source_params=params) == {
        "name": "Accounts",
        "baseConnectionId": BASE_ID,
        "data": {"format": "json"},
        "params": params,
        "connectionSpec": {"id": "86043421-563b-46ec-8e6c-e23184711bf6", "version": "1.0"},
    }


def test_the_http_api_names_no_format():
    assert sent("http-api") == {
        "name": "Accounts",
        "baseConnectionId": BASE_ID,
        "data": {},
        "connectionSpec": {"id": "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb", "version": "1.0"},
    }


def test_a_stream_sends_json():
    assert objection("kinesis", data_format="delimited") == (
        "data_format is 'delimited'; a streaming source sends 'json'."
    )


# Every source


def test_a_source_that_nobody_published_is_left_to_the_platform():
    spec_id = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
    assert sent(spec_id, base_connection_id=None, data_format="x", source_params={"a": 1}) == {
        "name": "Accounts",
        "data": {"format": "x"},
        "params": {"a": 1},
        "connectionSpec": {"id": spec_id, "version": "1.0"},
    }


def test_a_data_landing_zone_has_no_base_connection():
    wish = {"data_format": "json", "source_params": {"path": "/x"}}
    assert "baseConnectionId" not in sent("data-landing-zone", base_connection_id=None, **wish)
    assert objection("data-landing-zone", **wish) == (
        "base_connection_id must be left out: a Data Landing Zone has no base connection."
    )


def test_a_webhook_has_no_base_connection_and_no_params():
    wire = sent("pendo", base_connection_id=None)
    assert "baseConnectionId" not in wire
    assert "params" not in wire
    assert wire["data"] == {"format": "json"}
    assert objection("pendo") == "base_connection_id must be left out: a Pendo webhook has no base connection."


def test_any_other_source_is_read_through_a_base_connection():
    assert objection(base_connection_id=None, source_params=TABLE) == (
        "base_connection_id is missing: a Salesforce source is read through a base connection."
    )
    assert objection(base_connection_id="mine", source_params=TABLE) == (
        "base_connection_id is 'mine', which is not a UUID such as 9a603322-19d2-4de9-89c6-c98bd54eb184."
    )


def test_all_gaps_are_named_at_once():
    problems = objection(name=None, description="", connector="salesfroce", source_params=["Accounts"])
    assert problems == (
        "name must be a non-empty string, not None; "
        "description must be a non-empty string, not ''; "
        "Unknown connector 'salesfroce' (the nearest names are salesforce): pass a name listed in "
        "airflow_provider_aep.connectors.CONNECTORS or the source's connection spec id, a UUID; "
        "source_params must be a dict, not a list."
    )


def test_the_wish_of_the_author_is_left_as_it_was():
    params = {"path": "/x", "columnDelimiter": ";"}
    declare("sftp", data_format="delimited", source_params=params)
    assert params == {"path": "/x", "columnDelimiter": ";"}

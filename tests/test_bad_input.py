"""What cannot work ends its task at once, in one sentence that says what to do, and leaves nothing half-made.

All cases are tasks of one real DAG run, each with two retries that must not be used.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG
from emulator.caller import EVENT_HUBS, SALESFORCE, Caller
from operators.execution import no_old_secrets, one_api_server  # noqa: F401

from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.exceptions import AepApiError, AepAuthError, AepConfigError, AepConflictError
from airflow_provider_aep.operators.catalog import AepCreateDatasetOperator
from airflow_provider_aep.operators.data_prep import AepCreateMappingSetOperator
from airflow_provider_aep.operators.flow_service import (
    AepCreateBaseConnectionOperator,
    AepCreateFlowOperator,
    AepCreateSourceConnectionOperator,
    AepCreateTargetConnectionOperator,
    AepExploreConnectionOperator,
    AepGetFlowSpecOperator,
    AepRunFlowOperator,
)
from airflow_provider_aep.operators.schema_registry import AepCreateSchemaOperator
from airflow_provider_aep.sensors.flow_run import AepDatasetBatchSensor, AepFlowRunSensor
from airflow_provider_aep.task.compat import AirflowFailException
from airflow_provider_aep.validation import in_one_line

UNKNOWN = "11111111-2222-4333-8444-555555555555"
UNKNOWN_DATASET = "5c8c3c555033b814b69f947f"
CRM_TO_AEP = "14518937-270c-4525-bdec-c2ba7cce3860"
STREAMING = "d69717ba-71b4-4313-b654-49f9cf126d7a"
PROFILE = "https://ns.adobe.com/xdm/context/profile"
COLUMNS = [{"name": "email", "type": "string"}]
DELTA = {"name": "LastModifiedDate"}
HOURLY = {"frequency": "hour", "interval": 1}
# The emulator's request ids; Adobe's look alike.
REQUEST_ID = r"request id [0-9a-zA-Z]{32}"


@dataclass
class Case:
    """A task that cannot work.

    :param operator: the operator; its arguments may be functions of the ids that exist.
    :param error: the class of the error.
    :param said: what the message must say, as a pattern.
    :param connection: changes of the connection: fields, or keys of its extra (None removes one).
    :param asks: the methods that may be seen; none if everything could be known before anything is asked. A POST for
        a token is not counted among them.
    """

    operator: type
    arguments: dict[str, Any]
    error: type[Exception]
    said: str
    connection: dict[str, Any] = field(default_factory=dict)
    asks: str = ""


def case(operator, error, said, connection=None, asks="", **arguments):
    return Case(operator, arguments, error, said, connection or {}, asks)


def look_up(error, said, asks="", **connection):
    """Any question will do: the connection is wrong."""
    return case(AepGetFlowSpecOperator, error, said, connection, asks, name="CRMToAEP")


def flow(error, said, asks="", **changes):
    """A dataflow that is right but for the changes."""
    arguments = {
        "name": "Bad flow",
        "flow_spec_id": CRM_TO_AEP,
        "source_connection_id": lambda ids: ids.source,
        "target_connection_id": lambda ids: ids.target,
        "mapping_set_id": lambda ids: ids.mapping_set,
        "delta_column": DELTA,
        "schedule_params": HOURLY,
    }
    return case(AepCreateFlowOperator, error, said, None, asks, **{**arguments, **changes})


def source(error, said, asks="", **changes):
    arguments = {
        "name": "Bad source",
        "connector": "salesforce",
        "base_connection_id": lambda ids: ids.base,
        "source_params": {"tableName": "Accounts", "columns": COLUMNS},
    }
    return case(AepCreateSourceConnectionOperator, error, said, None, asks, **{**arguments, **changes})


def base(error, said, asks="", **changes):
    arguments = {"name": "Bad base", "connector": "salesforce", "auth_spec_name": "Basic Authentication"}
    return case(AepCreateBaseConnectionOperator, error, said, None, asks, **{**arguments, **changes})


def schedule(said, **wrong):
    return flow(AepConfigError, said, schedule_params={**HOURLY, **wrong})


CASES = {
    # The connection
    "wrong_secret": look_up(
        AepAuthError, "answered 401: .*invalid_client.*Check login .*password", "POST", password="wrong-secret"
    ),
    "wrong_client_id": look_up(AepAuthError, "invalid_client.*Check login", "POST", login="wrong-id"),
    "wrong_scopes": look_up(AepAuthError, "invalid_scope.*scopes", "POST", scopes="openid,nonsense"),
    "wrong_organisation": look_up(
        AepAuthError, f"code 403025, {REQUEST_ID}.*check ims_org_id", "POST GET", ims_org_id="ABCDEF@AdobeOrg"
    ),
    "organisation_without_its_end": look_up(AepConfigError, "extra.ims_org_id is 'ABCDEF'", ims_org_id="ABCDEF"),
    "unknown_sandbox": look_up(
        AepApiError, f"FLOW-2100-404, {REQUEST_ID}.*Check sandbox in the connection", "POST GET", sandbox="nowhere"
    ),
    "sandbox_not_active": look_up(AepApiError, f"FLOW-2101-404, {REQUEST_ID}", "POST GET", sandbox="resetting"),
    "no_sandbox": look_up(AepConfigError, "extra.sandbox is missing", sandbox=None),
    "http_to_the_world": look_up(
        AepConfigError,
        "host is http:// to 'platform.adobe.io'; secrets go over https only",
        host="http://platform.adobe.io",
    ),
    "http_to_the_world_for_tokens": look_up(
        AepConfigError, "extra.ims_url is http:// to 'ims.example'", ims_url="http://ims.example"
    ),
    "given_token_has_ended": look_up(AepAuthError, f"code 401013, {REQUEST_ID}", "GET", access_token="not.a.token"),
    "several_gaps_of_a_connection": look_up(
        AepConfigError,
        "ims_org_id.*sandbox.*password.*host",
        ims_org_id="x",
        sandbox=None,
        password=None,
        host="ftp://x",
    ),
    # Names of sources
    "unknown_connector": base(AepConfigError, "salesforec.*salesforce", connector="salesforec"),
    "unknown_connection_spec": base(AepApiError, f"1413-400, {REQUEST_ID}", "GET POST", connector=UNKNOWN),
    "unknown_auth_spec": base(
        AepApiError, f"1415-400, {REQUEST_ID}.*Check auth_spec_name", "GET POST", auth_spec_name="Basic Auth"
    ),
    "connector_of_no_flow_spec": case(
        AepGetFlowSpecOperator, AepConfigError, "salesforec.*salesforce", connector="salesforec"
    ),
    "flow_spec_that_is_not_there": case(
        AepGetFlowSpecOperator, AepConflictError, "There is no flow spec named 'CRMToAPE'", None, "GET", name="CRMToAPE"
    ),
    # Ids
    "path_for_an_id": case(
        AepExploreConnectionOperator, AepConfigError, "base_connection_id is '../flows'", base_connection_id="../flows"
    ),
    "alt_id_for_an_id": case(
        AepCreateDatasetOperator,
        AepConfigError,
        r"meta:altId '_tenant\.schemas\.abc'; use the \$id, https://ns\.adobe\.com/tenant/schemas/abc",
        name="Bad dataset",
        schema_id="_tenant.schemas.abc",
    ),
    "no_id_at_all": source(
        AepConfigError, "base_connection_id is None|base_connection_id is missing", base_connection_id=None
    ),
    "name_for_an_id": flow(
        AepConfigError, "(?i)flow_spec_id is 'CRMToAEP', which is not a UUID", flow_spec_id="CRMToAEP"
    ),
    "list_for_an_id": flow(AepConfigError, r"source_connection_id is \[", source_connection_id=["a"]),
    "malformed_run_id": case(AepFlowRunSensor, AepConfigError, "run_id is 'run-7'", run_id="run-7"),
    "malformed_flow_id": case(AepRunFlowOperator, AepConfigError, "flow_id is 'flow-7'", flow_id="flow-7"),
    "unknown_base_connection": source(AepApiError, REQUEST_ID, "GET POST", base_connection_id=UNKNOWN),
    "unknown_dataset": case(
        AepCreateTargetConnectionOperator,
        AepApiError,
        f"{UNKNOWN_DATASET} does not exist .*{REQUEST_ID}",
        None,
        "GET POST",
        name="Bad target",
        dataset_id=UNKNOWN_DATASET,
        schema_id=lambda ids: ids.schema,
    ),
    "unknown_schema": case(
        AepCreateDatasetOperator,
        AepApiError,
        "could not be found",
        None,
        "GET POST",
        name="Bad dataset",
        schema_id="https://ns.adobe.com/tenant/schemas/0123456789abcdef",
    ),
    "unknown_flow_to_wait_for": case(AepFlowRunSensor, AepApiError, REQUEST_ID, None, "GET", flow_id=UNKNOWN),
    # Times
    "naive_time": schedule(
        "start_time is '2090-01-31T06:00:00', a time without an offset", start_time="2090-01-31T06:00:00"
    ),
    "naive_datetime": schedule("a time without an offset", start_time=datetime(2090, 1, 31)),
    "milliseconds": schedule("looks like milliseconds", start_time=3789525600000),
    "no_time": schedule("start_time is 'soon'", start_time="soon"),
    "past_time": flow(
        AepConfigError,
        "start_time is 1567411548, .* s in the past",
        "GET",
        schedule_params={**HOURLY, "start_time": 1567411548},
    ),
    "naive_since": case(
        AepFlowRunSensor, AepConfigError, "since .*without an offset", flow_id=UNKNOWN, since="2090-01-31T06:00:00"
    ),
    "naive_since_of_batches": case(
        AepDatasetBatchSensor,
        AepConfigError,
        "since .*without an offset",
        dataset_id=UNKNOWN_DATASET,
        since="2090-01-31",
    ),
    # Schedules
    "interval_10_with_minute": schedule(
        "interval is 10; .*'minute' it is at least 15", frequency="minute", interval=10
    ),
    "no_interval": schedule("interval is None", interval=None),
    "unknown_frequency": schedule(
        "frequency is 'daily'; it is one of once, minute, hour, day, week", frequency="daily"
    ),
    "interval_with_once": schedule("interval must be left out", frequency="once"),
    "backfill_with_once": schedule("backfill must be left out", frequency="once", interval=None, backfill=True),
    "unknown_key_of_a_schedule": schedule("unknown keys? intervall", intervall=15),
    "delta_column_with_once": flow(
        AepConfigError, "delta_column must be left out", schedule_params={"frequency": "once"}
    ),
    "no_delta_column": flow(AepConfigError, "delta_column is missing", delta_column=None),
    "tutorials_date_format": flow(
        AepConfigError, "YYYY-MM-DD.*yyyy-MM-dd", delta_column={**DELTA, "dateFormat": "YYYY-MM-DD"}
    ),
    "schedule_of_a_stream": flow(
        AepConfigError, "schedule_params must be left out", flow_spec_id=STREAMING, delta_column=None
    ),
    # Things that do not belong together
    "mapping_set_of_another_schema": flow(
        AepApiError,
        f"1425-400, {REQUEST_ID}.*must have the same schema",
        "GET POST",
        mapping_set_id=lambda ids: ids.other_mapping_set,
    ),
    "flow_spec_of_another_source": flow(
        AepConfigError,
        "does not list connection spec cfc0fee1.*AepGetFlowSpecOperator",
        "GET",
        flow_spec_id=STREAMING,
        delta_column=None,
        schedule_params=None,
    ),
    "streaming_flow_without_runs": case(
        AepFlowRunSensor, AepConfigError, "streams.*AepDatasetBatchSensor", None, "GET", flow_id=lambda ids: ids.stream
    ),
    # Bodies
    "no_columns": source(AepConfigError, "source_params.columns must list", source_params={"tableName": "Accounts"}),
    "params_as_text": source(
        AepConfigError, "source_params must be a dict, not a str", source_params="tableName=Accounts"
    ),
    "no_mappings": case(
        AepCreateMappingSetOperator,
        AepConfigError,
        "mappings must list pairs",
        schema_id=lambda ids: ids.schema,
        mappings=[],
    ),
    "one_field_mapped_twice": case(
        AepCreateMappingSetOperator,
        AepConfigError,
        "fill 'a.b' more than once",
        schema_id=lambda ids: ids.schema,
        mappings=[{"source": "x", "destination": "a.b"}, {"source": "y", "destination": "a.b"}],
    ),
    "empty_title": case(AepCreateSchemaOperator, AepConfigError, "title must be", title=" ", schema_class=PROFILE),
    "unknown_policy": case(
        AepFlowRunSensor, AepConfigError, "max_faild.*max_failed_records", run_id=UNKNOWN, policy={"max_faild": 1}
    ),
    "unknown_way": base(AepConfigError, "if_exists is 'replace'; it is one of", if_exists="replace"),
    "nothing_to_wait_for": case(AepFlowRunSensor, AepConfigError, "run_id or flow_id is missing"),
    "several_gaps_at_once": flow(
        AepConfigError,
        "name .*flow_spec_id .*source_connection_id .*target_connection_id .*mapping_set_id .*"
        "schedule_params.frequency .*start_time .*delta_column",
        name="",
        flow_spec_id="x",
        source_connection_id=None,
        target_connection_id="y",
        mapping_set_id="z",
        schedule_params={"frequency": "daily", "start_time": "2090-01-31T06:00:00"},
        delta_column="LastModifiedDate",
    ),
}


@dataclass
class Outcome:
    state: str
    error: Exception | None
    tries: int
    requests: list[Any]
    made: dict[str, list[str]]


@pytest.fixture(scope="module")
def stage():
    """An emulator with the parts of a good dataflow, and the outcomes once the DAG has run."""
    with AepEmulator() as aep, Caller(aep) as api:
        schema = api.schema("Good")
        target = api.target_connection(api.dataset(schema), schema)
        base_id = api.base_connection(SALESFORCE)
        other = api.schema("Other")
        ids = SimpleNamespace(
            schema=schema,
            base=base_id,
            source=api.source_connection(base_id, SALESFORCE),
            target=target,
            mapping_set=api.mapping_set(schema),
            other_mapping_set=api.mapping_set(other),
            stream=api.flow(EVENT_HUBS),
        )
        yield SimpleNamespace(aep=aep, ids=ids, outcomes={})


@pytest.fixture
def outcomes(stage, run_dag, monkeypatch, mocker):
    """By case; the DAG runs once, before the first test."""
    if not stage.outcomes:
        stage.outcomes.update(run_all(stage, run_dag, monkeypatch, mocker))
    return stage.outcomes


def run_all(stage, run_dag, monkeypatch, mocker):
    from airflow.sdk.execution_time import task_runner

    aep, errors, seen = stage.aep, {}, {}
    finalize = task_runner.finalize

    def before(context):
        seen[context["ti"].task_id] = (len(aep.requests), ids_in(aep))

    def after(ti, state, context, log, error=None):
        """Airflow 3.1 shows the error of a `dag.test()` to no callback."""
        errors[ti.task_id] = error
        asked, there = seen[ti.task_id]
        made = {name: sorted(ids - there[name]) for name, ids in ids_in(aep).items() if ids - there[name]}
        seen[ti.task_id] = (aep.requests[asked:], made)
        return finalize(ti, state, context, log, error)

    mocker.patch.object(task_runner, "finalize", after)
    with DAG("bad_input", schedule=None, default_args={"retries": 2, "retry_delay": timedelta(0)}) as dag:
        for name, each in CASES.items():
            define_connection(monkeypatch, aep, name, each.connection)
            arguments = {key: value(stage.ids) if callable(value) else value for key, value in each.arguments.items()}
            each.operator(task_id=name, aep_conn_id=f"bad_{name}", pre_execute=before, **arguments)
    result = run_dag(dag)
    tries = {ti.task_id: ti.try_number for ti in result.run.get_task_instances()}
    return {name: Outcome(result.states[name], errors[name], tries[name], *seen[name]) for name in CASES}


def define_connection(monkeypatch, aep, name, changes):
    connection = json.loads(aep.connection_json())
    for key, value in changes.items():
        place = connection if key in ("host", "login", "password") else connection["extra"]
        place[key] = value
        if value is None:
            del place[key]
    monkeypatch.setenv(f"AIRFLOW_CONN_BAD_{name.upper()}", json.dumps(connection))


def ids_in(aep):
    return {name: set(objects) for name, objects in aep.state().items()}


every_case = pytest.mark.parametrize("name", CASES)


@every_case
def test_the_task_ends_at_its_first_try(outcomes, name):
    outcome = outcomes[name]
    assert outcome.state == "failed"
    assert isinstance(outcome.error, CASES[name].error)
    assert isinstance(outcome.error, AirflowFailException)
    assert outcome.tries == 1


@every_case
def test_the_message_is_a_sentence_that_says_what_to_do(outcomes, stage, name):
    text = in_one_line(str(outcomes[name].error))
    assert re.search(CASES[name].said, text)
    assert "\n" not in text
    assert "Traceback" not in text
    assert "pydantic" not in text
    assert 20 < len(text) < 1000
    assert text.endswith((".", ")", "?"))
    assert stage.aep.client_secret not in text


@every_case
def test_a_refusal_carries_adobes_code_and_request_id(outcomes, name):
    error = outcomes[name].error
    if not isinstance(error, AepApiError) or error.status in (0, 409) or not error.request_id:
        assert isinstance(error, AepConfigError | AepConflictError), "the platform did refuse"
        return
    assert error.request_id in str(error)
    assert error.code in str(error)
    assert error.status >= 400


@every_case
def test_nothing_is_made_and_nothing_asked_that_could_be_known_before(outcomes, name):
    outcome = outcomes[name]
    assert outcome.made == {}
    assert {request.method for request in outcome.requests} <= {"POST", *CASES[name].asks.split()}
    if not CASES[name].asks:
        assert outcome.requests == []
    if "POST" not in CASES[name].asks:
        assert {request.path for request in outcome.requests if request.method == "POST"} <= {"/ims/token/v3"}

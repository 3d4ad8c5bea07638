"""The steps of a dataflow, one by one: what each makes, returns and pushes, on every path."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk.log import redact
from operators.execution import execute

from airflow_provider_aep.exceptions import AepApiError, AepConfigError, AepConflictError, AepError
from airflow_provider_aep.hooks import connection as hook_module
from airflow_provider_aep.operators.catalog import AepCreateDatasetOperator
from airflow_provider_aep.operators.data_prep import AepCreateMappingSetOperator
from airflow_provider_aep.operators.flow_service import (
    AepCreateBaseConnectionOperator,
    AepCreateFlowOperator,
    AepCreateSourceConnectionOperator,
    AepCreateTargetConnectionOperator,
    AepExploreConnectionOperator,
    AepGetFlowSpecOperator,
)
from airflow_provider_aep.operators.schema_registry import AepCreateSchemaOperator
from airflow_provider_aep.task.compat import AirflowFailException

PROFILE = "https://ns.adobe.com/xdm/context/profile"
CRM_TO_AEP = "14518937-270c-4525-bdec-c2ba7cce3860"
COLUMNS = [{"name": "email", "type": "string", "xdm": {"type": "string"}}]
MAPPINGS = [{"source": "email", "destination": "personalEmail.address"}]
DELTA = {"name": "LastModifiedDate", "dateFormat": "yyyy-MM-dd HH:mm:ss", "timezone": "UTC"}
HOURLY = {"frequency": "hour", "interval": 1}


@pytest.fixture(autouse=True)
def _stage(airflow_db, aep, monkeypatch, mocker):
    """A source's credentials; and a client that does not sleep between two looks."""
    monkeypatch.setenv(
        "AIRFLOW_CONN_CRM",
        json.dumps({"conn_type": "generic", "login": "u", "password": "pass-1", "extra": {"securityToken": "tok-1"}}),
    )
    make_client = hook_module.make_client

    def make(*args, **kwargs):
        client = make_client(*args, **kwargs)
        client.sleep = lambda seconds: None
        return client

    mocker.patch.object(hook_module, "make_client", make)


OPERATORS = {
    "base_connection": AepCreateBaseConnectionOperator,
    "source_connection": AepCreateSourceConnectionOperator,
    "schema": AepCreateSchemaOperator,
    "dataset": AepCreateDatasetOperator,
    "target_connection": AepCreateTargetConnectionOperator,
    "mapping_set": AepCreateMappingSetOperator,
    "flow": AepCreateFlowOperator,
}


class Steps:
    """The seven steps; `arguments` of one step may be changed, and ids come from the steps before it."""

    def __init__(self):
        self.ids = {}

    def arguments(self, step):
        ids = self.ids
        return {
            "base_connection": lambda: {
                "name": "CRM",
                "connector": "salesforce",
                "auth_spec_name": "Basic Authentication",
                "credentials_conn_id": "crm",
            },
            "source_connection": lambda: {
                "name": "Accounts",
                "connector": "salesforce",
                "base_connection_id": ids["base_connection"],
                "source_params": {"tableName": "Accounts", "columns": COLUMNS},
            },
            "schema": lambda: {"title": "Accounts", "schema_class": PROFILE},
            "dataset": lambda: {"name": "Accounts", "schema_id": ids["schema"]},
            "target_connection": lambda: {
                "name": "Lake",
                "dataset_id": ids["dataset"],
                "schema_id": ids["schema"],
            },
            "mapping_set": lambda: {"schema_id": ids["schema"], "mappings": MAPPINGS},
            "flow": lambda: {
                "name": "Accounts to AEP",
                "flow_spec_id": CRM_TO_AEP,
                "source_connection_id": ids["source_connection"],
                "target_connection_id": ids["target_connection"],
                "mapping_set_id": ids["mapping_set"],
                "delta_column": DELTA,
                "schedule_params": HOURLY,
            },
        }[step]()

    def run(self, step, **changes):
        """(returned, pushed) of one step."""
        returned, pushed = execute(OPERATORS[step](task_id=step, **{**self.arguments(step), **changes}))
        self.ids[step] = returned
        return returned, pushed

    def until(self, step):
        """Run every step before this one."""
        for earlier in list(OPERATORS)[: list(OPERATORS).index(step)]:
            self.run(earlier)
        return self


COLLECTIONS = {
    "base_connection": "connections",
    "source_connection": "sourceConnections",
    "schema": "schemas",
    "dataset": "dataSets",
    "target_connection": "targetConnections",
    "mapping_set": "mappingSets",
    "flow": "flows",
}
# what may be changed in place, and what not
CHANGED = {
    "base_connection": {"description": "another"},
    "source_connection": {"description": "another"},
    "schema": {"description": "another"},
    "dataset": {"enable_profile": True},
    "target_connection": {"description": "another"},
    "mapping_set": {"name": "m", "mappings": [{"source": "mail", "destination": "personalEmail.address"}]},
    "flow": {"schedule_params": {"frequency": "hour", "interval": 2}},
}
every_step = pytest.mark.parametrize("step", COLLECTIONS)


def xcoms_match(step, live, pushed):
    if step == "schema":
        return pushed["alt_id"] == live["meta:altId"] and pushed["version"] == live["version"]
    if step == "mapping_set":
        return pushed["version"] == live["version"]
    return step == "dataset" or pushed["etag"] == live["etag"]


@every_step
def test_a_step_returns_its_id_whether_it_made_or_found_it(aep, step):
    steps = Steps().until(step)
    made, pushed = steps.run(step)
    (live,) = aep.state()[COLLECTIONS[step]].values()
    assert isinstance(made, str)
    assert made == (live["$id"] if step == "schema" else live["id"])
    assert pushed["change"] == "created"
    assert xcoms_match(step, live, pushed)

    before = aep.state()
    found, pushed = steps.run(step)
    assert (found, pushed["change"]) == (made, "reused")
    assert xcoms_match(step, live, pushed)
    assert aep.state() == before, "finding changes nothing"


@every_step
def test_a_different_one_is_refused_with_the_difference_or_changed_in_place(aep, step):
    steps = Steps().until(step)
    name = {"name": "m"} if step == "mapping_set" else {}
    made, pushed = steps.run(step, **name)
    before = aep.state()
    with pytest.raises(AepConflictError, match=r"is different: .*declared .*, live ") as raised:
        steps.run(step, **CHANGED[step])
    assert isinstance(raised.value, AirflowFailException)
    assert made in str(raised.value)
    assert aep.state() == before

    updated, pushed = steps.run(step, **CHANGED[step], if_exists="update")
    assert (updated, pushed["change"]) == (made, "updated")
    assert len(aep.state()[COLLECTIONS[step]]) == 1
    assert steps.run(step, **CHANGED[step])[1]["change"] == "reused", "now it is what was declared"


def test_a_dataset_for_updates_of_profiles_has_both_tags_and_a_description(aep):
    steps = Steps().until("dataset")
    upsert = {"enable_profile": True, "tags": {"unifiedProfile": ["isUpsert:true"]}}
    steps.run("dataset", description="Accounts of the CRM", **upsert)
    (live,) = aep.state()["dataSets"].values()
    assert live["description"] == "Accounts of the CRM"
    # The platform adds since when the dataset is enabled.
    *entries, since = live["tags"]["unifiedProfile"] + ([] if aep.switches.tag_enabled_at else ["enabledAt: never"])
    assert (entries, since.partition(":")[0]) == (["enabled:true", "isUpsert:true"], "enabledAt")

    for later in (upsert, {"enable_profile": True}, {}):
        assert steps.run("dataset", **later)[1]["change"] == "reused"


@every_step
@pytest.mark.assumes("names-repeat")
def test_if_exists_fail_and_create(aep, step):
    steps = Steps().until(step)
    made, _ = steps.run(step, if_exists="fail")
    with pytest.raises(AepConflictError, match="exists already") as raised:
        steps.run(step, if_exists="fail")
    assert made in str(raised.value)
    if step == "schema":  # titles are unique on the platform itself
        with pytest.raises(AepError, match="1521"):
            steps.run(step, if_exists="create")
        return
    another, pushed = steps.run(step, if_exists="create")
    assert (another != made, pushed["change"]) == (True, "created")
    assert len(aep.state()[COLLECTIONS[step]]) == 2


@every_step
def test_an_unknown_way_is_refused_before_anything_is_asked(aep, step):
    steps = Steps().until(step)
    asked = len(aep.requests)
    with pytest.raises(AepConfigError, match="if_exists is 'perhaps'; it is one of reuse, update, fail, create"):
        steps.run(step, if_exists="perhaps")
    assert len(aep.requests) == asked


def test_the_secrets_of_a_source_go_to_the_platform_and_nowhere_else(aep):
    steps = Steps()
    returned, pushed = steps.run("base_connection", auth_params={"environmentUrl": "https://crm.example"})
    (live,) = aep.state()["connections"].values()
    (post,) = [
        request for request in aep.requests if request.path.endswith("/connections") and request.method == "POST"
    ]
    assert post.body["auth"] == {
        "specName": "Basic Authentication",
        "params": {
            "username": "u",
            "password": "pass-1",
            "securityToken": "tok-1",
            "environmentUrl": "https://crm.example",
        },
    }
    assert not any(secret in json.dumps([returned, pushed]) for secret in ("pass-1", "tok-1"))
    assert live["id"] == returned


def test_a_changed_secret_is_no_difference_unless_the_author_says_update(aep, monkeypatch):
    steps = Steps()
    steps.run("base_connection")
    monkeypatch.setenv(
        "AIRFLOW_CONN_CRM",
        json.dumps({"conn_type": "generic", "login": "u", "password": "pass-2", "extra": {"securityToken": "tok-1"}}),
    )
    assert steps.run("base_connection")[1]["change"] == "reused"
    assert steps.run("base_connection", if_exists="update")[1]["change"] == "updated"
    (patch,) = [request for request in aep.requests if request.method == "PATCH"]
    assert "pass-2" in json.dumps(patch.body)


def test_exploring_returns_tables_or_columns_ready_for_source_params(aep):
    steps = Steps()
    base, _ = steps.run("base_connection")
    tables, _ = execute(AepExploreConnectionOperator(task_id="tables", base_connection_id=base))
    assert "Accounts" in [table["name"] for table in tables]
    columns, _ = execute(
        AepExploreConnectionOperator(task_id="columns", base_connection_id=base, object_path="Accounts")
    )
    assert {"name", "type"} <= set(columns[0])
    steps.run("source_connection", source_params={"tableName": "Accounts", "columns": columns})
    (live,) = aep.state()["sourceConnections"].values()
    assert live["params"]["columns"] == columns


@pytest.mark.parametrize(
    ("asked", "name", "runs"),
    [
        ({"name": "CRMToAEP"}, "CRMToAEP", True),
        ({"connector": "salesforce"}, "CRMToAEP", True),
        ({"connector": "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"}, "CRMToAEP", True),
        ({"connector": "amazon-s3"}, "CloudStorageToAEP", True),
        ({"connector": "amazon-kinesis"}, "Stream data with optional transformation", False),
    ],
    ids=str,
)
def test_a_flow_spec_is_looked_up_by_name_or_connector(aep, asked, name, runs):
    returned, pushed = execute(AepGetFlowSpecOperator(task_id="spec", **asked))
    assert returned in json.dumps([request.response for request in aep.requests])
    assert pushed["flow_runs_supported"] is runs
    assert pushed["version"]


@pytest.mark.parametrize("asked", [{}, {"name": "CRMToAEP", "connector": "salesforce"}], ids=["none", "both"])
def test_a_flow_spec_is_asked_for_in_one_way(aep, asked):
    with pytest.raises(AepConfigError, match="either name or connector"):
        execute(AepGetFlowSpecOperator(task_id="spec", **asked))
    assert aep.requests == []


@pytest.mark.parametrize("asked", [{"name": "CRMToAEP"}, {"connector": "salesforce"}], ids=["name", "connector"])
def test_a_flow_spec_that_cannot_be_read_matters_only_if_it_is_the_one(aep, asked):
    listed = [{"id": "x", "name": "CRMToAEP"}, {"id": None, "name": "another"}]
    aep.fault("GET", "/flowSpecs", kind="status", status=200, body=json.dumps({"items": listed}), times=None)
    with pytest.raises(AepApiError, match=r"The flow spec 'CRMToAEP' exists with id x, and .* answer\.id is 'x'"):
        execute(AepGetFlowSpecOperator(task_id="spec", **asked))
    assert len([request for request in aep.requests if request.path.endswith("/flowSpecs")]) == 1


def test_a_new_dataflow_begins_in_five_minutes_and_has_a_page(aep):
    steps = Steps().until("flow")
    flow_id, pushed = steps.run("flow")
    (live,) = aep.state()["flows"].values()
    assert 290 <= int(live["scheduleParams"]["startTime"]) - aep.now() <= 310
    assert pushed["aep_flow_url"].endswith(f"/dataflows/{flow_id}/activity")


SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)


@pytest.mark.parametrize(
    "start",
    [
        int(SOON.timestamp()),
        str(int(SOON.timestamp())),
        SOON.timestamp(),
        SOON,
        SOON.isoformat(),
        SOON.isoformat().replace("+00:00", "Z"),
        SOON.astimezone(__import__("zoneinfo").ZoneInfo("Asia/Kolkata")).isoformat(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_start_time_in_any_spelling_is_epoch_seconds_on_the_wire(aep, start):
    """F23 and F27; a live dataflow keeps its own start and is not different for it."""
    steps = Steps().until("flow")
    steps.run("flow", schedule_params={**HOURLY, "start_time": start})
    (post,) = [request for request in aep.requests if request.path.endswith("/flows") and request.method == "POST"]
    assert int(post.body["scheduleParams"]["startTime"]) == int(SOON.timestamp())
    later = {**HOURLY, "start_time": int(SOON.timestamp()) + 99}
    assert steps.run("flow", schedule_params=later)[1]["change"] == "reused"


@pytest.mark.parametrize("interval", [15, "15"], ids=repr)
@pytest.mark.parametrize("backfill", [True, "true", "True"], ids=repr)
def test_numbers_and_booleans_may_be_text(aep, interval, backfill):
    """As they are after templates were rendered."""
    steps = Steps().until("flow")
    schedule = {"frequency": "minute", "interval": interval, "backfill": backfill}
    steps.run("flow", schedule_params=schedule, mapping_set_version="0")
    assert steps.run("flow", schedule_params={**schedule, "interval": 15, "backfill": True})[1]["change"] == "reused"
    assert len(aep.state()["flows"]) == 1


@pytest.mark.parametrize("version", [1, "1", "1.0"], ids=repr)
def test_a_schema_version_may_be_written_in_any_way(aep, version):
    steps = Steps().until("target_connection")
    steps.run("target_connection", schema_version=version)
    (live,) = aep.state()["targetConnections"].values()
    assert live["data"]["schema"]["version"] == "application/vnd.adobe.xed-full+json;version=1"


def test_another_sandbox_holds_its_own(aep):
    steps = Steps()
    steps.run("base_connection")
    steps.run("base_connection", sandbox="prod")
    assert len(aep.state("dev")["connections"]) == len(aep.state("prod")["connections"]) == 1


@pytest.mark.assumes("names-repeat")
def test_two_of_a_name_are_an_error_that_names_both_unless_the_oldest_is_only_used(aep):
    steps = Steps()
    one, _ = steps.run("base_connection")
    other, _ = steps.run("base_connection", if_exists="create")
    with pytest.raises(AepConflictError, match="exists 2 times") as raised:
        steps.run("base_connection", if_exists="update")
    assert steps.run("base_connection")[0] == one
    assert one in str(raised.value)
    assert other in str(raised.value)


@pytest.mark.parametrize(
    ("connector", "object_path", "columns"),
    [("amazon-s3", "/accounts.csv", 3), ("amazon-s3", "/events.json", 8), ("salesforce", "odd.csv", 1)],
)
def test_exploring_a_file_returns_its_columns(aep, connector, object_path, columns):
    """A table may be called as files are."""
    aep.switches.tables = {"odd.csv": COLUMNS}
    auth = {"auth_spec_name": "Basic Authentication" if connector == "salesforce" else "Access Key"}
    base, _ = Steps().run("base_connection", connector=connector, **auth)
    found, _ = execute(
        AepExploreConnectionOperator(task_id="columns", base_connection_id=base, object_path=object_path)
    )
    assert len(found) == columns


def test_secrets_that_an_extra_nests_are_masked(aep, monkeypatch):
    extra = {"deep": {"list": ["canary-one", {"key": "canary-two"}]}, "port": 44321, "on": True, "none": None}
    monkeypatch.setenv("AIRFLOW_CONN_CRM", json.dumps({"conn_type": "generic", "login": "u", "extra": extra}))
    Steps().run("base_connection")
    assert redact("canary-one, canary-two and 44321") == "***, *** and ***"


@pytest.mark.parametrize("step", OPERATORS)
def test_an_operator_needs_no_task_around_it(aep, step):
    """As in a person's own test of one operator."""
    steps = Steps().until(step)
    assert OPERATORS[step](task_id=step, **steps.arguments(step)).execute({}) in json.dumps(aep.state())

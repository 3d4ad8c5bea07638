"""What stands in databases, events and users' files: golden files, and this one module that holds the code to them.

The files were made from the code of version 0.1.0, before its inside was rebuilt. They say what a running Airflow has
stored (deferred tasks, their triggers and events, XComs, the task state store) and what users have written down
(imports, arguments, template fields). Code that no longer agrees with one of them strands waiting tasks, or starts a
flow run a second time. So neither the files nor this module are ever edited: who adds something that will be stored
adds a file, and a module beside this one that reads it.

Only losses are looked for: a key, an argument, a field or a list entry of a golden file must be there, with the same
value or the same type, and additions are fine. Everything goes through public paths: documented imports, and operators,
sensors and triggers run against the emulator.

`AEP_GOLDEN=new pytest tests/golden` writes the files that are not there yet. It never writes over one.
"""

import asyncio
import inspect
import json
import os
import pkgutil
import re
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk import BaseOperator, BaseSensorOperator

from airflow_provider_aep.get_provider_info import get_provider_info
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.links import AepDataflowLink, AepFlowRunLink
from airflow_provider_aep.operators.catalog import AepCreateDatasetOperator
from airflow_provider_aep.operators.data_prep import AepCreateMappingSetOperator
from airflow_provider_aep.operators.flow_service import (
    AepCreateBaseConnectionOperator,
    AepCreateFlowOperator,
    AepCreateSourceConnectionOperator,
    AepCreateTargetConnectionOperator,
    AepDeleteFlowOperator,
    AepExploreConnectionOperator,
    AepGetFlowSpecOperator,
    AepRetryFlowRunOperator,
    AepRunFlowOperator,
    AepSetFlowStateOperator,
    AepUpdateFlowOperator,
)
from airflow_provider_aep.operators.schema_registry import AepCreateSchemaOperator
from airflow_provider_aep.sensors.flow_run import AepDatasetBatchSensor, AepFlowRunSensor
from airflow_provider_aep.triggers.flow_run import AepAnswerTrigger, AepDatasetBatchTrigger, AepFlowRunTrigger

try:
    from airflow.sdk.exceptions import AirflowTaskTimeout, TaskDeferred
except ImportError:  # Airflow 3.1
    from airflow.exceptions import AirflowTaskTimeout, TaskDeferred

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PACKAGE = "airflow_provider_aep"
REQUIRED = "(required)"
ANY = "(any)"
STORE_KEY = "aep_own_run"
RETRIES = 3

SOME_ID = "9a603322-19d2-4de9-89c6-c98bd54eb184"
DELTA_COLUMN = {"name": "LastModifiedDate", "dateFormat": "yyyy-MM-dd HH:mm:ss", "timezone": "UTC"}
WINDOW = {"window_start": 1_900_000_000, "window_end": 1_900_003_600}
ANOTHER_WINDOW = {"window_start": 1_900_003_600, "window_end": 1_900_007_200}
TASKS = (
    AepCreateBaseConnectionOperator,
    AepExploreConnectionOperator,
    AepCreateSourceConnectionOperator,
    AepCreateSchemaOperator,
    AepCreateDatasetOperator,
    AepCreateTargetConnectionOperator,
    AepCreateMappingSetOperator,
    AepGetFlowSpecOperator,
    AepCreateFlowOperator,
    AepUpdateFlowOperator,
    AepSetFlowStateOperator,
    AepRunFlowOperator,
    AepRetryFlowRunOperator,
    AepDeleteFlowOperator,
    AepFlowRunSensor,
    AepDatasetBatchSensor,
)
WAITING_TASKS = (AepRunFlowOperator, AepRetryFlowRunOperator, AepFlowRunSensor, AepDatasetBatchSensor)


# Golden files


def golden(name):
    return json.loads((HERE / f"{name}.json").read_text())


def check(name, now, compared=lambda value: value):
    """Nothing of the golden file is lost.

    :param compared: what is compared of either side, such as `shape`.
    """
    now = through_json(now)
    write_if_new(name, now)
    assert list(lost(compared(golden(name)), compared(now))) == []


def write_if_new(name, content):
    path = HERE / f"{name}.json"
    if os.environ.get("AEP_GOLDEN") == "new" and not path.exists():
        path.write_text(json.dumps(content, indent=2) + "\n")


def lost(before, now, place=""):
    """The places of what was there before and is not there now, or is another value."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key, value in before.items():
            if key in now:
                yield from lost(value, now[key], f"{place}/{key}")
            else:
                yield f"{place}/{key} is gone"
    elif isinstance(before, list) and isinstance(now, list):
        for value in before:
            if not any(not list(lost(value, one)) for one in now):
                yield f"{place}: {value!r} is gone"
    elif before != now and before not in ("null", REQUIRED, ANY):  # what was not known, or had to be given, may be now
        yield f"{place} was {before!r} and is {now!r}"


def shape(value, depth=99):
    """The keys and types of a value, to that depth."""
    if isinstance(value, dict) and depth:
        return {key: shape(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list) and depth:
        return [shape(item, depth - 1) for item in value[:1]]
    names = {type(None): "null", int: "number", float: "number"}
    return names.get(type(value), type(value).__name__)


def shapes(values, depth=99):
    return {name: shape(value, depth) for name, value in values.items()}


def through_json(value):
    return json.loads(json.dumps(value))


def path_of(kind):
    return f"{kind.__module__}.{kind.__qualname__}"


def public_path(kind):
    """Where DAG files import a task's class from: one of the modules that Airflow is told of."""
    info = get_provider_info()
    modules = [name for key in ("operators", "sensors") for entry in info[key] for name in entry["python-modules"]]
    found = [name for name in modules if getattr(pkgutil.resolve_name(name), kind.__name__, None) is kind]
    return f"{found[0]}.{kind.__name__}"


def in_order(before, now):
    """The records of `before` were written in that order; others may have been in between."""
    left = iter(now)
    return all(any(not list(lost(record, one)) for one in left) for record in before)


# One task, executed without a scheduler


class Ti:
    """As much of a task instance as operators use."""

    dag_id, task_id, run_id, map_index = "dag", "task", "run", -1

    def __init__(self, try_number=1, max_tries=RETRIES):
        self.try_number = try_number
        self.max_tries = max_tries
        self.xcoms = {}

    def xcom_push(self, key, value):
        self.xcoms[key] = through_json(value)

    def get_first_reschedule_date(self, context):
        return None


class Store(dict):
    """Airflow's task state store. It notes what was written, and how many flow runs had been asked for by then."""

    def __init__(self, aep=None, **entries):
        super().__init__(through_json(entries))
        self.aep = aep
        self.written = []

    def set(self, key, value):
        self[key] = through_json(value)
        asked = sum(
            one.method == "POST" and bool(re.search(r"/runs(/[^/]+/action)?$", one.path)) for one in self.requests
        )
        self.written.append({"key": key, "runs_asked_for": asked, "value": self[key]})

    @property
    def requests(self):
        return self.aep.requests if self.aep else ()


def make_context(store=None, **tries):
    ti = Ti(**tries)
    now = datetime.now(UTC)
    times = {"logical_date": now, "data_interval_start": now, "data_interval_end": now, "run_after": now}
    dag_run = SimpleNamespace(run_id="run", dag_id="dag", run_type="manual", start_date=now, conf={}, **times)
    context = {"ti": ti, "task_instance": ti, "run_id": "run", "dag_run": dag_run, "params": {}}
    return context if store is None else {**context, "task_state_store": store}


def execute(kind, context=None, **arguments):
    """(returned, pushed)"""
    context = context or make_context()
    returned = make(kind, **arguments).execute(context)
    return through_json(returned), context["ti"].xcoms


def make(kind, **arguments):
    if kind in WAITING_TASKS:
        arguments = {"poll_interval": 0.01, "retries": RETRIES, **arguments}
    return kind(task_id="task", **arguments)


def resume(kind, method, kwargs, context=None, **arguments):
    return getattr(make(kind, **arguments), method)(context or make_context(), **kwargs)


def deferral(kind, **arguments):
    context = make_context()
    with pytest.raises(TaskDeferred) as deferred:
        execute(kind, context, deferrable=True, **arguments)
    return {**deferral_facts(deferred.value), "pushed": shape(context["ti"].xcoms)}


def event_of(trigger):
    """The one event of a trigger, after trigger and event have been through Airflow's database."""
    class_path, kwargs = trigger.serialize()
    trigger = pkgutil.resolve_name(class_path)(**through_json(kwargs))

    async def events():
        return [through_json(event.payload) async for event in trigger.run()]

    (event,) = asyncio.run(asyncio.wait_for(events(), 30))
    return event


def outcome(act):
    """How a leg of a task ends: with a value, another wait, or an error."""
    try:
        return {"returns": shape(through_json(act()))}
    except TaskDeferred as deferred:
        return {"defers": deferral_facts(deferred)}
    except (Exception, AirflowTaskTimeout) as problem:  # the latter is no Exception
        return {"raises": type(problem).__name__, "retryable": getattr(problem, "retryable", None)}


def deferral_facts(deferred):
    class_path, kwargs = deferred.trigger.serialize()
    return {
        "method_name": deferred.method_name,
        "kwargs": shape(through_json(deferred.kwargs or {})),
        "trigger": class_path,
        "trigger_kwargs": shape(through_json(kwargs)),
    }


class Dataflow:
    """A dataflow that is run on demand, made by the operators themselves.

    :param twice: make sure of each part once more. `steps` has what each operator returned and pushed.
    """

    def __init__(self, aep, twice=False):
        self.aep = aep
        self.twice = twice
        self.steps = {}
        self.base = self.ensure(
            AepCreateBaseConnectionOperator,
            name="CRM",
            connector="salesforce",
            auth_spec_name="Basic Authentication",
            credentials_conn_id="crm",
        )
        columns, _ = execute(AepExploreConnectionOperator, base_connection_id=self.base, object_path="Accounts")
        source = self.ensure(
            AepCreateSourceConnectionOperator,
            name="Accounts",
            connector="salesforce",
            base_connection_id=self.base,
            source_params={"tableName": "Accounts", "columns": columns},
        )
        schema = self.ensure(
            AepCreateSchemaOperator, title="Accounts", schema_class="https://ns.adobe.com/xdm/context/profile"
        )
        self.dataset = self.ensure(AepCreateDatasetOperator, name="Accounts", schema_id=schema)
        target = self.ensure(AepCreateTargetConnectionOperator, name="Lake", dataset_id=self.dataset, schema_id=schema)
        mapping_set = self.ensure(
            AepCreateMappingSetOperator,
            schema_id=schema,
            mappings=[{"source": "email", "destination": "personalEmail.address"}],
        )
        flow_spec, _ = execute(AepGetFlowSpecOperator, connector="salesforce")
        # Far away, so that the run that AEP itself starts does not meet the ones a test starts.
        start = int(aep.now()) + 365 * 86_400
        self.id = self.ensure(
            AepCreateFlowOperator,
            name="Accounts to AEP",
            flow_spec_id=flow_spec,
            source_connection_id=source,
            target_connection_id=target,
            mapping_set_id=mapping_set,
            schedule_params={"frequency": "once", "start_time": start},
        )
        self.run_arguments = {"flow_id": self.id, "delta_column": DELTA_COLUMN, **WINDOW}

    def ensure(self, kind, **arguments):
        self.steps[f"{kind.__name__}, created"] = created = execute(kind, **arguments)
        if self.twice:
            self.steps[f"{kind.__name__}, reused"] = execute(kind, **arguments)
        return created[0]

    def run(self, outcome="success", seconds=600, **arguments):
        """The id of a run that began so many seconds ago; by default it has ended."""
        self.aep.script_run(outcome, flow_id=self.id)
        arguments = {**self.run_arguments, "wait": False, "if_running": "start", **arguments}
        run_id = execute(AepRunFlowOperator, **arguments)[0]["run_id"]
        self.aep.advance(seconds)
        return run_id

    @property
    def run_ids(self):
        return set(self.aep.state()["runs"])


@pytest.fixture
def _connections(airflow_db, monkeypatch):
    secrets = {"conn_type": "generic", "login": "u", "password": "p", "extra": {"securityToken": "t"}}
    monkeypatch.setenv("AIRFLOW_CONN_CRM", json.dumps(secrets))
    monkeypatch.setenv("AIRFLOW_CONN_BROKEN", '{"conn_type": "aep", "login": "id", "password": "secret"}')


@pytest.fixture
def dataflow(aep, _connections):
    return Dataflow(aep)


def outage(aep):
    """One so long that nobody waits for its end."""
    aep.fault("GET", "*", kind="status", status=503, retry_after=3600, times=None)


# What users have written: imports, arguments, templates


def documented_names():
    """Every name of the package that README, docs and example DAGs hold."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "example_dags").glob("*.py")]
    text = "\n".join(page.read_text() for page in pages if page.name != "changelog.md")
    text = re.sub(r"\S*/airflow_provider_aep\S*|airflow_provider_aep/\S*|-m airflow_provider_aep\S*", "", text)
    found = set(re.findall(rf"\b{PACKAGE}(?:\.\w+)*", text)) - {PACKAGE}
    for module, names in re.findall(rf"from ({PACKAGE}[\w.]*) import (\([^)]*\)|[^\n]*)", text):
        found |= {f"{module}.{name}" for name in re.findall(r"\w+", names)}
    # Named by the design of the public surface, by entry points, or in Airflow's list of providers.
    info = get_provider_info()
    found |= {public_path(kind) for kind in TASKS}
    found |= {
        name
        for key in ("operators", "sensors", "hooks", "triggers")
        for entry in info[key]
        for name in entry["python-modules"]
    }
    found |= {*info["extra-links"], *info["cli"]}
    found |= {f"{PACKAGE}.{name}" for name in OTHER_NAMES}
    return sorted(found)


OTHER_NAMES = (
    "__version__",
    "cli.main.main",
    "connectors.CONNECTORS",
    "connectors.get_connector",
    "emulator.pytest_plugin",
    "get_provider_info.get_provider_info",
    "links.FLOW_URL_KEY",
    "links.RUN_URL_KEY",
    "links.dataflow_url",
    "links.flow_run_url",
    "retry_policy.AepRetryPolicy",
    "triggers.flow_run.AepAnswerTrigger",
    "triggers.flow_run.AepTrigger",
)


def resolves(name):
    try:
        return pkgutil.resolve_name(name) is not None
    except (ImportError, AttributeError):
        return False


def test_every_documented_name_can_be_imported():
    write_if_new("imports", {"names": documented_names(), "modules": [f"{PACKAGE}.emulator.__main__"]})
    names = set(golden("imports")["names"])
    if find_spec("airflow.sdk.definitions.retry_policy") is None:  # Airflow 3.1
        names = {name for name in names if not name.startswith(f"{PACKAGE}.retry_policy")}
    assert [name for name in sorted(names) if not resolves(name)] == []
    assert all(find_spec(name) for name in golden("imports")["modules"])


# Announced: the latest version instead of 0.
DEFAULTS_THAT_CHANGE = ("mapping_set_version",)


def own_arguments(kind):
    """The arguments that this package added, with their defaults, whichever class of the hierarchy takes them."""
    found = {}
    for one in kind.__mro__:
        if one.__module__.startswith(PACKAGE):
            for name, parameter in inspect.signature(one.__init__).parameters.items():
                if parameter.kind is parameter.KEYWORD_ONLY:
                    found.setdefault(name, default_of(parameter))
    return {name: ANY if name in DEFAULTS_THAT_CHANGE else default for name, default in found.items()}


def default_of(parameter):
    return REQUIRED if parameter.default is parameter.empty else parameter.default


def signature_of(method):
    parameters = inspect.signature(method).parameters.values()
    return {one.name: default_of(one) for one in parameters if one.name != "self" and one.kind is not one.VAR_KEYWORD}


def test_constructors_and_template_fields():
    now = {
        public_path(kind): {
            "arguments": own_arguments(kind),
            "template_fields": list(kind.template_fields),
            "sensor": issubclass(kind, BaseSensorOperator),
        }
        for kind in TASKS
    }
    check("constructors", now)
    for name in golden("constructors"):
        kind = pkgutil.resolve_name(name)
        assert issubclass(kind, BaseOperator)
        must = [argument for argument, default in own_arguments(kind).items() if default == REQUIRED]
        before = golden("constructors")[name]["arguments"]
        assert [argument for argument in must if before.get(argument) != REQUIRED] == [], "old DAG files lack these"


def test_the_methods_of_the_hook():
    names = ("get_conn", "send", "test_connection", "get_ui_field_behaviour", "get_connection_form_widgets")
    now = {name: signature_of(getattr(AepHook, name)) for name in ("__init__", *names)}
    attributes = ("conn_name_attr", "default_conn_name", "conn_type", "hook_name")
    check("hook", {"methods": now, "attributes": {name: getattr(AepHook, name) for name in attributes}})


def test_links_and_what_airflow_is_told_of_the_provider():
    links = {
        path_of(kind): {"name": kind.name, "xcom_key": kind().xcom_key} for kind in (AepDataflowLink, AepFlowRunLink)
    }
    by_task = {public_path(kind): [path_of(type(link)) for link in kind.operator_extra_links] for kind in TASKS}
    info = dict(get_provider_info())
    for key in ("versions", "description", "state", "source-date-epoch"):
        info.pop(key, None)
    (connection,) = info["connection-types"]
    fields = sorted(connection["conn-fields"])
    told = {key: connection[key] for key in ("connection-type", "hook-class-name", "hook-name")}
    told = {**info, "connection-types": [{**told, "conn-fields": fields}]}
    told["connection-types"][0].pop("ui-field-behaviour", None)
    check("links", {"links": links, "operator_extra_links": by_task, "provider_info": told})


# What lies in Airflow's tables: triggers and deferred tasks


def test_triggers_are_stored_under_their_class_paths_with_their_arguments():
    common = {"aep_conn_id": "other", "sandbox": "dev", "poll_interval": 5.5, "deadline": 1893456000.5}
    by_run = {"run_id": SOME_ID, "if_killed": "disable_flow", "killed_flow_id": SOME_ID}
    dataset = {"dataset_id": "5c8c3c555033b814b69f947f", "since": 1893452400000}
    stored = {
        "answer": AepAnswerTrigger(**common),
        "answer, defaults": AepAnswerTrigger(),
        "run": AepFlowRunTrigger(**by_run, **common),
        "first run of a dataflow": AepFlowRunTrigger(flow_id=SOME_ID, since=1893452400000, **common),
        "run, defaults": AepFlowRunTrigger(run_id=SOME_ID),
        "batch": AepDatasetBatchTrigger(**dataset, **common),
        "batch, defaults": AepDatasetBatchTrigger(**dataset),
    }
    check("triggers", {name: trigger.serialize() for name, trigger in stored.items()})
    for class_path, kwargs in golden("triggers").values():
        again, now = pkgutil.resolve_name(class_path)(**kwargs).serialize()
        assert again == class_path
        assert {key: now[key] for key in kwargs} == kwargs


def test_the_methods_by_which_deferred_tasks_go_on():
    names = ("execute", "execute_complete", "execute_again")
    now = {
        public_path(kind): {name: signature_of(getattr(kind, name)) for name in names if hasattr(kind, name)}
        for kind in WAITING_TASKS
    }
    check("deferred_methods", now)
    for name, methods in golden("deferred_methods").items():
        kind = pkgutil.resolve_name(name)
        for method, arguments in methods.items():
            inspect.signature(getattr(kind, method)).bind(None, **arguments)


def test_what_a_task_is_deferred_with(aep, dataflow):
    failed = dataflow.run("failed_copy")
    under_way = dataflow.run("never_ending", seconds=0)
    later = aep.now() + 60
    start = {**dataflow.run_arguments, "if_running": "start"}
    cases = {
        "own run": (AepRunFlowOperator, start),
        "own run of a retry": (AepRetryFlowRunOperator, {"run_id": failed, "if_running": "start"}),
        "another run is under way": (AepRunFlowOperator, {**start, "if_running": "wait"}),
        "another run is under way, retry": (AepRetryFlowRunOperator, {"run_id": failed, "if_running": "wait"}),
        "sensor of a run": (AepFlowRunSensor, {"run_id": under_way}),
        "sensor of a dataflow": (AepFlowRunSensor, {"flow_id": dataflow.id, "since": later}),
        "sensor of a dataset": (AepDatasetBatchSensor, {"dataset_id": dataflow.dataset, "since": later}),
    }
    now = {name: deferral(kind, **arguments) for name, (kind, arguments) in cases.items()}
    outage(aep)
    for name, (kind, arguments) in cases.items():
        now[f"{name}, in an outage"] = deferral(kind, **arguments)
    check("deferrals", now)


# Events


def all_events(aep, dataflow):
    """An event for every way in which a wait can end."""
    started = aep.now() - 1
    since = int(started * 1000)
    ids = {"success": dataflow.run(), "failed": dataflow.run("failed_copy"), "partial": dataflow.run("partial")}
    under_way = dataflow.run("never_ending", seconds=0)
    soon = {"poll_interval": 0.01}
    late = {**soon, "deadline": time.time() - 1}
    batches = {"dataset_id": dataflow.dataset}
    triggers = {
        "run ended": AepFlowRunTrigger(run_id=ids["success"], **soon),
        "run failed": AepFlowRunTrigger(run_id=ids["failed"], **soon),
        "run dropped records": AepFlowRunTrigger(run_id=ids["partial"], **soon),
        "first run of a dataflow ended": AepFlowRunTrigger(flow_id=dataflow.id, since=since, **soon),
        "timeout, with a run": AepFlowRunTrigger(run_id=under_way, **late),
        "timeout, without a run": AepFlowRunTrigger(flow_id=dataflow.id, since=since * 2, **late),
        "batch ended": AepDatasetBatchTrigger(since=since, **batches, **soon),
        "timeout, without a batch": AepDatasetBatchTrigger(since=since * 2, **batches, **late),
        "answered": AepAnswerTrigger(poll_interval=0.01, deadline=time.time() + 3600),
        "refused for the connection": AepFlowRunTrigger(run_id=under_way, aep_conn_id="broken"),
    }
    events = {name: event_of(trigger) for name, trigger in triggers.items()}
    aep.fault("GET", "*", kind="status", status=403, times=None)
    events["refused for the credential"] = event_of(AepFlowRunTrigger(run_id=under_way, **soon))
    aep.clear_faults()
    aep.fault("GET", "*", kind="status", status=400, times=None)
    events["refused"] = event_of(AepDatasetBatchTrigger(since=since, **batches, **soon))
    aep.clear_faults()
    aep.fault("GET", "*", kind="status", status=503, times=None)
    events["timeout, run never seen"] = event_of(AepFlowRunTrigger(run_id=under_way, **late))
    events["timeout, never answered"] = event_of(AepAnswerTrigger(**late))
    aep.clear_faults()
    return events


def test_the_events_of_triggers(aep, dataflow):
    """Of a run or batch, which is Adobe's document, only the topmost fields are compared."""
    check("events", all_events(aep, dataflow), lambda events: shapes(events, 2))


ERRORS = ("AepApiError", "AepAuthError", "AepNotFoundError", "AepConflictError")


def ways_to_go_on(dataflow, failed):
    """Each method by which an event reaches a task."""
    begun = time.time()
    return {
        "AepRunFlowOperator.execute_complete": (AepRunFlowOperator, {}, dataflow.run_arguments),
        "AepRetryFlowRunOperator.execute_complete": (AepRetryFlowRunOperator, {}, {"run_id": failed}),
        "AepFlowRunSensor.execute_complete": (AepFlowRunSensor, {}, {"flow_id": dataflow.id, "since": begun + 9e6}),
        "AepDatasetBatchSensor.execute_complete": (
            AepDatasetBatchSensor,
            {},
            {"dataset_id": dataflow.dataset, "since": begun + 9e6},
        ),
        "AepRunFlowOperator.execute_again": (
            AepRunFlowOperator,
            {"begun": begun, "waited": False},
            {**dataflow.run_arguments, "if_running": "start", "deferrable": True},
        ),
        "AepRetryFlowRunOperator.execute_again": (
            AepRetryFlowRunOperator,
            {"begun": begun, "waited": False},
            {"run_id": failed, "if_running": "start", "deferrable": True},
        ),
    }


def reaches(way, event):
    """Whether such an event can come to a task this way."""
    if "batch" in event:
        return "Batch" in way
    if "answered" in event:
        return "Sensor" in way or "execute_again" in way
    return "refused" in event or "Batch" not in way


def test_what_a_task_makes_of_each_event(aep, dataflow):
    """The events are those of the golden file, as if they had been waiting in Airflow's database since then."""
    failed = dataflow.run("failed_copy")
    now = {}
    for way, (kind, kwargs, arguments) in ways_to_go_on(dataflow, failed).items():
        method = way.split(".")[1]
        if "Sensor" in way:
            arguments = {**arguments, "deferrable": True, "timeout": 3600}
        for name, event in golden("events").items():
            if not reaches(way, event):
                continue
            if event.get("deadline"):
                event = {**event, "deadline": time.time() + 3600}
            call = {**kwargs, "event": event}
            now[f"{way}: {name}"] = outcome(lambda: resume(kind, method, call, **arguments))  # noqa: B023
        for error in ERRORS:
            event = {"refused": {**golden("events")["refused"]["refused"], "kind": error}}
            call = {**kwargs, "event": event}
            now[f"{way}: refused, {error}"] = outcome(lambda: resume(kind, method, call, **arguments))  # noqa: B023
    check("outcomes", now)


def test_a_task_that_waited_for_a_run_that_may_be_its_own_goes_on_with_it(aep, dataflow):
    context = make_context()
    own = dataflow.run()
    event = golden("events")["run ended"]
    call = {"begun": time.time(), "waited": True, "event": event}
    summary = resume(AepRunFlowOperator, "execute_again", call, context, wait=False, **dataflow.run_arguments)
    assert summary["run_id"] == own
    assert dataflow.run_ids == {own}


# The task state store


def attempt(dataflow, store, try_number=1, *, kind=AepRunFlowOperator, max_tries=RETRIES, **arguments):
    """The run that a try of the task ends with."""
    given = dataflow.run_arguments if kind is AepRunFlowOperator else {}
    context = make_context(store, try_number=try_number, max_tries=max_tries)
    return execute(kind, context, wait=False, **{**given, **arguments})[0]["run_id"]


def recorded(aep, dataflow):
    """What is written at each stage of a task's run."""
    stores = {name: Store(aep) for name in ("run", "retry of a failed run", "attached", "repetition", "deletion")}
    asked = {}

    attempt(dataflow, stores["run"])
    aep.advance(600)
    attempt(dataflow, stores["run"], 2)
    asked["run"] = 0

    asked["retry of a failed run"] = runs_asked_for(aep)
    aep.script_run("failed_copy", flow_id=dataflow.id)
    attempt(dataflow, stores["retry of a failed run"])
    aep.advance(600)
    attempt(dataflow, stores["retry of a failed run"], 2)
    aep.advance(600)

    theirs = dataflow.run("failed_copy", seconds=0, **ANOTHER_WINDOW)
    asked["attached"] = runs_asked_for(aep)
    attempt(dataflow, stores["attached"], if_running="attach")
    aep.advance(600)

    asked["repetition"] = runs_asked_for(aep)
    attempt(dataflow, stores["repetition"], kind=AepRetryFlowRunOperator, run_id=theirs)
    aep.advance(600)

    asked["deletion"] = runs_asked_for(aep)
    execute(AepDeleteFlowOperator, make_context(stores["deletion"]), flow_id=dataflow.id, delete_connections=True)
    return {
        name: [{**one, "runs_asked_for": one["runs_asked_for"] - asked[name]} for one in store.written]
        for name, store in stores.items()
    }


def runs_asked_for(aep):
    store = Store(aep)
    store.set("any", None)
    return store.written[0]["runs_asked_for"]


def test_what_a_task_writes_down_of_its_run_and_when(aep, dataflow):
    """A record is written before the platform is asked, and another with the run's id after."""
    now = through_json(recorded(aep, dataflow))
    check("task_state", now, lambda value: sorted(value))

    def stages(records):
        return [{**one, "value": shape(one["value"])} for one in records]

    for name, before in golden("task_state").items():
        assert in_order(stages(before), stages(now[name])), name


def remembered(place, index, **now):
    """A record of the golden file, for a run of today."""
    record = golden("task_state")[place][index]
    assert record["key"] == STORE_KEY
    assert set(now) <= set(record["value"])
    return Store(**{STORE_KEY: {**record["value"], **now}})


def milliseconds(aep):
    return int(aep.now() * 1000)


def indexed(place, *, run_id, failed=False):
    """The first record of the golden file that has a run's id or not, and the failed run it repeats or not."""
    values = [one["value"] for one in golden("task_state")[place]]
    return next(
        number
        for number, value in enumerate(values)
        if bool(value["run_id"]) is run_id and bool(value.get("failed")) is failed
    )


def test_a_retry_goes_on_with_the_run_that_was_written_down(aep, dataflow):
    """By the record only: there is another one just like it."""
    own, another = dataflow.run(), dataflow.run()
    index = indexed("run", run_id=True)
    store = remembered("run", index, flow_id=dataflow.id, run_id=own, at_ms=milliseconds(aep))
    assert attempt(dataflow, store, 2) == own
    assert dataflow.run_ids == {own, another}


def test_a_retry_finds_the_run_of_which_only_the_intent_was_written_down(aep, dataflow):
    """By when it was asked for: there is an earlier one just like it."""
    earlier = dataflow.run()
    store = remembered("run", indexed("run", run_id=False), flow_id=dataflow.id, at_ms=milliseconds(aep))
    own = dataflow.run()
    assert attempt(dataflow, store, 2) == own
    assert dataflow.run_ids == {earlier, own}


def test_a_task_that_was_cleared_starts_another_run(aep, dataflow):
    own = dataflow.run()
    index = indexed("run", run_id=True)
    store = remembered("run", index, flow_id=dataflow.id, run_id=own, at_ms=milliseconds(aep))
    assert attempt(dataflow, store, 2, max_tries=1 + RETRIES) != own


def test_a_retry_finds_the_repetition_of_its_failed_run(aep, dataflow):
    failed = dataflow.run("failed_copy")
    created = aep.state()["runs"][failed]["createdAt"]
    place = "retry of a failed run"
    index = indexed(place, run_id=False, failed=True)
    now = {"flow_id": dataflow.id, "failed": [failed, created], "at_ms": milliseconds(aep)}
    store = remembered(place, index, **now)
    repetition, _ = execute(AepRetryFlowRunOperator, run_id=failed, wait=False)
    aep.advance(600)
    assert attempt(dataflow, store, 3) == repetition["run_id"]
    assert dataflow.run_ids == {failed, repetition["run_id"]}


def test_a_retry_goes_on_with_the_run_it_was_attached_to(aep, dataflow):
    theirs = dataflow.run(**ANOTHER_WINDOW)
    index = indexed("attached", run_id=True)
    store = remembered("attached", index, flow_id=dataflow.id, run_id=theirs, at_ms=milliseconds(aep))
    assert store[STORE_KEY]["attached"] is True
    assert attempt(dataflow, store, 2, if_running="attach") == theirs
    assert dataflow.run_ids == {theirs}


def test_a_retry_of_the_retry_operator_starts_no_second_repetition(aep, dataflow):
    failed = dataflow.run("failed_copy")
    at_ms = milliseconds(aep)
    repetition, _ = execute(AepRetryFlowRunOperator, run_id=failed, wait=False)
    aep.advance(600)
    window = [WINDOW["window_start"], WINDOW["window_end"]]
    now = {"flow_id": dataflow.id, "repeats": failed, "window": window, "at_ms": at_ms}
    index = indexed("repetition", run_id=True)
    for run_id in (repetition["run_id"], None):
        store = remembered("repetition", index, run_id=run_id, **now)
        found = attempt(dataflow, store, 2, kind=AepRetryFlowRunOperator, run_id=failed)
        assert found == repetition["run_id"]
    assert dataflow.run_ids == {failed, repetition["run_id"]}


def test_a_retry_deletes_the_connections_that_were_written_down(aep, dataflow):
    """The dataflow is gone, so nobody else knows of them."""
    (record,) = golden("task_state")["deletion"]
    (flow,) = aep.state()["flows"].values()
    sides = {"source": flow["sourceConnectionIds"], "target": flow["targetConnectionIds"]}
    assert set(record["value"]) == set(sides)
    execute(AepDeleteFlowOperator, flow_id=dataflow.id)
    context = make_context(Store(**{record["key"]: sides}), try_number=2)
    execute(AepDeleteFlowOperator, context, flow_id=dataflow.id, delete_connections=True)
    assert not aep.state()["sourceConnections"]
    assert not aep.state()["targetConnections"]


# XComs


@pytest.mark.aep(auto_advance=60)
@pytest.mark.usefixtures("_connections")
def test_what_each_task_returns_and_pushes(aep):
    dataflow = Dataflow(aep, twice=True)
    began = aep.now()
    steps = dict(dataflow.steps)

    def note(name, kind, /, **arguments):
        steps[f"{kind.__name__}, {name}"] = result = execute(kind, **arguments)
        return result[0]

    note("tables", AepExploreConnectionOperator, base_connection_id=dataflow.base)
    note("columns", AepExploreConnectionOperator, base_connection_id=dataflow.base, object_path="Accounts")
    note("by connector", AepGetFlowSpecOperator, connector="salesforce")
    note("by name", AepGetFlowSpecOperator, name="CRMToAEP")
    run_id = note("waits", AepRunFlowOperator, **dataflow.run_arguments)["run_id"]
    failed = dataflow.run("failed_copy")
    note("waits", AepRetryFlowRunOperator, run_id=failed)
    note("of a run", AepFlowRunSensor, run_id=run_id)
    note("of a dataflow", AepFlowRunSensor, flow_id=dataflow.id, since=began)
    note("first batch", AepDatasetBatchSensor, dataset_id=dataflow.dataset, since=began)
    note("changed", AepUpdateFlowOperator, flow_id=dataflow.id, changes={"description": "another"})
    note("as it was", AepUpdateFlowOperator, flow_id=dataflow.id, changes={"description": "another"})
    note("disabled", AepSetFlowStateOperator, flow_id=dataflow.id, state="disabled")
    note("disabled already", AepSetFlowStateOperator, flow_id=dataflow.id, state="disabled")
    note("enabled", AepSetFlowStateOperator, flow_id=dataflow.id, state="enabled")
    note("deleted", AepDeleteFlowOperator, flow_id=dataflow.id, delete_connections=True)

    now = {
        name: {
            "returned": shape(returned),
            "pushed": shape(pushed),
            "change": pushed.get("change"),
        }
        for name, (returned, pushed) in steps.items()
    }
    check("xcoms", now)
    assert Counter(name.split(",")[0] for name in golden("xcoms")).keys() == {kind.__name__ for kind in TASKS}


def test_what_is_told_of_a_run_that_has_not_ended_or_has_failed(aep, dataflow):
    """XComs that later tasks, callbacks and links read though this task saw no success."""
    start = {**dataflow.run_arguments, "if_running": "start", "retries": 0}
    failed = dataflow.run("failed_copy")
    aep.script_run("never_ending", flow_id=dataflow.id, times=2)
    cases = {
        "does not wait": (AepRunFlowOperator, {**start, "wait": False}),
        "waits too long": (AepRunFlowOperator, {**start, "timeout": timedelta(seconds=0.3)}),
        "failed": (AepFlowRunSensor, {"run_id": failed}),
    }
    now = {}
    for name, (kind, arguments) in cases.items():
        context = make_context()
        ended = outcome(lambda: execute(kind, context, **arguments)[0])  # noqa: B023
        now[name] = {**ended, "pushed": shape(context["ti"].xcoms)}
    check("xcoms_without_success", now)

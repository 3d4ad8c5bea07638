"""No secret is anywhere where a person or another program might read it.

Canaries are planted in every place a secret can come from; then both example pipelines run in real Airflow, and all
the ways of failing; then everything that was left behind is searched.
"""

import base64
import contextlib
import hashlib
import json
import logging
import runpy
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
import requests
import structlog
from airflow.sdk import DAG
from airflow.sdk.execution_time.comms import MaskSecret
from operators.execution import no_old_secrets, one_api_server  # noqa: F401

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.hooks import connection as hook_module
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.operators.flow_service import (
    AepCreateBaseConnectionOperator,
    AepExploreConnectionOperator,
    AepGetFlowSpecOperator,
)
from airflow_provider_aep.triggers.flow_run import AepTrigger

EXAMPLES = Path(__file__).resolve().parent.parent / "example_dags"
NAMES = (
    "client secret",
    "wrong client secret",
    "given token",
    "Salesforce password",
    "Salesforce security token",
    "Kinesis access key",
    "Kinesis secret key",
    "proxy password",
)
# Made here and not written: Airflow keeps the source of a DAG file, and this is one.
CANARIES = {name: f"canary-{hashlib.sha256(name.encode()).hexdigest()[:12]}/Q+x" for name in NAMES}
CANARIES["given token"] = f"eyJhbGciOiJub25lIn0.{'Y2FuYXJ5' * 3}.{CANARIES['given token'][7:19]}"


def spellings(secret):
    """As it is, in a URL, in a form, in JSON, in base64."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1], encoded}


def impatient(name, **changes):
    dag = runpy.run_path(str(EXAMPLES / f"{name}.py"))["dag"]
    dag.dag_id = changes.pop("dag_id", dag.dag_id)
    for task in dag.tasks:
        task.retries = 0
        for key, value in changes.items():
            setattr(task, key, value)
        if hasattr(task, "poll_interval"):
            task.poll_interval, task.timeout = 0.05, 60
    return dag


@contextlib.contextmanager
def everything_logged():
    """All loggers at DEBUG, stdlib's and structlog's, arguments and tracebacks included."""
    lines, handler = [], logging.Handler(logging.DEBUG)
    handler.emit = lambda record: lines.append((record.name, logging.Formatter().format(record) + repr(record.args)))
    known = logging.root.manager.loggerDict.items()
    names = [name for name, logger in known if isinstance(logger, logging.Logger)]
    # What SQLAlchemy would print is the database, which is searched as a whole.
    names = [name for name in names if not name.startswith("sqlalchemy")]
    loggers = [logging.root, *map(logging.getLogger, names)]
    before = [(logger, logger.level) for logger in loggers]
    levels = [module.PER_LOGGER_LEVELS for module in structlog_modules()]
    levels_before = [dict(each) for each in levels]
    logging.root.addHandler(handler)
    try:
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
        for each in levels:
            each.clear()
            each[""] = logging.DEBUG
        with structlog.testing.capture_logs() as entries:
            yield lines
        # Airflow writes down at DEBUG what it was told to mask, before it masks it. That is its own affair.
        entries = [entry for entry in entries if not isinstance(entry.get("msg"), MaskSecret)]
        lines += [("structlog", render(entry)) for entry in entries]
    finally:
        logging.root.removeHandler(handler)
        for logger, level in before:
            logger.setLevel(level)
        for each, content in zip(levels, levels_before, strict=True):
            each.clear()
            each.update(content)


def structlog_modules():
    import airflow._shared.logging.structlog as of_the_core
    import airflow.sdk._shared.logging.structlog as of_the_sdk

    return of_the_core, of_the_sdk


def render(entry):
    problem = entry.get("exc_info")
    if isinstance(problem, BaseException):
        entry = {**entry, "exc_info": traceback_of(problem)}
    return repr(entry)


def traceback_of(problem):
    import traceback

    return "".join(traceback.format_exception(problem))


@pytest.fixture(scope="module")
def stage():
    return SimpleNamespace(found=None)


@pytest.fixture
def found(stage, run_dag, monkeypatch):
    """What was left behind, by place; everything runs once, before the first test."""
    if stage.found is None:
        stage.found = {}
        stage.found.update(run_everything(run_dag, monkeypatch))
    return stage.found


def run_everything(run_dag, monkeypatch):
    from airflow.sdk.execution_time import task_runner

    errors, rendered, triggers = [], [], []
    finalize, serialize = task_runner.finalize, AepTrigger.serialize
    monkeypatch.setattr(task_runner, "finalize", lambda ti, *rest: (errors.append(rest[-1]), finalize(ti, *rest))[1])
    monkeypatch.setattr(AepTrigger, "serialize", lambda self: (triggers.append(serialize(self)), serialize(self))[1])
    make_client = hook_module.make_client

    def make_hurried(*args, **kwargs):
        client = make_client(*args, **kwargs)
        client.sleep = client._tokens._sleep = lambda seconds: None
        return client

    monkeypatch.setattr(hook_module, "make_client", make_hurried)
    with AepEmulator(auto_advance=600, client_secret=CANARIES["client secret"]) as aep, everything_logged() as lines:
        plant(monkeypatch, aep)
        results = list(run_dags(run_dag, aep))
        messages = [AepHook(conn_id).test_connection()[1] for conn_id in CONNECTIONS]
        reprs = list(representations())
        tokens = list(aep._platform.tokens)
        log = requests.get(f"{aep.url}/_emulator/requests", timeout=5).text
        log += repr(aep.requests)
    from airflow.models.renderedtifields import RenderedTaskInstanceFields
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        rendered = [repr(row.rendered_fields) for row in session.scalars(select(RenderedTaskInstanceFields))]
        serialized = [json.dumps(row.data) for row in session.scalars(select(SerializedDagModel))]
    return {
        "tokens": tokens,
        "results": results,
        "errors": [error for error in errors if error is not None],
        "logs": lines,
        "places": {
            "XCom": [repr(result.xcoms) for result in results],
            "rendered fields": rendered,
            "serialised DAGs": serialized,
            "triggers": [repr(trigger) for trigger in triggers],
            "exceptions": [traceback_of(error) + repr(error) + repr(vars(error)) for error in errors if error],
            "the Test button": messages,
            "representations": reprs,
            "Airflow's database and files": files(),
        },
        "requests": log,
    }


CONNECTIONS = ("aep_default", "aep_wrong_secret", "aep_given_token", "aep_proxy", "aep_incomplete")


def plant(monkeypatch, aep):
    def define(conn_id, connection):
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(connection))

    ours = json.loads(aep.connection_json())
    define("aep_default", ours)
    define("aep_wrong_secret", {**ours, "password": CANARIES["wrong client secret"]})
    given = {**ours["extra"], "access_token": CANARIES["given token"]}
    define("aep_given_token", {**ours, "password": None, "extra": given})
    proxy = f"http://user:{CANARIES['proxy password']}@127.0.0.1:9"
    define("aep_proxy", {**ours, "extra": {**ours["extra"], "proxies": {"http": proxy, "https": proxy}}})
    define("aep_incomplete", {**ours, "extra": {**given, "sandbox": "", "proxies": proxy}})
    define(
        "salesforce_crm",
        {
            "conn_type": "generic",
            "login": "user@example.com",
            "password": CANARIES["Salesforce password"],
            "extra": {"securityToken": CANARIES["Salesforce security token"]},
        },
    )
    keys = {"accessKeyId": CANARIES["Kinesis access key"], "secretKey": CANARIES["Kinesis secret key"]}
    define("kinesis_stream", {"conn_type": "generic", "extra": keys})


def run_dags(run_dag, aep):
    """Both pipelines, one of them again with its secrets sent anew, and all that can go wrong on the way."""
    for name in ("example_crm_dataflow", "example_streaming_dataflow"):
        yield run_dag(impatient(name))
    aep.script_run("failed_promotion", times=None)
    yield run_dag(impatient("example_crm_dataflow", if_exists="update"))

    def base(task_id, **changes):
        arguments = {
            "name": task_id,
            "connector": "salesforce",
            "auth_spec_name": "Basic Authentication",
            "credentials_conn_id": "salesforce_crm",
        }
        return AepCreateBaseConnectionOperator(task_id=task_id, **{**arguments, **changes})

    with DAG("failing", schedule=None, default_args={"retries": 1, "retry_delay": timedelta(0)}) as dag:
        base("refused", auth_spec_name="No Such Authentication")
        base("different", name="Salesforce", description="another", auth_params={"environmentUrl": "https://else"})
        base("incomplete", name="", auth_params="not a dict")
        for conn_id in CONNECTIONS[1:]:
            base(conn_id, aep_conn_id=conn_id)
        AepGetFlowSpecOperator(task_id="given_token", name="CRMToAEP", aep_conn_id="aep_given_token")
        AepExploreConnectionOperator(task_id="explore", base_connection_id="11111111-2222-4333-8444-555555555555")
    yield run_dag(dag)
    for kind in ({"kind": "malformed"}, {"kind": "html"}, {"kind": "status", "status": 500}):
        aep.fault("POST", "*/connections", times=None, **kind)
        with DAG(f"unwell_{kind['kind']}", schedule=None) as dag:
            base(f"unwell_{kind['kind']}")
        yield run_dag(dag)
        aep.clear_faults()


def representations():
    """Of everything that holds a secret; a repr ends up in logs, tracebacks and test reports."""
    hook = AepHook()
    client = hook.get_conn()
    client.send(flow_service.list_flow_specs("CRMToAEP"))
    wish = BaseConnection.declare(
        name="CRM",
        connector="salesforce",
        auth_spec_name="Basic Authentication",
        credentials={"password": CANARIES["Salesforce password"]},
    )
    for thing in (hook, client, client._tokens, wish, flow_service.create_base_connection(wish)):
        yield repr(thing)
        yield str(thing)
    yield repr(wish.auth)


def files():
    """All bytes that Airflow wrote."""
    import os

    home = Path(os.environ["AIRFLOW_HOME"])
    return [path.read_bytes().decode("latin-1") for path in home.rglob("*") if path.is_file()]


def leaks(texts, tokens):
    secrets = {**CANARIES, **{f"token {number}": token for number, token in enumerate(tokens)}}
    return sorted(
        {
            (name, text[max(0, text.index(one) - 150) : text.index(one)])
            for name, secret in secrets.items()
            for one in spellings(secret)
            for text in texts
            if one in text
        }
    )


def test_everything_ran_as_it_was_meant_to(found):
    """Otherwise the search below would find nothing for the wrong reason."""
    assert [result.run.state for result in found["results"]] == ["success"] * 2 + ["failed"] * 2 + [
        "success",  # an answer that cannot be read: the connection is found to be there
        "failed",
        "failed",
    ]
    assert len(found["errors"]) >= 10
    assert len(found["tokens"]) >= 1
    assert len(found["logs"]) > 500
    assert found["places"]["triggers"]
    assert found["places"]["rendered fields"]
    assert len("".join(found["places"]["Airflow's database and files"])) > 100_000
    assert "example_crm_dataflow" in "".join(found["places"]["Airflow's database and files"])


@pytest.mark.parametrize(
    "place",
    [
        "XCom",
        "rendered fields",
        "serialised DAGs",
        "triggers",
        "exceptions",
        "the Test button",
        "representations",
        "Airflow's database and files",
    ],
)
def test_no_secret_is_in(found, place):
    assert leaks(found["places"][place], found["tokens"]) == []


def test_no_secret_is_in_a_log_at_debug(found):
    """Of any logger: what Airflow prints in `dag.test()` is not masked, so this is what we and our libraries say."""
    texts = [f"{name}: {text}" for name, text in found["logs"]]
    assert leaks(texts, found["tokens"]) == []


def test_no_credential_of_the_platform_is_in_the_emulators_log(found):
    """The secrets of a source are the body of a request, and may be looked at; tokens and client secrets may not."""
    of_the_source = {name for name in NAMES if name.startswith(("Salesforce", "Kinesis"))}
    assert {name for name, _ in leaks([found["requests"]], found["tokens"])} <= of_the_source

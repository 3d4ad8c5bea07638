"""AepHook: from an Airflow connection, in whatever way it was written, to a client; and the Test button."""

import base64
import copy
import json
import logging
import pickle
import re
from types import SimpleNamespace
from urllib.parse import quote, urlencode

import pytest
from airflow.sdk import DAG, task
from airflow.sdk.log import redact

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.client import settings as module
from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.exceptions import AepApiError, AepAuthError, AepConfigError, AepNotFoundError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.hooks.connection import make_client
from airflow_provider_aep.operators.flow_service import AepGetFlowSpecOperator
from airflow_provider_aep.sensors.flow_run import AepDatasetBatchSensor

ORG = "9C991D2E622D76190A495E39@AdobeOrg"
EXTRA = {"ims_org_id": ORG, "sandbox": "dev"}
FULL = {
    **EXTRA,
    "scopes": ["openid", "session"],
    "ims_url": "https://ims.example",
    "timeout": [3, 30],
    "proxies": {"https": "http://proxy.example:3128"},
    "verify": "/etc/ssl/company.pem",
    "allow_http": False,
}


@pytest.fixture(autouse=True)
def _database(airflow_db):
    """Connections are looked up in it, too."""


@pytest.fixture
def made(mocker):
    """What the hook makes of a connection, instead of a client."""
    seen = SimpleNamespace(client=None, session=None, tokens=None)

    def record(name):
        def make(**arguments):
            setattr(seen, name, arguments)
            return f"the {name}"

        return make

    mocker.patch.object(module, "AepClient", record("client"))
    mocker.patch.object(module, "make_session", record("session"))
    mocker.patch.object(module, "shared_tokens", record("tokens"))
    return seen


@pytest.fixture
def connect(monkeypatch):
    """Defines the connection `aep_default`, as JSON or as a URI, and returns its hook."""

    def define(connection=None, **fields):
        if connection is None:
            connection = {"conn_type": "aep", "login": "id", "password": "secret", "extra": EXTRA, **fields}
        text = connection if isinstance(connection, str) else json.dumps(connection)
        monkeypatch.setenv("AIRFLOW_CONN_AEP_DEFAULT", text)
        return AepHook()

    return define


# Fields


def test_the_least_a_connection_must_say(connect, made):
    connect().get_conn()
    assert made.client["host"] == "https://platform.adobe.io"
    assert (made.client["api_key"], made.client["org_id"], made.client["sandbox"]) == ("id", ORG, "dev")
    assert made.client["timeout"] == (10.0, 60.0)
    assert made.session == {"proxies": None, "verify": True}
    assert (made.tokens["client_id"], made.tokens["client_secret"]) == ("id", "secret")
    assert made.tokens["url"] == "https://ims-na1.adobelogin.com"
    assert len(made.tokens["scopes"]) == 5


@pytest.mark.parametrize("form", ["json", "extra as text", "uri", "uri with a query", "fields as text"])
def test_every_field_however_the_connection_is_written(connect, made, form):
    host = "https://platform-stage.adobe.io"
    connection = {"conn_type": "aep", "host": host, "login": "id", "password": "p@ss/word", "extra": FULL}
    as_text = {key: value if isinstance(value, str) else json.dumps(value) for key, value in FULL.items()}
    as_text["scopes"] = "openid, session"
    uri = f"aep://id:{quote('p@ss/word', safe='')}@{quote(host, safe='')}/?"
    written = {
        "json": connection,
        "extra as text": {**connection, "extra": json.dumps(FULL)},
        "uri": uri + urlencode({"__extra__": json.dumps(FULL)}),
        "uri with a query": uri + urlencode(as_text),
        "fields as text": {**connection, "extra": as_text},
    }
    connect(written[form]).get_conn()
    assert made.client["host"] == host
    assert (made.client["api_key"], made.client["org_id"], made.client["sandbox"]) == ("id", ORG, "dev")
    assert made.client["timeout"] == (3.0, 30.0)
    assert made.session == {"proxies": FULL["proxies"], "verify": FULL["verify"]}
    assert made.tokens["client_secret"] == "p@ss/word"
    assert made.tokens["scopes"] == ("openid", "session")
    assert made.tokens["url"] == "https://ims.example"
    assert made.tokens["timeout"] == (3.0, 30.0)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("timeout", 7, (7.0, 7.0)),
        ("timeout", "7.5", (7.5, 7.5)),
        ("timeout", "[1, 2]", (1.0, 2.0)),
        ("timeout", "", (10.0, 60.0)),
        ("timeout", None, (10.0, 60.0)),
        ("verify", False, False),
        ("verify", "false", False),
        ("verify", "True", True),
        ("verify", "", True),
        ("verify", None, True),
        ("proxies", "", None),
        ("proxies", '{"https": "http://proxy"}', {"https": "http://proxy"}),
        ("scopes", "openid, AdobeID ,", ("openid", "AdobeID")),
        ("scopes", [" openid", "AdobeID"], ("openid", "AdobeID")),
        ("scopes", '["openid", "AdobeID"]', ("openid", "AdobeID")),
    ],
    ids=repr,
)
def test_one_field_in_one_spelling(connect, made, field, value, expected):
    connect(extra={**EXTRA, field: value}).get_conn()
    assert {**made.client, **made.session, "scopes": made.tokens["scopes"]}[field] == expected


@pytest.mark.parametrize("empty", ["", None, [], ","])
def test_no_scopes_are_the_five_of_the_platform(connect, made, empty):
    connect(extra={**EXTRA, "scopes": empty}).get_conn()
    assert len(made.tokens["scopes"]) == 5


def test_a_port_of_its_own_is_used(connect, made):
    """The form has none, but a URI may."""
    connect("aep://id:secret@localhost:8099/?" + urlencode(EXTRA)).get_conn()
    assert made.client["host"] == "https://localhost:8099"


def test_the_argument_wins_over_the_connections_sandbox(connect, made):
    connect()
    AepHook(sandbox="prod").get_conn()
    assert made.client["sandbox"] == "prod"
    connect(extra={"ims_org_id": ORG})
    AepHook(sandbox="prod").get_conn()
    assert made.client["sandbox"] == "prod"


def token_of(client_id):
    claims = base64.urlsafe_b64encode(json.dumps({"client_id": client_id}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{claims}.c2lnbmF0dXJl"


def test_a_given_token_wins_over_login_and_password(connect, made):
    connect(extra={**EXTRA, "access_token": token_of("of-the-token")}).get_conn()
    assert made.tokens is None
    assert made.client["tokens"].current() == token_of("of-the-token")
    assert made.client["api_key"] == "id", "the login is the API key all the same"
    connect(login=None, password=None, extra={**EXTRA, "access_token": token_of("of-the-token")}).get_conn()
    assert made.client["api_key"] == "of-the-token"


# What is wrong with a connection


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"extra": {"sandbox": "dev"}}, "extra.ims_org_id is ''"),
        ({"extra": {**EXTRA, "ims_org_id": "9C991D2E622D76190A495E39"}}, "...@AdobeOrg"),
        ({"extra": {"ims_org_id": ORG}}, "extra.sandbox is missing"),
        ({"extra": {**EXTRA, "sandbox": " "}}, "extra.sandbox is missing"),
        ({"login": None}, "login is missing"),
        ({"login": None, "password": None, "extra": {**EXTRA, "access_token": "opaque"}}, "token does not tell it"),
        ({"password": None}, "password is missing"),
        ({"host": "http://platform.adobe.io"}, "host is http:// to 'platform.adobe.io'"),
        ({"host": "ftp://platform.adobe.io"}, "host must be a URL"),
        ({"host": "https://platform.adobe.io?x=1"}, "host must be a URL"),
        ({"extra": {**EXTRA, "ims_url": "http://ims.example"}}, "extra.ims_url is http:// to 'ims.example'"),
        ({"extra": {**EXTRA, "timeout": "soon"}}, "extra.timeout is 'soon'"),
        ({"extra": {**EXTRA, "timeout": 0}}, "extra.timeout is 0"),
        ({"extra": {**EXTRA, "timeout": [1, 2, 3]}}, "extra.timeout is [1, 2, 3]"),
        ({"extra": {**EXTRA, "timeout": "Infinity"}}, "extra.timeout is inf"),
        ({"extra": {**EXTRA, "timeout": "NaN"}}, "extra.timeout is nan"),
        ({"extra": {**EXTRA, "timeout": True}}, "extra.timeout is True"),
        ({"extra": {**EXTRA, "verify": 5}}, "extra.verify is 5"),
        ({"extra": {**EXTRA, "proxies": "http://user:pr0xy-pass@proxy:3128"}}, "extra.proxies is a str"),
        ({"extra": {**EXTRA, "scopes": 5}}, "extra.scopes is 5"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_field_that_is_missing_or_wrong_is_named(connect, fields, said):
    hook = connect(**fields)
    with pytest.raises(AepConfigError, match="The Airflow connection 'aep_default' cannot be used: ") as raised:
        hook.get_conn()
    assert said in str(raised.value)
    assert not any(secret in str(raised.value) for secret in ("'secret'", "pr0xy-pass"))


def test_everything_that_is_wrong_is_named_at_once(connect):
    hook = connect(
        {
            "conn_type": "aep",
            "host": "http://platform.adobe.io",
            "extra": {"timeout": "soon", "verify": 5, "proxies": 1, "scopes": 5, "ims_url": "http://ims.example"},
        }
    )
    with pytest.raises(AepConfigError) as raised:
        hook.get_conn()
    for field in ("ims_org_id", "sandbox", "login", "password", "host", "ims_url", "timeout", "verify", "proxies"):
        assert field in str(raised.value)


@pytest.mark.parametrize("extra", ["not json", "[1]", '"text"'])
def test_extra_that_is_no_json_is_not_a_traceback(extra):
    from airflow.sdk import Connection

    connection = Connection(conn_id="odd", conn_type="aep", login="id", password="secret", extra=extra)
    with pytest.raises(AepConfigError, match=r"extra\.sandbox is missing"):
        make_client(connection, "odd")


@pytest.mark.parametrize("extra", [{"sandbx": "dev", "ims_org_id": ORG}, {**EXTRA, "timeut": 5}, {**EXTRA, "x": 1}])
def test_an_unknown_key_is_warned_of_with_the_nearest_name(connect, made, caplog, extra):
    """Also, and above all, where the connection cannot be used because of it."""
    hook = connect(extra=extra)
    with caplog.at_level(logging.WARNING):
        if "sandbox" in extra:
            hook.get_conn()
        else:
            with pytest.raises(AepConfigError):
                hook.get_conn()
    (message,) = [record.getMessage() for record in caplog.records if record.name == module.__name__]
    (unknown,) = set(extra) - set(FULL)
    assert repr(unknown) in message
    near = {"sandbx": "sandbox", "timeut": "timeout"}.get(unknown)
    assert ("did you mean" in message) == bool(near)
    if near:
        assert f"did you mean {near!r}?" in message


# When things happen


def test_nothing_is_looked_up_before_it_is_needed(mocker):
    def refuse(hook, conn_id):
        raise AssertionError("not yet")

    mocker.patch.object(AepHook, "get_connection", refuse)
    hook = AepHook("undefined", sandbox="dev")
    assert (hook.aep_conn_id, hook.sandbox) == ("undefined", "dev")
    with pytest.raises(AssertionError, match="not yet"):
        hook.get_conn()


def test_the_client_is_made_once(aep):
    hook = AepHook()
    assert hook.get_conn() is hook.get_conn()
    asked = len(aep.requests)
    assert asked == 0, "making a client asks nothing"
    hook.send(flow_service.list_flow_specs("CRMToAEP"))
    AepHook().send(flow_service.list_flow_specs("CRMToAEP"))
    assert aep.token_requests == 1, "the token is the process's, not the hook's"


def test_airflow_makes_the_hook_from_the_connection(aep):
    from airflow.sdk import Connection

    hook = Connection.get("aep_default").get_hook()
    assert isinstance(hook, AepHook)
    assert hook.aep_conn_id == "aep_default"
    assert AepHook.get_hook("aep_default").send(flow_service.get_flow_spec(FLOW_SPEC_IDS["CRMToAEP"]))


@pytest.mark.parametrize("form", ["json", "uri"])
def test_the_emulators_connection_works(aep, connect, form):
    hook = connect(aep.connection_json() if form == "json" else aep.connection_uri())
    assert hook.send(flow_service.get_flow_spec(FLOW_SPEC_IDS["CRMToAEP"])).id == FLOW_SPEC_IDS["CRMToAEP"]


def test_a_given_token_is_used_and_not_renewed(aep, connect):
    token = AepHook().get_conn()._tokens.current()
    before = aep.token_requests
    connection = json.loads(aep.connection_json())
    del connection["password"]
    connection["extra"]["access_token"] = token
    hook = connect(connection)
    assert hook.send(flow_service.get_flow_spec(FLOW_SPEC_IDS["CRMToAEP"]))
    aep.revoke_tokens()
    with pytest.raises(AepAuthError, match="401013") as raised:
        hook.send(flow_service.list_flow_specs("CRMToAEP"))
    assert token not in str(raised.value)
    assert aep.token_requests == before


def test_secrets_are_masked_before_they_are_used(aep, connect):
    secret = "a-Secret-of-the-Connection"
    token = token_of("masked-client")
    connect(password=secret, extra={**EXTRA, "access_token": token}).get_conn()
    assert secret not in str(redact(f"x {secret} y"))
    assert token not in str(redact(f"x {token} y"))
    hook = connect(aep.connection_json())
    hook.send(flow_service.list_flow_specs("CRMToAEP"))
    derived = hook.get_conn()._tokens.current()
    assert derived not in str(redact(f"x {derived} y")), "nor is the token that was made of them ever shown"


# The Test button


def with_changes(aep, **changes):
    """The emulator's connection, changed: fields, or keys of its extra."""
    connection = json.loads(aep.connection_json())
    for key, value in changes.items():
        (connection if key in ("host", "login", "password") else connection["extra"])[key] = value
    return connection


STEPS = {
    "IMS, secret": ({"password": "wrong-secret"}, "IMS: ", "invalid_client"),
    "IMS, client id": ({"login": "wrong-id"}, "IMS: ", "invalid_client"),
    "IMS, scopes": ({"scopes": "openid,nonsense"}, "IMS: ", "invalid_scope"),
    "IMS, unreachable": ({"ims_url": "http://127.0.0.1:9"}, "IMS: ", "got no answer"),
    "organisation": ({"ims_org_id": "AAAAAAAAAAAAAAAAAAAAAAAA@AdobeOrg"}, "Organisation: ", "403025"),
    "sandbox, unknown": ({"sandbox": "nowhere"}, "Sandbox: ", "Active sandboxes: prod, dev."),
    "sandbox, title for name": ({"sandbox": "Development"}, "Sandbox: ", "Active sandboxes: prod, dev."),
    "sandbox, not active": ({"sandbox": "resetting"}, "Sandbox: ", "'resetting' is resetting"),
    "platform, unreachable": ({"host": "http://127.0.0.1:9"}, "Platform: ", "got no answer"),
    "fields": ({"sandbox": "", "ims_org_id": "x"}, "Connection fields: ", "extra.sandbox is missing"),
}


@pytest.mark.parametrize("step", STEPS)
def test_the_step_that_fails_is_named(aep, connect, mocker, step):
    mocker.patch("time.sleep", side_effect=AssertionError("slept"))  # A person waits for the answer.
    changes, prefix, said = STEPS[step]
    works, message = connect(with_changes(aep, **changes)).test_connection()
    assert not works
    assert message.startswith(prefix)
    assert said in message
    assert "\n" not in message
    assert len(message) < 2000
    assert aep.client_secret not in message


def test_the_api_key_is_a_step_of_its_own(aep, connect):
    token = AepHook().get_conn()._tokens.current()
    works, message = connect(with_changes(aep, login="another-id", access_token=token)).test_connection()
    assert not works
    assert message.startswith("API key: ")
    assert "403003" in message
    assert token not in message


@pytest.mark.parametrize(
    ("path", "fault", "prefix"),
    [
        ("*/flowSpecs", {"kind": "status", "status": 403}, "Organisation: "),
        (
            "*/flowSpecs",
            {"kind": "status", "status": 403, "body": {"type": "x/FLOW-2120-403", "title": "Forbidden"}},
            "Permission: ",
        ),
        ("*/flowSpecs", {"kind": "status", "status": 503}, "Platform: "),
        ("*/sandbox-management*", {"kind": "status", "status": 401}, "IMS: "),
        ("*/sandbox-management*", {"kind": "html"}, "Platform: "),
        ("*/sandbox-management*", {"kind": "malformed"}, "Platform: "),
        ("/ims/token/v3", {"kind": "html"}, "IMS: "),
        ("/ims/token/v3", {"kind": "empty"}, "IMS: "),
    ],
    ids=str,
)
def test_whatever_the_platform_answers_the_test_says_a_sentence(aep, connect, path, fault, prefix):
    aep.fault("*", path, times=None, **fault)
    works, message = connect(aep.connection_json()).test_connection()
    assert not works
    assert message.startswith(prefix)
    assert "Traceback" not in message
    assert "<" not in message


def test_a_connection_that_works_says_what_it_reaches(aep):
    works, message = AepHook().test_connection()
    assert works
    assert aep.org_id in message
    assert "'dev'" in message
    assert {request.method for request in aep.requests} == {"GET", "POST"}
    assert not any(aep.state().values()), "it made nothing"


def test_the_test_is_of_the_secret_and_not_of_a_token_from_before(aep):
    assert AepHook().test_connection()[0]
    AepHook().send(flow_service.list_flow_specs("CRMToAEP"))
    aep.switches.client_secret = "rotated"
    works, message = AepHook().test_connection()
    assert not works
    assert message.startswith("IMS: ")


def test_the_test_button_of_the_api_server(aep):
    """There the connection is a row of the database, and the hook is found by its type."""
    from airflow.models.connection import Connection

    fields = json.loads(aep.connection_json())
    connection = Connection(conn_id="aep_default", **{**fields, "extra": json.dumps(fields["extra"])})
    works, message = connection.test_connection()
    assert works, message


def test_a_connection_under_test_has_no_name_worth_showing(connect):
    """Airflow's form tests a connection under a random name."""
    works, message = connect(extra={"ims_org_id": ORG}).test_connection()
    assert not works
    assert message.startswith("Connection fields: The Airflow connection cannot be used: extra.sandbox is missing")
    assert "aep_default" not in message


# Any endpoint


CONNECTIONS = "/data/foundation/flowservice/connections"
NONE_YET = {"items": [], "_links": {}}


def test_any_endpoint_can_be_asked(aep):
    assert AepHook().request("GET", CONNECTIONS, params={"limit": 5}) == NONE_YET
    request = aep.requests[-1]
    assert request.query == {"limit": ["5"]}
    assert request.headers["x-gw-ims-org-id"] == aep.org_id
    assert request.headers["x-sandbox-name"] == "dev"


def test_a_whole_life_of_a_resource_by_requests(aep):
    hook = AepHook(sandbox="prod")
    body = {
        "name": "x",
        "auth": {"specName": "Basic Authentication", "params": {}},
        "connectionSpec": {"id": "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5", "version": "1.0"},
    }
    made = hook.request("POST", CONNECTIONS, json=body)
    change = [{"op": "replace", "path": "/name", "value": "y"}]
    path = f"{CONNECTIONS}/{made['id']}"
    hook.request("PATCH", path, json=change, headers={"If-Match": made["etag"]})
    assert hook.request("GET", path)["items"][0]["name"] == "y"
    assert hook.request("DELETE", path) is None
    with pytest.raises(AepNotFoundError, match=f"GET {path} was answered 404"):
        hook.request("GET", path)


def test_a_header_of_the_author_wins(aep):
    AepHook().request("GET", CONNECTIONS, headers={"accept": "application/vnd.adobe.x+json"})
    assert aep.requests[-1].headers["accept"] == "application/vnd.adobe.x+json"


def test_a_request_is_repeated_while_that_does_no_harm(aep):
    hook = AepHook()
    hook.get_conn().sleep = lambda seconds: None
    aep.fault("GET", "*/connections", kind="status", status=503)
    assert hook.request("GET", CONNECTIONS) == NONE_YET
    aep.fault("POST", "*/connections", kind="status", status=503)
    with pytest.raises(AepApiError, match="503"):
        hook.request("POST", CONNECTIONS, json={})
    assert [request.method for request in aep.requests if request.path == CONNECTIONS] == ["GET", "GET", "POST"]


def test_a_request_to_another_host_is_not_sent(aep):
    with pytest.raises(AepConfigError, match=r"path is 'https://elsewhere.example/'"):
        AepHook().request("GET", "https://elsewhere.example/")
    assert not aep.requests


# Copies


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy, lambda hook: pickle.loads(pickle.dumps(hook))])
def test_a_hook_that_was_used_can_be_copied(aep, copied):
    hook = AepHook(sandbox="prod")
    hook.log.info("used")
    hook.request("GET", CONNECTIONS)
    again = copied(hook)
    assert (again.aep_conn_id, again.sandbox) == ("aep_default", "prod")
    assert again.get_conn() is not hook.get_conn()
    assert again.request("GET", CONNECTIONS) == NONE_YET
    assert aep.token_requests == 1


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda task: pickle.loads(pickle.dumps(task))])
@pytest.mark.parametrize("use", ["execute", "poke"])
def test_a_task_that_has_used_its_hook_can_be_copied(aep, copied, use):
    if use == "execute":
        task = AepGetFlowSpecOperator(task_id="spec", name="CRMToAEP")
    else:
        task = AepDatasetBatchSensor(task_id="batch", dataset_id=24 * "a", since="2026-01-01T00:00:00Z")
        aep.fault("GET", "*/batches", kind="status", status=200, body={}, times=None)
    getattr(task, use)({})
    again = copied(task)
    assert again.task_id == task.task_id
    assert getattr(again, use)({}) == getattr(task, use)({})


def test_a_task_can_test_the_connection_from_the_worker(aep, run_dag):
    """Where the button of the form fails, and no shell is at hand: as the documentation has it."""
    with DAG("check_aep", schedule=None) as dag:

        @task
        def check_aep():
            works, message = AepHook().test_connection()
            if not works:
                raise ValueError(message)
            return message

        check_aep()
    assert "dataflows can be read" in run_dag(dag).xcom("check_aep")


# Logs


def test_each_exchange_is_a_debug_line(aep, caplog):
    """With all that a person needs to find a slow or failing request, and no secret."""
    aep.fault("GET", "/flowSpecs", kind="drop_before")
    with caplog.at_level(logging.DEBUG, "airflow_provider_aep.hooks.connection"):
        client = AepHook().get_conn()
        client.sleep = lambda seconds: None
        client.send(flow_service.list_flow_specs("CRMToAEP"))
    lines = [re.sub(r"\d+\.\d\d s", "0.00 s", message) for message in caplog.messages if message.startswith("GET ")]
    path = "GET /data/foundation/flowservice/flowSpecs"
    assert f"{path} was not answered in 0.00 s (attempt 1)" in lines
    assert f"{path} was answered 200 in 0.00 s (attempt 2)" in lines

"""airflow-aep doctor finds each planted fault by its name, and says what mends it."""

import json
import socket

import pytest
from direct import ims_tokens
from raw_server import platform, response

from airflow_provider_aep.cli.main import main
from airflow_provider_aep.client.environment import fields_from_text
from airflow_provider_aep.probe.doctor import OLDEST_AIRFLOW, examine


@pytest.fixture
def diagnose(aep, monkeypatch, capsys):
    """Runs the verb on the emulator's connection with changes. Returns the exit code and the faults by name."""

    def diagnose(**changes):
        connection = json.loads(aep.connection_json())
        for key, value in changes.items():
            (connection if key in ("host", "login", "password") else connection["extra"])[key] = value
        monkeypatch.setenv("AIRFLOW_CONN_AEP_DEFAULT", json.dumps(connection))
        code = main(["doctor", "--json"])
        findings = json.loads(capsys.readouterr().out)["findings"]
        return code, {finding["fault"]: finding["text"] for finding in findings if finding["fault"]}

    return diagnose


FIELDS = {
    "a missing sandbox": ({"sandbox": ""}, "connection-fields", "extra.sandbox is missing"),
    "an organisation of another shape": ({"ims_org_id": "Example"}, "connection-fields", "...@AdobeOrg"),
    "http without allow_http": ({"host": "http://aep.example"}, "connection-fields", "allow_http"),
    "a misspelt key": ({"sandbx": "dev"}, "unknown-field", "did you mean 'sandbox'?"),
    "a wrong client id": ({"login": "wrong"}, "client-id", "client_id"),
    "a wrong secret": ({"password": "wrong"}, "client-secret", "client_secret"),
    "a wrong scope": ({"scopes": "openid,nonsense"}, "scopes", "nonsense"),
    "IMS that is not there": ({"ims_url": "http://127.0.0.1:9"}, "ims-unreachable", "got no answer"),
    "a host that is not there": ({"host": "http://127.0.0.1:9"}, "platform-unreachable", "got no answer"),
    "another organisation": ({"ims_org_id": "AAAA@AdobeOrg"}, "organisation", "403025"),
    "a sandbox that is not there": ({"sandbox": "nowhere"}, "sandbox-unknown", "Active sandboxes: prod, dev."),
    "a sandbox under reset": ({"sandbox": "resetting"}, "sandbox-not-active", "is resetting"),
    "a token that is none": ({"access_token": "outdated"}, "token-refused", "401013"),
    "a token that has ended": ({"access_token": "outdated"}, "token-refused", "set a new access_token"),
    "a proxy whose port is none": (
        {"proxies": {"http": "http://proxy:a"}},
        "connection-fields",
        "extra.proxies['http']",
    ),
    "a proxy that is no text": ({"proxies": {"https": 8080}}, "connection-fields", "such as http://proxy:3128"),
    "a bundle that is not there": (
        {"ims_url": "https://127.0.0.1:9", "verify": "/nowhere.pem"},
        "connection-fields",
        "check `verify`",
    ),
    "nobody at the port": ({"host": "http://127.0.0.1:9"}, "platform-unreachable", "check host and port"),
}


@pytest.mark.parametrize("fault", FIELDS)
def test_a_wrong_field_is_found_by_name(aep, diagnose, fault):
    changes, name, said = FIELDS[fault]
    code, found = diagnose(**changes)
    assert code == 2
    assert list(found) == [name]
    assert said in found[name]
    assert aep.client_secret not in found[name]


def test_the_key_of_another_credential_is_found(aep, diagnose):
    code, found = diagnose(login="another-id", access_token=ims_tokens(aep).current())
    assert (code, list(found)) == (2, ["api-key"])


FORBIDDEN = {"type": "https://ns.adobe.com/aep/errors/FLOW-2120-403", "title": "Forbidden"}


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("*/flowSpecs", "flow-service"),
        ("*/dataSets", "catalog"),
        ("*/tenant/schemas", "schema-registry"),
        ("*/mappingSets", "data-prep"),
        ("*/sandbox-management*", "sandbox-management"),
    ],
)
def test_a_permission_that_is_missing_is_found_and_the_others_are_looked_at(aep, diagnose, path, service):
    aep.fault("GET", path, kind="status", status=403, body=FORBIDDEN, times=None)
    code, found = diagnose()
    assert (code, list(found)) == (2, [f"no-permission-{service}"])
    assert "role" in found[f"no-permission-{service}"]


@pytest.mark.aep(speed=0)
def test_a_clock_that_is_minutes_off_is_found(aep, diagnose):
    aep.advance(240)
    code, found = diagnose()
    assert (code, list(found)) == (2, ["clock"])
    assert "behind the platform's: let it be set by NTP" in found["clock"]


def test_a_proxy_that_refuses_is_found(diagnose):
    with platform(response(407, b"")) as server:
        host = {"host": "https://platform.invalid", "ims_url": "https://ims.invalid"}
        code, found = diagnose(**host, proxies={"https": server.url})
    assert (code, list(found)) == (2, ["proxy-refuses"])


def test_a_proxy_on_the_way_to_plain_http_is_found(diagnose):
    with platform(response(407, b"")) as server:
        host = {"host": "http://platform.invalid", "ims_url": "http://ims.invalid", "allow_http": True}
        code, found = diagnose(**host, proxies={"http": server.url})
    assert (code, list(found)) == (2, ["proxy-refuses"])


def test_a_server_without_tls_is_found(aep, diagnose):
    code, found = diagnose(ims_url=aep.url.replace("http:", "https:"))
    assert (code, list(found)) == (2, ["tls"])


@pytest.mark.parametrize(("path", "name"), [("/ims/token/v3", "ims-unwell"), ("*/flowSpecs", "platform-unwell")])
def test_a_page_in_place_of_an_answer_is_found(aep, diagnose, path, name):
    aep.fault("*", path, kind="html", times=None)
    assert list(diagnose()[1]) == [name]


@pytest.mark.parametrize(("field", "step"), [("host", "Platform"), ("ims_url", "IMS")])
def test_a_host_without_an_address_is_found(aep, diagnose, mocker, field, step):
    lookup = socket.getaddrinfo

    def resolve(host, *more):
        if host == "typo.invalid":
            raise socket.gaierror("Name or service not known")
        return lookup(host, *more)

    mocker.patch("socket.getaddrinfo", resolve)
    _, found = diagnose(**{field: "https://typo.invalid"})
    assert list(found) == ["dns"]
    assert "there is no host of this name: check its spelling, and DNS" in found["dns"]


ELSEWHERE = {
    "a page": response(200, "<html>Welcome</html>", Content_Type="text/html"),
    "a page that says no": response(404, "<html>Not here</html>", Content_Type="text/html"),
    "nothing": response(404, ""),
    "JSON of another service": response(404, '{"message": "no Route matched"}'),
    "Adobe's JSON, elsewhere": response(404, '{"error_code": "404000", "message": "Resource not found"}'),
    "a login": response(302, "", Location="https://login.example"),
    "JSON of another shape": response(200, '{"hello": "world"}'),
}


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_a_host_that_is_another_is_found(aep, diagnose, elsewhere):
    with platform(ELSEWHERE[elsewhere]) as server:
        code, found = diagnose(host=server.url)
    assert (code, list(found)) == (2, ["not-the-platform"])
    assert "check the connection's host" in found["not-the-platform"]


@pytest.mark.parametrize("elsewhere", ["nothing", "a login"])
def test_an_ims_that_is_another_is_found(aep, diagnose, elsewhere):
    with platform(ELSEWHERE[elsewhere]) as server:
        code, found = diagnose(ims_url=server.url)
    assert (code, list(found)) == (2, ["not-ims"])
    assert "check ims_url" in found["not-ims"]
    assert "password" not in found["not-ims"]


@pytest.mark.parametrize(
    ("path", "status", "name", "said"),
    [
        ("/ims/token/v3", 429, "rate-limited", "run doctor again in a minute"),
        ("*/sandbox-management*", 429, "rate-limited", "run doctor again in a minute"),
        ("*/flowSpecs", 429, "rate-limited", "run doctor again in a minute"),
        ("/ims/token/v3", 503, "ims-unwell", "status.adobe.com"),
        ("*/flowSpecs", 503, "platform-unwell", "status.adobe.com"),
    ],
)
def test_what_passes_is_told_from_what_is_to_be_mended(aep, diagnose, path, status, name, said):
    body = {"error": "busy"} if "ims" in path else {"error_code": "429050", "message": "Too many requests"}
    aep.fault("*", path, kind="status", status=status, body=body, retry_after=30, times=None)
    code, found = diagnose()
    assert (code, list(found)) == (2, [name])
    assert said in found[name]


def test_a_service_that_the_organisation_does_not_have_is_found(aep, diagnose):
    body = {"error_code": "404000", "message": "Resource not found"}
    aep.fault("GET", "*/mappingSets", kind="status", status=404, body=body, times=None)
    code, found = diagnose()
    assert (code, list(found)) == (2, ["no-service-data-prep"])
    assert "label" not in found["no-service-data-prep"]


def test_services_are_looked_at_though_sandboxes_may_not_be_listed(aep, diagnose):
    aep.fault("GET", "*/sandbox-management*", kind="status", status=403, body=FORBIDDEN, times=None)
    aep.fault("GET", "*/dataSets", kind="status", status=403, body=FORBIDDEN, times=None)
    assert list(diagnose()[1]) == ["no-permission-sandbox-management", "no-permission-catalog"]
    assert list(diagnose(sandbox="nowhere")[1])[1] == "sandbox-unknown"


def test_a_proxy_of_the_environment_that_is_none_is_found(aep, diagnose, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy:a")
    monkeypatch.delenv("no_proxy", raising=False)
    _, found = diagnose(host="https://platform.invalid")
    assert next(iter(found)) == "proxy-url"
    assert "HTTPS_PROXY" in found["proxy-url"]


def test_with_a_token_of_its_own_ims_is_not_said_to_have_given_one(aep):
    connection = json.loads(aep.connection_json())
    connection["extra"]["access_token"] = ims_tokens(aep).current()
    found = {one.step: one.text for one in examine(fields_from_text(json.dumps(connection)))}
    assert found["IMS"] == "not asked: the connection has an access_token"


def test_ims_that_refuses_in_other_words(aep, diagnose):
    aep.fault("POST", "/ims/token/v3", kind="status", status=400, body={"error": "access_denied"}, times=None)
    assert list(diagnose()[1]) == ["ims-refuses"]


def test_without_a_connection_it_says_so(aep, monkeypatch, capsys):
    monkeypatch.delenv("AIRFLOW_CONN_AEP_DEFAULT")
    assert main(["doctor"]) == 2
    assert "no-connection  The environment holds no credentials" in capsys.readouterr().out


@pytest.mark.parametrize("installed", ["2.11.0", "3.0.6", "nonsense"])
def test_an_airflow_that_is_too_old_is_found(aep, installed):
    fields = fields_from_text(aep.connection_json())
    found = [one for one in examine(fields, version_of=lambda distribution: installed) if one.fault]
    assert [one.fault for one in found] == ["airflow-too-old"]
    assert installed in found[0].text


@pytest.mark.parametrize(("installed", "said"), [("3.1.0", "Airflow 3.1.0"), (None, "no Airflow here")])
def test_what_is_installed_is_said(aep, installed, said):
    first = next(examine(fields_from_text(aep.connection_json()), version_of=lambda distribution: installed))
    assert not first.fault
    assert said in first.text


def test_the_oldest_airflow_is_the_one_that_the_package_asks_for():
    from importlib.metadata import requires

    oldest = ".".join(str(part) for part in OLDEST_AIRFLOW)
    assert f"apache-airflow>={oldest}" in requires("airflow-provider-aep")


@pytest.mark.parametrize(
    ("environment", "extra", "said"),
    [
        ({}, {}, "none"),
        ({"https_proxy": "http://user:secret@proxy.example:3128"}, {}, "proxy.example:3128, from the environment"),
        ({"https_proxy": "http://proxy.example", "no_proxy": "platform.invalid"}, {}, "none"),
        ({}, {"proxies": {"https": "proxy.example:8080"}}, "proxy.example:8080, from the connection's extra.proxies"),
        ({}, {"proxies": {"https://platform.invalid": "http://one.example"}}, "one.example, from the connection's"),
    ],
)
def test_the_proxy_on_the_way_is_named_without_its_password(aep, monkeypatch, environment, extra, said):
    for name in ("https_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    connection = json.loads(aep.connection_json())
    connection |= {"host": "https://platform.invalid", "extra": connection["extra"] | extra}
    steps = examine(fields_from_text(json.dumps(connection)))
    found = next(finding for finding in steps if finding.step == "Proxy")
    assert found.text.startswith(said)
    assert "secret" not in found.text


def test_a_healthy_installation_is_a_table_without_faults(aep, capsys):
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["step", "found"]
    assert {line.split("  ")[0] for line in lines[1:]} >= {"Versions", "IMS", "Organisation", "Sandbox", "Clock"}
    assert not any(aep.state().values()), "it made nothing"

"""settings.py: from fields to a client, without Airflow. tests/hooks has the same of an Airflow connection."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.client.auth import GivenToken
from airflow_provider_aep.client.fields import EXTRAS, ConnectionFields
from airflow_provider_aep.client.settings import read_settings
from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.get_provider_info import CONN_FIELDS
from airflow_provider_aep.validation import in_one_line

ORG = "9C991D2E622D76190A495E39@AdobeOrg"
EXTRA = {"ims_org_id": ORG, "sandbox": "dev"}
JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=8), st.lists, max_leaves=4)


def fields(**changes):
    return ConnectionFields(**{"login": "id", "password": "canary-secret", "extra": EXTRA} | changes)


def test_fields_become_a_client(aep):
    settings = read_settings(
        ConnectionFields(
            login=aep.client_id,
            password=aep.client_secret,
            host=aep.url,
            extra={"ims_org_id": aep.org_id, "sandbox": "dev", "ims_url": aep.url},
        )
    )
    client = settings.client(patience=0)
    assert (client.host, client.org_id, client.sandbox, client.patience) == (aep.url, aep.org_id, "dev", 0)
    assert client.send(flow_service.get_flow_spec(FLOW_SPEC_IDS["CRMToAEP"])).id == FLOW_SPEC_IDS["CRMToAEP"]


def test_what_is_not_said_has_the_documented_default():
    settings = read_settings(fields())
    assert (settings.host, settings.ims_url) == ("https://platform.adobe.io", "https://ims-na1.adobelogin.com")
    assert (settings.timeout, settings.proxies, settings.verify) == ((10, 60), None, True)
    assert len(settings.scopes) == 5


def test_the_sandbox_may_be_given_beside_the_connection():
    assert read_settings(fields(), sandbox="prod").sandbox == "prod"
    assert read_settings(fields(extra={"ims_org_id": ORG}), sandbox="prod").sandbox == "prod"


def test_a_token_that_was_issued_elsewhere_is_used_as_it_is():
    settings = read_settings(fields(password=None, extra={**EXTRA, "access_token": " Bearer eyJ.a.b\n"}))
    assert settings.access_token == "eyJ.a.b"
    tokens = settings.client()._tokens
    assert isinstance(tokens, GivenToken)
    assert tokens.current() == "eyJ.a.b"


def test_a_token_is_shared_by_clients_of_one_credential():
    settings = read_settings(fields())
    first, second, other = settings.client(), settings.client(), settings.client(shared=False)
    assert first._tokens is second._tokens
    assert other._tokens is not first._tokens


def test_everything_that_is_wrong_is_named_at_once():
    with pytest.raises(AepConfigError, match=r"^The file 'aep\.json' cannot be used:\n") as raised:
        read_settings(ConnectionFields(host="http://x.example", extra={"timeout": 0}, source="file 'aep.json'"))
    for field in ("extra.ims_org_id", "extra.sandbox", "login", "password", "host is http://", "extra.timeout is 0"):
        assert field in str(raised.value)


@pytest.mark.parametrize("url", [8080, None, "http://u:canary@proxy:port", "proxy:0", "http://[::1"])
def test_what_is_no_url_of_a_proxy_is_named_without_its_value(url):
    with pytest.raises(AepConfigError, match=r"extra\.proxies\['https'\] is no URL of a proxy") as raised:
        read_settings(fields(extra={**EXTRA, "proxies": {"https": url}}))
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("url", ["proxy:3128", "proxy", "http://u:p@proxy.example:3128", "socks5h://proxy"])
def test_a_proxy_may_be_written_in_any_way(url):
    assert read_settings(fields(extra={**EXTRA, "proxies": {"https": url}})).proxies == {"https": url}


def test_a_field_is_named_as_its_author_knows_it():
    with pytest.raises(AepConfigError, match=r"AEP_SANDBOX is missing") as raised:
        read_settings(fields(extra={"ims_org_id": ORG}, names={"sandbox": "AEP_SANDBOX"}))
    assert "extra.sandbox" not in str(raised.value)


def test_secrets_are_in_no_repr():
    given = fields(extra={**EXTRA, "access_token": "canary-token", "proxies": {"https": "http://u:canary-proxy@p"}})
    assert given.secrets() == ["canary-secret", "canary-token"]
    assert "canary" not in repr(given) + repr(read_settings(given)) + repr(read_settings(given).client())


@given(st.dictionaries(st.sampled_from(EXTRAS), JSON), st.none() | st.text(max_size=8), st.none() | st.text(max_size=8))
def test_whatever_the_fields_hold_there_is_a_client_or_a_sentence(extra, login, host):
    try:
        read_settings(ConnectionFields(login=login, password="canary-secret", host=host, extra=extra)).client()
    except AepConfigError as problem:
        message = str(problem)
        assert in_one_line(message).startswith("The connection cannot be used: ")
        assert "canary" not in message


def test_the_form_and_the_settings_know_the_same_extras():
    assert set(EXTRAS) == set(CONN_FIELDS)


def test_no_airflow_is_needed():
    program = (
        "import sys, airflow_provider_aep.client.environment as environment, airflow_provider_aep.client.settings as s;"
        "s.read_settings(environment.fields_from_environment()).client();"
        "print([name for name in sys.modules if name.partition('.')[0] == 'airflow'])"
    )
    variables = {"AEP_CLIENT_ID": "id", "AEP_CLIENT_SECRET": "secret", "AEP_ORG_ID": ORG, "AEP_SANDBOX": "dev"}
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout.strip() == "[]"


# Line breaks behind secrets


def test_what_stands_around_a_credential_is_not_part_of_it():
    """A secret of Kubernetes or a vault often ends with a line break."""
    written = fields(login="id\n", password="canary-secret\r\n", extra={**EXTRA, "ims_org_id": f"{ORG}\n"})
    settings = read_settings(written)
    assert (settings.client_id, settings.client_secret, settings.org_id) == ("id", "canary-secret", ORG)
    assert written.secrets() == ["canary-secret"], "this is what logs mask"


def test_a_credential_with_a_line_break_works(aep):
    written = ConnectionFields(
        login=f"{aep.client_id}\n",
        password=f"{aep.client_secret}\n",
        host=f"{aep.url}\n",
        extra={"ims_org_id": f"{aep.org_id}\n", "sandbox": "dev\n", "ims_url": aep.url},
    )
    assert read_settings(written).client(shared=False).send(flow_service.get_flow_spec(FLOW_SPEC_IDS["CRMToAEP"]))


@pytest.mark.parametrize("blank", ["\n", " "])
def test_a_credential_of_blanks_is_missing(blank):
    with pytest.raises(AepConfigError, match=r"login is missing.*\n  password is missing"):
        read_settings(fields(login=blank, password=blank))


# Plain HTTP


@pytest.mark.parametrize("allowed", [True, "true", "True"])
def test_plain_http_is_allowed_on_request_and_warned_of_at_every_use(caplog, allowed):
    extra = {**EXTRA, "ims_url": "http://emulator:8099", "allow_http": allowed}
    for _ in range(2):
        client = read_settings(fields(host="http://emulator:8099", extra=extra)).client()
    assert (client.host, client._tokens._url) == ("http://emulator:8099", "http://emulator:8099/ims/token/v3")
    warnings = [record.getMessage() for record in caplog.records if "unencrypted" in record.getMessage()]
    assert len(warnings) == 4
    assert warnings[0].startswith("host of the connection is http://emulator:8099: allow_http lets secrets")
    assert warnings[1].startswith("extra.ims_url of the connection is")


@pytest.mark.parametrize("allowed", [None, False, "false", ""])
def test_plain_http_is_refused_where_it_is_not_allowed(allowed):
    with pytest.raises(AepConfigError, match=r"host is http:// to 'emulator'.*with allow_http in the extra"):
        read_settings(fields(host="http://emulator:8099", extra={**EXTRA, "allow_http": allowed}))


def test_whether_plain_http_is_allowed_is_yes_or_no():
    with pytest.raises(AepConfigError, match=r"extra\.allow_http is 'perhaps'; it is true or false"):
        read_settings(fields(extra={**EXTRA, "allow_http": "perhaps"}))


def test_loopback_and_https_are_not_warned_of(caplog):
    read_settings(fields(host="http://127.0.0.1:8099", extra={**EXTRA, "allow_http": True}))
    assert not caplog.records

"""Base connections: parameters are compared and merged by key, and a secret that is hidden is never lost."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.models.base_connection import Auth, BaseConnection
from airflow_provider_aep.reconcile.decide import decide
from airflow_provider_aep.resources.base_connection import BASE_CONNECTION

PLAIN = {"environmentUrl": "https://crm.example", "apiVersion": "60"}
SECRETS = {"username": "u", "password": "pass-2"}
# As the platform shows it.
SHOWN = {"username": "u", "password": "****"}


def declare(auth_params=None, credentials=None, **changes):
    arguments = {"name": "CRM", "connector": "salesforce", "auth_spec_name": "Basic Authentication"}
    return BaseConnection.declare(auth_params=auth_params, credentials=credentials, **arguments | changes)


def live(params, **changes):
    found = declare(params).model_copy(deep=True, update={"id": "9a603322-19d2-4de9-89c6-c98bd54eb184", "etag": '"1"'})
    return found.model_copy(update=changes)


def update(declared, found):
    (operation,) = BASE_CONNECTION.update(declared, found, BASE_CONNECTION.diff(declared, found)).body
    return operation


def action(declared, found):
    return decide(BASE_CONNECTION, declared, [found], if_exists="update", now=0).action


# B7: when an update writes


@pytest.mark.parametrize(
    ("declared", "done"),
    [
        (declare(PLAIN), "reuse"),
        (declare({}), "reuse"),
        (declare({**PLAIN, "apiVersion": "61"}), "update"),
        (declare(PLAIN, SECRETS), "update"),
        (declare({**PLAIN, "password": "in the DAG file"}), "update"),
    ],
    ids=["all that is declared is shown", "nothing is declared", "changed", "credentials", "a secret among the rest"],
)
def test_b7_an_update_writes_only_what_differs_or_is_hidden(declared, done):
    found = live({**PLAIN, **SHOWN})
    assert action(declared, found) == done


def test_b7_secrets_that_are_known_to_be_there_are_not_sent_again():
    declared, found = declare(PLAIN, SECRETS), live({**PLAIN, **SHOWN})
    declared.sent_at = frozenset({'"0"', '"1"'})
    assert action(declared, found) == "reuse"
    # Somebody wrote it since.
    assert action(declared, found.model_copy(update={"etag": '"2"'})) == "update"


# B6: what is live beside what was declared

NAMES = st.text("abc", min_size=1, max_size=2)
SHOWN_VALUES = st.text("xyz", min_size=1) | st.integers() | st.booleans()
PARAMS = st.recursive(
    st.dictionaries(NAMES, SHOWN_VALUES, max_size=3),
    # An empty object says nothing of what is in it.
    lambda inner: st.dictionaries(NAMES, SHOWN_VALUES | inner.filter(bool), max_size=3),
    max_leaves=8,
)


def leaves(value, path=()):
    """Place -> value."""
    if isinstance(value, dict):
        return {place: leaf for key, inner in value.items() for place, leaf in leaves(inner, (*path, key)).items()}
    return {path: value}


@given(PARAMS, PARAMS)
def test_b6_what_is_live_and_not_declared_goes_along(before, declared_params):
    assume(declared_params)
    declared = declare(credentials=declared_params)
    sent = leaves(update(declared, live(before))["value"])
    wanted = leaves(declared_params)
    assert sent.items() >= wanted.items()
    for path, value in leaves(before).items():
        overlaps = any(path[: len(other)] == other[: len(path)] for other in wanted)
        assert overlaps or sent[path] == value


@pytest.mark.parametrize(
    ("before", "hidden"),
    [
        ({**SHOWN, "securityToken": "****"}, "securityToken"),
        ({**SHOWN, "securityToken": "{SECURITY_TOKEN}"}, "securityToken"),
        ({**SHOWN, "key": {"id": "1", "private": "****"}}, "key"),
        ({**SHOWN, "keys": ["****"]}, "keys"),
    ],
)
def test_b6_a_hidden_secret_that_was_not_declared_is_never_removed(before, hidden):
    """Adobe documents replacing the parameters as a whole, and what is hidden cannot go along."""
    found = live({})
    found.auth = Auth(spec_name="Basic Authentication", params=before)
    with pytest.raises(AepConfigError) as refused:
        update(declare(credentials=SECRETS), found)
    assert str(refused.value) == (
        f"The update of base connection 'CRM' cannot be sent: auth parameter {hidden} is live, the platform hides its "
        "value, and it is not declared, so the update would remove it: declare it as well."
    )
    given = {"key": {"private": "new"}, "securityToken": "new", "keys": ["new"]}[hidden]
    sent = update(declare(credentials={**SECRETS, hidden: given}), found)["value"]
    assert "****" not in str(sent)
    assert "{SECURITY" not in str(sent)


def test_a_changed_description_sends_no_secrets_that_are_known():
    declared = declare(PLAIN, description="of the sales team")
    assert update(declared, live(PLAIN)) == {"op": "add", "path": "/description", "value": "of the sales team"}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("enabled", []),
        (None, []),
        ("disabled", ["is disabled: what reads through it fails until somebody enables it."]),
        ("draft", ["is a draft: nothing reads through it until AepSetFlowStateOperator publishes a dataflow on it."]),
    ],
)
def test_a_connection_that_is_reused_says_if_nothing_is_read_through_it(state, said):
    warnings = decide(BASE_CONNECTION, declare(), [live({}, state=state)], if_exists="reuse", now=0).warnings
    assert [warning.partition(") ")[2] or warning for warning in warnings] == said

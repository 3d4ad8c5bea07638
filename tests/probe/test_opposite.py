"""On a platform on which nothing is as we assume, everything works, and costs more."""

import json

import pytest
from direct import asked, direct_client
from provisioning import Provisioning

from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.operators.flow_service import AepGetFlowSpecOperator
from airflow_provider_aep.probe.profile import opposite_profile
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.resources.mapping_set import MAPPING_SET


@pytest.fixture
def opposite():
    with AepEmulator(profile=opposite_profile()) as aep:
        yield aep


@pytest.fixture
def client(opposite):
    """Pauses pass on the emulator's clock."""
    return direct_client(opposite, sleep=opposite.advance, list_lag=opposite.switches.list_lag)


def test_a_dataflow_is_built_once_though_lists_and_reads_lag(opposite, client):
    built = Provisioning(client)
    built.ensurer.list_lag = client.list_lag
    first = built.build()
    assert built.build() == first
    assert {outcome.change for outcome in built.outcomes[7:]} <= {"reused", "created"}
    state = opposite.state()
    for collection in ("connections", "sourceConnections", "targetConnections", "dataSets", "schemas", "flows"):
        assert len(state[collection]) == 1


def test_what_cannot_be_filtered_by_name_is_found_among_all(opposite, client):
    first = Provisioning(client).build()
    before = len(asked(opposite, "GET", "/sourceConnections"))
    opposite.advance(1)
    assert Provisioning(client).build().source_connection == first.source_connection
    statuses = [record.status for record in asked(opposite, "GET", "/sourceConnections")[before:]]
    assert 400 in statuses
    assert statuses[-1] == 200


def test_a_mapping_set_is_compared_in_the_version_that_the_list_shows(opposite, client):
    """Lists show no mappings, and a read without a version shows the first one."""
    schema = Provisioning(client).build().schema
    ensurer = Ensurer(client.send, client.sleep, client.now, client.list_lag)

    def ensure(source):
        mappings = [{"source": source, "destination": "personalEmail.address"}]
        declared = MappingSet.declare(name="named", schema_id=schema, mappings=mappings)
        return ensurer.ensure(MAPPING_SET, declared, "update").change

    assert [ensure("email"), ensure("mail"), ensure("mail")] == ["created", "updated", "reused"]


@pytest.mark.parametrize("arguments", [{"name": "CRMToAEP"}, {"connector": "salesforce"}], ids=str)
def test_a_renamed_flow_spec_is_found_by_its_published_id(opposite, monkeypatch, arguments):
    monkeypatch.setenv("AIRFLOW_CONN_AEP_DEFAULT", opposite.connection_json())
    operator = AepGetFlowSpecOperator(task_id="spec", **arguments)
    pushed = {}
    ti = type("TI", (), {"xcom_push": lambda self, key, value: pushed.update({key: value})})()
    assert operator.run({"ti": ti}) == FLOW_SPEC_IDS["CRMToAEP"]
    assert json.loads(json.dumps(pushed))["flow_runs_supported"] is True


def test_a_name_that_is_taken_at_the_last_moment_leads_to_the_one_that_is_there(opposite, client):
    """Another task makes it between the look and the POST, and the platform takes no second one."""
    send, made = client.send, []

    def racing(call, **options):
        if call.method == "POST" and call.path.endswith("/connections") and not made:
            made.append(send(call, **options))
        return send(call, **options)

    client.send = racing
    assert Provisioning(client).build().base_connection == made[0].id
    assert len(opposite.state()["connections"]) == 1

"""Who still uses a connection: asked before it is deleted."""

import pytest
from direct import direct_client
from provisioning import Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.resources.base_connection import BASE_CONNECTION
from airflow_provider_aep.resources.source_connection import SOURCE_CONNECTION
from airflow_provider_aep.resources.target_connection import TARGET_CONNECTION

SIDES = pytest.mark.parametrize(
    ("type_", "step"),
    [(SOURCE_CONNECTION, "source_connection"), (TARGET_CONNECTION, "target_connection")],
    ids=["source", "target"],
)


@SIDES
def test_a_connection_names_the_dataflows_that_use_it(aep, type_, step):
    client = direct_client(aep)
    chain = Provisioning(client).build()
    other = Provisioning(client, name="Other").build()
    assert type_.dependents(client.send, chain.ids[step]) == [chain.flow]
    client.send(flow_service.delete_flow(chain.flow))
    assert type_.dependents(client.send, chain.ids[step]) == []
    assert type_.dependents(client.send, other.ids[step]) == [other.flow]


@SIDES
def test_a_list_that_takes_no_notice_of_its_filter_does_not_mislead(aep, type_, step):
    client = direct_client(aep)
    chain = Provisioning(client).build()
    other = Provisioning(client, name="Other").build()
    everything = client.send(flow_service.list_flows())
    assert type_.dependents(lambda call: everything, chain.ids[step]) == [chain.flow]
    assert type_.dependents(lambda call: everything, other.ids[step]) == [other.flow]


def test_of_an_account_nothing_is_known(aep):
    client = direct_client(aep)
    chain = Provisioning(client).build()
    assert BASE_CONNECTION.dependents(client.send, chain.base_connection) == []

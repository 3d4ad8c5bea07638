"""The dataflow step in a sandbox that others live in: further transformations, destinations, endpoints, namesakes."""

import logging

import pytest
from operators.execution import execute
from provisioning import Provisioning

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.exceptions import AepConfigError, AepConflictError
from airflow_provider_aep.hooks import connection as hook_module
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.operators.flow_service import (
    AepCreateBaseConnectionOperator,
    AepCreateFlowOperator,
    AepCreateSourceConnectionOperator,
    AepUpdateFlowOperator,
)

CRM = "14518937-270c-4525-bdec-c2ba7cce3860"
FILES = "9753525b-82c7-4dce-8a9b-5ccfce2b9876"
COLUMNS = [{"name": "email", "type": "string"}]


@pytest.fixture(autouse=True)
def _no_sleep(aep, mocker):
    """Time passes on the emulator's clock only."""
    make_client = hook_module.make_client

    def without_sleep(*args, **kwargs):
        client = make_client(*args, **kwargs)
        client.sleep = aep.advance
        return client

    mocker.patch.object(hook_module, "make_client", without_sleep)


@pytest.fixture
def client(airflow_db, aep):
    return AepHook().get_conn()


@pytest.fixture
def chain(client):
    return Provisioning(client, name="Stand").build()


def make(operator, **arguments):
    """(id, XComs) of one step."""
    return execute(operator(task_id="step", **arguments))


def flow_arguments(chain, **changes):
    return {
        "name": "Accounts",
        "flow_spec_id": CRM,
        "source_connection_id": chain.source_connection,
        "target_connection_id": chain.target_connection,
        "mapping_set_id": chain.mapping_set,
        "delta_column": {"name": "LastModifiedDate"},
        "schedule_params": {"frequency": "hour", "interval": 1},
        **changes,
    }


# B2


@pytest.fixture
def files(client, chain):
    """Arguments of a dataflow of encrypted files, and the key that the platform made."""
    base, _ = make(AepCreateBaseConnectionOperator, name="S3", connector="amazon-s3", auth_spec_name="Access Key")
    source, _ = make(
        AepCreateSourceConnectionOperator,
        name="Orders",
        connector="amazon-s3",
        base_connection_id=base,
        data_format="delimited",
        source_params={"path": "/exports/orders.csv.gpg"},
    )
    arguments = flow_arguments(chain, flow_spec_id=FILES, source_connection_id=source, delta_column=None)
    body = {"name": "key", "encryptionAlgorithm": "PGP", "params": {"passPhrase": "canary"}}
    key = client.send(Call("POST", "/data/foundation/connectors/encryption/keys", dict, body=body))
    return arguments, key["publicKeyId"]


def test_b2_encrypted_files_are_decrypted_by_a_transformation(aep, files):
    arguments, key = files
    encryption = {"name": "Encryption", "params": {"publicKeyId": key}}
    flow_id, _ = make(AepCreateFlowOperator, **arguments, transformations=[encryption])
    assert aep.state()["flows"][flow_id]["transformations"][-1] == encryption

    # Not declared, it is not compared, and an update leaves it.
    assert make(AepCreateFlowOperator, **arguments)[1]["change"] == "reused"
    make(AepCreateFlowOperator, **arguments, description="of the shop", if_exists="update")
    assert aep.state()["flows"][flow_id]["transformations"][-1] == encryption


def test_b2_a_transformation_is_compared_by_name_and_changed_by_update(aep, files):
    arguments, key = files
    flow_id, _ = make(AepCreateFlowOperator, **arguments)
    encryption = {"name": "Encryption", "params": {"publicKeyId": key}}
    with pytest.raises(AepConflictError, match="/transformations/Encryption: declared"):
        make(AepCreateFlowOperator, **arguments, transformations=[encryption])
    _, pushed = make(AepUpdateFlowOperator, flow_id=flow_id, changes={"transformations": [encryption]})
    assert pushed["change"] == "updated"
    assert make(AepCreateFlowOperator, **arguments, transformations=[encryption])[1]["change"] == "reused"
    assert [part["name"] for part in aep.state()["flows"][flow_id]["transformations"]] == ["Mapping", "Encryption"]


@pytest.mark.assumes("flow-spec-names")
def test_b2_which_ones_there_are_is_the_flow_specs_to_say(aep, chain):
    encryption = {"name": "Encryptoin", "params": {"publicKeyId": "x"}}
    with pytest.raises(AepConfigError) as refused:
        make(AepCreateFlowOperator, **flow_arguments(chain), transformations=[encryption])
    assert str(refused.value) == (
        "The dataflow 'Accounts' cannot be sent: transformations.Encryptoin must be left out: flow spec CRMToAEP has "
        "no transformation Encryptoin; it has Copy, Mapping."
    )
    assert len(aep.state()["flows"]) == 1


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("Encryption", "transformations is 'Encryption'; it is a list of dicts such as"),
        (["Encryption"], r"transformations\[0\] is 'Encryption'; it is a dict such as"),
        ([{"name": "E", "param": {}}], r"transformations\[0\] is \{.*\}; it is a dict such as"),
        ([{"name": "E", "params": None}], r"transformations\[0\] is"),
        ([{"params": {}}], r"transformations\[0\].name must be a non-empty string"),
        ([{"name": "Copy", "params": {}}], r"transformations\[0\].name is 'Copy', which delta_column declares"),
        ([{"name": "Mapping", "params": {}}], r"transformations\[0\].name is 'Mapping', which mapping_set_id declares"),
        ([{"name": "E"}, {"name": "E"}], r"transformations\[1\].name is 'E', as of one before it"),
    ],
)
def test_b2_what_is_no_transformation_is_named(chain, given, problem):
    with pytest.raises(AepConfigError, match=problem):
        make(AepCreateFlowOperator, **flow_arguments(chain), transformations=given)


# B4


def as_destination(aep, flow_id):
    flow = aep._platform.sandboxes["dev"]["flows"][flow_id]
    flow["inheritedAttributes"]["properties"] = {"isDestinationFlow": True}


@pytest.mark.parametrize("if_exists", ["reuse", "update", "fail"])
@pytest.mark.assumes("names-repeat")
def test_b4_a_dataflow_to_a_destination_is_not_taken_for_the_dataflow(aep, chain, if_exists, caplog):
    foreign, _ = make(AepCreateFlowOperator, **flow_arguments(chain, description="of others"))
    as_destination(aep, foreign)
    before = aep.state()["flows"][foreign]

    flow_id, pushed = make(AepCreateFlowOperator, **flow_arguments(chain), if_exists=if_exists)

    assert flow_id != foreign
    assert pushed["change"] == "created"
    assert f"Dataflow 'Accounts' ({foreign}) is a dataflow to a destination" in caplog.text
    assert make(AepCreateFlowOperator, **flow_arguments(chain))[0] == flow_id
    assert aep.state()["flows"][foreign] == before


# B5


def test_b5_the_endpoint_of_a_streaming_account_is_an_xcom(aep, client):
    arguments = {"name": "Web", "connector": "http-api", "auth_spec_name": "Streaming Connection"}
    base, made = make(AepCreateBaseConnectionOperator, **arguments, auth_params={"dataType": "raw"})
    url = aep.state()["connections"][base]["auth"]["params"]["inletUrl"]
    assert made["inlet_url"] == url
    aep.advance(60)
    reads = len(aep.requests)
    _, found = make(AepCreateBaseConnectionOperator, **arguments, auth_params={"dataType": "raw"})
    assert (found["change"], found["inlet_url"]) == ("reused", url)
    if not aep.switches.brief_flow_service_lists:
        assert len({record.path for record in aep.requests[reads:]}) == 1, "the list shows it"
    _, pushed = make(
        AepCreateBaseConnectionOperator, name="CRM", connector="salesforce", auth_spec_name="Basic Authentication"
    )
    assert "inlet_url" not in pushed


def test_b5_the_endpoint_of_a_streaming_dataflow_is_an_xcom(aep, chain):
    """As of a self-serve streaming source: the platform gives the dataflow an endpoint of its own."""
    stream = "d69717ba-71b4-4313-b654-49f9cf126d7a"
    base, _ = make(
        AepCreateBaseConnectionOperator,
        name="Kinesis",
        connector="amazon-kinesis",
        auth_spec_name="Aws Kinesis authentication credentials",
        auth_params={"region": "us-east-1"},
    )
    source, _ = make(
        AepCreateSourceConnectionOperator,
        name="Events",
        connector="amazon-kinesis",
        base_connection_id=base,
        source_params={"stream": "web-events", "dataType": "raw", "reset": "latest"},
    )
    arguments = flow_arguments(
        chain, flow_spec_id=stream, source_connection_id=source, delta_column=None, schedule_params=None
    )
    flow_id, made = make(AepCreateFlowOperator, **arguments)
    assert "inlet_url" not in made
    url = "https://dcs.adobedc.net/collection/1"
    aep._platform.sandboxes["dev"]["flows"][flow_id]["options"] = {"inletUrl": url}
    _, found = make(AepCreateFlowOperator, **arguments)
    assert (found["change"], found["inlet_url"]) == ("reused", url)
    _, updated = make(AepCreateFlowOperator, **arguments, description="of the shop", if_exists="update")
    assert (updated["change"], updated["inlet_url"]) == ("updated", url)


def test_b5_a_dataflow_has_a_description(aep, chain):
    flow_id, _ = make(AepCreateFlowOperator, **flow_arguments(chain), description="of the shop")
    assert aep.state()["flows"][flow_id]["description"] == "of the shop"


# B7


@pytest.mark.assumes("names-repeat")
def test_b7_a_second_connection_made_on_purpose_is_no_obstacle(aep, client, caplog):
    """As when the source connection of a dataflow is replaced by one of the same name."""
    caplog.set_level(logging.WARNING)
    base, _ = make(
        AepCreateBaseConnectionOperator, name="CRM", connector="salesforce", auth_spec_name="Basic Authentication"
    )
    arguments = {"name": "Accounts", "connector": "salesforce", "base_connection_id": base}
    before, after = ({"tableName": table, "columns": COLUMNS} for table in ("Accounts", "Contacts"))
    old, _ = make(AepCreateSourceConnectionOperator, **arguments, source_params=before)
    new, _ = make(AepCreateSourceConnectionOperator, **arguments, source_params=after, if_exists="create")

    # The older one is right at once; the younger one after the minutes in which its task could remove it again.
    assert make(AepCreateSourceConnectionOperator, **arguments, source_params=before)[0] == old
    aep.advance(3600)
    for if_exists in ("reuse", "update"):
        found, pushed = make(AepCreateSourceConnectionOperator, **arguments, source_params=after, if_exists=if_exists)
        assert (found, pushed["change"]) == (new, "reused")
    assert f"({new}) is the one of 2 with this name that is as declared, so it is used; the others are {old}" in (
        caplog.text
    )
    assert len(aep.state()["sourceConnections"]) == 2


@pytest.mark.assumes("names-repeat")
def test_b7_a_second_dataflow_made_on_purpose_is_no_obstacle(aep, chain):
    daily = flow_arguments(chain, schedule_params={"frequency": "day", "interval": 1})
    old, _ = make(AepCreateFlowOperator, **flow_arguments(chain))
    new, _ = make(AepCreateFlowOperator, **daily, if_exists="create")
    aep.advance(3600)
    assert make(AepCreateFlowOperator, **flow_arguments(chain))[0] == old
    assert make(AepCreateFlowOperator, **daily)[0] == new
    assert len(aep.state()["flows"]) == 3


def test_b7_a_changed_backfill_is_refused_before_it_is_sent(aep, chain):
    schedule = {"frequency": "hour", "interval": 1, "backfill": True}
    make(AepCreateFlowOperator, **flow_arguments(chain, schedule_params={**schedule, "backfill": False}))
    aep.advance(3600)
    later = flow_arguments(chain, schedule_params=schedule)
    with pytest.raises(AepConflictError, match=r"cannot be changed in place: /scheduleParams/backfill.*start time has"):
        make(AepCreateFlowOperator, **later, if_exists="update")
    with pytest.raises(AepConflictError) as refused:
        make(AepCreateFlowOperator, **later)
    assert 'if_exists="update"' not in str(refused.value), "E7: it would not help"
    assert [record for record in aep.requests if record.method == "PATCH"] == []

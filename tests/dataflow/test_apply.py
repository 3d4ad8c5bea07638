"""An apply makes the platform equal to the files, and a second one has nothing to do."""

import pytest

from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.exceptions import AepConfigError, AepConflictError

from .applied import apply_to, client_of, named, plan_of, writes
from .world import CRM, KINESIS, SECRETS, spec_of

BOTH = [spec_of(CRM), spec_of(KINESIS)]


def crm(number, **changes):
    """One of several dataflows that share an account and a schema."""
    return spec_of(
        CRM,
        name=f"Accounts {number}",
        **{
            "source": {"name": f"Source {number}"},
            "dataset": {"name": f"Dataset {number}"},
            "target": {"name": f"Target {number}"},
            **changes,
        },
    )


def auth_params_sent(aep):
    """What was sent as the auth parameters of accounts, in a create or an update."""
    for record in aep.requests:
        if record.path.endswith("/connections") and record.method == "POST":
            yield record.body["auth"]["params"]
        if record.method == "PATCH":
            yield from (each["value"] for each in record.body if each["path"] == "/auth/params")


def test_two_dataflows_are_made_and_then_nothing_is_to_be_done(aep):
    report = apply_to(aep, *BOTH)
    assert report.ok, report
    assert report.counts() == {"created": 14}
    assert plan_of(aep, *BOTH).is_empty

    before = len(aep.requests)
    again = apply_to(aep, *BOTH)

    assert again.counts() == {"reused": 14}
    assert again.ids == report.ids
    assert writes(aep, before) == []


def test_a_webhook_needs_no_account_and_its_flow_spec_is_found(aep):
    webhook = spec_of(KINESIS, name="Pendo", connector="pendo", base_connection=None, source={"params": None})
    report = apply_to(aep, webhook)
    assert report.ok, report
    assert plan_of(aep, webhook).is_empty
    (flow,) = aep.state()["flows"].values()
    assert flow["flowSpec"]["id"] == "e77fde5a-22a8-11ed-861d-0242ac120002"


def test_the_secrets_are_sent_once_and_stand_nowhere_else(aep):
    report = apply_to(aep, *BOTH)
    assert [sent for sent in auth_params_sent(aep) if "password" in sent] == [SECRETS]
    assert "canary" not in f"{report} {report.to_json()} {report!r}"


def test_what_several_share_is_made_once(aep):
    specs = [crm(number) for number in range(4)]
    report = apply_to(aep, *specs, concurrency=8)
    assert report.ok, report
    assert {step: len(named(aep, step)) for step in ("base_connection", "schema", "mapping_set", "flow")} == {
        "base_connection": 1,
        "schema": 1,
        "mapping_set": 1,
        "flow": 4,
    }
    assert report.counts() == {"created": 3 + 4 * 4, "reused": 3 * 3}
    assert plan_of(aep, *specs).is_empty


def test_columns_that_are_not_declared_are_asked_of_the_source(aep):
    apply_to(aep, spec_of(CRM))
    (source,) = aep.state()["sourceConnections"].values()
    assert {column["name"] for column in source["params"]["columns"]} > {"first_name"}


def test_a_changed_mapping_is_a_new_set_and_nothing_is_put(aep):
    apply_to(aep, spec_of(CRM))
    before = len(aep.requests)
    changed = spec_of(CRM, mappings={"person.name.lastName": "last_name"}, schedule={"interval": 2})
    report = apply_to(aep, changed)
    assert report.counts() == {"created": 1, "updated": 1, "reused": 5}
    assert [method for method, _ in writes(aep, before)] == ["POST", "PATCH"]
    assert plan_of(aep, changed).is_empty
    # Back again: the set of before is found by its content.
    before = len(aep.requests)
    assert apply_to(aep, spec_of(CRM)).counts() == {"updated": 1, "reused": 6}
    assert [method for method, _ in writes(aep, before)] == ["PATCH"]


def test_a_mapping_that_somebody_edited_is_pointed_back(aep):
    """Section 12.12: the set was PUT to version 1 in the UI, and the dataflow moved to it."""
    ids = apply_to(aep, spec_of(CRM)).ids["CRM accounts"]
    client = client_of(aep)
    edited = {**aep.state()["mappingSets"][ids["mapping_set"]]}
    edited["mappings"][0] |= {"source": "phone", "sourceAttribute": "phone"}

    client.send(any_call("PUT", f"/data/foundation/conversion/mappingSets/{ids['mapping_set']}", body=edited))
    flow = aep.state()["flows"][ids["flow"]]
    place = [part["name"] for part in flow["transformations"]].index("Mapping")
    patch = [{"op": "replace", "path": f"/transformations/{place}/params/mappingVersion", "value": "1"}]
    client.send(
        any_call(
            "PATCH",
            f"/data/foundation/flowservice/flows/{ids['flow']}",
            body=patch,
            headers={"If-Match": flow["etag"]},
        )
    )
    before = len(aep.requests)
    assert apply_to(aep, spec_of(CRM)).counts() == {"updated": 1, "reused": 6}
    assert [method for method, _ in writes(aep, before)] == ["PATCH"]
    mapping = aep.state()["flows"][ids["flow"]]["transformations"][place]["params"]
    assert (mapping["mappingId"], str(mapping["mappingVersion"])) == (ids["mapping_set"], "0")


def test_credentials_are_rotated_on_request_by_one_patch_an_account(aep):
    specs = [crm(number) for number in range(3)]
    apply_to(aep, *specs)
    before = len(aep.requests)
    report = apply_to(aep, *specs, rotate_credentials=True, credentials=lambda conn_id: {**SECRETS, "password": "new"})
    assert [method for method, _ in writes(aep, before)] == ["PATCH"]
    assert report.of("updated")[0].step == "base_connection"
    assert list(auth_params_sent(aep)) == [SECRETS, {**SECRETS, "password": "new"}]


def test_credentials_of_an_account_that_was_just_made_are_rotated_too(aep):
    apply_to(aep, crm(0))
    # Lists may hide an older account of its name still, so it is looked for again.
    client = client_of(aep, list_lag=4)
    new = {**SECRETS, "password": "new"}
    report = apply_to(aep, crm(0), client=client, rotate_credentials=True, credentials=lambda conn_id: new)
    assert report.of("updated")[0].step == "base_connection"
    assert list(auth_params_sent(aep)) == [SECRETS, new]


def test_a_changed_auth_parameter_of_an_account_that_was_just_made_takes_the_secrets_along(aep):
    apply_to(aep, spec_of(KINESIS))
    changed = spec_of(KINESIS, base_connection={"auth_params": {"region": "eu-west-1"}})
    report = apply_to(aep, changed, client=client_of(aep, list_lag=4))
    assert report.ok, report
    assert [params["secretKey"] for params in auth_params_sent(aep)] == ["canary-secret"] * 2


def test_a_changed_auth_parameter_takes_the_secrets_along(aep):
    apply_to(aep, spec_of(KINESIS))
    changed = spec_of(KINESIS, base_connection={"auth_params": {"region": "eu-west-1"}})
    assert apply_to(aep, changed).of("updated")[0].step == "base_connection"
    secrets = {"accessKeyId": "canary-key", "secretKey": "canary-secret"}
    assert list(auth_params_sent(aep)) == [{"region": region, **secrets} for region in ("us-east-1", "eu-west-1")]
    assert plan_of(aep, changed).is_empty


def test_a_state_is_brought_about(aep):
    apply_to(aep, spec_of(CRM, state="disabled"))
    assert [flow["state"] for flow in aep.state()["flows"].values()] == ["disabled"]
    report = apply_to(aep, spec_of(CRM, state="enabled"))
    assert [flow["state"] for flow in aep.state()["flows"].values()] == ["enabled"]
    assert str(report.of("updated")[0]).endswith("updated: is enabled")
    assert plan_of(aep, spec_of(CRM, state="enabled")).is_empty


@pytest.mark.assumes("names-repeat")
def test_foreign_namesakes_are_neither_adopted_nor_touched(aep):
    """Section 12.11: source connection, target connection and mapping set of the same names, used elsewhere."""
    apply_to(aep, spec_of(CRM, name="Somebody else's"))
    theirs = {
        key: dict(value) for key, value in aep.state().items() if key in ("sourceConnections", "targetConnections")
    }
    ours = spec_of(CRM, source={"table": "Contacts"})
    report = apply_to(aep, ours)
    assert report.ok, report
    assert report.counts() == {"created": 3, "reused": 4}
    for collection, before in theirs.items():
        assert before.items() <= aep.state()[collection].items()
        assert len(aep.state()[collection]) == len(before) + 1
    assert plan_of(aep, ours, spec_of(CRM, name="Somebody else's")).is_empty


@pytest.mark.parametrize("end", ["source", "target"])
def test_two_dataflows_do_not_get_connections_of_one_name(aep, end):
    other = spec_of(CRM, **{"name": "Leads", "source": {"name": "S"}, "target": {"name": "T"}, end: CRM[end]})
    with pytest.raises(AepConflictError) as refused:
        apply_to(aep, spec_of(CRM), other)
    assert str(refused.value) == (
        "Nothing was written:\n"
        f"  Leads: {end}.name is 'CRM {end}', as of 'CRM accounts', and each dataflow gets a connection of its own: "
        "leave the name out of one of them, or choose another."
    )
    assert writes(aep) == []


def test_another_plan_than_the_approved_one_is_refused(aep):
    """Section 12.14."""
    apply_to(aep, spec_of(CRM))
    changed = spec_of(CRM, schedule={"interval": 3})
    approved = plan_of(aep, changed).fingerprint
    apply_to(aep, spec_of(CRM, schedule={"interval": 2}))
    before = len(aep.requests)
    with pytest.raises(AepConflictError, match=rf"is not the one that was approved: .* expected is {approved}\."):
        apply_to(aep, changed, expect=approved)
    assert writes(aep, before) == []
    assert apply_to(aep, changed, expect=plan_of(aep, changed).fingerprint).ok


def test_a_deletion_needs_consent(aep):
    apply_to(aep, *BOTH)
    absent = [spec_of(CRM, state="absent"), BOTH[1]]
    with pytest.raises(AepConflictError, match="it is deleted with allow_destroy"):
        apply_to(aep, *absent)
    report = apply_to(aep, *absent, allow_destroy=True)
    assert [str(each.noun) for each in report.of("deleted")] == ["source connection", "target connection", "dataflow"]
    assert named(aep, "flow") == ["Web events"]
    assert named(aep, "dataset") == ["CRM dataset", "Web events"]
    assert plan_of(aep, *absent).is_empty


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"allow_replace": True}, 'allow_replace is True; say what becomes of the data: "reload"'),
        ({"on_failure": "undo"}, "on_failure is 'undo'; it is keep or rollback."),
        ({"if_exists": "maybe"}, "if_exists is 'maybe'"),
    ],
)
def test_arguments_that_say_nothing_are_refused(aep, options, said):
    with pytest.raises(AepConfigError) as refused:
        apply_to(aep, *BOTH, **options)
    assert said in str(refused.value)
    assert aep.requests == []

"""dataflow/export.py: live dataflows as files, as a person would have written them."""

import pytest
import yaml
from direct import asked

from airflow_provider_aep.api.request import any_call
from airflow_provider_aep.dataflow.apply import apply
from airflow_provider_aep.dataflow.export import Exported, export_flow, export_flows, file_names
from airflow_provider_aep.dataflow.json_schema import SCHEMA_URL
from airflow_provider_aep.dataflow.lint import load_checked
from airflow_provider_aep.exceptions import AepConflictError

from .posted import FLOWS, PERSON, PROFILE, Poster
from .world import CRM, spec_of

SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
S3 = "ecadc60c-7455-4d87-84dc-2a0e293d997b"
HTTP_API = "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb"
CRM_TO_AEP = "14518937-270c-4525-bdec-c2ba7cce3860"
FILES_TO_AEP = "9753525b-82c7-4dce-8a9b-5ccfce2b9876"
STREAM_TO_AEP = "d69717ba-71b4-4313-b654-49f9cf126d7a"

BASIC = {"specName": "Basic Authentication", "params": {"username": "canary-user", "password": "canary-password"}}
KEYS = {"specName": "Access Key", "params": {"s3AccessKey": "canary-key", "s3SecretKey": "canary-secret"}}
EMAIL = {"sourceAttribute": "email", "destinationXdmPath": "personalEmail.address"}


class Made(Poster):
    """Dataflows in the shapes in which Adobe's tutorials and the UI make them."""

    def __init__(self, aep, client):
        super().__init__(client)
        self.start = int(aep.now()) + 600

    def lake(self, name, mappings=(EMAIL,)):
        """Target connection and mapping set, of a schema of their own."""
        schema = self.schema(f"{name} schema")
        target = self.target(schema, self.dataset(schema, name=f"{name} dataset"), name=f"{name} target")
        return target, self.mapping_set(schema, list(mappings))

    def batch(self, name, spec_id, source, target, mapping, *parts, **changes):
        transformations = [{"name": "Mapping", "params": {"mappingId": mapping, "mappingVersion": "0"}}, *parts]
        schedule = {"startTime": self.start, "frequency": "hour", "interval": 6}
        body = {"name": name, "transformations": transformations, "scheduleParams": schedule, **changes}
        return self.flow(spec_id, source, target, **body)

    def files(self, name="S3 orders", base=None, data=None, mappings=(EMAIL,), parts=(), **params):
        base = base or self.base(S3, name=f"{name} account", auth=KEYS)
        data = {"format": "delimited", **(data or {})}
        source = self.source(S3, base, name=f"{name} source", data=data, params={"path": "/orders", **params})
        return self.batch(name, FILES_TO_AEP, source, *self.lake(name, mappings), *parts)

    def exported(self, flow_id, **options):
        return export_flow(self.client.send, flow_id, now=self.client.now, **options)

    def document(self, flow_id, **options):
        return yaml.safe_load(self.exported(flow_id, **options).to_yaml())


@pytest.fixture
def made(aep, world):
    return Made(aep, world.client)


def test_what_was_applied_is_exported_as_it_was_written(world):
    flow = world.make(spec_of(CRM))["flow"].id
    exported = export_flow(world.client.send, flow, now=world.client.now)
    document = yaml.safe_load(exported.to_yaml())
    shown = {"auth_params": {"username": "crm@example.com"}, "credentials_conn_id": "TODO"}
    written = {**CRM, "base_connection": {**CRM["base_connection"], **shown}}
    columns = document["source"].pop("columns")
    start = document["schedule"].pop("start_time")  # it has not begun
    assert document == {**written, "source": {"name": "CRM source", "table": "Accounts"}}
    assert [column["name"] for column in columns] == ["first_name", "last_name", "email", "phone"]
    assert start.endswith("+00:00")


def test_the_file_of_a_dataflow(aep, made):
    parts = ({"name": "Encryption", "params": {"publicKeyId": made.encryption_key()}},)
    mappings = (
        {"sourceType": "ATTRIBUTE", "source": "email", "destination": "personalEmail.address", "identity": True},
        {"sourceType": "text/x.aep-xl", "source": "upper(name)", "destination": "person.name.lastName"},
        {"sourceType": "STATIC", "source": "web", "destination": "_acme.channel"},
        {"sourceType": "ATTRIBUTE", "source": "first", "destination": "person.name.firstName"},
    )
    data = {"properties": {"columnDelimiter": ";"}}
    flow = made.files(data=data, mappings=mappings, parts=parts, type="folder", recursive=True)
    aep.advance(86_400)
    text = made.exported(flow).to_yaml()
    key, began = parts[0]["params"]["publicKeyId"], text.split("began ")[1][:25]
    assert (
        text
        == f"""\
# yaml-language-server: $schema={SCHEMA_URL}
apiVersion: aep/v1
kind: Dataflow
name: S3 orders
connector: amazon-s3
base_connection:
  name: S3 orders account
  auth_spec_name: Access Key
  credentials_conn_id: TODO  # the Airflow connection that holds s3AccessKey, s3SecretKey
source:
  name: S3 orders source
  path: /orders
  data_format: delimited
  params: {{type: folder, recursive: true, columnDelimiter: ";"}}
schema:
  title: S3 orders schema
  schema_class: {PROFILE}
  field_groups: [{PERSON}]
dataset: {{name: S3 orders dataset}}
target: {{name: S3 orders target}}
mappings:
  personalEmail.address: {{source: email, identity: true}}
  person.name.lastName: {{expression: upper(name)}}
  _acme.channel: {{static: web}}
  person.name.firstName: first
schedule: {{frequency: hour, interval: 6}}  # began {began}
transformations:
  - {{name: Encryption, params: {{publicKeyId: {key}}}}}
"""
    )


@pytest.mark.assumes("flow-service-lists-whole")
def test_seven_requests_and_one_for_the_name(aep, made):
    flow = made.files()
    before = len(aep.requests)
    made.exported(flow)
    requests = aep.requests[before:]
    assert len(requests) == 8
    assert {request.method for request in requests} == {"GET"}
    assert [request.path for request in requests if "property" in request.query] == [f"{FLOWS}/flows"]


def test_no_secret_and_nothing_masked_is_written(made):
    params = {"username": "u", "host": "db.example.com", "port": 5432, "password": "canary-1", "a": {"b": "canary-2"}}
    base = made.base(S3, name="odd", auth={"specName": "Access Key", "params": params})
    key = {"publicKeyId": made.encryption_key(), "passPhrase": "canary-5"}
    parts = ({"name": "Encryption", "params": key},)
    flow = made.files(base=base, parts=parts, sharedAccessKey="canary-3", hidden="****", nested={"token": "canary-4"})
    text = made.exported(flow).to_yaml()
    assert "canary" not in text
    assert "****" not in text
    document = yaml.safe_load(text)
    assert document["base_connection"]["auth_params"] == {"username": "u", "host": "db.example.com", "port": 5432}
    assert "the Airflow connection that holds a, password" in text
    assert "without hidden, nested, sharedAccessKey: a secret, or hidden" in text
    assert "transformations:  # without passPhrase: a secret, or hidden" in text


def test_an_http_api_account_needs_no_credentials(made):
    auth = {"specName": "Streaming Connection", "params": {"dataType": "raw"}}
    base = made.base(HTTP_API, name="inlet", auth=auth)
    source = made.source(HTTP_API, base, name="Web", params={})
    target, mapping = made.lake("Web")
    parts = [{"name": "Mapping", "params": {"mappingId": mapping}}]
    document = made.document(made.flow(STREAM_TO_AEP, source, target, name="Web", transformations=parts))
    assert document["base_connection"] == {
        "name": "inlet",
        "auth_spec_name": "Streaming Connection",
        "auth_params": {"dataType": "raw", "authenticationRequired": False},
    }
    assert {"source", "schedule", "flow_spec"} & set(document) == set()


def test_an_account_of_which_the_platform_shows_no_way_of_signing_in_is_referred_to(made):
    base = made.base(S3, name="Orders bucket", auth={"params": {}})
    assert made.document(made.files(base=base))["base_connection"] == "Orders bucket"
    nameless = made.base(S3, auth={"params": {}})
    assert made.document(made.files("other", base=nameless))["base_connection"] == {"id": nameless}


def test_ids_if_they_are_asked_for_and_where_there_is_no_name(made):
    base = made.base(S3, auth=KEYS)
    flow = made.files(base=base)
    assert made.document(flow)["base_connection"]["id"] == base
    assert "id" not in made.document(flow)
    document = made.document(flow, ids=True)
    assert document["id"] == flow
    assert document["schema"]["id"].startswith("https://ns.adobe.com/")
    assert len(document["dataset"]["id"]) == 24


@pytest.mark.assumes("names-repeat")
def test_of_two_dataflows_with_one_name_the_id_tells_which(made):
    flow = made.files()
    target, mapping = made.lake("second")
    other = made.batch("S3 orders", FILES_TO_AEP, made.source(S3, made.base(S3, auth=KEYS), data={"format": "json"},
                       params={"path": "/x"}), target, mapping)  # fmt: skip
    assert [made.document(each)["id"] for each in (flow, other)] == [flow, other]


def test_a_schema_with_fields_of_its_own_is_only_referred_to(made):
    parts = [{"$ref": PROFILE}, {"$ref": "#/definitions/customFields"}]
    fields = {"customFields": {"properties": {"_acme": {"type": "object", "properties": {"x": {"type": "string"}}}}}}
    schema = made.schema("Own", allOf=parts, definitions=fields)
    target = made.target(schema, made.dataset(schema))
    source = made.source(S3, made.base(S3, auth=KEYS), data={"format": "json"}, params={"path": "/x"})
    flow = made.batch("F", FILES_TO_AEP, source, target, made.mapping_set(schema, [EMAIL]))
    assert made.document(flow)["schema"] == "Own"


def test_adobes_own_list_where_two_mappings_fill_one_field(made):
    other = {"sourceType": "EXPRESSION", "source": "lower(mail)", "destination": "personalEmail.address"}
    document = made.document(made.files(mappings=(EMAIL, other)))
    assert document["mappings"] == [
        {"sourceType": "ATTRIBUTE", "source": "email", "destination": "personalEmail.address"},
        other,
    ]


def test_the_mapping_set_is_read_at_the_version_that_the_dataflow_uses(made):
    source = made.source(S3, made.base(S3, auth=KEYS), data={"format": "json"}, params={"path": "/x"})
    target, mapping = made.lake("F")
    flow = made.batch("F", FILES_TO_AEP, source, target, mapping)
    schema = made.document(flow, ids=True)["schema"]["id"]
    made.put_mapping_set(mapping, schema, [{"sourceAttribute": "later", "destinationXdmPath": "personalEmail.address"}])
    assert made.document(flow)["mappings"] == {"personalEmail.address": "email"}
    (all_of_them,) = export_flows(made.client.send, None, now=made.client.now).exported
    assert all_of_them.document["mappings"] == {"personalEmail.address": "email"}


def test_columns_are_left_out_where_not_all_that_is_mapped_is_among_them(made):
    columns = [{"name": "phone", "type": "string"}]
    params = {"tableName": "Accounts", "columns": columns}
    source = made.source(SALESFORCE, made.base(SALESFORCE, auth=BASIC), data={"format": "tabular"}, params=params)
    once = {"frequency": "once", "startTime": made.start}
    flow = made.batch("F", CRM_TO_AEP, source, *made.lake("F"), scheduleParams=once)
    exported = made.exported(flow)
    assert exported.document["source"] == {"name": "a source", "table": "Accounts"}
    assert "# without columns: not all that is mapped is among them" in exported.to_yaml()


@pytest.mark.parametrize("state", ["draft", "disabled"])
def test_a_state_that_a_new_dataflow_would_not_be_in_is_written(aep, made, world, state):
    draft = state == "draft"
    base = made.base(S3, draft, name="B", auth=KEYS)
    source = made.source(S3, base, draft, data={"format": "json"}, params={"path": "/x"})
    flow = made.batch("F", FILES_TO_AEP, source, *made.lake("F"), draft=draft)
    if not draft:
        made.act(flow, "disable")
    exported = made.exported(flow)
    assert exported.document["state"] == state
    assert world.plan(*load_checked([dict(exported.document)]).dataflows).is_empty


def test_a_date_format_that_cannot_be_declared_stays_and_is_said(made):
    params = {"tableName": "Accounts", "columns": [{"name": "email", "type": "string"}]}
    source = made.source(SALESFORCE, made.base(SALESFORCE, auth=BASIC), data={"format": "tabular"}, params=params)
    copy = {"name": "Copy", "params": {"deltaColumn": {"name": "updatedAt", "dateFormat": "YYYY-MM-DD"}}}
    text = made.exported(made.batch("F", CRM_TO_AEP, source, *made.lake("F"), copy)).to_yaml()
    assert "delta_column: {name: updatedAt}  # with the date format YYYY-MM-DD, which stays\n" in text


# What cannot be exported


def refused(made, flow_id):
    with pytest.raises(AepConflictError) as error:
        made.exported(flow_id)
    return str(error.value)


def test_a_draft_that_is_not_finished(made):
    draft = made.flow(FILES_TO_AEP, None, None, True, name="F", sourceConnectionIds=[], targetConnectionIds=[])
    assert refused(made, draft) == (
        f"The dataflow 'F' ({draft}) is not complete: it names no source connection. It is a draft: finish it first."
    )


def test_a_part_that_is_gone(made):
    flow = made.files()
    (dataset,) = [each for each in made.client.send(any_call("GET", "/data/foundation/catalog/dataSets"))]
    made.client.send(any_call("DELETE", f"/data/foundation/catalog/dataSets/{dataset}"))
    assert refused(made, flow) == f"The dataflow 'S3 orders' ({flow}) is not complete: its dataset {dataset} is gone."


def test_a_dataflow_that_is_not_there(made):
    id_ = "9a603322-19d2-4de9-89c6-c98bd54eb184"
    assert refused(made, id_) == f"There is no dataflow with the id {id_}."


def test_what_no_file_can_say(made):
    source = made.source(HTTP_API, made.base(HTTP_API, auth={"specName": "Streaming Connection", "params": {}}),
                         data={"format": "xdm"}, params={})  # fmt: skip
    target, _ = made.lake("F")
    flow = made.flow(STREAM_TO_AEP, source, target, name="F")
    assert refused(made, flow) == (
        f"The dataflow 'F' ({flow}) cannot be exported: no file can say what is live: source.data_format is 'xdm'; a "
        "streaming source sends 'json'."
    )


def test_what_differs_in_spite_of_all_is_named(made, mocker):
    flow = made.files()
    mocker.patch("airflow_provider_aep.dataflow.export.declare", side_effect=_declared)
    assert "no file can say what is live: /name: declared 'another', live 'S3 orders'" in refused(made, flow)


def _declared(spec, step, ids):
    from airflow_provider_aep.dataflow.resources import declare

    found = declare(spec, step, ids)
    return found.model_copy(update={"name": "another"}) if step == "flow" else found


@pytest.mark.assumes("names-kept")
@pytest.mark.parametrize("name", [None, " F"])
def test_a_dataflow_without_a_name_that_a_file_can_say(made, name):
    source = made.source(S3, made.base(S3, auth=KEYS), data={"format": "json"}, params={"path": "/x"})
    said = refused(made, made.batch(name, FILES_TO_AEP, source, *made.lake("F")))
    assert "cannot be exported: no file can say what is live: name " in said


# Several


def test_a_shared_account_has_a_file_of_its_own(tmp_path, made, world):
    base = made.base(S3, name="Orders bucket", auth=KEYS, description="all orders")
    flows = [made.files("S3 orders", base=base), made.files("s3_orders", base=base), made.files("Other")]
    export = export_flows(made.client.send, flows, now=made.client.now)
    assert export.problems == {}
    named = dict(file_names(export.exported))
    assert list(named) == ["base-connection-orders-bucket.yaml", "s3-orders.yaml", "s3-orders-2.yaml", "other.yaml"]
    assert named["s3-orders.yaml"].document["base_connection"] == "Orders bucket"
    assert (
        named["base-connection-orders-bucket.yaml"].to_yaml()
        == f"""\
# yaml-language-server: $schema={SCHEMA_URL}
apiVersion: aep/v1
kind: BaseConnection
name: Orders bucket
connector: amazon-s3
auth_spec_name: Access Key
credentials_conn_id: TODO  # the Airflow connection that holds s3AccessKey, s3SecretKey
description: all orders
"""
    )
    for name, one in named.items():
        (tmp_path / name).write_text(one.to_yaml())
    assert world.plan(*load_checked(tmp_path).dataflows).is_empty


def test_no_two_files_have_one_name():
    named = [Exported({"kind": "Dataflow", "name": name}, {}) for name in ("a", "A 2", "a", "a!", "*", "ü" * 99)]
    names = [name for name, _ in file_names(named)]
    assert names == ["a.yaml", "a-2.yaml", "a-3.yaml", "a-4.yaml", "dataflow.yaml", f"{'ü' * 50}.yaml"]


def test_applying_what_was_exported_takes_it_over_without_a_write(aep, made, world):
    base = made.base(S3, name="Orders bucket", auth=KEYS)
    for number in range(2):
        made.files(f"orders {number}", base=base)
    documents = [dict(one.document) for one in export_flows(made.client.send, None, now=made.client.now).exported]
    before = len(aep.requests)
    report = apply(world.client, load_checked(documents).dataflows)  # with no credentials at all
    assert report.ok
    assert {request.method for request in aep.requests[before:]} == {"GET"}


@pytest.mark.assumes("names-repeat")
def test_accounts_and_datasets_of_one_name_are_told_apart_by_their_ids(tmp_path, made, world):
    flows = []
    for number in range(3):
        base = made.base(S3, name="Same", auth=KEYS, description=f"number {number // 2}")
        schema = made.schema(f"Schema {number}")
        target = made.target(schema, made.dataset(schema, name="Same", description=f"number {number}"))
        source = made.source(S3, base, data={"format": "json"}, params={"path": "/x"})
        flows.append(made.batch("Same", FILES_TO_AEP, source, target, made.mapping_set(schema, [EMAIL])))
    export = export_flows(made.client.send, None, now=made.client.now)
    assert {one.document["id"] for one in export.exported} == {*flows}
    for name, one in file_names(export.exported):
        (tmp_path / name).write_text(one.to_yaml())
    assert world.plan(*load_checked(tmp_path).dataflows).is_empty


def test_what_cannot_be_exported_keeps_nothing_else_back(made):
    draft = made.flow(FILES_TO_AEP, None, None, True, name="F", sourceConnectionIds=[], targetConnectionIds=[])
    flow = made.files()
    export = export_flows(made.client.send, None, now=made.client.now)
    assert [one.name for one in export.exported] == ["S3 orders"]
    assert [*export.problems] == [draft]
    export = export_flows(made.client.send, [flow, draft, flow], now=made.client.now)
    assert (len(export.exported), [*export.problems]) == (1, [draft])


@pytest.mark.assumes("flow-service-lists-whole", "largest-page", "pages-are-filled")
def test_all_of_them_are_read_from_lists(aep, made):
    base = made.base(S3, name="Orders bucket", auth=KEYS)
    for number in range(5):
        made.files(f"orders {number}", base=base)
    before = len(aep.requests)
    export = export_flows(made.client.send, None, now=made.client.now)
    assert len(export.exported) == 6
    assert len(aep.requests) - before == 7
    assert asked(aep, "GET", "/connections")

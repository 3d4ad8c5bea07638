"""Specs from files, folders, globs and dicts: what they say, and for whom."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from airflow.sdk import ObjectStoragePath

from airflow_provider_aep.dataflow.files import load
from airflow_provider_aep.dataflow.spec import MappingSourceSpec
from airflow_provider_aep.exceptions import AepConfigError

EXAMPLES = Path(__file__).parent / "specs"
MINIMAL = "name: Orders\nconnector: amazon-s3\nschema: Orders\n"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a file into an empty working folder."""
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
        return name

    return write


def loaded(text, write, **arguments):
    (spec,) = load(write("one.yaml", text), **arguments).dataflows
    return spec


def problems(*paths, **arguments):
    with pytest.raises(AepConfigError) as raised:
        load(paths, **arguments)
    return [line.strip() for line in str(raised.value).splitlines()[1:]]


def test_the_examples_are_read_from_their_folder():
    specs = load(EXAMPLES, sandbox="prod")
    assert [spec.name for spec in specs.dataflows] == [
        "Kinesis web events to AEP",
        "S3 orders to AEP",
        "Salesforce accounts to AEP",
    ]
    salesforce = specs.dataflows[2]
    assert salesforce.file == str(EXAMPLES / "salesforce-accounts.yaml")
    assert salesforce.line == 1
    assert salesforce.schema_.title == "CRM accounts"
    assert salesforce.schedule.frequency == "minute"
    assert salesforce.schedule.interval == 15
    assert salesforce.protect
    assert salesforce.base_connection.credentials_conn_id == "salesforce_crm_prod"


def test_an_overlay_takes_a_key_away_with_null():
    orders = load(EXAMPLES / "s3-orders.yaml", sandbox="dev").dataflows[0]
    assert orders.schedule.model_dump(exclude_none=True) == {"frequency": "once"}
    assert orders.mappings["_acme.order.total"] == MappingSourceSpec(expression="to_decimal(total)")


def test_a_glob_a_folder_and_a_file_give_each_file_once(write):
    write("a/orders.yaml", MINIMAL)
    write("a/b/refunds.yml", MINIMAL.replace("Orders", "Refunds"))
    write("a/.hidden/secret.yaml", "{")
    write("a/notes.txt", "{")
    specs = load(["a/*.yaml", "a/*", "a", Path("a/orders.yaml"), "a/**/*.y*ml"]).dataflows
    assert [spec.name for spec in specs] == ["Orders", "Refunds"]


def test_several_documents_in_one_file(write):
    file = write("two.yaml", f"# first\n{MINIMAL}---\n{MINIMAL.replace('Orders', 'Refunds')}---\n")
    assert [(spec.name, spec.line) for spec in load(file).dataflows] == [("Orders", 2), ("Refunds", 6)]


def test_json_is_read_as_well(write):
    file = write("orders.json", '[\n\t{"name": "Orders \\ud83d\\ude00", "connector": "amazon-s3", "schema": "Orders"}]')
    (spec,) = load(file).dataflows
    assert (spec.name, spec.line) == ("Orders 😀", 2)


def test_python_hands_in_dicts():
    begins = datetime(2030, 1, 31, 6, tzinfo=UTC)
    given = {"name": "Orders", "connector": "s3", "schema": {"title": "Orders"}, "schedule": {"start_time": begins}}
    (spec,) = load(given).dataflows
    assert (spec.file, spec.line, spec.schedule.start_time) == (None, None, "2030-01-31T06:00:00+00:00")
    refunds = {**given, "name": "Refunds"}
    assert [spec.name for spec in load([given, refunds]).dataflows] == ["Orders", "Refunds"]


def test_a_path_of_any_file_system_will_do():
    class Remote:
        """What an ObjectStoragePath offers of a file."""

        name = "orders.yaml"

        def is_dir(self):
            return False

        def is_file(self):
            return True

        def read_text(self, encoding):
            return MINIMAL

        def __str__(self):
            return "s3://specs/orders.yaml"

    (spec,) = load(Remote()).dataflows
    assert spec.file == "s3://specs/orders.yaml"


def test_a_folder_of_object_storage(write, tmp_path):
    write("a/orders.yaml", MINIMAL)
    write("a/more/refunds.json", '{"name": "Refunds", "connector": "s3", "schema": "Refunds"}')
    specs = load(ObjectStoragePath(f"file://{tmp_path}/a")).dataflows
    assert [spec.name for spec in specs] == ["Refunds", "Orders"]
    assert specs[1].file == f"file://{tmp_path}/a/orders.yaml"


def test_an_account_may_be_named_by_its_id(write):
    write("a.yaml", "kind: BaseConnection\nname: Bucket\nid: x\nconnector: s3\nauth_spec_name: Access Key\n")
    write("b.yaml", f"{MINIMAL}base_connection: {{id: x}}\n")
    write("c.yaml", f"{MINIMAL}base_connection: {{id: y}}\n")
    write("d.yaml", f"{MINIMAL.replace('amazon-s3', 's4')}base_connection: Bucket\n")
    accounts = [spec.base_connection.auth_spec_name for spec in load(".").dataflows]
    assert accounts == ["Access Key", None, None]


def test_only_the_dataflows_whose_names_match(write):
    write("a.yaml", "kind: BaseConnection\nname: Bucket\nconnector: s3\nauth_spec_name: Access Key\n")
    write("b.yaml", f"{MINIMAL}base_connection: Bucket\n")
    write("c.yaml", MINIMAL.replace("name: Orders", "name: Refunds"))
    # What is not chosen may be meant for other sandboxes, or unfinished.
    write("d.yaml", MINIMAL.replace("name: Orders", "name: Later") + "unfinished: true\n")
    write("e.yaml", MINIMAL.replace("name: Orders", "name: Elsewhere") + "sandboxes: {dev: {}}\n")
    orders, refunds = load(".", only="Ord*", sandbox="prod"), load(".", only="Refunds", sandbox="prod")
    assert [spec.name for spec in orders.dataflows] == ["Orders"]
    assert [account.name for account in orders.accounts] == ["Bucket"]
    assert ([spec.name for spec in refunds.dataflows], refunds.accounts) == (["Refunds"], ())


@pytest.mark.parametrize("text", ["on", "no", "1_000", "1:30", "2030-01-01", "007", "0x10", "5", "1.50", "true", "1e3"])
def test_text_is_taken_as_it_is_written(text, write):
    spec = loaded(f"{MINIMAL}description: {text}\nmappings:\n  a: {text}\n  b: {{static: {text}}}\n", write)
    assert (spec.description, spec.mappings["a"], spec.mappings["b"].static) == (text, text, text)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("False", False),
        ("15", 15),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("null", None),
        ("~", None),
        ("", None),
        ("on", "on"),
        ("no", "no"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("0x10", "0x10"),
        ("007", "007"),
        ("2030-01-01", "2030-01-01"),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        ("'true'", "true"),
        ("!!str 15", "15"),
        ("!!str null", "null"),
    ],
)
def test_what_passes_through_has_the_types_of_json(written, value, write):
    spec = loaded(f"{MINIMAL}source:\n  params:\n    x: {written}\n", write)
    assert spec.source.params == {"x": value}
    assert type(spec.source.params["x"]) is type(value)


def test_anchors_spare_repetition(write):
    text = (
        MINIMAL + "options: &o {a: 1, b: 2}\nsource:\n  params: {<<: *o, b: 3}\n  columns: [{<<: [*o, {a: 5, c: 4}]}]\n"
    )
    spec = loaded(text, write)
    assert spec.source.params == {"a": 1, "b": 3}
    assert spec.source.columns == [{"a": 1, "b": 2, "c": 4}]


def test_a_dataflow_that_names_a_shared_account_has_its_definition(write):
    write(
        "account.yaml",
        "kind: BaseConnection\nname: Bucket\nconnector: amazon-s3\nauth_spec_name: Access Key\n"
        "credentials_conn_id: bucket\nsandboxes:\n  dev:\n  prod: {credentials_conn_id: bucket_prod}\n",
    )
    write("orders.yaml", f"{MINIMAL}base_connection: Bucket\n".replace("amazon-s3", "S3"))
    write("own.yaml", f"{MINIMAL}base_connection: {{name: Bucket, credentials_conn_id: own}}\n")
    write("other.yaml", f"{MINIMAL}base_connection: Bucket\n".replace("amazon-s3", "sftp"))
    specs = load(".", sandbox="prod")
    assert [account.name for account in specs.accounts] == ["Bucket"]
    assert [
        (spec.base_connection.auth_spec_name, spec.base_connection.credentials_conn_id) for spec in specs.dataflows
    ] == [("Access Key", "bucket_prod"), (None, None), ("Access Key", "own")]


def test_a_spec_for_an_unlisted_sandbox_is_refused(write):
    file = write("one.yaml", f"{MINIMAL}sandboxes:\n  dev: {{}}\n  prod: {{}}\n")
    assert problems(file, sandbox="prdo") == [
        "one.yaml:4:1 D013 sandboxes are dev, prod, and 'prdo' is none of them (the nearest name is prod)."
    ]
    assert problems(file) == ["one.yaml:4:1 D013 sandboxes are dev, prod; say which one is meant."]


def test_a_list_of_sandboxes_that_is_empty_is_no_leave_for_all(write):
    file = write("one.yaml", f"{MINIMAL}sandboxes: {{}}\n")
    assert problems(file, sandbox="prod") == [
        "one.yaml:4:1 D013 sandboxes is empty: list each sandbox, or leave it out."
    ]


def test_everything_that_is_wrong_is_said_at_once(write):
    write("a.yaml", "name: Orders\nconnectr: amazon-s3\nschema: Orders\nschedule:\n  interval: [1]\n")
    write("b.yaml", "name: [\n")
    assert problems(".") == [
        "a.yaml:1:1 D004 connector is missing.",
        "a.yaml:2:1 D002 connectr is not a key that is known here (the nearest names are connector, base_connection).",
        "a.yaml:5:13 D004 schedule.interval is a list; it is a whole number.",
        "b.yaml:2:1 D001 is not YAML: did not find expected node content.",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", ""),
        ("a.yml", "# name: Orders\n\n# all of it commented out\n"),
        ("a.yaml", "---\n---\n~\n"),
        ("a.yaml", "[]\n"),
        ("a.json", "null"),
    ],
)
def test_a_file_that_declares_nothing_is_an_error(name, text, write):
    """It may have been cut off; and emptying it deletes no dataflow, as somebody might expect."""
    write(f"folder/{name}", text)
    assert problems("folder") == [
        f"folder/{name}:1:1 D004 declares nothing: describe a dataflow in it, or delete the file. Neither deletes a "
        "dataflow; state: absent does."
    ]


def test_an_empty_document_beside_another_one_is_none(write):
    assert loaded("---\n# nothing yet\n---\nname: A\nconnector: http-api\nschema: A\n", write).name == "A"


@pytest.mark.parametrize(
    ("paths", "sentence"),
    [
        ("missing", "There is no file or folder 'missing'."),
        (
            "empty",
            "There is no file that ends with .yaml, .yml, .json in 'empty': describe a dataflow there, or name another "
            "folder.",
        ),
        ("*.yaml", "No file matches '*.yaml'."),
        ("s3://specs/a.yaml", "'s3://specs/a.yaml' is no path of this machine: hand in an ObjectStoragePath."),
        (5, "A spec is a path or a dict, not 5."),
        (
            "dataflows.py",
            "'dataflows.py' is none of .yaml, .yml, .json; what Python makes of dataflows is handed in as dicts.",
        ),
    ],
)
def test_a_path_that_leads_nowhere(paths, sentence, write):
    write("dataflows.py", "")
    write("empty/notes.txt", "")
    with pytest.raises(AepConfigError) as raised:
        load(paths)
    assert str(raised.value) == sentence

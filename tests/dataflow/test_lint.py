"""Lint: every rule finds what it is for, at its place."""

import copy
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.dataflow.lint import lint, load_checked
from airflow_provider_aep.dataflow.rules.codes import RULES
from airflow_provider_aep.exceptions import AepConfigError

from .bad_specs import ACCOUNT, BAD, COLUMNS, DYNAMICS, KINESIS, S3, SALESFORCE, TWO, row_filter

NOW = 1_900_000_000
EXAMPLES = Path(__file__).parent / "specs"


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        Path(name).write_text(text)
        return name

    return write


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_bad_spec(bad, write):
    (finding,) = lint(write("spec.yaml", bad.text), now=NOW)
    assert (finding.file, finding.line, finding.column, finding.code) == ("spec.yaml", *bad.place, bad.code)
    assert bad.says in finding.message


GOOD = [
    *(SALESFORCE, S3, KINESIS, TWO, ACCOUNT, COLUMNS),
    S3.replace("once}", "once, start_time: 2040-01-31T06:00:00+01:00}"),
    S3.replace(
        "{frequency: once}", "{frequency: once}\ntransformations: [{name: Encryption, params: {publicKeyId: x}}]"
    ),
    DYNAMICS.replace("yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ssZ"),
    SALESFORCE.replace("-person-details]", "-person-details, https://ns.adobe.com/xdm/context/identitymap]").replace(
        "{name: Accounts}", "{name: Accounts, enable_profile: true}"
    ),
    SALESFORCE.replace("table: Accounts", "table: Accounts\n  params: {" + row_filter() + "}"),
]


@pytest.mark.parametrize("text", GOOD)
def test_a_good_spec(text, write):
    assert lint(write("spec.yaml", text), now=NOW) == []


def test_the_examples_are_without_fault():
    assert lint(EXAMPLES, now=NOW) == []


def test_every_rule_has_a_bad_spec():
    assert {bad.code for bad in BAD} == {rule.code for rule in RULES}


def test_everything_is_said_at_once_by_file_and_line(write):
    write("a.yaml", S3.replace("amazon-s3", "amazon-s4").replace("once}", "once, interval: 1}"))
    write("b.yaml", "name: [\n")
    write("c.yaml", SALESFORCE.replace("interval: 1", "every: 1"))
    assert [(finding.file, finding.line, finding.code) for finding in lint(".", now=NOW)] == [
        ("a.yaml", 2, "D101"),
        ("b.yaml", 2, "D001"),
        ("c.yaml", 21, "D002"),
    ]


def test_a_finding_is_one_line_that_editors_understand(write):
    write("a.yaml", S3.replace("delimited", "csv").replace("once}", "once, start_time: 1580450400}"))
    assert [str(finding) for finding in lint("a.yaml", now=NOW)] == [
        "a.yaml:6:16 D202 source.data_format is 'csv'; a file source has one of delimited, json, parquet.",
        "a.yaml:12:41 D505 warning: schedule.start_time is 1580450400, which has passed: only a dataflow that is there "
        "already keeps it; leave it out.",
    ]


def test_a_spec_from_python_has_no_place_but_all_the_rules():
    given = {
        "name": "Orders",
        "connector": "s3",
        "schema": "Orders",
        "base_connection": "Bucket",
        "mappings": {"a": "b"},
    }
    assert [str(finding) for finding in lint([given], now=NOW)] == [
        "dict 1: D201 source.path must be a non-empty string, not None.",
        "dict 1: D202 source.data_format is None; a file source has one of delimited, json, parquet.",
        'dict 1: D501 schedule is missing: a batch dataflow has a schedule, such as {"frequency": "once"}.',
    ]


OVERLAID = S3 + "sandboxes:\n  dev:\n  prod:\n    source: {data_format: csv}\n    schedule: {frequency: week}\n"


@pytest.mark.parametrize(
    ("sandbox", "places"),
    [("dev", []), ("prod", [(17, 27, "D202"), (18, 5, "D504")]), (None, [(17, 27, "D202"), (18, 5, "D504")])],
)
def test_what_an_overlay_makes_wrong_is_named_in_the_overlay(sandbox, places, write):
    found = lint(write("a.yaml", OVERLAID), sandbox=sandbox, now=NOW)
    assert [(finding.line, finding.column, finding.code) for finding in found] == places


def test_a_sandbox_that_one_file_lists_and_another_does_not(write):
    write("a.yaml", OVERLAID.replace("csv", "json").replace("week", "once"))
    write("b.yaml", S3.replace("name: Orders", "name: Refunds") + "sandboxes: {dev: {}}\n")
    assert lint(".", now=NOW) == []
    assert [(finding.file, finding.code) for finding in lint(".", sandbox="prod", now=NOW)] == [("b.yaml", "D013")]


def test_what_a_shared_account_makes_wrong_is_named_in_its_own_file(write):
    write("a.yaml", ACCOUNT.replace("Access Key", "Key"))
    write("b.yaml", S3)
    write("c.yaml", S3.replace("name: Orders", "name: Refunds"))
    assert [(finding.file, finding.line, finding.code) for finding in lint(".", now=NOW)] == [("a.yaml", 4, "D102")]


def test_a_dataflow_that_changes_the_account_that_it_shares(write):
    write("a.yaml", ACCOUNT)
    write("b.yaml", S3.replace("base_connection: Bucket", "base_connection: {name: Bucket, credentials_conn_id: c}"))
    assert [str(finding) for finding in lint(".", now=NOW)] == [
        "b.yaml:3:54 D012 base_connection.credentials_conn_id is another one for base connection 'Bucket' in a.yaml, "
        "line 5."
    ]


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        (SALESFORCE.replace("name: Accounts\nconn", "name: Other\nconn"), []),
        (SALESFORCE.replace("name: Accounts\nconn", "name: Other\nconn").replace("salesforce_crm", "crm"), ["D012"]),
        (SALESFORCE.replace("name: Accounts\nconn", "name: Other\nconn").replace("person-details]", "x]"), ["D012"]),
        (
            SALESFORCE.replace("name: Accounts\nconn", "name: Other\nconn").replace("}\nmap", ", tags: {a: [b]}}\nmap"),
            [],
        ),
        (S3, []),
        (ACCOUNT, []),
        (ACCOUNT.replace("Bucket", "Salesforce").replace("s3", "salesforce"), ["D012", "D102"]),
        (ACCOUNT.replace("Bucket", "Salesforce").replace("s3", "salesfarce"), ["D101"]),
    ],
)
def test_resources_that_several_files_declare(other, codes, write):
    write("a.yaml", SALESFORCE)
    write("b.yaml", other)
    # An account may also be declared again by a dataflow, and then differs in every field: one finding a field.
    assert sorted({finding.code for finding in lint(".", now=NOW)}) == codes


def test_two_dataflows_may_share_a_dataset_without_saying_everything_twice(write):
    write("a.yaml", SALESFORCE)
    write("b.yaml", SALESFORCE.replace("name: Accounts\nconn", "name: Other\nconn").replace("  field_groups", "  #"))
    (finding,) = lint(".", now=NOW)
    assert finding.message == "schema.field_groups is another one for schema 'Accounts' in a.yaml, line 15."


def test_a_flow_spec_that_nobody_publishes_is_for_the_platform_to_judge(write):
    assert lint(write("a.yaml", S3.replace("schedule:", "flow_spec: Our own\nschedule:")), now=NOW) == []
    assert lint(write("b.yaml", S3.replace("amazon-s3", "bf1f4218-73ce-4ff0-b744-48d78ffae2e4")), now=NOW) == []


def test_text_that_a_template_will_fill_is_no_secret(write):
    text = SALESFORCE.replace("{environmentUrl", '{password: "{{ var.value.password }}", tokenUrl: x, environmentUrl')
    assert lint(write("a.yaml", text), now=NOW) == []


def test_no_finding_shows_a_secret(write):
    canary = "canary-5f3a"
    for index, line in enumerate(
        ("auth_params: [{0}]", "credentials: {0}", "auth_params: {{password: {0}, token: [{0}]}}")
    ):
        write(f"{index}.yaml", ACCOUNT.replace("credentials_conn_id: b", line.format(canary)))
        write(f"d{index}.yaml", S3.replace("base_connection: Bucket", "base_connection:\n  " + line.format(canary)))
    findings = lint(".", now=NOW)
    assert len(findings) >= 6
    assert canary not in repr(findings)


def test_lint_makes_no_request(mocker):
    mocker.patch("socket.socket", side_effect=AssertionError("a request"))
    assert lint(EXAMPLES, sandbox="prod", now=NOW) == []


def test_a_folder_with_a_bad_spec_is_not_loaded(write):
    write("a.yaml", S3)
    write("b.yaml", S3.replace("name: Orders", "name: Refunds").replace("delimited", "csv"))
    with pytest.raises(AepConfigError) as raised:
        load_checked(".", now=NOW)
    assert str(raised.value) == (
        "The specs have 1 error, so nothing is done:\n"
        "  b.yaml:6:16 D202 source.data_format is 'csv'; a file source has one of delimited, json, parquet."
    )


def test_a_folder_with_warnings_is_loaded(write):
    write("a.yaml", S3.replace("Enabled: true", "Enabled: true, other: 5"))
    assert [spec.name for spec in load_checked(".").dataflows] == ["Orders"]
    assert [finding.is_warning for finding in lint(".")] == [True]


OBJECTS = [yaml.safe_load(text) for text in (SALESFORCE, S3, KINESIS, ACCOUNT, COLUMNS)]
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["once", "s3", "{}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value, steps=()):
    """The way to everything within a value."""
    if isinstance(value, dict | list):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield (*steps, step)
            yield from places(value[step], (*steps, step))


@given(st.data())
def test_whatever_stands_in_a_spec_lint_says_it_and_never_fails(data):
    spec = copy.deepcopy(data.draw(st.sampled_from(OBJECTS)))
    *way, last = data.draw(st.sampled_from(list(places(spec))))
    holder = spec
    for step in way:
        holder = holder[step]
    holder[last] = data.draw(anything)
    findings = lint([spec], now=NOW)
    if any(not finding.is_warning for finding in findings):
        with pytest.raises(AepConfigError):
            load_checked([spec], now=NOW)
    else:
        load_checked([spec], now=NOW)

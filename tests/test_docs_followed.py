"""Pages of the docs that a reader can follow from an empty folder: their files and commands, copied."""

import sys
from importlib import import_module

import pytest
from named_tests import ROOT, read_page
from reader import follow, missing_lines

from airflow_provider_aep.hooks.aep import AepHook

FAMILIES = {
    "table-source.md": "contacts",
    "file-source.md": "orders",
    "stream-source.md": "web_events",
    "self-serve-source.md": "tickets",
}


def followed(*pages, tmp_path):
    """The commands of some pages, each of which printed what its page shows."""
    folder = tmp_path / "reader"
    folder.mkdir()
    steps = follow(*pages, folder=folder)
    for command, said, printed in steps:
        assert missing_lines(said, printed) == [], (command, printed)
    return {command: printed for command, _, printed in steps}


def test_testing_ones_own_dags(tmp_path):
    assert "4 passed" in followed("testing-your-dags.md", tmp_path=tmp_path)["pytest"]


def test_the_quick_start_and_a_dataflow_of_each_family(tmp_path):
    printed = followed("quick-start.md", *FAMILIES, tmp_path=tmp_path)
    tested = {
        command.split()[3]: shown for command, shown in printed.items() if command.startswith("airflow dags test")
    }
    assert list(tested) == ["accounts", *FAMILIES.values()]
    assert [dag_id for dag_id, shown in tested.items() if "state=success" not in shown] == []


def test_migrating_from_aepp(tmp_path, monkeypatch):
    printed = followed("migrating.md", tmp_path=tmp_path)["python aepp_to_airflow.py config_aep.json"]
    monkeypatch.setenv("AIRFLOW_CONN_AEP_DEFAULT", printed.strip())
    client = AepHook().get_conn()
    assert client.sandbox == "dev"


def test_what_is_deployed_can_be_seen(tmp_path):
    followed("deployment.md", tmp_path=tmp_path)


@pytest.mark.parametrize("name", ["sources.md", "troubleshooting.md"])
def test_a_table_is_the_one_of_the_code(name, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    docs_tables = import_module("docs_tables")
    page, tables = read_page(name), docs_tables.tables(name)
    assert docs_tables.written(page, tables) == page, "run scripts/docs_tables.py"
    assert all(f"<!-- {each} -->" in page for each in tables)
    del sys.modules["docs_tables"]

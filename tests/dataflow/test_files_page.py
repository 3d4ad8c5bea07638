"""docs/dataflow-files.md says what the code does."""

import re
import sys
from pathlib import Path

import pytest

from airflow_provider_aep.cli.main import main
from airflow_provider_aep.dataflow.json_schema import SCHEMA_URL
from airflow_provider_aep.dataflow.lint import lint

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "dataflow-files.md"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


def test_the_tables_are_those_of_the_code(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    tables = __import__("dataflow_tables")
    page = PAGE.read_text()
    assert tables.written(page) == page, "run scripts/dataflow_tables.py"
    assert all(f"<!-- {name} -->" in page for name in tables.tables())
    del sys.modules["dataflow_tables"]


@pytest.mark.parametrize("block", blocks("yaml"))
def test_an_example_is_without_fault(block, tmp_path):
    (tmp_path / "spec.yaml").write_text(block)
    assert lint(tmp_path) == []


def test_the_first_line_leads_editors_to_the_schema():
    assert f"# yaml-language-server: $schema={SCHEMA_URL}\n" in PAGE.read_text()


def test_the_transcript_is_what_lint_prints(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("dataflows").mkdir()
    lines = blocks("yaml")[0].replace("delimited", "csv").splitlines()
    Path("dataflows/orders.yaml").write_text("\n".join(lines))
    (transcript,) = blocks("console")
    command, printed = transcript.split("\n", 1)
    assert main(command.split()[2:]) == 1
    assert capsys.readouterr().out == printed

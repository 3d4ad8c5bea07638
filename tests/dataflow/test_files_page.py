"""docs/dataflow-files.md says what the code does."""

import sys
from pathlib import Path

import pytest
from docs_pages import blocks

from airflow_provider_aep.dataflow.json_schema import SCHEMA_URL
from airflow_provider_aep.dataflow.lint import lint

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "dataflow-files.md"


EXAMPLES = [block.body for block in blocks("dataflow-files.md") if block.language == "yaml"]


def test_the_tables_are_those_of_the_code(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    tables = __import__("dataflow_tables")
    page = PAGE.read_text()
    assert tables.written(page) == page, "run scripts/dataflow_tables.py"
    assert all(f"<!-- {name} -->" in page for name in tables.tables())
    del sys.modules["dataflow_tables"]


@pytest.mark.parametrize("block", EXAMPLES)
def test_an_example_is_without_fault(block, tmp_path):
    (tmp_path / "spec.yaml").write_text(block)
    assert lint(tmp_path) == []


def test_the_first_line_leads_editors_to_the_schema():
    assert f"# yaml-language-server: $schema={SCHEMA_URL}\n" in PAGE.read_text()

"""docs/reliability.md promises a proof for each row: every row is there, and every test it names exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "reliability.md").read_text()
ROWS = dict(re.findall(r"^\* - (F\d+)\n(.*?)(?=^\* - |^```$)", PAGE, re.MULTILINE | re.DOTALL))
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def test_no_row_is_missing():
    assert list(ROWS) == [f"F{number}" for number in range(1, 31)]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_threads_and_a_test(row):
    elsewhere, here, proof = re.split(r"^  - ", ROWS[row], flags=re.MULTILINE)[1:]
    assert re.search(r"[\w-]#\d+|aepp", elsewhere), "which thread, or which library?"
    assert here.strip()
    assert re.search(r"`tests/[\w/]+\.py::test_\w+`", proof)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_is_named_exists(path, name):
    tree = ast.parse((ROOT / path).read_text())
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_a_test_is_named_by_its_whole_name():
    assert len(NAMED) == len(set(re.findall(r"`(tests/[^`]*)`", PAGE)))

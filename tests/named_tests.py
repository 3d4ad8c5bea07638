"""The tests that a page of the docs names as proofs, as ``tests/folder/test_file.py::test_name``."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def read_page(name):
    """A page of the docs, or one of the root of the repository."""
    page = ROOT / "docs" / name
    return (page if page.exists() else ROOT / name).read_text()


def named_tests(page):
    """Path and name of each test that a page names, once each."""
    return sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)))


def mentions_of_tests(page):
    """What a page says in the form of a path of a test, whether it names a test by its whole name or not."""
    return set(re.findall(r"`(tests/[^`]*)`", page))


def functions_in(path):
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}

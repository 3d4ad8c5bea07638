"""docs/reference.md lists every class and function that a DAG, or a test of one, may import."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "airflow_provider_aep"
LISTED = set(re.findall(r"^\.\. auto(?:class|function):: ([\w.]+)$", (ROOT / "docs/reference.md").read_text(), re.M))
NAMES = {path.rpartition(".")[2] for path in LISTED}

# What a DAG imports from; `triggers/flow_run.py` and `emulator/__init__.py` name what they export.
IMPORTED_BY_DAGS = [
    *sorted((PACKAGE / "operators").glob("*.py")),
    *sorted((PACKAGE / "sensors").glob("*.py")),
    *(PACKAGE / name for name in ("hooks/aep.py", "assets.py", "exceptions.py", "links.py", "retry_policy.py")),
    *(PACKAGE / name for name in ("triggers/flow_run.py", "emulator/__init__.py", "emulator/pytest_plugin.py")),
]
WITH_SNIPPETS = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("example_dags/*.py"))]
IMPORT = re.compile(r"^\s*from airflow_provider_aep[\w.]* import (?:\(([^)]*)\)|([^(\n]+))", re.MULTILINE)


def public_names(module):
    """What a module defines under a name that begins with "aep", and what it exports."""
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name.lower().startswith("aep"):
            yield node.name
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            yield from ast.literal_eval(node.value)


@pytest.mark.parametrize("module", IMPORTED_BY_DAGS, ids=lambda module: str(module.relative_to(PACKAGE)))
def test_every_public_name_is_in_the_reference(module):
    assert set(public_names(module)) - NAMES == set()


@pytest.mark.parametrize("page", WITH_SNIPPETS, ids=lambda page: page.name)
def test_every_name_that_the_docs_import_is_in_the_reference(page):
    imports = [block or line for block, line in IMPORT.findall(page.read_text())]
    names = {name.strip() for each in imports for name in each.split(",")}
    assert names - NAMES - {"", "__version__"} == set()


def test_the_rule_finds_what_it_should():
    found = {name for module in IMPORTED_BY_DAGS for name in public_names(module)}
    assert {"AepRunFlowOperator", "AepFlowRunSensor", "aep_dataflow", "aep_emulator", "AepRetryPolicy"} <= found
    assert len(found) > 40

"""What the project's own files promise each other."""

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from airflow_provider_aep import __version__
from airflow_provider_aep.get_provider_info import get_provider_info

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(("name", "airflow"), [("constraints.txt", "3.3.2"), ("constraints-3.1.8.txt", "3.1.8")])
def test_constraints_are_plain_pins_of_one_airflow(name, airflow):
    lines = (ROOT / name).read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)] == []
    assert f"apache-airflow=={airflow}" in lines
    assert f"apache-airflow-core=={airflow}" in lines


def test_the_changelog_knows_this_version():
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert headings[0] == __version__


def test_the_readme_names_only_make_targets_that_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / "README.md").read_text()))
    assert {"demo", "test"} <= named <= targets


def test_the_dag_in_the_readme_can_be_copied():
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    copied = {}
    exec(code, copied)
    assert copied["flow"].dag.task_ids == ["flow_spec", "flow", "first_run"]


def test_the_links_of_the_readme_work_on_pypi():
    """Whole addresses, in the repository that pyproject.toml names, of files that are there."""
    readme = (ROOT / "README.md").read_text()
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
    raw = urls["Homepage"].replace("https://github.com/", "https://raw.githubusercontent.com/")
    definitions = dict(re.findall(r"^\[([\w-]+)\]: (\S+)$", readme, flags=re.MULTILINE))
    prose = re.sub(r"^\[[^\n]*\]: [^\n]*$|```.*?^```|`[^`\n]+`", "", readme, flags=re.MULTILINE | re.DOTALL)
    used = {label or text for text, label in re.findall(r"\[([^\]]+)\](?:\[([\w-]+)\]|(?!\())", prose)}
    assert {each.lower() for each in used} == definitions.keys()
    for url in [*definitions.values(), *re.findall(r"\]\(([^)]+)\)", prose)]:
        path = re.fullmatch(f"(?:{urls['Homepage']}/(?:blob|tree)|{raw})/main/(.+)", url)
        assert path is not None, url
        assert (ROOT / path[1]).exists(), url


@pytest.mark.parametrize("key", ["operators", "sensors"])
def test_the_reference_lists_every_class_a_dag_may_use(key):
    reference = (ROOT / "docs" / "reference.md").read_text()
    for entry in get_provider_info()[key]:
        for name in entry["python-modules"]:
            module = import_module(name)
            public = {each for each in vars(module) if re.fullmatch(r"Aep\w+(Operator|Sensor)", each)}
            assert {each for each in public if f".{each}\n" not in reference} == set()

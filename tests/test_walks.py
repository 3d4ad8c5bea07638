"""The walks in CONTRIBUTING.md: each function is there, and is called by the one above it that is indented less."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "airflow_provider_aep"
WALKS = re.findall(r"```walk\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)


def steps(walk):
    """(caller or None, callee) for each line; both are ``file:function``."""
    above = []
    for line in walk.splitlines():
        indent = len(line) - len(line.lstrip())
        above = [(depth, place) for depth, place in above if depth < indent]
        yield above[-1][1] if above else None, line.strip()
        above.append((indent, line.strip()))


def definition(place):
    file, function = place.split(":")
    node = ast.parse((PACKAGE / file).read_text())
    for name in function.split("."):
        node = next(each for each in node.body if getattr(each, "name", None) == name)
    return node


def names_used(node):
    """What a function calls, or hands on to be called."""
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute):
            yield each.attr
        if isinstance(each, ast.Name):
            yield each.id


STEPS = list(dict.fromkeys(step for walk in WALKS for step in steps(walk)))


@pytest.mark.parametrize(("caller", "callee"), STEPS, ids=lambda place: str(place))
def test_a_walk_can_be_walked(caller, callee):
    assert definition(callee)
    if caller is not None:
        assert callee.split(":")[1].split(".")[-1] in set(names_used(definition(caller)))


@pytest.mark.parametrize(("first", "most"), [("AepCreateOperator.run", 6), ("AepRunOperatorBase.run", 7)])
def test_a_walk_passes_few_files(first, most):
    (walk,) = [walk for walk in WALKS if first in walk]
    to_the_wire = [place for _, place in steps(walk)]
    files = {place.split(":")[0] for place in to_the_wire}
    assert len(files) <= most, files


def test_the_checker_sees_a_step_that_is_not_there():
    assert "send" not in set(names_used(definition("api/flow_service.py:create_flow")))
    with pytest.raises(StopIteration):
        definition("client/http.py:AepClient.post")

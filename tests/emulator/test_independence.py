"""The emulator shares no code with the rest of the package."""

import ast
from pathlib import Path

import pytest

from airflow_provider_aep import emulator

PACKAGE = Path(emulator.__file__).parent


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_it_shares_no_code_with_what_it_tests(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported = [node.module or ""]
        else:
            continue
        for name in imported:
            if name.startswith("airflow"):
                assert name.startswith("airflow_provider_aep.emulator")
    lines = path.read_text().count("\n")
    assert lines < 300, f"{lines} lines"

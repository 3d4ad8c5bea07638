"""Every snippet of the docs and the README is of the language that it says it is, and what can be run is run."""

import ast
import json
import os
import re
import subprocess
import tomllib

import pytest
import yaml
from docs_pages import PAGES, blocks, snippets


def bash(code):
    subprocess.run(["bash", "-n"], input=code, text=True, check=True, capture_output=True)


READERS = {
    "python": ast.parse,
    "json": json.loads,
    "yaml": lambda code: list(yaml.safe_load_all(code)),
    "toml": tomllib.loads,
    "bash": bash,
}


def snippets_in(language):
    """What each page says in that language, by page and number."""
    found = {}
    for page in PAGES:
        codes = [block.body for block in blocks(page) if block.language == language]
        found |= {f"{page.removesuffix('.md')}-{number}": code for number, code in enumerate(codes, 1)}
    return found


@pytest.mark.parametrize(
    ("language", "code"),
    [pytest.param(name, code, id=f"{name}-{key}") for name in READERS for key, code in snippets_in(name).items()],
)
def test_a_snippet_can_be_read(language, code):
    READERS[language](code)


def test_there_are_snippets_of_each_language():
    assert [language for language in READERS if not snippets_in(language)] == []


@snippets("emulator.md", calls="AEP=http")
def test_the_calls_of_the_page_of_the_emulator_are_answered(calls, aep, tmp_path):
    """The block of curls, as it stands there but for the address."""
    spec = {"name": "zendesk", "providerId": "0ed90a81-07f4-4586-8190-b40eccef1c5a", "version": "1.0", "sourceSpec": {}}
    (tmp_path / "zendesk-connectionSpec.json").write_text(json.dumps(spec))
    script = re.sub(r"^AEP=.*$", f"AEP={aep.url}", calls, flags=re.MULTILINE)
    script = script.replace("curl ", "curl --silent --show-error --fail-with-body ")
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-500:] + done.stderr
    assert script.count("curl ") == len(re.findall(r"^curl ", calls, re.MULTILINE)) > 15

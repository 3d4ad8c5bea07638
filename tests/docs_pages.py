"""The fenced blocks of the docs: commands, files, snippets and what they print; and which of them cannot run here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent

import pytest
from named_tests import ROOT, read_page

PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", *sorted(page.name for page in (ROOT / "docs").glob("*.md")))

NETWORK = "needs a package index or GitHub"
DOCKER = "needs a Docker daemon"
MAKE = "makes an environment of its own from a package index; .ci/run does it"
# By page and first line; each other block is run by a test.
CANNOT_RUN = {
    ("README.md", "$ pip install ."): NETWORK,
    ("README.md", "$ make test"): MAKE,
    ("index.md", "$ pip install ."): NETWORK,
    ("quick-start.md", "$ git clone https://github.com/airflow-provider-aep/airflow-provider-aep"): NETWORK,
    ("deployment.md", "$ git clone https://github.com/airflow-provider-aep/airflow-provider-aep"): NETWORK,
    ("deployment.md", "$ pip install dist/airflow_provider_aep-*.whl \\"): NETWORK,
    ("deployment.md", "$ docker build --file docker/Dockerfile --tag airflow-aep ."): DOCKER,
    ("deployment.md", "FROM apache/airflow:3.3.2-python3.11"): DOCKER,
    ("deployment.md", "RUN pip install --no-cache-dir include/airflow_provider_aep-*.whl"): DOCKER,
    ("emulator.md", "$ docker compose --file docker/compose.yaml up --build"): DOCKER,
    ("performance.md", "$ make bench          # this provider: import, requests, waiting, lint"): (
        "measures for many minutes, on a machine without other work"
    ),
}

# The pages that a test follows in a shell, and those whose commands it runs and compares in its own process.
FOLLOWED = (
    *("deployment.md", "emulator.md", "file-source.md", "migrating.md", "quick-start.md", "self-serve-source.md"),
    *("stream-source.md", "table-source.md", "testing-your-dags.md"),
)
REPLAYED = ("assumptions.md", "command-line.md", "dataflow-files.md", "dataflows-as-code.md", "sources.md")

_FENCE = re.compile(
    r"^(?P<indent> *)(?P<ticks>`{3,})(?P<info>[^`\n]*)\n(?P<text>.*?)^(?P=indent)(?P=ticks) *$",
    re.MULTILINE | re.DOTALL,
)
_OPTIONS = re.compile(r"\A(?::[\w-]+:[^\n]*\n)+\n?")
_FILE = re.compile(r"\A# (\S+/\S+)\n")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    :param place: where it begins in the page, in characters.
    :param language: `python`, `console` and the like, or a directive of Sphinx with its braces.
    :param argument: what follows the directive.
    :param file: the file that it is, or that it changes: its caption, or a comment in the first line.
    :param body: its lines, without options and such a comment.
    """

    page: str
    place: int
    language: str
    argument: str
    file: str | None
    body: str

    @property
    def first_line(self) -> str:
        return self.body.partition("\n")[0]

    @property
    def cannot_run(self) -> str | None:
        """Why no test runs it."""
        return CANNOT_RUN.get((self.page, self.first_line))

    @property
    def is_copied(self) -> bool:
        """Whether a reader makes a file of it, or types it."""
        return not self.cannot_run and bool(self.file or self.language == "console")


def blocks(page: str) -> list[Block]:
    """All fenced blocks of a page, in their order."""
    return [_block(page, fence) for fence in _FENCE.finditer(read_page(page))]


def block(page: str, phrase: str) -> Block:
    """The one block of a page that holds a phrase."""
    (found,) = [each for each in blocks(page) if phrase in each.body]
    return found


# The blocks that tests have been given.
SNIPPETS: list[Block] = []


def snippets(page: str, **phrases: str) -> pytest.MarkDecorator:
    """Gives a test the blocks of a page, each named as an argument, that hold these phrases; and counts them as run."""
    found = [block(page, phrase) for phrase in phrases.values()]
    SNIPPETS.extend(found)
    return pytest.mark.parametrize(tuple(phrases), [tuple(each.body for each in found)], ids=[page.removesuffix(".md")])


def commands(body: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what the page says it prints."""
    found = []
    for said in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command = re.match(r"(?:[^\n]*\\\n)*[^\n]*", said)[0]
        found.append((command, said[len(command) :].strip("\n")))
    return found


def _block(page: str, fence: re.Match[str]) -> Block:
    info = re.sub(r"^\{code-block\} ?", "", fence["info"].strip())
    language, _, argument = info.partition(" ")
    # In a list a block is indented with its item.
    text = dedent(fence["text"])
    options = _OPTIONS.match(text)
    body = text[options.end() :] if options else text
    # The caption of a directive, such as a table of contents, is a title.
    is_code = not language.startswith("{")
    file = re.search(r"^:caption: (\S+)$", options[0], re.MULTILINE) if options and is_code else None
    if not file and language in ("yaml", "diff") and (file := _FILE.match(body)):
        body = body[file.end() :]
    return Block(page, fence.start(), language, argument, file[1] if file else None, body)

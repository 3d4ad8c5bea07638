"""No block of the docs goes unnoticed: each is run by a test, or is in the table of those that cannot be run here."""

import re
from collections import Counter

import pytest
import test_docs_followed  # noqa: F401
import test_docs_run  # noqa: F401
import test_docs_snippets  # noqa: F401
from docs_pages import CANNOT_RUN, FOLLOWED, PAGES, REPLAYED, SNIPPETS, blocks
from named_tests import ROOT, read_page

from airflow_provider_aep.cli.verbs import VERBS

# Blocks of which Sphinx makes something: `make docs` fails if it cannot. A walk is compared by tests/test_walks.py.
DIRECTIVES = ("{toctree}", "{eval-rst}", "{list-table}", "{include}", "walk")
# What a page shows of a file, and the test that runs it.
SHOWN = {
    "../example_dags/example_apply_dataflows.py": "test_example_dags.py",
    "../example_dags/example_crm_dataflow.py": "test_example_dags.py",
    "../example_dags/example_dataflow_health.py": "test_example_dags.py",
    "../example_dags/example_on_demand_run.py": "test_up.py",
    "../example_dags/example_promote_dataflows.py": "test_example_dags.py",
    "../example_dags/example_streaming_dataflow.py": "test_example_dags.py",
    "../airflow_provider_aep/exceptions.py": "test_exceptions.py",
    "ci/github-actions.yml": "dataflow/test_dataflows_as_code_page.py",
}
# Importing the tests has filled the list of snippets.
BLOCKS = [block for page in PAGES for block in blocks(page)]


def is_run(block):
    """Whether one of the tests runs it."""
    return (
        (block.page in FOLLOWED + REPLAYED and block.is_copied)
        or block in SNIPPETS
        or (block.language == "{literalinclude}" and block.argument in SHOWN)
        or block.language in DIRECTIVES
    )


@pytest.mark.parametrize("page", PAGES)
def test_each_block_is_run_or_known_to_be_impossible(page):
    neither = [(each.language, each.first_line) for each in blocks(page) if not is_run(each) and not each.cannot_run]
    assert neither == []


def test_the_table_of_what_cannot_run_holds_nothing_else():
    impossible = Counter((each.page, each.first_line) for each in BLOCKS if each.cannot_run)
    assert set(CANNOT_RUN) == set(impossible)
    assert set(impossible.values()) == {1}
    assert [each for each in BLOCKS if each.cannot_run and is_run(each)] == []


def test_the_tables_name_pages_and_files_that_are_shown():
    assert {*FOLLOWED, *REPLAYED} <= {each.page for each in BLOCKS}
    assert set(SHOWN) == {each.argument for each in BLOCKS if each.language == "{literalinclude}"}
    for file, test in SHOWN.items():
        name = file.rpartition("/")[2].partition(".")[0]
        assert re.search(rf"\b{name}\b", (ROOT / "tests" / test).read_text()), (file, test)


@pytest.mark.parametrize(("pages", "call"), [(FOLLOWED, "followed("), (REPLAYED, "replay(")])
def test_a_page_of_the_tables_is_run_by_a_test(pages, call):
    tests = [path.read_text() for path in (ROOT / "tests").rglob("test_docs_*.py")]
    tests += [path.read_text() for path in (ROOT / "tests").rglob("test_*_page.py")]
    assert [page for page in pages if not any(call in text and f'"{page}"' in text for text in tests)] == []


def test_there_are_no_blocks_of_another_form():
    """Such as `~~~` and `:::`, which the tests do not read."""
    assert [page for page in PAGES if re.search(r"^ *(~~~|:::)", read_page(page), re.MULTILINE)] == []


def test_make_has_the_targets_that_the_docs_name():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"(?:`|^\$ )make ([a-z-]+)", read_page(page), re.MULTILINE)}
    assert named <= targets


@pytest.mark.parametrize("page", PAGES)
def test_a_command_within_a_sentence_has_a_verb_and_options_that_there_are(page):
    verbs = {verb.name: {"--help", *(argument.flag for argument in verb.arguments)} for verb in VERBS}
    for command in re.findall(r"`airflow[- ]aep ([a-z][^`]*)`", read_page(page)):
        verb, *words = command.split()
        assert {word for word in words if word.startswith("--")} <= verbs[verb], command

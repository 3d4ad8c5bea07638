"""docs/reliability.md has a section for each failure, with its tests folded, and every test it names exists."""

import re

import pytest
from named_tests import functions_in, mentions_of_tests, named_tests, read_page

PAGE = read_page("reliability.md")
SECTIONS = dict(re.findall(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
FAILURES = {title.split(". ")[0]: text for title, text in SECTIONS.items() if re.match(r"F\d+\. \w", title)}
NAMED = named_tests(PAGE)
PROOF = "<details>\n<summary>Tests</summary>\n"


def test_no_failure_is_missing():
    assert list(FAILURES) == [f"F{number}" for number in range(1, 31)]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_names_threads_and_says_what_happens_here(failure):
    elsewhere, here = FAILURES[failure].split(PROOF)[0].split("\n**Here.** ")
    assert elsewhere.startswith("\n**Elsewhere.** ")
    assert re.search(r"\[[\w./-]+#\d+\]\(https://github\.com/[\w./-]+/issues/\d+\)|aepp", elsewhere), "which thread?"
    assert here.strip()


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_is_short_and_folds_its_tests(section):
    said, proof = SECTIONS[section].split(PROOF)
    assert 0 < len(said.split()) < 250
    assert named_tests(proof)
    assert proof.rstrip().endswith("</details>")
    assert not named_tests(said)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_is_named_exists(path, name):
    assert name in functions_in(path)


def test_a_test_is_named_by_its_whole_name():
    assert len(NAMED) == len(mentions_of_tests(PAGE))

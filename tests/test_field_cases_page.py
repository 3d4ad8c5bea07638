"""docs/field-cases.md has a section for each case, with the tests that show it, and every test it names exists."""

import re

import pytest
from named_tests import functions_in, mentions_of_tests, named_tests, read_page

PAGE = read_page("field-cases.md")
CASES = dict(re.findall(r"^### ([A-F]\d*)\. (.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
NAMED = named_tests(PAGE)
# E2 is part of another piece of work.
EXPECTED = [
    *(f"A{number}" for number in range(1, 6)),
    *(f"B{number}" for number in range(1, 8)),
    *("C1", "C2"),
    *(f"E{number}" for number in (1, 3, 4, 5, 6, 7, 8)),
    "F",
]


def test_no_case_is_missing():
    assert list(CASES) == EXPECTED


@pytest.mark.parametrize("case", CASES)
def test_a_case_says_what_happens_and_folds_its_tests(case):
    said, proofs = CASES[case].split("<details>\n<summary>Tests</summary>\n")
    assert len(said.split()) > 20
    before, now = said.split("\n**Now.** ")
    assert "\n\n**Before.** " in before
    assert now.strip()
    assert named_tests(proofs)
    assert proofs.rstrip().endswith("</details>")
    assert not named_tests(said)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_is_named_exists(path, name):
    assert name in functions_in(path)


def test_a_test_is_named_by_its_whole_name():
    assert len(NAMED) == len(mentions_of_tests(PAGE))

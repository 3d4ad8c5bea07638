"""docs/reliability.md promises a proof for each row: every row is there, and every test it names exists."""

import re

import pytest
from named_tests import functions_in, mentions_of_tests, named_tests, read_page

PAGE = read_page("reliability.md")
ROWS = dict(re.findall(r"^\* - (F\d+)\n(.*?)(?=^\* - |^```$)", PAGE, re.MULTILINE | re.DOTALL))
NAMED = named_tests(PAGE)


def test_no_row_is_missing():
    assert list(ROWS) == [f"F{number}" for number in range(1, 31)]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_threads_and_a_test(row):
    elsewhere, here, proof = re.split(r"^  - ", ROWS[row], flags=re.MULTILINE)[1:]
    assert re.search(r"[\w-]#\d+|aepp", elsewhere), "which thread, or which library?"
    assert here.strip()
    assert re.search(r"`tests/[\w/]+\.py::test_\w+`", proof)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_is_named_exists(path, name):
    assert name in functions_in(path)


def test_a_test_is_named_by_its_whole_name():
    assert len(NAMED) == len(mentions_of_tests(PAGE))

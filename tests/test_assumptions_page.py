"""docs/assumptions.md and tests/profiles/opposite.json are made from the table of assumptions."""

import json
import runpy

from named_tests import ROOT, read_page

from airflow_provider_aep.probe.profile import opposite_profile


def test_the_page_is_made_from_the_table():
    made = runpy.run_path(str(ROOT / "scripts" / "assumptions_page.py"))["page"]()
    assert read_page("assumptions.md") == made, "python scripts/assumptions_page.py > docs/assumptions.md"


def test_the_profile_that_tests_run_on_is_the_opposite_of_the_table():
    assert json.loads((ROOT / "tests" / "profiles" / "opposite.json").read_text()) == opposite_profile()


def test_what_a_test_assumes_is_in_the_table():
    import re

    marks = [
        mark
        for path in (ROOT / "tests").rglob("test_*.py")
        for mark in re.findall(r"^@pytest\.mark\.assumes\(([^)]*)\)", path.read_text(), re.MULTILINE)
    ]
    ids = {id_ for mark in marks for id_ in re.findall(r'"([^"]+)"', mark)}
    assert ids <= set(opposite_profile()["answers"])
    assert len(ids) > 5

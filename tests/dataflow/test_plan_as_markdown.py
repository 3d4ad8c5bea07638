"""A plan on a page that shows Markdown: line by line as in the log."""

import hypothesis.strategies as st
from hypothesis import given
from markdown_it import MarkdownIt

from airflow_provider_aep.dataflow.render import as_markdown

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
LINE = st.text(st.sampled_from(" `+~-!<>*_#|ab1.")).map(str.rstrip)


def shown(markdown):
    """The lines that a page shows, each of them code."""
    for block in MarkdownIt().parse(markdown):
        for piece in block.children or ():
            if piece.type == "code_inline":
                yield piece.content.replace(NO_BREAK_SPACE, " ")
            else:
                assert piece.type == "hardbreak", piece


def test_each_line_is_a_line_and_its_columns_are_kept():
    plan = "dev · 1 dataflow\n\nAccounts     accounts.yaml\n  ~ dataflow\n      description   a -> b"
    assert list(shown(as_markdown(plan))) == ["dev · 1 dataflow", " ", *plan.splitlines()[2:]]


@given(st.lists(LINE, min_size=1))
def test_no_character_of_a_plan_is_taken_for_markdown(lines):
    assert list(shown(as_markdown("\n".join(lines)))) == [line or " " for line in "\n".join(lines).splitlines()]

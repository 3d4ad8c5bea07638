"""docs/command-line.md shows what the commands print: they are run against the emulator, and compared."""

import pytest
from ailing import fill
from named_tests import read_page
from transcripts import replay

from airflow_provider_aep.cli.verbs import VERBS


@pytest.mark.aep(speed=0)
def test_the_transcripts_are_what_the_commands_print(aep, capsys):
    fill(aep)
    replayed = replay("command-line.md", capsys)
    assert len(replayed) > 5
    for said, printed in replayed:
        assert printed == said


def test_every_verb_has_its_place():
    page = read_page("command-line.md")
    assert [verb.name for verb in VERBS if f"`{verb.name}`" not in page] == []

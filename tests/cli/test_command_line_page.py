"""docs/command-line.md shows what the commands print: they are run against the emulator, and compared."""

from functools import partial

import pytest
from ailing import fill
from named_tests import read_page
from transcripts import replay

from airflow_provider_aep.cli.verbs import VERBS
from airflow_provider_aep.emulator import AepEmulator


@pytest.mark.aep(speed=0)
def test_the_transcripts_are_what_the_commands_print(aep, capsys, monkeypatch):
    fill(aep)  # takes hours of the platform's
    with AepEmulator() as punctual:
        use = partial(monkeypatch.setenv, "AIRFLOW_CONN_AEP_DEFAULT", punctual.connection_json())
        replayed = replay("command-line.md", capsys, {"the clock is right": use})
    assert len(replayed) > 5
    for said, printed in replayed:
        assert printed == said


def test_every_verb_has_its_place():
    page = read_page("command-line.md")
    assert [verb.name for verb in VERBS if f"`{verb.name}`" not in page] == []

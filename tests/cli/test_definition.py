"""airflow aep ...: the same verbs as Airflow's own sub-commands."""

import argparse
import subprocess
import sys
from unittest.mock import Mock

import pytest
from airflow.cli.cli_config import ActionCommand, GroupCommand

from airflow_provider_aep.cli.definition import get_cli_commands
from airflow_provider_aep.cli.verbs import VERBS


def commands():
    [group] = get_cli_commands()
    assert isinstance(group, GroupCommand)
    assert group.name == "aep"
    return {command.name: command for command in group.subcommands}


def parse(command, line):
    """Read a line as Airflow does."""
    parser = argparse.ArgumentParser()
    for argument in command.args:
        argument.add_to_parser(parser)
    return parser.parse_args(line)


def test_the_verbs_are_those_of_the_console_script():
    assert list(commands()) == [verb.name for verb in VERBS]
    assert all(isinstance(command, ActionCommand) for command in commands().values())


def test_a_verb_is_run_with_the_arguments_that_airflow_read(mocker):
    serve = Mock()
    mocker.patch("airflow_provider_aep.emulator.serve.serve", serve)
    command = commands()["emulator"]
    command.func(parse(command, ["--port", "0", "--auto-advance", "2"]))
    serve.assert_called_once_with(port=0, connection_file=None, state_file=None, speed=1.0, auto_advance=2.0)


def test_a_refusal_is_one_sentence_and_no_traceback():
    command = commands()["emulator"]
    with pytest.raises(SystemExit) as refusal:
        command.func(parse(command, ["--port", "70000"]))
    assert refusal.value.code == "--port must be between 0 (any free port) and 65535, not 70000."


@pytest.mark.parametrize(("outcome", "code"), [([2], 2), (KeyboardInterrupt, 130)])
def test_airflow_ends_with_the_verbs_exit_code(mocker, outcome, code):
    mocker.patch("airflow_provider_aep.cli.emulator.run", side_effect=outcome)
    command = commands()["emulator"]
    with pytest.raises(SystemExit) as end:
        command.func(parse(command, []))
    assert end.value.code == code


def test_reading_the_definition_loads_neither_airflow_nor_a_verb():
    script = (
        "import sys; import airflow_provider_aep.cli.definition; "
        "print([name for name in sys.modules if name.split('.')[0] in ('airflow', 'requests', 'pydantic')"
        " or name == 'airflow_provider_aep.cli.emulator'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

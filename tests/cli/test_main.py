"""airflow-aep: the console script."""

import subprocess
import sys
from importlib import import_module
from types import ModuleType
from unittest.mock import create_autospec

import pytest

from airflow_provider_aep import __version__
from airflow_provider_aep.cli.arguments import PLATFORM, SPECS, argument, duration
from airflow_provider_aep.cli.main import main
from airflow_provider_aep.cli.verbs import Verb


@pytest.fixture
def serve(mocker):
    """What starts the emulator, replaced by a recorder that takes the same arguments."""
    serve = create_autospec(import_module("airflow_provider_aep.emulator.serve").serve)
    mocker.patch("airflow_provider_aep.emulator.serve.serve", serve)
    return serve


def test_the_emulator_starts_with_its_defaults(serve):
    assert main(["emulator"]) == 0
    serve.assert_called_once_with(port=8099, connection_file=None, state_file=None, speed=1.0, auto_advance=0.0)


def test_the_emulator_starts_as_told(serve):
    options = ["--port", "0", "--connection-file", "c.json", "--state-file", "s.json"]
    assert main(["emulator", *options, "--speed", "60", "--auto-advance", "1.5"]) == 0
    serve.assert_called_once_with(port=0, connection_file="c.json", state_file="s.json", speed=60.0, auto_advance=1.5)


def test_the_emulator_is_told_of_addresses_and_specs(serve):
    options = ["--host", "0.0.0.0", "--allow-host", "aep.ci.example", "--spec", "a.json", "--spec", "b.json"]
    assert main(["emulator", *options]) == 0
    told = serve.call_args.kwargs
    assert told["host"] == "0.0.0.0"
    assert told["allowed_hosts"] == ["aep.ci.example"]
    assert told["spec_files"] == ["a.json", "b.json"]


def test_a_file_without_specs_is_named_in_one_sentence(capsys, tmp_path):
    file = tmp_path / "spec.json"
    file.write_text('{"name": "zendesk"}')
    assert main(["emulator", "--port", "0", "--spec", str(file)]) == 1
    assert capsys.readouterr().err == (
        "airflow-aep: --spec must name a JSON file of connection specs or flow specs: "
        "a spec needs providerId, version as a text.\n"
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--port", "65536"],
            "airflow-aep: --port must be between 0 (any free port) and 65535, not 65536.\n",
        ),
        (["--port", "-1"], "airflow-aep: --port must be between 0 (any free port) and 65535, not -1.\n"),
        (["--speed", "-2"], "airflow-aep: --speed must be a number from 0 up, not -2.0.\n"),
        (["--auto-advance", "nan"], "airflow-aep: --auto-advance must be a number from 0 up, not nan.\n"),
    ],
)
def test_a_value_of_no_use_is_refused_in_one_sentence(serve, capsys, options, sentence):
    assert main(["emulator", *options]) == 1
    assert capsys.readouterr().err == sentence
    serve.assert_not_called()


def test_a_port_in_use_is_told_in_one_sentence(serve, capsys):
    serve.side_effect = OSError(98, "Address already in use")
    assert main(["emulator"]) == 1
    reason = "[Errno 98] Address already in use"
    assert capsys.readouterr().err == f"airflow-aep: The emulator cannot start on port 8099: {reason}.\n"


def test_an_interrupt_ends_it_quietly(serve, capsys):
    serve.side_effect = KeyboardInterrupt
    assert main(["emulator"]) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("line", [[], ["emulate"], ["emulator", "--port", "many"]])
def test_a_line_that_cannot_be_read_ends_with_64(line):
    """Not with argparse's 2, which a CI would take for what `plan` and `drift` mean by it: there are changes."""
    with pytest.raises(SystemExit, match="64"):
        main(line)


@pytest.fixture
def verb(monkeypatch):
    """Makes `airflow-aep try [--fast] ...` do what a test says."""

    def define(run):
        module = ModuleType("a_verb_for_tests")
        module.run = run
        monkeypatch.setitem(sys.modules, module.__name__, module)
        tried = Verb("try", "for tests", module.__name__, (*PLATFORM, *SPECS, argument("--fast", "f", type=duration)))
        monkeypatch.setattr("airflow_provider_aep.cli.main.VERBS", (tried,))

    return define


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (2, 2)])
def test_a_verb_says_its_exit_code(verb, returned, code):
    verb(lambda args: returned)
    assert main(["try", "dataflows/"]) == code


def test_verbs_share_arguments(verb):
    seen = []
    verb(seen.append)
    main(
        ["try", "a.yaml", "b/", "--connection", "aep_prod", "--sandbox", "dev", "--json", "--only", "a*", "--only", "b"]
    )
    (args,) = seen
    assert (args.paths, args.only, args.connection) == (["a.yaml", "b/"], ["a*", "b"], "aep_prod")
    assert (args.sandbox, args.json, args.fast) == ("dev", True, None)


def test_a_file_that_cannot_be_used_is_one_sentence(verb, capsys):
    verb(lambda args: open("/nowhere/plan.json"))
    assert main(["try", "x"]) == 1
    assert capsys.readouterr().err == "airflow-aep: [Errno 2] No such file or directory: '/nowhere/plan.json'.\n"


def test_a_value_that_cannot_be_read_ends_with_64_and_names_it(verb, capsys):
    verb(lambda args: None)
    with pytest.raises(SystemExit, match="64"):
        main(["try", "x", "--fast", "soon"])
    assert capsys.readouterr().err == (
        "airflow-aep try: argument --fast: 'soon' is no duration: give a number and s, m, h, d or w, "
        "such as 90m, 36h or 2d. See airflow-aep try --help.\n"
    )


def test_a_reader_that_has_read_enough_is_no_error():
    """As in `airflow-aep flows | head -1`."""
    script = (
        "from types import ModuleType; import sys; from airflow_provider_aep.cli import main, verbs;"
        "sys.modules['long'] = long = ModuleType('long'); long.run = lambda args: print('x\\n' * 1_000_000);"
        "main.VERBS = (verbs.Verb('long', '', 'long', ()),); sys.exit(main.main(['long']))"
    )
    line = f'set -o pipefail; {sys.executable} -c "{script}" | head -1'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "x\n", "")


def test_it_knows_its_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"airflow-aep {__version__}\n"


def test_it_starts_without_airflow():
    script = (
        "import sys; from airflow_provider_aep.cli.main import main; "
        "sys.argv = ['airflow-aep', 'emulator', '--port', '-1']; main(); "
        "print([name for name in ('airflow', 'requests', 'rich', 'starlette') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

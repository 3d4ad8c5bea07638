"""terminal.py: what verbs show, on a terminal and in a pipe."""

import io
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import pytest

from airflow_provider_aep.cli.terminal import cell, print_json, print_table, print_text, printable, progress

HOSTILE = "<script>[bold]\x1b[2J\r\n:smile:"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@contextmanager
def terminal():
    """Standard output and standard error as one terminal that knows colours."""
    stream = Terminal()
    with redirect_stdout(stream), redirect_stderr(stream):
        yield stream


def table():
    print_table(["name", "runs"], [["Orders", 12], [cell("Accounts", "bad"), None]], numbers=["runs"])


def test_a_table_in_a_pipe_is_plain(capsys):
    table()
    assert capsys.readouterr().out == "name      runs\nOrders      12\nAccounts\n"


def test_a_table_on_a_terminal_has_colours():
    with terminal() as screen:
        table()
    assert "\x1b[1;31mAccounts" in screen.getvalue()


def test_no_color_is_respected(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    with terminal() as screen:
        table()
    assert "31m" not in screen.getvalue()
    assert "Accounts" in screen.getvalue()


def test_a_line_in_a_pipe_is_never_broken(capsys):
    print_table(["name"], [["x" * 300]])
    print_text("y" * 300)
    assert capsys.readouterr().out == f"name\n{'x' * 300}\n{'y' * 300}\n"


def test_a_name_cannot_move_the_cursor_or_pass_for_markup(capsys):
    assert (
        printable(HOSTILE)
        == "<script>[bold]\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}:smile:"
    )
    print_table(["name"], [[HOSTILE]])
    print_text(HOSTILE, "good")
    assert capsys.readouterr().out == f"name\n{printable(HOSTILE)}\n{printable(HOSTILE)}\n"


def test_json_keeps_its_letters(capsys):
    print_json({"name": "Käufe"})
    assert capsys.readouterr().out == '{\n  "name": "Käufe"\n}\n'


def test_progress_is_shown_on_a_terminal():
    with terminal() as screen, progress("Reading", total=2) as advance:
        advance()
        advance(1, "Reading [runs]")
    assert "Reading [runs]" in screen.getvalue()


def test_progress_is_silent_elsewhere(capsys):
    with progress("Reading") as advance:
        advance()
    assert capsys.readouterr() == ("", "")


def test_forced_colours_show_no_progress_in_a_file(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress("Looking at what is live") as advance:
        advance(1)
    assert capsys.readouterr().err == ""

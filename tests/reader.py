"""A reader of the docs: copies the files and commands of a page, in a folder and an environment of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from docs_pages import FOLLOWED, blocks, commands
from named_tests import ROOT

_CHANGING = {
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "ID",
    r"\b[0-9a-f]{24,}\b|\b01[0-9A-HJKMNP-TV-Z]{24}\b": "ID",
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?Z?": "TIME",
    r"\d+ requests, \d+\.\d+ s\b": "N requests",
    r"\d+ records in, \d+ out": "N records",
    r"Done in \d+ s|answered \d+ requests": "N",
    r"Fingerprint [0-9a-f]{8}": "Fingerprint",
    r"[ \t]+": " ",
}


def follow(
    *pages: str, folder: Path, own: dict[str, str] | None = None, seconds: int = 900
) -> list[tuple[str, str, str]]:
    """Do what the pages say, in their order. Returns each command, what its page says it prints, and what it printed.

    Raises AssertionError at the first command that fails, with all that was printed until then. Where a page asks
    `$ echo $?`, the command before it may fail.

    :param own: what the reader has to say otherwise on this machine, such as a port, by what the page says.
    """
    assert set(pages) <= set(FOLLOWED)
    steps = [(kind, _own(name, own), _own(body, own)) for page in pages for kind, name, body in _steps(page)]
    script = ["trap 'kill $(jobs -p) 2>/dev/null' EXIT", "code=0"]
    for number, (kind, name, body) in enumerate(steps):
        asked = [each[1] for each in steps[number + 1 : number + 2]] == ["echo $?"]
        if kind == "file":
            script += [f"mkdir -p \"$(dirname '{name}')\"", f"cat > '{name}' <<'END_OF_FILE'\n{body}END_OF_FILE"]
        elif name == "echo $?":
            script += [f"printf '\\n== {number} ==\\n'", "echo $code"]
        else:
            script += [f"printf '\\n== {number} ==\\n'", name, "code=$?"]
            script += [] if asked else ["[ $code = 0 ] || exit $code"]
    output = folder.parent / f"{folder.name}-output"  # a pipe would be held open by what runs in the background
    with output.open("w") as screen:
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            cwd=folder,
            env=environment(folder),
            stdout=screen,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    shown = output.read_text(errors="replace")
    assert done.returncode == 0, shown[-6000:]
    printed = dict(re.findall(r"^== (\d+) ==\n(.*?)(?=^== \d+ ==$|\Z)", shown, re.MULTILINE | re.DOTALL))
    return [(name, body, printed[str(n)]) for n, (kind, name, body) in enumerate(steps) if kind == "command"]


def missing_lines(said: str, printed: str) -> list[str]:
    """The lines that a page shows and a command did not print, but for ids, times and counts."""
    lines = {_still(line) for line in printed.splitlines()}
    return [line for line in said.splitlines() if line.strip() not in ("", "...") and _still(line) not in lines]


def _steps(page):
    for block in [each for each in blocks(page) if each.is_copied]:
        if block.file:
            yield "file", block.file, block.body
        else:
            yield from (("command", command, said) for command, said in commands(block.body))


def _own(text, own):
    for shown, used in (own or {}).items():
        text = text.replace(shown, used)
    return text


def environment(folder: Path) -> dict[str, str]:
    """Nothing of this session but the interpreter and, if it is not installed there, the package alone."""
    alone = folder.parent / f"{folder.name}-package"
    alone.mkdir(exist_ok=True)
    if not (alone / "airflow_provider_aep").exists():
        (alone / "airflow_provider_aep").symlink_to(ROOT / "airflow_provider_aep")
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "COLUMNS": "200",
        "NO_PROXY": "127.0.0.1,localhost",
        "PYTHONPATH": str(alone),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _still(line: str) -> str:
    for pattern, still in _CHANGING.items():
        line = re.sub(pattern, still, line)
    return line.strip()

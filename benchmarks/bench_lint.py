"""Lint of 100 spec files, beside reading their YAML with PyYAML's fast loader: CPU time, medians."""

from __future__ import annotations

import gc
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from airflow_provider_aep.dataflow.lint import lint

FILES = 100
ROUNDS = 15
TARGETS = {"lint for one sandbox": " (target: at most 2)"}
SPECS = sorted((Path(__file__).parent.parent / "tests" / "dataflow" / "specs").glob("*.yaml"))


def write_specs(folder: Path) -> None:
    """Every resource gets a name of its own, so that none is looked at twice."""
    texts = [path.read_text() for path in SPECS]
    for number in range(FILES):
        text = texts[number % len(texts)]
        text = re.sub(r"(?<!_)(name|title|schema|base_connection): ([A-Z][^{}#\n]*[^{}#\s])", rf"\1: \2 {number}", text)
        (folder / f"{number}.yaml").write_text(text)


def seconds(measured: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time()
    measured()
    return time.process_time() - begun


def main() -> None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_specs(folder)
        assert lint(folder, now=0) == []
        measured = {
            "reading their YAML": lambda: [yaml.load(path.read_text(), Loader=loader) for path in folder.iterdir()],
            "lint for one sandbox": lambda: lint(folder, sandbox="prod", now=0),
            "lint for both sandboxes": lambda: lint(folder, now=0),
        }
        # In turn, so that other work on the machine meets all of them alike.
        rounds = [[seconds(each) for each in measured.values()] for _ in range(ROUNDS)]
    print(f"Lint of {FILES} spec files, CPU time, median of {ROUNDS}; reading is {loader.__name__}'s")
    for title, times in zip(measured, zip(*rounds, strict=True), strict=True):
        ratio = statistics.median(one / reading for one, (reading, *_) in zip(times, rounds, strict=True))
        print(f"  {title:<25}{statistics.median(times) * 1000:>8.1f} ms  {ratio:>5.2f}{TARGETS.get(title, '')}")


if __name__ == "__main__":
    main()

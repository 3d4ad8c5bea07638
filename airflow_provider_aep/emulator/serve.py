"""The emulator as a process of its own: `airflow-aep emulator`."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from airflow_provider_aep.emulator.emulator import AepEmulator
from airflow_provider_aep.emulator.services.specs.registry import specs_in


def serve(
    port: int = 0,
    connection_file: str | None = None,
    state_file: str | None = None,
    speed: float = 1.0,
    auto_advance: float = 0.0,
    spec_files: Iterable[str] = (),
    host: str = "127.0.0.1",
    allowed_hosts: Iterable[str] = (),
    **switches: Any,
) -> None:
    """Serve until SIGINT or SIGTERM.

    Once it listens, the Airflow connection is written to `connection_file`, or printed if there is none.
    `spec_files` are JSON files of connection specs and flow specs; `switches` what else `AepEmulator` takes.

    :raises OSError: the port or a file cannot be used.
    :raises ValueError: a file holds no spec.
    """
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    specs = [spec for file in spec_files for spec in specs_in(json.loads(Path(file).read_text()))]
    with AepEmulator(
        port,
        host=host,
        allowed_hosts=allowed_hosts,
        state_file=state_file,
        speed=speed,
        auto_advance=auto_advance,
        specs=specs,
        **switches,
    ) as aep:
        print(f"The emulator is listening on {aep.url} (Ctrl+C stops it)", file=sys.stderr, flush=True)
        if connection_file:
            _write(Path(connection_file), aep.connection_json())
        else:
            print(aep.connection_json(), flush=True)
        stopping.wait()


def _write(path: Path, content: str) -> None:
    """A reader that waits for the file never sees half of it."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(content + "\n")
    partial.replace(path)

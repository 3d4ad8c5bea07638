"""The emulator as a process of its own: `airflow-aep emulator`."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

from airflow_provider_aep.emulator.emulator import AepEmulator


def serve(
    port: int = 0,
    connection_file: str | None = None,
    state_file: str | None = None,
    speed: float = 1.0,
    auto_advance: float = 0.0,
    **switches: Any,
) -> None:
    """Serve until SIGINT or SIGTERM.

    Once it listens, the Airflow connection is written to `connection_file`, or printed if there is none.
    """
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with AepEmulator(port, state_file=state_file, speed=speed, auto_advance=auto_advance, **switches) as aep:
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

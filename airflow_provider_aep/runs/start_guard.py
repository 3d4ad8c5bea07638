"""A guard on one machine: while a task looks for other runs of a dataflow and then starts its own, no other task of the
same user does so for that dataflow.

The guard is a locked file in the machine's temporary folder. The operating system releases the lock when its process
ends, however it ends. Besides, the file names the run that was started last, because lists show a new run only after a
while. Machines do not guard each other.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import math
import os
import random
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tempfile import gettempdir
from typing import TYPE_CHECKING

from airflow_provider_aep.validation import id_problem

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient

log = logging.getLogger(__name__)

# Seconds that a task waits for the lock. A holder needs them only where the platform does not answer.
_PATIENCE = 120.0
_PAUSE = 0.25
_MOST_BYTES = 200


@dataclass(frozen=True)
class LastStart:
    """The run that was started last on this machine.

    :param at_ms: when it was asked for, epoch milliseconds on the platform's clock.
    """

    run_id: str
    at_ms: int


class StartGuard:
    """What a task holds from its look until its request was answered.

    :param file: the descriptor of the locked file; None where nothing could be locked.
    """

    def __init__(self, file: int | None) -> None:
        self._file = file

    def last_start(self) -> LastStart | None:
        """The run that was started last; None if none is known."""
        if self._file is None:
            return None
        try:
            written = json.loads(os.pread(self._file, _MOST_BYTES, 0))
            last = LastStart(written["run_id"], int(written["at_ms"]))
        except (ValueError, KeyError, TypeError, OSError):
            return None
        return None if id_problem(last.run_id, "uuid") else last

    def started(self, start: LastStart) -> None:
        """Write down the run that was started."""
        if self._file is None:
            return
        text = json.dumps({"run_id": start.run_id, "at_ms": start.at_ms})
        try:
            os.pwrite(self._file, text.ljust(_MOST_BYTES).encode(), 0)
        except OSError as problem:
            log.warning("Flow run %s could not be noted for other tasks of this machine: %s", start.run_id, problem)


@contextmanager
def guarded_start(client: AepClient, flow_id: str, *, until: float = math.inf) -> Iterator[StartGuard]:
    """Guard the start of a run. Where that is not possible, the log says so and the start is not guarded.

    :param until: when to wait for another task no longer, wall-clock epoch seconds.
    """
    # The host tells an emulator from the platform.
    dataflow = "\n".join((client.host, client.org_id, client.sandbox, flow_id))
    patience = max(0.0, min(_PATIENCE, until - time.time()))
    try:
        file = _lock(hashlib.sha256(dataflow.encode()).hexdigest(), time.monotonic() + patience)
    except OSError as problem:
        log.warning("Tasks of this machine may start runs of dataflow %s together: %s", flow_id, problem)
        file = None
    try:
        yield StartGuard(file)
    finally:
        if file is not None:
            # A process forked meanwhile has the file, too, so closing it here is not enough.
            fcntl.flock(file, fcntl.LOCK_UN)
            os.close(file)


def _lock(name: str, deadline: float) -> int:
    """The descriptor of a file of that name, locked.

    :raises OSError: the file cannot be made safely; or, as TimeoutError, another task holds it until the deadline.
    """
    folder = _folder()
    try:
        while True:
            file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600, dir_fd=folder)
            with ExitStack() as unless_locked:
                unless_locked.callback(os.close, file)
                _wait_for_lock(file, deadline)
                if _is_still(file, name, folder):
                    unless_locked.pop_all()
                    return file
    finally:
        os.close(folder)


def _wait_for_lock(file: int, deadline: float) -> None:
    said = False
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError("another task has been about to start one for too long") from None
        if not said:
            log.info("Another task of this machine is about to start a run of the same dataflow: waiting for it")
            said = True
        time.sleep(_PAUSE * random.uniform(0.2, 1.0))


def _folder() -> int:
    """The descriptor of the folder of this user's locks, which nobody else can write to."""
    path = os.path.join(gettempdir(), f"airflow-provider-aep-{os.getuid()}")
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        log.debug("The folder of locks is there: %s", path)
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    found = os.fstat(folder)
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        os.close(folder)
        raise PermissionError(f"{path} must belong to the user of this process, with permissions 0700")
    return folder


def _is_still(file: int, name: str, folder: int) -> bool:
    """Whether the name still leads to the file: somebody may have cleaned up the temporary folder meanwhile."""
    try:
        return os.path.samestat(os.fstat(file), os.stat(name, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return False

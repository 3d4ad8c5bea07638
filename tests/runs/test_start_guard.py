"""Only one process of a machine at a time looks and starts; processes are real ones."""

import logging
import multiprocessing
import os
import signal
import stat
import time
from types import SimpleNamespace

import pytest

from airflow_provider_aep.runs import start_guard
from airflow_provider_aep.runs.start_guard import LastStart, guarded_start

FLOW, OTHER_FLOW = "d8a0cd22-16c8-4f41-8a3b-7a1d6d0b5a01", "d8a0cd22-16c8-4f41-8a3b-7a1d6d0b5a02"
RUN = "9a603322-19d2-4de9-89c6-c98bd54eb184"
PLATFORM = SimpleNamespace(host="https://platform.adobe.io", org_id="1@AdobeOrg", sandbox="dev")
fork = multiprocessing.get_context("fork")


@pytest.fixture(autouse=True)
def folder(tmp_path, mocker):
    """The folder of the locks, in a temporary folder of the test's own."""
    mocker.patch.object(start_guard, "gettempdir", return_value=str(tmp_path))
    return tmp_path / f"airflow-provider-aep-{os.getuid()}"


@pytest.fixture
def holder():
    """A process that holds the guard of a dataflow until it is killed."""
    started = []

    def hold(flow_id=FLOW, **platform):
        def child():
            with guarded_start(SimpleNamespace(**{**vars(PLATFORM), **platform}), flow_id):
                holds.set()
                signal.pause()

        holds = fork.Event()
        process = fork.Process(target=child)
        process.start()
        started.append(process)
        assert holds.wait(30)
        return process

    yield hold
    for process in started:
        process.kill()
        process.join()


def refused(caplog):
    """Whether the guard of the dataflow is not to be had at once."""
    caplog.clear()
    with guarded_start(PLATFORM, FLOW, until=time.time()):
        return "together" in caplog.text


def test_one_process_at_a_time(holder, caplog):
    holder()

    assert refused(caplog)


@pytest.mark.parametrize("other", [{"flow_id": OTHER_FLOW}, {"sandbox": "prod"}, {"org_id": "2@AdobeOrg"}])
def test_other_dataflows_are_not_held_up(holder, caplog, other):
    holder(**other)

    assert not refused(caplog)


def test_a_killed_process_leaves_nothing_locked(holder, caplog):
    process = holder()
    process.kill()
    process.join()

    assert not refused(caplog)


def test_a_process_forked_meanwhile_does_not_keep_the_lock(caplog):
    with guarded_start(PLATFORM, FLOW):
        child = fork.Process(target=signal.pause)
        child.start()
    try:
        assert not refused(caplog)
    finally:
        child.kill()
        child.join()


def test_who_waits_goes_on_as_soon_as_the_guard_is_free(holder, caplog, mocker):
    process = holder()

    def holder_ends(seconds):
        process.kill()
        process.join()

    mocker.patch.object(start_guard.time, "sleep", holder_ends)
    caplog.set_level(logging.INFO)
    with guarded_start(PLATFORM, FLOW):
        assert caplog.text.count("about to start a run of the same dataflow: waiting") == 1


def test_nobody_waits_for_ever(holder, caplog, mocker):
    holder()
    clock = iter(range(0, 1000, 7))
    mocker.patch.object(start_guard.time, "monotonic", side_effect=clock)
    mocker.patch.object(start_guard.time, "sleep")

    with guarded_start(PLATFORM, FLOW) as guard:
        assert next(clock) == pytest.approx(120, abs=15)
        assert guard.last_start() is None
        guard.started(LastStart(RUN, 1))
    assert f"may start runs of dataflow {FLOW} together: another task has been about to start one" in caplog.text


def test_the_next_one_knows_which_run_was_started_last():
    with guarded_start(PLATFORM, FLOW) as guard:
        assert guard.last_start() is None
        guard.started(LastStart(RUN, 1_900_000_000_000))

    with guarded_start(PLATFORM, FLOW) as guard:
        assert guard.last_start() == LastStart(RUN, 1_900_000_000_000)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"{}", b'{"run_id": "../x", "at_ms": 1}', b'{"run_id": 1, "at_ms": 1}']
)
def test_what_cannot_be_read_says_nothing(folder, text):
    with guarded_start(PLATFORM, FLOW):
        (file,) = folder.iterdir()
    file.write_bytes(text)

    with guarded_start(PLATFORM, FLOW) as guard:
        assert guard.last_start() is None


def test_a_file_that_cannot_be_written_is_said_in_the_log(caplog, mocker):
    with guarded_start(PLATFORM, FLOW) as guard:
        mocker.patch.object(start_guard.os, "pwrite", side_effect=OSError("disk full"))
        guard.started(LastStart(RUN, 1))

    assert f"Flow run {RUN} could not be noted for other tasks of this machine: disk full" in caplog.text


def test_the_files_are_this_users_only(folder):
    with guarded_start(PLATFORM, FLOW):
        (file,) = folder.iterdir()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert FLOW not in file.name


def test_a_file_that_was_cleaned_up_meanwhile_is_made_again(folder, mocker):
    stat_of = start_guard.os.stat
    removed = []

    def remove_first(name, **how):
        if not removed:
            removed.append(name)
            (folder / name).unlink()
        return stat_of(name, **how)

    mocker.patch.object(start_guard.os, "stat", remove_first)
    with guarded_start(PLATFORM, FLOW):
        assert [file.name for file in folder.iterdir()] == removed


@pytest.mark.parametrize("trap", ["open to others", "a link", "a file", "a link in it"])
def test_a_folder_that_others_may_have_made_is_not_used(folder, tmp_path, caplog, trap):
    target = tmp_path / "target"
    if trap == "open to others":
        folder.mkdir()
        folder.chmod(0o777)
    elif trap == "a link":
        target.mkdir(mode=0o700)
        folder.symlink_to(target)
    elif trap == "a file":
        folder.touch()
    else:
        with guarded_start(PLATFORM, FLOW):
            (file,) = folder.iterdir()
        file.unlink()
        file.symlink_to(target)

    with guarded_start(PLATFORM, FLOW):
        assert "may start runs of dataflow" in caplog.text
    assert not target.exists() or not list(target.iterdir())

"""Which run has loaded a window already, for any runs that a list may show."""

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.runs.loaded import earliest_creation_ms, run_that_loaded

from .listed import listed_run

BASE = 1_900_000_000
seconds = st.integers(0, 20).map(lambda minutes: BASE + 60 * minutes)
windows = st.tuples(seconds, seconds).map(sorted).map(tuple)
WINDOW = (BASE + 60, BASE + 120)


@st.composite
def runs(draw):
    """Up to six runs, in any order, in the spellings of the platform: milliseconds, seconds, ISO."""
    found = []
    for number in range(draw(st.integers(0, 6))):
        window = draw(st.none() | windows)
        unit = draw(st.sampled_from([1, 1000]))
        status = draw(st.sampled_from(["success", "partialSuccess", "failed", "inProgress", "new", ""]))
        spelled = window and tuple(time * unit for time in window)
        run = listed_run(f"run {number}", status, spelled, created_at=draw(st.integers(1, 9)))
        found.append((run, window, status))
    return found


def minutes(window):
    return set(range(window[0], window[1], 60))


@given(windows, runs(), st.none() | st.integers(0, 5).map("run {}".format))
def test_it_is_the_youngest_success_that_has_data_in_common_and_is_not_the_tasks_own(window, listed, own):
    loaded = [
        run
        for run, other, status in listed
        if other and minutes(window) & minutes(other) and status in ("success", "partialSuccess") and run.id != own
    ]

    found = run_that_loaded(window, [run for run, _, _ in listed], own)

    assert (found is None) == (not loaded)
    assert found is None or (found in loaded and found.created_at == max(run.created_at for run in loaded))


def test_windows_that_touch_have_no_data_in_common():
    before, after = (
        listed_run("before", "success", (BASE, WINDOW[0])),
        listed_run("after", "success", (WINDOW[1], BASE * 2)),
    )

    assert run_that_loaded(WINDOW, [before, after]) is None


def test_a_run_that_does_not_give_its_window_has_loaded_nothing():
    odd = listed_run("odd", "success", ("yesterday", "today"))

    assert run_that_loaded(WINDOW, [listed_run("silent", "success"), odd]) is None


@given(windows, st.integers(0, 3_000_000_000_000))
def test_a_look_goes_back_to_a_day_before_the_data_was_there(window, now_ms):
    day_ms = 86_400_000

    assert earliest_creation_ms(window, now_ms) in (window[0] * 1000 - day_ms, now_ms - day_ms)
    assert earliest_creation_ms(window, now_ms) <= now_ms - day_ms

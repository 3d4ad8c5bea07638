"""Which runs are told: each that ends, once, whatever order runs are made, shown and ended in."""

import json

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.finished import LONGEST_RUN_MS, Mark, first_since

NOW = 1_900_000_000_000
MINUTE = 60_000


def run(id_, made, status="success"):
    return FlowRun.model_validate(
        {"id": id_, "flowId": "f", "createdAt": made, "metrics": {"statusSummary": {"status": status}}}
    )


def test_what_had_ended_before_the_first_look_is_not_told():
    runs = [run("old", NOW - MINUTE), run("open", NOW - MINUTE, "inProgress")]
    mark = Mark.at_first(runs, NOW)
    assert mark.untold(runs) == []
    ended = [run("old", NOW - MINUTE), run("open", NOW - MINUTE)]
    assert [each.id for each in mark.untold(ended)] == ["open"]


def test_a_run_that_was_made_earlier_may_end_later():
    runs = [run("long", NOW, "inProgress"), run("short", NOW + MINUTE)]
    mark = Mark.at_first([], NOW).after(runs, NOW + 60 * MINUTE)
    assert mark.since <= NOW
    assert [each.id for each in mark.untold([run("long", NOW), runs[1]])] == ["long"]


def test_a_mark_does_not_grow_for_ever():
    mark = Mark.at_first([], NOW)
    stuck = run("stuck", NOW, "inProgress")
    for day in range(60):
        now = NOW + day * 24 * 60 * MINUTE
        mark = mark.after([stuck, *(run(f"{day}-{number}", now + number) for number in range(10))], now)
    assert len(mark.told) <= 10 * 8
    assert mark.since >= now - LONGEST_RUN_MS


def test_a_run_that_does_not_say_when_it_was_made_is_told_once():
    timeless = FlowRun.model_validate({"id": "r", "metrics": {"statusSummary": {"status": "failed"}}})
    mark = Mark.at_first([], NOW)
    assert mark.untold([timeless]) == [timeless]
    assert mark.after([timeless], NOW).untold([timeless]) == []


def test_what_is_stored_is_read_again():
    mark = Mark.at_first([], NOW).after([run("r", NOW)], NOW)
    assert Mark.from_json(json.loads(json.dumps(mark.to_json()))) == mark
    assert Mark.from_json(None) is Mark.from_json({"since": "x"}) is Mark.from_json([]) is None


# Made (minutes), shown so much later, ended so much later: the lists lag by up to a few seconds, runs take hours.
RUNS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 4), st.integers(0, 400)), max_size=25)


@given(RUNS, st.sets(st.integers(0, 800), min_size=1), st.sets(st.integers(0, 800)))
def test_each_run_that_ends_is_told_once(runs, looks, restarts):
    """The list is shown as of each look; after a restart the mark comes from the store."""
    looks = sorted({*looks, 0, 801})
    mark, told = None, []
    for minute in looks:
        now = NOW + minute * MINUTE
        listed = [
            run(str(number), NOW + made * MINUTE, "success" if made + took <= minute else "inProgress")
            for number, (made, lag, took) in enumerate(runs)
            if made * 60 + lag <= minute * 60
        ]
        mark = mark or Mark.at_first(listed, now)
        told += [each.id for each in mark.untold(listed)]
        mark = mark.after(listed, now)
        if minute in restarts:
            mark = Mark.from_json(json.loads(json.dumps(mark.to_json())))
    ended_at_first = {str(number) for number, (made, lag, took) in enumerate(runs) if made == lag == took == 0}
    assert sorted(told) == sorted({str(number) for number in range(len(runs))} - ended_at_first)
    assert mark.since >= first_since(NOW)

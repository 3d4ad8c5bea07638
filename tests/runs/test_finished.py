"""Which runs are delivered: each that ends, once, whatever order runs are made, shown and ended in."""

import json

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.finished import LONGEST_RUN_MS, Watermark, first_since

NOW = 1_900_000_000_000
MINUTE = 60_000


def run(id_, made, status="success"):
    return FlowRun.model_validate(
        {"id": id_, "flowId": "f", "createdAt": made, "metrics": {"statusSummary": {"status": status}}}
    )


def test_what_had_ended_before_the_first_poll_is_not_delivered():
    runs = [run("old", NOW - MINUTE), run("open", NOW - MINUTE, "inProgress")]
    watermark = Watermark.initial(runs, NOW)
    assert watermark.undelivered(runs) == []
    ended = [run("old", NOW - MINUTE), run("open", NOW - MINUTE)]
    assert [each.id for each in watermark.undelivered(ended)] == ["open"]


def test_a_run_that_was_made_earlier_may_end_later():
    runs = [run("long", NOW, "inProgress"), run("short", NOW + MINUTE)]
    watermark = Watermark.initial([], NOW).after(runs, NOW + 60 * MINUTE)
    assert watermark.since <= NOW
    assert [each.id for each in watermark.undelivered([run("long", NOW), runs[1]])] == ["long"]


def test_a_watermark_does_not_grow_for_ever():
    watermark = Watermark.initial([], NOW)
    stuck = run("stuck", NOW, "inProgress")
    for day in range(60):
        now = NOW + day * 24 * 60 * MINUTE
        watermark = watermark.after([stuck, *(run(f"{day}-{number}", now + number) for number in range(10))], now)
    assert len(watermark.delivered) <= 10 * 8
    assert watermark.since >= now - LONGEST_RUN_MS


def test_a_run_that_does_not_say_when_it_was_made_is_delivered_once():
    timeless = FlowRun.model_validate({"id": "r", "metrics": {"statusSummary": {"status": "failed"}}})
    watermark = Watermark.initial([], NOW)
    assert watermark.undelivered([timeless]) == [timeless]
    assert watermark.after([timeless], NOW).undelivered([timeless]) == []


def test_what_is_stored_is_read_again():
    watermark = Watermark.initial([], NOW).after([run("r", NOW)], NOW)
    assert Watermark.from_json(json.loads(json.dumps(watermark.to_json()))) == watermark
    assert Watermark.from_json(None) is Watermark.from_json({"since": "x"}) is Watermark.from_json([]) is None


# Made (minutes), shown so much later, ended so much later: the lists lag by up to a few seconds, runs take hours.
RUNS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 4), st.integers(0, 400)), max_size=25)


@given(RUNS, st.sets(st.integers(0, 800), min_size=1), st.sets(st.integers(0, 800)))
def test_each_run_that_ends_is_delivered_once(runs, polls, restarts):
    """The list is shown as of each poll; after a restart the watermark comes from the store."""
    polls = sorted({*polls, 0, 801})
    watermark, delivered = None, []
    for minute in polls:
        now = NOW + minute * MINUTE
        listed = [
            run(str(number), NOW + made * MINUTE, "success" if made + took <= minute else "inProgress")
            for number, (made, lag, took) in enumerate(runs)
            if made * 60 + lag <= minute * 60
        ]
        watermark = watermark or Watermark.initial(listed, now)
        delivered += [each.id for each in watermark.undelivered(listed)]
        watermark = watermark.after(listed, now)
        if minute in restarts:
            watermark = Watermark.from_json(json.loads(json.dumps(watermark.to_json())))
    ended_at_first = {str(number) for number, (made, lag, took) in enumerate(runs) if made == lag == took == 0}
    assert sorted(delivered) == sorted({str(number) for number in range(len(runs))} - ended_at_first)
    assert watermark.since >= first_since(NOW)

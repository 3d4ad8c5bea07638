"""The platform's clock: one response alone does not move it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
from raw_server import client_of, platform, response

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.client.clock import PlatformClock
from airflow_provider_aep.sensors.since import Since

HOUR = 3600
LIST = flow_service.list_flows("CRM")


def dated(hours=0.0):
    """A response of an empty list whose clock is that far off."""
    return response(200, Date=format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True))


def test_one_stale_date_does_not_move_the_clock():
    with platform(dated(), dated(-4), dated()) as server:
        client = client_of(server)
        for _ in range(3):
            client.send(LIST)
            assert abs(client.clock_offset) < 5


def test_a_stale_first_date_does_not_move_since_back():
    start = datetime.now(UTC)
    with platform(dated(-4), dated()) as server:
        client = client_of(server)
        since = Since(None, {"dag_run": SimpleNamespace(start_date=start)}, client)
        client.send(LIST)
        assert abs(since.exactly() / 1000 - start.timestamp()) < 5


def test_a_clock_that_is_off_is_believed_when_two_responses_agree():
    start = datetime.now(UTC)
    with platform(dated(-4)) as server:
        client = client_of(server)
        since = Since(None, {"dag_run": SimpleNamespace(start_date=start)}, client)
        client.send(LIST)
        assert abs(since.exactly() / 1000 - start.timestamp() + 4 * HOUR) < 5
        assert len(server.requests) == 2


def test_clocks_that_agree_with_this_machine_cost_no_request():
    with platform(dated()) as server:
        client = client_of(server)
        client.send(LIST)
        Since(None, {"dag_run": SimpleNamespace(start_date=datetime.now(UTC))}, client).exactly()
        assert len(server.requests) == 1


OFFSETS = st.floats(-1e6, 1e6)


@given(OFFSETS, st.lists(st.floats(0, 1e6), max_size=4), st.floats(0, 1e6))
def test_old_dates_do_not_move_a_clock_and_a_later_one_does_at_once(true, ages, jump):
    clock = PlatformClock()
    for age in (0, *ages):
        clock.add(true - age)
        assert clock.offset == true
    clock.add(true + jump)
    assert clock.offset == true + jump


@given(OFFSETS, st.floats(0, 1e6))
def test_a_clock_that_was_set_back_is_believed_when_five_responses_agree(before, back):
    clock = PlatformClock()
    for offset in (before, *[before - back] * 5):
        clock.add(offset)
    assert clock.offset == before - back


def test_before_the_first_response_no_clock_agrees():
    clock = PlatformClock()
    assert (clock.offset, clock.agreed) == (None, False)

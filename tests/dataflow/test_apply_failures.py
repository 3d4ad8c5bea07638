"""What fails at run time: the rest is done, the report names everything, and the next apply goes on."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from airflow_provider_aep.dataflow.apply import apply
from airflow_provider_aep.dataflow.concurrency import ConcurrencyLimit, run_all
from airflow_provider_aep.exceptions import AepConfigError, AepError

from .applied import COLLECTIONS, apply_to, client_of, credentials, flows, named, plan_of, writes
from .test_apply_killed import ONE_OF_EACH, SPECS, one_of_each
from .world import COLUMNS, CRM, spec_of

MANY = 100
BAD = (17, 42, 99)


def many(number, **changes):
    """One of many dataflows that share account, schema and mapping."""
    document = {
        "source": {"name": f"Source {number}", "columns": COLUMNS},
        "dataset": {"name": f"Dataset {number}"},
        "target": {"name": f"Target {number}"},
    }
    return spec_of(CRM, name=f"Accounts {number}", **{**document, **changes})


@pytest.fixture
def refusing(aep):
    """A client to which the platform refuses the source connections of some dataflows."""

    def client(*names):
        client = client_of(aep)
        request = client._session.request

        def refused(method, url, **options):
            if method == "POST" and url.endswith("/sourceConnections") and options["json"]["name"] in names:
                # A reference to nothing: the platform answers in its own words.
                options["json"] = {**options["json"], "baseConnectionId": "9a603322-19d2-4de9-89c6-c98bd54eb184"}
            return request(method, url, **options)

        client._session.request = refused
        return client

    return client


def test_of_a_hundred_dataflows_three_fail_and_the_others_are_done(aep, refusing):
    """Section 12.17."""
    specs = [many(number) for number in range(MANY)]
    report = apply_to(aep, *specs, client=refusing(*(f"Source {number}" for number in BAD)), concurrency=8)
    assert sorted(report.failures) == sorted(f"Accounts {number}" for number in BAD)
    assert all("sourceConnections" in said for said in report.failures.values())
    assert len(named(aep, "flow")) == MANY - len(BAD)
    assert report.counts() == {
        "created": 3 + 4 * (MANY - len(BAD)) + len(BAD),
        "reused": 3 * (MANY - 1),
        "failed": len(BAD),
        "not reached": 2 * len(BAD),
    }
    before = len(writes(aep))
    assert apply_to(aep, *specs).ok
    assert len(writes(aep)) - before == 3 * len(BAD)


def test_rollback_removes_what_this_apply_made_and_nothing_else(aep, refusing):
    apply_to(aep, many(1))
    before = {step: set(aep.state()[collection]) for step, collection in COLLECTIONS.items()}
    specs = [many(number) for number in range(4)]
    report = apply_to(aep, *specs, client=refusing("Source 3"), on_failure="rollback")
    assert list(report.failures) == ["Accounts 3"]
    after = {step: set(aep.state()[collection]) for step, collection in COLLECTIONS.items()}
    assert after == before
    assert {outcome.done for outcome in report.outcomes} == {"deleted", "reused", "failed", "not reached"}
    assert report.ids["Accounts 0"].keys() == {"base_connection", "schema", "mapping_set"}


def test_rollback_names_what_the_platform_cannot_delete(aep, refusing):
    report = apply_to(aep, many(3), client=refusing("Source 3"), on_failure="rollback")
    left = [(outcome.step, outcome.said) for outcome in report.of("left")]
    assert left == [
        (step, "because the platform cannot delete it, or others may use it by now")
        for step in ("schema", "mapping_set")
    ]
    assert named(aep, "base_connection") == named(aep, "dataset") == []


@pytest.mark.parametrize("number", [3, 9, 14])
def test_a_lost_connection_ends_it_and_the_report_names_what_was_made(aep, number):
    client = client_of(aep, patience=0)
    request, left = client._session.request, [number]

    def lost(method, url, **options):
        left[0] -= method == "POST" and "/ims/" not in url
        if left[0] < 0:
            raise requests.ConnectionError("Network is unreachable")
        return request(method, url, **options)

    client._session.request = lost
    report = apply_to(aep, *SPECS, client=client)
    made = {outcome.id for outcome in report.of("created")}
    live = {id_ for collection in COLLECTIONS.values() for id_ in aep.state()[collection]}
    assert made == live
    assert (
        report.stopped == "The platform cannot be reached any more, so nothing further was begun; apply again to go on."
    )
    assert report.retryable
    assert f"{report}".count(report.stopped) == 1
    assert set(report.failures) == {spec.name for spec in SPECS}
    assert apply_to(aep, *SPECS).ok
    assert one_of_each(aep) == ONE_OF_EACH


def test_a_folder_of_which_a_dataflow_cannot_be_planned_is_not_applied(aep):
    specs = [many(number) for number in range(5)] + [many(5, schema="No such schema", dataset={"name": "D"})]
    with pytest.raises(AepConfigError, match="there is no schema 'No such schema'"):
        apply_to(aep, *specs)
    assert writes(aep) == []


@pytest.mark.parametrize("seed", range(4))
def test_while_a_fifth_of_all_requests_fails(aep, seed):
    """Section 12.9: it converges, and nothing is there twice."""
    for attempt in range(20):
        aep.chaos(0.2, seed=100 * seed + attempt)
        try:
            report = apply_to(aep, *SPECS, client=client_of(aep, patience=30))
        except AepError:
            continue
        finally:
            aep.clear_faults()
        assert flows(aep).keys() <= {spec.name for spec in SPECS}
        if report.ok:
            break
    assert apply_to(aep, *SPECS).ok
    assert one_of_each(aep) == ONE_OF_EACH
    assert plan_of(aep, *SPECS).is_empty


@pytest.mark.parametrize("lag", [0, 2])
def test_two_applies_of_one_folder_at_the_same_time(aep, lag):
    """Section 12.10: one of each, and both reports name it."""
    aep.switches.list_lag = lag
    barrier = threading.Barrier(2)

    def one(number):
        client = client_of(aep, list_lag=lag, sleep=aep.advance)
        barrier.wait()
        return apply_to(aep, *SPECS, client=client, concurrency=4)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(one, range(2))
    aep.switches.list_lag = 0
    assert one_of_each(aep) == ONE_OF_EACH
    assert first.ok, first
    assert second.ok, second
    assert first.ids == second.ids
    assert plan_of(aep, *SPECS).is_empty


@pytest.mark.parametrize("collection", ["sourceConnections", "targetConnections"])
def test_what_another_apply_makes_while_this_one_plans_is_not_made_twice(aep, collection):
    """Its account and dataset were looked for before they were there, and its connections after that."""
    client, reports = client_of(aep), []
    request = client._session.request

    def with_another_apply(method, url, **options):
        if method == "GET" and f"/{collection}?" in url and not reports:
            reports.append(None)
            reports[0] = apply_to(aep, spec_of())
        return request(method, url, **options)

    client._session.request = with_another_apply
    reports.append(apply_to(aep, spec_of(), client=client))
    assert [report.ok for report in reports] == [True, True], reports
    assert reports[0].ids == reports[1].ids
    for step in ("source_connection", "target_connection", "flow"):
        assert len(named(aep, step)) == 1
    assert plan_of(aep, spec_of()).is_empty


@pytest.mark.parametrize("older", ["theirs", "ours"])
def test_of_the_mapping_sets_of_two_applies_both_use_the_oldest(aep, older):
    """The platform deletes no mapping set: the other one is left over, and no dataflow uses it."""
    planned = plan_of(aep, spec_of())
    client, reports = client_of(aep), []
    request = client._session.request

    def with_another_apply(method, url, **options):
        posts = method == "POST" and url.endswith("/mappingSets") and not reports
        if posts and older == "theirs":
            reports.append(apply(client_of(aep), plan_at_once, credentials=credentials))
        response = request(method, url, **options)
        if posts and older == "ours":
            reports.append(apply(client_of(aep), plan_at_once, credentials=credentials))
        return response

    plan_at_once = plan_of(aep, spec_of())
    client._session.request = with_another_apply
    reports.append(apply(client, planned, credentials=credentials, concurrency=1))

    assert [report.ok for report in reports] == [True, True], reports
    ((one, other), (flow,)) = aep.state()["mappingSets"].values(), aep.state()["flows"].values()
    oldest = min(one, other, key=lambda each: (each["createdDate"], each["id"]))["id"]
    (used,) = [part["params"]["mappingId"] for part in flow["transformations"] if part["name"] == "Mapping"]
    assert {used, *(report.ids["CRM accounts"]["mapping_set"] for report in reports)} == {oldest}
    assert plan_of(aep, spec_of()).is_empty


def test_where_the_platform_says_that_it_is_too_much_fewer_threads_work():
    slots = ConcurrencyLimit(8)
    for _ in range(8):
        # Eight that were on their way at the same moment.
        slots.on_exchange(None, 429, 60.0, 1)
    assert slots.limit == 4
    slots.on_exchange(None, 200, 0.0, 1)
    slots.on_exchange(None, 429, 0.0, 1)
    slots.on_exchange(None, 429, -1.0, 1)
    slots.on_exchange(None, 429, -2.0, 1)
    slots.on_exchange(None, 429, -3.0, 1)
    assert slots.limit == 1


def test_no_more_than_the_limit_work_at_a_time():
    slots, working, most = ConcurrencyLimit(8), [], []
    slots.limit = 3
    gate = threading.Barrier(3)

    def task(number):
        working.append(number)
        gate.wait(10)
        most.append(len(working))
        gate.wait(10)
        working.remove(number)
        return number

    assert run_all([lambda number=number: task(number) for number in range(6)], slots) == [*range(6)]
    assert max(most) <= 3


def test_an_exception_ends_what_has_not_begun():
    begun = []

    def task(number):
        begun.append(number)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all([lambda number=number: task(number) for number in range(500)], ConcurrencyLimit(2))
    assert len(begun) < 500


def test_a_429_reaches_the_slots_and_the_apply_goes_on(aep, mocker):
    halved = mocker.spy(ConcurrencyLimit, "on_exchange")
    aep.fault("POST", "/sourceConnections", kind="status", status=429, times=3)
    report = apply_to(aep, *SPECS, concurrency=8)
    assert report.ok, report
    assert [call.args[2] for call in halved.call_args_list].count(429) == 3

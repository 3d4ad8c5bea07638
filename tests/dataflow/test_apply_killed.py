"""Section 12.8: an apply whose process dies at any request is finished by the next one, and makes nothing twice.

What a death leaves depends on the writes that had their effect, so it is tried before and after each write.
"""

import multiprocessing
import os
import signal
import time
from types import SimpleNamespace

import pytest

from airflow_provider_aep.dataflow.replace import REPLACED
from airflow_provider_aep.emulator import AepEmulator

from .applied import Death, apply_to, client_of, dying, flows, named, plan_of, writes
from .world import CRM, KINESIS, spec_of

LEADS = spec_of(CRM, name="Leads", source={"name": "Leads", "table": "Leads"}, target={"name": "Leads"})
# The third shares account, schema, dataset and mapping with the first.
SPECS = [spec_of(CRM), spec_of(KINESIS), LEADS]
WRITES = 7 + 7 + 3
ONE_OF_EACH = {
    "base_connection": ["Kinesis", "Salesforce"],
    "schema": ["CRM schema", "Web visitors"],
    "dataset": ["CRM dataset", "Web events"],
    "source_connection": ["CRM source", "Leads", "Web events"],
    "target_connection": ["CRM target", "Leads", "Web events"],
    "flow": ["CRM accounts", "Leads", "Web events"],
}


def one_of_each(aep):
    return {step: named(aep, step) for step in ONE_OF_EACH}


@pytest.mark.parametrize("number", range(1, WRITES + 1))
def test_an_apply_that_is_killed_at_any_write_is_finished_by_the_next(aep, number):
    with pytest.raises(Death):
        apply_to(aep, *SPECS, client=dying(aep, number, after=True))
    before = len(aep.requests)
    report = apply_to(aep, *SPECS)
    assert report.ok, report
    assert one_of_each(aep) == ONE_OF_EACH
    assert len(writes(aep)) == WRITES
    assert len(writes(aep, before)) == WRITES - number
    assert plan_of(aep, *SPECS).is_empty


def test_there_are_no_further_writes(aep):
    assert apply_to(aep, *SPECS, client=dying(aep, WRITES + 1, after=False)).ok


CHANGED = spec_of(CRM, source={"table": "Contacts"})
REPLACING_WRITES = 7


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(1, REPLACING_WRITES + 1))
@pytest.mark.parametrize("consent", ["reload", "continue"])
def test_a_replacement_that_is_killed_at_any_write_is_finished_by_the_next(aep, number, after, consent):
    apply_to(aep, spec_of(CRM))
    with pytest.raises(Death):
        apply_to(aep, CHANGED, client=dying(aep, number, after=after), allow_replace=consent)
    assert list(flows(aep).values()).count("enabled") <= 1

    report = apply_to(aep, CHANGED, allow_replace=consent)

    assert report.ok, report
    assert flows(aep) == {"CRM accounts": "enabled"}
    (flow,) = aep.state()["flows"].values()
    source = aep.state()["sourceConnections"][flow["sourceConnectionIds"][0]]
    assert source["params"]["tableName"] == "Contacts"
    assert len(named(aep, "source_connection")) == len(named(aep, "target_connection")) == 1
    assert "description" not in flow
    assert flow["scheduleParams"]["backfill"] is (consent == "reload")
    assert plan_of(aep, CHANGED).is_empty


@pytest.mark.assumes("names-repeat")
def test_a_replacement_has_no_further_writes(aep):
    apply_to(aep, spec_of(CRM))
    client = dying(aep, REPLACING_WRITES + 1, after=False)
    assert apply_to(aep, CHANGED, client=client, allow_replace="reload").ok


def test_at_no_request_two_are_enabled(aep):
    """Seen from outside, after each request of a replacement."""
    apply_to(aep, spec_of(CRM))
    client = client_of(aep)
    request, seen = client._session.request, []

    def watched(*arguments, **options):
        response = request(*arguments, **options)
        seen.append(flows(aep))
        return response

    client._session.request = watched
    apply_to(aep, CHANGED, client=client, allow_replace="reload")
    states = [each for number, each in enumerate(seen) if number == 0 or each != seen[number - 1]]
    assert states == [
        {"CRM accounts": "enabled"},
        {f"CRM accounts{REPLACED}": "enabled"},
        {f"CRM accounts{REPLACED}": "disabled"},
        {f"CRM accounts{REPLACED}": "disabled", "CRM accounts": "enabled"},
        {"CRM accounts": "enabled"},
    ]


def _apply_and_die(aep, number):
    """In a process of its own: an apply with eight threads that is killed with SIGKILL at a request."""
    client = client_of(aep)
    request, left = client._session.request, [number]

    def until_killed(*arguments, **options):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return request(*arguments, **options)

    client._session.request = until_killed
    apply_to(aep, *SPECS, client=client, concurrency=8)


@pytest.mark.parametrize("number", [25, 32, 39])
def test_a_process_that_is_killed_for_real(number):
    with AepEmulator() as aep:
        known = {name: getattr(aep, name) for name in ("url", "client_id", "client_secret", "org_id", "sandbox")}
        seen_from_there = SimpleNamespace(**known, now=time.time, advance=time.sleep)
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=_apply_and_die, args=(seen_from_there, number))
        process.start()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        report = apply_to(aep, *SPECS)
        assert report.ok, report
        assert one_of_each(aep) == ONE_OF_EACH
        assert plan_of(aep, *SPECS).is_empty

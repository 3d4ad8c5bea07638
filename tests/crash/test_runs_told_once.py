"""Every run that AEP finishes gives one asset event, also if the triggerer is killed: real Airflow; `make crash`."""

import json
import shutil
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from local_aep import local_aep, script
from provisioning import Provisioning
from real_airflow import RealAirflow

from airflow_provider_aep.hooks.aep import AepHook

pytest.importorskip("airflow.triggers.shared_stream", reason="Airflow keeps the marks of triggers since 3.3")
pytestmark = pytest.mark.crash

NUMBER = 50
DAG_ID = "finished_runs"


@pytest.fixture(scope="module")
def platform():
    """The emulator, and real Airflow with a watcher for each of many dataflows."""
    folder = Path(tempfile.mkdtemp(prefix="aep-finished-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        aep = stack.enter_context(local_aep(folder))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("AIRFLOW_CONN_AEP_DEFAULT", aep.connection)
        client = AepHook().get_conn()
        flows = [
            Provisioning(client, name=f"finished {number}", pause=lambda seconds: None).build().flow
            for number in range(NUMBER)
        ]
        environment = {"AIRFLOW_CONN_AEP_DEFAULT": aep.connection, "FINISHED_RUNS_FLOWS": json.dumps(flows)}
        airflow = stack.enter_context(RealAirflow(folder, environment))
        airflow.until_parsed([DAG_ID])
        yield Finished(aep, airflow, client, flows)


class Finished:
    """What finishes at the platform, and what Airflow is told of it."""

    def __init__(self, aep, airflow, client, flows):
        self.aep, self.airflow, self.client, self.flows = aep, airflow, client, flows

    def start_runs(self, flow_ids):
        """Start a run of each dataflow; returns their ids. They take half a second."""
        from airflow_provider_aep.api import flow_service

        made = []
        for flow_id in flow_ids:
            script(self.aep, flow_id, duration=0.5)
            now = int(self.client.now())
            window = {"startTime": now, "windowStartTime": now - 3600, "windowEndTime": now}
            params = {**{key: str(value) for key, value in window.items()}, "deltaColumn": {"name": "LastModifiedDate"}}
            made.append(self.client.send(flow_service.create_run(flow_id, params)).id)
        return made

    def told(self):
        """The payloads of all asset events, the oldest first."""
        events, total = [], 1
        while len(events) < total:
            page = {"limit": 100, "offset": len(events), "order_by": "timestamp"}
            found = self.airflow.request("GET", "/assets/events", params=page)
            events, total = events + found["asset_events"], found["total_entries"]
        return [event["extra"]["payload"] for event in events]

    def until_told(self, run_ids, patience=90, pause=0.5):
        """Wait until there is an event for each of these runs."""
        deadline = time.monotonic() + patience
        while missing := set(run_ids) - {payload["flow_run_id"] for payload in self.told()}:
            assert time.monotonic() < deadline, f"{len(missing)} of {len(run_ids)} runs are not told"
            time.sleep(pause)
        return Counter(payload["flow_run_id"] for payload in self.told())

    def until_watched(self):
        """Wait until the triggers have looked for the first time: what has ended before that is not told."""
        deadline = time.monotonic() + 90
        while not self.told():
            # One dataflow has run after run until somebody tells of one.
            assert time.monotonic() < deadline, "nobody watches"
            self.start_runs(self.flows[:1])
            time.sleep(2)
        time.sleep(6)


def test_each_finished_run_gives_one_event_also_after_the_triggerer_was_killed(platform):
    platform.until_watched()
    first = platform.start_runs(platform.flows)
    counts = platform.until_told(first)
    assert {counts[run_id] for run_id in first} == {1}
    assert polls_by_list(platform), "all watchers share one poll"

    # Nothing is in flight two rounds later.
    time.sleep(5)
    platform.airflow.kill("triggerer")
    second = platform.start_runs(platform.flows)
    time.sleep(3)
    platform.airflow.start("triggerer")
    counts = platform.until_told(second)
    time.sleep(5)
    counts = platform.until_told(second)
    assert {counts[run_id] for run_id in [*first, *second]} == {1}


def polls_by_list(platform):
    """How many dataflows a list of runs asks for at once, at most."""
    log = platform.aep.request("GET", "/requests")
    queries = [request["query"].get("property", [""])[0] for request in log if request["path"].endswith("/runs")]
    return max(query.count(",") for query in queries if query.startswith("flowId==")) == NUMBER - 1


def test_killed_between_event_and_mark_a_run_is_told_again_and_the_event_says_so(platform):
    (run_id,) = platform.start_runs(platform.flows[:1])
    platform.until_told([run_id], pause=0.02)
    platform.airflow.kill("triggerer")
    platform.airflow.start("triggerer")
    (later,) = platform.start_runs(platform.flows[:1])
    platform.until_told([later])
    time.sleep(5)
    told = [payload["redelivered"] for payload in platform.told() if payload["flow_run_id"] == run_id]
    assert told in ([False], [False, True])

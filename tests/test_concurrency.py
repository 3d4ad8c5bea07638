"""Tasks that build the same at the same moment, in real threads and processes: one of each is left, and all use it."""

import multiprocessing
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from direct import asked, direct_client
from provisioning import Provisioning
from reconcile.cases import LateLists

from airflow_provider_aep.exceptions import AepApiError, AepConflictError, AepError
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.dataset import Dataset
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema
from airflow_provider_aep.reconcile.ensure import Ensurer
from airflow_provider_aep.resources.base_connection import BASE_CONNECTION
from airflow_provider_aep.resources.dataset import DATASET
from airflow_provider_aep.resources.mapping_set import MAPPING_SET
from airflow_provider_aep.resources.schema import SCHEMA

WORKERS = 8
HURRY = 30
SEEDS = pytest.mark.parametrize("seed", range(5))
# What the platform can delete, or lets exist only once.
UNIQUE = ("connections", "sourceConnections", "schemas", "dataSets", "targetConnections", "flows")
PROFILE = "https://ns.adobe.com/xdm/context/profile"


def short_sleep(seconds):
    """A sleep, short enough for a test and long enough for the others to go on."""
    time.sleep(seconds / HURRY)


def at_once(work, workers=WORKERS):
    """What each of the workers gets when all begin at the same moment; errors are raised."""
    barrier = threading.Barrier(workers)

    def begin(number):
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(begin, range(workers)))


class SlowClient:
    """A client that takes its time before each request: other workers get in between, differently for each seed."""

    def __init__(self, aep, seed, number):
        self._client = direct_client(aep, sleep=short_sleep)
        self._random = random.Random(f"{seed}/{number}")
        self.now, self.sleep = self._client.now, short_sleep

    def send(self, call):
        time.sleep(self._random.choice((0, 0, 0.001, 0.005)))
        return self._client.send(call)


def ensure_at_once(aep, seed, type_, declared):
    return at_once(lambda number: Ensurer(SlowClient(aep, seed, number).send, short_sleep).ensure(type_, declared))


def a_schema(aep):
    declared = Schema.declare(title="CRM", schema_class=PROFILE)
    return Ensurer(direct_client(aep).send, short_sleep).ensure(SCHEMA, declared).id


def changes(results):
    return sorted(result.change for result in results)


@SEEDS
def test_one_base_connection(aep, seed):
    declared = BaseConnection.declare(
        name="CRM",
        connector="salesforce",
        auth_spec_name="Basic Authentication",
        credentials={"username": "u", "password": "p"},
    )
    results = ensure_at_once(aep, seed, BASE_CONNECTION, declared)
    (left,) = aep.state()["connections"]
    assert {result.id for result in results} == {left}
    assert changes(results) == ["created"] + ["reused"] * 7


@SEEDS
@pytest.mark.parametrize("lag", [0.5, 2])
def test_one_dataset_although_lists_show_it_late(aep, seed, lag):
    """As long after it was made as the pauses allow for."""
    declared = Dataset.declare(name="CRM", schema_id=a_schema(aep))

    def work(number):
        send = LateLists(aep, DATASET, SlowClient(aep, seed, number).send, lag / HURRY)
        return Ensurer(send, short_sleep).ensure(DATASET, declared)

    results = at_once(work)
    (left,) = aep.state()["dataSets"]
    assert {result.id for result in results} == {left}


@SEEDS
def test_one_dataset(aep, seed):
    results = ensure_at_once(aep, seed, DATASET, Dataset.declare(name="CRM", schema_id=a_schema(aep)))
    (left,) = aep.state()["dataSets"]
    assert {result.id for result in results} == {left}
    assert changes(results) == ["created"] + ["reused"] * 7


@SEEDS
def test_one_schema_because_the_platform_sees_to_it(aep, seed):
    results = ensure_at_once(aep, seed, SCHEMA, Schema.declare(title="CRM", schema_class=PROFILE))
    (left,) = aep.state()["schemas"]
    assert {result.id for result in results} == {left}
    assert changes(results) == ["created"] + ["reused"] * 7


@SEEDS
def test_one_mapping_set_is_used_although_others_cannot_be_deleted(aep, seed):
    declared = MappingSet.declare(schema_id=a_schema(aep), mappings=[("email", "personalEmail.address")])
    results = ensure_at_once(aep, seed, MAPPING_SET, declared)
    (used,) = {result.id for result in results}
    assert used == min(aep.state()["mappingSets"].values(), key=lambda one: (one["createdDate"], one["id"]))["id"]
    assert changes(results) == ["created"] + ["reused"] * 7


def assert_one_chain(aep, chains):
    (chain,) = set(chains)
    state = aep.state()
    assert [len(state[collection]) for collection in UNIQUE] == [1] * len(UNIQUE)
    assert list(state["flows"]) == [chain.flow]
    flow = state["flows"][chain.flow]
    assert (flow["sourceConnectionIds"], flow["targetConnectionIds"]) == (
        [chain.source_connection],
        [chain.target_connection],
    )
    assert [part["params"]["mappingId"] for part in flow["transformations"]] == [chain.mapping_set]
    assert chain.mapping_set in state["mappingSets"]


@SEEDS
def test_one_dataflow_with_everything_it_stands_on(aep, seed):
    chains = at_once(lambda number: Provisioning(SlowClient(aep, seed, number), pause=short_sleep).build())
    assert_one_chain(aep, chains)
    # The second time everything is there.
    writes = len(asked(aep, "POST"))
    assert Provisioning(direct_client(aep), pause=short_sleep).build() == chains[0]
    assert len(asked(aep, "POST")) == writes + 1  # the token


class Retried(Provisioning):
    """Each step is a task with three retries for what may pass, as Airflow has it."""

    def _ensure(self, *declared):
        for _ in range(3):
            try:
                return super()._ensure(*declared)
            except AepError as problem:
                if not problem.retryable:
                    raise
        return super()._ensure(*declared)


@SEEDS
def test_one_dataflow_although_every_sixth_request_fails(aep, seed):
    """Lost answers and rivals at once."""
    aep.chaos(rate=1 / 6, seed=seed, kinds=["drop_before", "drop_after", "status", "malformed", "empty", "html"])
    chains = at_once(lambda number: Retried(SlowClient(aep, seed, number), pause=short_sleep).build())
    aep.chaos(rate=0)
    assert_one_chain(aep, chains)


@SEEDS
def test_of_two_contents_for_one_name_one_is_refused(aep, seed):
    """Half of the workers want one thing, half another: the halves do not mix, and no second resource is left."""
    schema_id = a_schema(aep)
    declared = [Dataset.declare(name="CRM", schema_id=schema_id, tags={"team": [team]}) for team in ("a", "b")]

    def work(number):
        try:
            ensurer = Ensurer(SlowClient(aep, seed, number).send, short_sleep)
            return number % 2, ensurer.ensure(DATASET, declared[number % 2]).id
        except AepApiError as problem:
            return number % 2, problem

    results = at_once(work)
    (left,) = aep.state()["dataSets"].values()
    winner = ["a", "b"].index(left["tags"]["team"][0])
    for team, result in results:
        if team == winner:
            assert result == left["id"]
        else:
            assert isinstance(result, AepConflictError)


def provision(url, credential, barrier, number):
    """A worker process."""
    aep = SimpleNamespace(url=url, sandbox="dev", now=time.time, **credential)
    client = direct_client(aep, sleep=short_sleep)
    barrier.wait()
    return Provisioning(client, pause=short_sleep).build()


def test_one_dataflow_from_four_processes(aep):
    processes = multiprocessing.get_context("spawn")
    credential = {"client_id": aep.client_id, "client_secret": aep.client_secret, "org_id": aep.org_id}
    with processes.Manager() as manager, processes.Pool(4) as pool:
        barrier = manager.Barrier(4)
        chains = pool.starmap(provision, [(aep.url, credential, barrier, number) for number in range(4)])
    assert_one_chain(aep, chains)
    assert aep.token_requests == 4

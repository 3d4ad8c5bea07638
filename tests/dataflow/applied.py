"""Applies on the emulated platform, what they leave there, and the death of their process at any request."""

from __future__ import annotations

import re
from collections import Counter

from direct import direct_client

from airflow_provider_aep.dataflow.apply import apply
from airflow_provider_aep.dataflow.planner import plan

from .world import SECRETS

WRITES = ("POST", "PUT", "PATCH", "DELETE")
# Posted, and nothing is written.
HARMLESS = ("/token/v3", "/mappingSets/validate", "/mappingSets/preview")
COLLECTIONS = {
    "base_connection": "connections",
    "schema": "schemas",
    "source_connection": "sourceConnections",
    "dataset": "dataSets",
    "mapping_set": "mappingSets",
    "target_connection": "targetConnections",
    "flow": "flows",
}


class Death(BaseException):
    """The process ends: nothing of it goes on."""


def credentials(conn_id):
    """The secrets in an Airflow connection, all of them canaries."""
    return SECRETS if conn_id == "salesforce_crm" else {"accessKeyId": "canary-key", "secretKey": "canary-secret"}


def client_of(aep, **options):
    """A client of a process of its own: lists show everything at once, and pauses move the emulator's clock."""
    return direct_client(aep, **{"list_lag": 0, "sleep": aep.advance, **options})


def apply_to(aep, *specs, client=None, **options):
    """The report of an apply, one thing after another."""
    client = client or client_of(aep)
    return apply(client, specs, **{"credentials": credentials, "concurrency": 1, **options})


def plan_of(aep, *specs, **options):
    return plan(client_of(aep), specs, **options)


def is_write(method, path):
    """Whether a request changes the platform: neither a token nor a dry run of mappings does."""
    return method in WRITES and not path.partition("?")[0].endswith(HARMLESS)


def writes(aep, since=0):
    """Method and path of the writes since a request."""
    sent = [(record.method, record.path) for record in aep.requests[since:]]
    return [each for each in sent if is_write(*each)]


def dying(aep, number, *, after, method="", path=""):
    """A client whose process ends at a write.

    :param number: which one, from 1 on.
    :param after: whether the write has its effect.
    :param method: only those of this method count.
    :param path: a regular expression; only those count in whose path it is found.
    """
    client = client_of(aep)
    request, left = client._session.request, Counter(writes=number)

    def until_death(verb, url, **options):
        counts = is_write(verb, url) and method in ("", verb) and re.search(path, url.partition("?")[0]) is not None
        left["writes"] -= counts
        if counts and left["writes"] == 0 and not after:
            raise Death
        response = request(verb, url, **options)
        if counts and left["writes"] == 0:
            raise Death
        return response

    client._session.request = until_death
    return client


def named(aep, step):
    """Names of the live resources of a step, sorted; schemas by their titles."""
    return sorted(str(one.get("name", one.get("title"))) for one in aep.state()[COLLECTIONS[step]].values())


def flows(aep):
    """Name -> state of the dataflows that are there; fails if two have one name."""
    found = [(one["name"], one["state"]) for one in aep.state()["flows"].values()]
    assert len(dict(found)) == len(found), found
    return dict(found)

"""What stands in for Airflow and for time: a client that is made without Airflow, its store, sleeps that take none."""

from __future__ import annotations

from airflow_provider_aep.client.auth import ImsTokens
from airflow_provider_aep.client.http import AepClient


class Naps(list):
    """A `sleep` that returns at once: the list of the seconds that were slept."""

    def __init__(self, then=lambda seconds: None):
        super().__init__()
        self._then = then

    def __call__(self, seconds):
        self.append(seconds)
        self._then(seconds)


class TaskState(dict):
    """As Airflow's task state store, which outlives a try."""

    def set(self, key, value):
        self[key] = value


def ims_tokens(aep, **overrides):
    arguments = {
        "client_id": aep.client_id,
        "client_secret": aep.client_secret,
        "url": aep.url,
        "clock": aep.now,
        "sleep": Naps(),
    }
    return ImsTokens(**arguments | overrides)


def direct_client(aep, **overrides):
    """An AepClient for the emulator's sandbox; `client.sleep` is a list of Naps."""
    arguments = {
        "tokens": overrides.pop("tokens", None) or ims_tokens(aep),
        "api_key": aep.client_id,
        "org_id": aep.org_id,
        "sandbox": aep.sandbox,
        "host": aep.url,
        "sleep": Naps(),
    }
    return AepClient(**arguments | overrides)


def asked(aep, method, ending=""):
    """The requests of a method whose path ends so, as the emulator got them."""
    return [record for record in aep.requests if record.method == method and record.path.endswith(ending)]

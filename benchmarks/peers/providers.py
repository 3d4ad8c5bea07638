"""The providers that are compared: what is imported, how a trigger is made, and what the API of its platform answers.

Nothing of a provider is changed, but dbt Cloud's and Fivetran's URLs, which begin with `https://` whatever the
connection says: they get `http://`, which spares them their TLS handshakes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

HOUR = 3600


@dataclass(frozen=True)
class Provider:
    """
    :param package: its distribution, whose version is shown.
    :param modules: the modules that a DAG with its operators and sensors imports.
    :param connection: the stub's URL -> the name of the environment variable and the connection, as JSON.
    :param trigger: a number and the interval in seconds -> the trigger that waits for that run.
    :param answer: what the stub answers: a run that is under way.
    """

    package: str
    modules: str
    connection: Callable[[str], tuple[str, dict]] | None = None
    trigger: Callable[[int, float], Any] | None = None
    answer: dict | None = None


def airbyte_trigger(number, interval):
    from airflow.providers.airbyte.triggers.airbyte import AirbyteSyncTrigger

    return AirbyteSyncTrigger(
        job_id=number, conn_id="airbyte_default", end_time=time.time() + HOUR, poll_interval=interval
    )


def dbt_trigger(number, interval):
    from airflow.providers.dbt.cloud.hooks.dbt import DbtCloudHook
    from airflow.providers.dbt.cloud.triggers.dbt import DbtCloudRunJobTrigger

    def without_tls(tenant, endpoint, include_related=None, *, api_version="v2"):
        return f"http://{tenant}/api/{api_version}/accounts/{endpoint}", {}

    DbtCloudHook.get_request_url_params = staticmethod(without_tls)
    return DbtCloudRunJobTrigger(
        conn_id="dbt_cloud_default", run_id=number, end_time=time.time() + HOUR, poll_interval=interval, account_id=1
    )


def fivetran_trigger(number, interval):
    from airflow.sdk import BaseHook
    from fivetran_provider_async.hooks import FivetranHookAsync
    from fivetran_provider_async.triggers import FivetranTrigger

    FivetranHookAsync.api_protocol = "http"
    FivetranHookAsync.api_host = BaseHook.get_connection("fivetran_default").host
    return FivetranTrigger(
        task_id="wait", connector_id=str(number), fivetran_conn_id="fivetran_default", poke_interval=interval
    )


def databricks_trigger(number, interval):
    from airflow.providers.databricks.triggers.databricks import DatabricksExecutionTrigger

    return DatabricksExecutionTrigger(
        run_id=number, databricks_conn_id="databricks_default", polling_period_seconds=interval
    )


def databricks_connection(url):
    parts = urlsplit(url)
    extra = {"token": "t"}
    return {"conn_type": "databricks", "schema": "http", "host": parts.hostname, "port": parts.port, "extra": extra}


YESTERDAY = "2025-01-01T00:00:00.000000Z"
AEP = "airflow-provider-aep"
PROVIDERS = {
    "this provider": Provider(
        AEP,
        "airflow_provider_aep.operators.flow_service airflow_provider_aep.operators.schema_registry "
        "airflow_provider_aep.operators.catalog airflow_provider_aep.operators.data_prep "
        "airflow_provider_aep.operators.flow_run airflow_provider_aep.sensors.flow_run",
    ),
    "Airbyte": Provider(
        "apache-airflow-providers-airbyte",
        "airflow.providers.airbyte.operators.airbyte airflow.providers.airbyte.sensors.airbyte",
        lambda url: ("AIRBYTE", {"conn_type": "airbyte", "host": url}),
        airbyte_trigger,
        {"jobId": 1, "jobType": "sync", "status": "running", "connectionId": "c", "startTime": YESTERDAY},
    ),
    "dbt Cloud": Provider(
        "apache-airflow-providers-dbt-cloud",
        "airflow.providers.dbt.cloud.operators.dbt airflow.providers.dbt.cloud.sensors.dbt",
        lambda url: (
            "DBT_CLOUD",
            {"conn_type": "dbt_cloud", "host": urlsplit(url).netloc, "login": "1", "password": "t"},
        ),
        dbt_trigger,
        {"status": {"code": 200}, "data": {"id": 1, "status": 3}},
    ),
    "Fivetran": Provider(
        "airflow-provider-fivetran-async",
        "fivetran_provider_async.operators fivetran_provider_async.sensors",
        lambda url: (
            "FIVETRAN",
            {"conn_type": "fivetran", "host": urlsplit(url).netloc, "login": "k", "password": "s"},
        ),
        fivetran_trigger,
        {
            "code": "Success",
            "data": {
                **{"id": "c", "service": "s", "schema": "s", "schedule_type": "auto", "paused": False},
                **{"succeeded_at": YESTERDAY, "failed_at": None},
                "status": {"setup_state": "connected", "sync_state": "syncing"},
            },
        },
    ),
    "Databricks": Provider(
        "apache-airflow-providers-databricks",
        "airflow.providers.databricks.operators.databricks airflow.providers.databricks.sensors.databricks",
        lambda url: ("DATABRICKS", databricks_connection(url)),
        databricks_trigger,
        {"run_id": 1, "state": {"life_cycle_state": "RUNNING", "result_state": "", "state_message": ""}},
    ),
}


def connection_of(provider, url):
    """The environment variable that makes the connection to its stub."""
    name, connection = provider.connection(url)
    return {f"AIRFLOW_CONN_{name}_DEFAULT": json.dumps(connection)}

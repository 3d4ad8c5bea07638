"""Dataflows and runs as the platform shows them, made without a server."""

from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_run import FlowRun

NOW = 1_900_000_000
SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"


def uuid(number):
    return f"d8a0cd22-16c8-4f41-8a3b-{number:012}"


def live_flow(number=1, *, name=None, account=None, last=None, last_id=None, began=NOW - 600, schedule=None, **more):
    """A dataflow in a list.

    :param account: the id of its base connection.
    :param last: the status of its last run; None: it has had none.
    """
    source = {"id": uuid(7), "connectionSpec": {"id": SALESFORCE}}
    if account:
        source["baseConnection"] = {"id": account}
    wire = {
        "id": uuid(number),
        "name": name or f"Flow {number}",
        "state": "enabled",
        "flowSpec": {"id": uuid(9)},
        "createdAt": (NOW - 90 * 86_400) * 1000,
        "scheduleParams": {"frequency": "hour", "interval": 1} if schedule is None else schedule or None,
        "inheritedAttributes": {"properties": {"isSourceFlow": True}, "sourceConnections": [source]},
    }
    if last:
        wire["lastRunDetails"] = {"id": last_id or uuid(100 + number), "state": last, "startedAtUTC": began * 1000}
    return Flow.model_validate(wire | more)


def live_run(number=1, status="success", *, id_=None, began=NOW - 600, error=None, **counts):
    """A run of the dataflow of that number, with its counts as Flow Service spells them."""
    metrics = {
        "statusSummary": {"status": status, "errors": [error] if error else []},
        "durationSummary": {"startedAtUTC": began * 1000, "completedAtUTC": (began + 60) * 1000},
        "recordSummary": counts or {"inputRecordCount": 100, "outputRecordCount": 100, "failedRecordCount": 0},
    }
    return FlowRun.model_validate(
        {"id": id_ or uuid(100 + number), "flowId": uuid(number), "createdAt": began * 1000, "metrics": metrics}
    )


def account(id_, name="Salesforce"):
    return BaseConnection.model_validate({"id": id_, "name": name, "connectionSpec": {"id": SALESFORCE}})

"""Flow runs as a list shows them, made without a server."""

from airflow_provider_aep.models.flow_run import FlowRun

FLOW_ID = "d8a0cd22-16c8-4f41-8a3b-7a1d6d0b5a01"
CLIENT_ID = "our api key"


def listed_run(id_, status="inProgress", window=None, *, created_at=1_900_000_000_000, client_id=CLIENT_ID):
    """A run of a dataflow.

    :param window: start and end, in any spelling; None while the platform gives none.
    """
    copy = {"id": "copy"}
    if window is not None:
        copy["durationSummary"] = {"extensions": {"windowStart": window[0], "windowEnd": window[1]}}
    return FlowRun.model_validate(
        {
            "id": id_,
            "flowId": FLOW_ID,
            "createdAt": created_at,
            "createdClient": client_id,
            "metrics": {"statusSummary": {"status": status}},
            "activities": [copy],
        }
    )

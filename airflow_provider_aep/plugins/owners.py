"""Which DAGs write to a dataset: the producing tasks of its asset, as Airflow's database has them."""

from __future__ import annotations

from collections.abc import Collection

from airflow.models.asset import AssetModel, TaskOutletAssetReference
from airflow.utils.session import create_session
from sqlalchemy import select


def producing_dags(uris: Collection[str]) -> dict[str, list[str]]:
    """URI of an asset -> the ids of the DAGs of which a task has it as an outlet.

    :param uris: such as ``aep://{org}/{sandbox}/datasets/{id}``.
    """
    if not uris:
        return {}
    query = (
        select(AssetModel.uri, TaskOutletAssetReference.dag_id)
        .join(TaskOutletAssetReference, TaskOutletAssetReference.asset_id == AssetModel.id)
        .where(AssetModel.uri.in_(uris))
        .distinct()
    )
    found: dict[str, list[str]] = {}
    with create_session() as session:
        for uri, dag_id in session.execute(query):
            found.setdefault(uri, []).append(dag_id)
    return {uri: sorted(dag_ids) for uri, dag_ids in found.items()}

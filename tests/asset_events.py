"""The events that a DAG run has made of an asset."""


def extras(result, asset):
    """The extra of each event that a DAG run has made of an asset."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        events = session.scalars(
            select(AssetEvent)
            .join(AssetModel, AssetModel.id == AssetEvent.asset_id)
            .where(AssetModel.uri == asset.uri, AssetEvent.source_run_id == result.run.run_id)
        )
        return [event.extra for event in events]

"""Apache Airflow provider for Adobe Experience Platform dataflows."""

__version__ = "0.1.0"

"""Doctor: what is wrong with an installation, and which of our assumptions about the platform hold. Without Airflow."""

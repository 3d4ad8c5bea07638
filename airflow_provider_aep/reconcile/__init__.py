"""The engine: a resource is looked up, what to do is decided, and it is done. No Airflow, and no endpoint."""

"""The command line: ``airflow-aep VERB`` everywhere, and ``airflow aep VERB`` on Airflow 3.2 and newer."""

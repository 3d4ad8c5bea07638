"""Wire models: what the platform says and hears. Facts and the rules about them; no I/O, no Airflow."""

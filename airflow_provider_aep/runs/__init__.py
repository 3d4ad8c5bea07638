"""Flow runs, without Airflow: start one once, wait for many, judge what came of them."""

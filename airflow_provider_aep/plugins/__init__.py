"""A page in Airflow's UI that shows the dataflows of a sandbox: `[aep] ui_plugin_enabled` switches it on.

aep.py       the plugin, as Airflow finds it
page.py      the routes below /aep, behind Airflow's own authentication
overview.py  what the platform says of a sandbox's dataflows, kept for seconds
owners.py    the DAGs that write to a dataset, from Airflow's database
static/      the page itself, a component within Airflow's own page; it needs no build
"""

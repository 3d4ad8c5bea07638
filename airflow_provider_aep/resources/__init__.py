"""What the engine must know of each resource: one class a resource, one object of each.

A resource's file says by what it is found again, what of it is compared, what can be changed in place and how, and what
is checked before a new one is made. `airflow_provider_aep.reconcile` does the rest.
"""

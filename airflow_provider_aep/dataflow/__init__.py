"""Dataflows as code: files say what dataflows there are; a plan says what would change; apply does it.

    spec.py        what a file may say, after the sandbox's overlay
    files.py       specs from files, folders, globs and dicts, with the place of every value
    lint.py        what is wrong with them, as far as it can be told without the platform; rules/ holds the rules
    json_schema.py the same for editors
    resources.py   a spec as the seven resources of a dataflow, whose ids may not be known yet
    plan.py        what is to be done about each of them: look-up and `decide`, without the doing

There is no state file and no second engine: what is live is looked up, and `airflow_provider_aep.reconcile` decides.
"""

"""Dataflows as code: files say what dataflows there are; a plan says what would change; apply does it.

    spec.py        what a file may say, after the sandbox's overlay
    files.py       specs from files, folders, globs and dicts, with the place of every value
    lint.py        what is wrong with them, as far as it can be told without the platform; rules/ holds the rules
    json_schema.py the same for editors
    resources.py   a spec as the seven resources of a dataflow, whose ids may not be known yet
    inventory.py   what is live, asked for one by one or by whole lists
    identity.py    which live resource is meant: a dataflow is found by its name, and holds its parts
    decisions.py   what is to be done about each resource of a dataflow: look-up and `decide`, without the doing
    consequences.py  what that does to the data; dry_run.py what the platform says of it before
    planner.py     all of it for many dataflows, as a plan (plan.py): JSON (document.py), text (render.py)
    drift.py       what a plan would change, as a report
    apply.py       does a plan, step by step for all dataflows (applying.py), with several threads (concurrency.py);
                   replace.py replaces a dataflow, and choice.py and remains.py hold what is recorded meanwhile;
                   rollback.py deletes what was made, report.py says what was done
    destroy.py     dataflows and what they alone use, deleted
    export.py      a live dataflow as a file that plans nothing; live.py reads it, yaml_writer.py writes the text

There is no state file and no second engine: what is live is looked up, and `airflow_provider_aep.reconcile` decides.
"""

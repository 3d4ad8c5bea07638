"""Run both example pipelines in real Airflow against a local AEP, and tell what each step did.

Usage: python scripts/demo.py FOLDER

FOLDER keeps Airflow's database and the local AEP's state, so that a second run finds what the first one made.
"""

import os
import runpy
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from stage import ROOT, airflow_settings, local_aep

EXAMPLES = ["example_crm_dataflow", "example_streaming_dataflow"]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    log_path = folder / "demo.log"
    screen, log = _take_the_screen(log_path)
    started = time.monotonic()
    changes = Counter()
    failed = False

    try:
        with local_aep(folder, log) as connection:
            # Airflow reads its settings when it is first imported, which is below.
            os.environ |= airflow_settings(folder) | {"AIRFLOW_CONN_AEP_DEFAULT": connection}
            _migrate_database()
            for dag_id in EXAMPLES:
                print(f"\n{dag_id}", file=screen)
                failed |= not _run(dag_id, screen, changes)
    except BaseException:
        traceback.print_exc()
        failed = True

    if failed:
        _show_end_of_log(log_path, screen)
        return 1
    summary = f"created {changes['created']}, updated {changes['updated']}, reused {changes['reused']}"
    if not changes["created"] + changes["updated"]:
        summary += ": everything reused, nothing created"
    print(f"\n{summary} ({time.monotonic() - started:.0f} s; log: {_short(log_path)})", file=screen)
    return 0


def _take_the_screen(log_path):
    """Keep the screen for ourselves: what Airflow and others write to it goes to the log instead."""
    screen = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    log = log_path.open("w")
    os.dup2(log.fileno(), sys.stdout.fileno())
    os.dup2(log.fileno(), sys.stderr.fileno())
    return screen, log


def _migrate_database():
    from airflow.utils.db import initdb

    initdb()


def _run(dag_id, screen, changes):
    """Run one example DAG to its end. True if it succeeded."""
    dag = runpy.run_path(str(ROOT / "example_dags" / f"{dag_id}.py"))["dag"]

    def tell(context):
        task_id = context["ti"].task_id
        change = context["ti"].xcom_pull(task_ids=task_id, key="change")
        value = context["ti"].xcom_pull(task_ids=task_id)
        changes[change] += 1
        print(f"  {task_id:<18} {change or 'found':<8} {_in_words(value)}", file=screen)

    def tell_failure(context):
        print(f"  {context['ti'].task_id:<18} failed   {context.get('exception') or ''}", file=screen)

    for task in dag.tasks:
        task.on_success_callback = [tell]
        task.on_failure_callback = [tell_failure]
        task.retries = 0
        if hasattr(task, "poll_interval"):
            task.poll_interval = 1
            task.timeout = 60
    return dag.test().state == "success"


def _in_words(value):
    """An id as it is, the columns of a table by name, the summary of a run or batch by its counts."""
    match value:
        case list():
            return ", ".join(column["name"] for column in value)
        case {"records": records}:
            counts = ", ".join(f"{name} {count}" for name, count in records.items() if count is not None)
            return f"{value['status']}: records {counts}"
        case _:
            return value


def _show_end_of_log(log_path, screen):
    sys.stdout.flush()
    last_lines = log_path.read_text(errors="replace").splitlines()[-30:]
    print(f"\nThe end of {_short(log_path)}:", *last_lines, sep="\n  ", file=screen)


def _short(path):
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))

"""Run both example pipelines in real Airflow against a local AEP, tell what each step did, and apply one from a file.

Usage: python scripts/demo.py FOLDER

FOLDER keeps Airflow's database and the local AEP's state, so that a second run finds what the first one made.
"""

import json
import os
import runpy
import subprocess
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from urllib.request import urlopen

from stage import BIN, ROOT, airflow_settings, local_aep

EXAMPLES = {
    "example_crm_dataflow": "Salesforce accounts, every hour",
    "example_streaming_dataflow": "Events from a Kinesis stream",
}


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    log_path = folder / "demo.log"
    screen, log = _take_the_screen(log_path)
    started = time.monotonic()
    changes = Counter()
    failed = False
    print("Starting a local Experience Platform and an Airflow of its own ...", file=screen)

    try:
        with local_aep(folder, log) as connection:
            # Airflow reads its settings when it is first imported, which is below.
            os.environ |= airflow_settings(folder) | {"AIRFLOW_CONN_AEP_DEFAULT": connection}
            _migrate_database()
            for dag_id, title in EXAMPLES.items():
                print(f"\n{title} ({dag_id})", file=screen)
                failed |= not _run(dag_id, screen, changes)
            print("\nThe first of them once more, from a file, into the sandbox for production", file=screen)
            failed |= not _apply_files(folder, screen)
            asked, wrote = _request_counts(connection)
    except BaseException:
        traceback.print_exc()
        failed = True

    if failed:
        _show_end_of_log(log_path, screen)
        return 1
    summary = f"created {changes['created']}, reused {changes['reused']}"
    if changes["reused"] and not changes["created"] and not wrote:
        summary += ": everything reused, nothing created"
    seconds = time.monotonic() - started
    print(f"\nDone in {seconds:.0f} s: {summary}", file=screen)
    print(f"The platform answered {asked} requests, {wrote} of which made something.", file=screen)
    print(f"Airflow's own output is in {_short(log_path)}", file=screen)
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
        what, result = _in_words(value)
        print(f"  {task_id:<18} {change or what:<8} {result}", file=screen)

    def tell_failure(context):
        print(f"  {context['ti'].task_id:<18} FAILED   {context.get('exception') or ''}", file=screen)

    for task in dag.tasks:
        task.on_success_callback = [tell]
        task.on_failure_callback = [tell_failure]
        task.retries = 0
        if hasattr(task, "poll_interval"):
            task.poll_interval = 1
            task.timeout = 60
    return dag.test().state == "success"


def _apply_files(folder, screen):
    """Apply a spec, show what a change of it would do, and that nothing is left to do. True if all went well."""
    spec = Path("example_dags") / "dataflows" / "salesforce-accounts.yaml"
    changed = folder / "salesforce-accounts.yaml"
    changed.write_text((ROOT / spec).read_text().replace("interval: 15", "interval: 30"))
    steps = [(["apply", spec, "--yes"], 0), (["plan", changed], 2), (["plan", spec], 0)]
    return all([_command(line, code, screen) for line, code in steps])


def _command(line, expected, screen):
    """Run airflow-aep, and show what it prints. True if it ended with the expected code."""
    shown = " ".join(str(_short(part) if isinstance(part, Path) else part) for part in line)
    print(f"\n  $ airflow-aep {shown} --sandbox prod", file=screen)
    command = [BIN / "airflow-aep", *line, "--sandbox", "prod"]
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    for each in ended.stdout.splitlines():
        print(f"  {each}".rstrip(), file=screen)
    return ended.returncode == expected


def _in_words(value):
    """What a task that made nothing did, and its result: the summary of a run or batch, columns, or an id."""
    match value:
        case {"records": records, "status": status, "batch_ids": [batch_id, *_]}:
            name = f"run {value['run_id']}" if value.get("run_id") else f"batch {batch_id}"
            counts = f"{records['input']} records in, {records['output']} out, {records['failed']} failed"
            return status, f"{name}: {counts}"
        case list():
            return "found", f"{len(value)} columns"
        case _:
            return "found", value


def _request_counts(connection):
    """How many requests the local AEP answered since it was started, and how many of them wrote."""
    with urlopen(f"{json.loads(connection)['host']}/_emulator/requests", timeout=10) as answer:
        requests = [request for request in json.load(answer) if not request["path"].startswith("/ims/")]
    dry_runs = ("/validate", "/preview")
    wrote = [each for each in requests if each["method"] != "GET" and not each["path"].endswith(dry_runs)]
    return len(requests), len(wrote)


def _show_end_of_log(log_path, screen):
    sys.stdout.flush()
    last_lines = log_path.read_text(errors="replace").splitlines()[-30:]
    print(f"\nThe end of {_short(log_path)}:", *last_lines, sep="\n  ", file=screen)


def _short(path):
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))

"""`make chaos`: build dataflows and start runs while a fifth of all requests fails; ends 1 if any is wrong.

300 dataflows by one task each, 50 by two, and 50 by six tasks at once whose lists show each object at a time of its
own; 50 runs.

SEED=... repeats the faults of an earlier run. With THREADS=1 they hit the same requests, too.
"""

import logging
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "chaos")]

from storm import (  # noqa: E402
    KINDS,
    RETRIES,
    Log,
    faults_in,
    provision,
    provision_by_rivals,
    start_runs,
)

from airflow_provider_aep.emulator import AepEmulator  # noqa: E402

SEED = int(os.environ.get("SEED") or random.randrange(1, 1_000_000))
COUNT = int(os.environ.get("COUNT") or 300)
RUNS = int(os.environ.get("RUNS") or 50)
THREADS = int(os.environ.get("THREADS") or 8)
RATE = 0.2
RIVALS = 6
LIST_LAG = 4.0


def main() -> int:
    logging.disable(logging.ERROR)
    print(f"seed {SEED}; {RATE:.0%} of all requests fail, {THREADS} threads, {RETRIES} retries for each task")
    wrong = storm("dataflows, each by one task", COUNT)
    wrong += storm("dataflows, each by two tasks at once", COUNT // 6, tasks_per_name=2, spare=("mappingSets",))
    wrong += rivals("dataflows, each by six tasks at once, lists late by up to 4 s for each object", COUNT // RIVALS)
    wrong += runs("runs, visible at once", 0)
    wrong += runs("runs, visible after 10 s", 10)
    print(f"{'Nothing twice, nothing lost.' if not wrong else f'{wrong} WRONG'} Again: make chaos SEED={SEED}")
    return 1 if wrong else 0


def storm(title, count, *, tasks_per_name=1, spare=()):
    log, begun = Log(), time.monotonic()
    with AepEmulator() as aep:
        aep.chaos(rate=RATE, seed=SEED, kinds=KINDS)
        built = provision(aep, count, threads=THREADS, log=log, tasks_per_name=tasks_per_name)
        return judge(aep, title, count, built, log, begun, spare)


def rivals(title, count):
    log, begun = Log(), time.monotonic()
    with AepEmulator(list_lag=LIST_LAG) as aep:
        aep.chaos(rate=RATE, seed=SEED, kinds=KINDS)
        built = provision_by_rivals(aep, count, rivals=RIVALS, log=log)
        return judge(aep, title, count, built, log, begun, spare=("mappingSets",))


def judge(aep, title, count, built, log, begun, spare):
    """Print what came of it; returns how many things are wrong."""
    aep.clear_faults()
    chains, failed = built
    wrong = [f"failed: {problem}" for problem in failed] + faults_in(aep.state(aep.sandbox), chains, spare=spare)
    if len(set(chains)) != count:
        wrong.append(f"{len(set(chains))} dataflows instead of {count}")
    report(aep, f"{count} {title}", log, wrong, begun)
    return len(wrong)


def runs(title, lag):
    log = Log()
    with AepEmulator(run_visibility_lag=lag) as aep:
        chains, _ = provision(aep, RUNS, threads=THREADS, log=Log())
        flow_ids, before, begun = [chain.flow for chain in chains], len(aep.requests), time.monotonic()
        aep.chaos(rate=RATE, seed=SEED, kinds=KINDS)
        run_ids = start_runs(aep, flow_ids, log=log)
        aep.clear_faults()
        live = aep.state(aep.sandbox)["runs"]
        per_flow = Counter(run["flowId"] for run in live.values())
        wrong = [f"dataflow {flow}: {per_flow[flow]} runs" for flow in flow_ids if per_flow[flow] != 1]
        wrong += [
            f"got {run}"
            for flow, run in zip(flow_ids, run_ids, strict=True)
            if live.get(str(run), {}).get("flowId") != flow
        ]
        report(aep, f"{RUNS} {title}", log, wrong, begun, since=before)
    return len(wrong)


def report(aep, title, log, wrong, begun, since=0):
    requests = aep.requests[since:]
    faults = Counter(record.fault for record in requests if record.fault)
    tokens = sum(record.path.endswith("/token/v3") for record in requests)
    print(f"\n{title}: {'as it should be' if not wrong else 'WRONG'} ({time.monotonic() - begun:.0f} s)")
    print(f"  {len(requests)} requests, {tokens} of them for tokens; {sum(faults.values())} failed: {dict(faults)}")
    tries = ", ".join(f"{count} at try {number}" for number, count in sorted(log.tries.items()))
    print(f"  tasks that succeeded: {tries}")
    for text, count in log.errors.most_common(5):
        print(f"  {count} x {text}")
    for text in wrong[:20]:
        print(f"  WRONG {text}")


if __name__ == "__main__":
    sys.exit(main())

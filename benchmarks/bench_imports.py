"""What importing this package adds to `import airflow.sdk`: every DAG file and every task pays for it.

The median of several fresh processes, in ms of CPU, so that other work on the machine counts less.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

REPEATS = 7
BASE = "from airflow.sdk import DAG, BaseHook, BaseOperator, BaseSensorOperator"
MODULES = {
    "operators": "operators.flow_service operators.schema_registry operators.catalog operators.data_prep",
    "operators and sensors": "operators.flow_service operators.schema_registry operators.catalog operators.data_prep "
    "sensors.flow_run",
    "hook": "hooks.aep",
    "trigger": "triggers.flow_run",
    "metadata": "get_provider_info",
}
PROBE = """
import time
{base}
begun = time.process_time()
{imports}
print((time.process_time() - begun) * 1000)
"""


def cost(modules: str) -> float:
    imports = "\n".join(f"import airflow_provider_aep.{module}" for module in modules.split())
    probe = [sys.executable, "-c", PROBE.format(base=BASE, imports=imports)]
    times = [
        float(subprocess.run(probe, capture_output=True, text=True, check=True).stdout.split()[-1])
        for _ in range(REPEATS)
    ]
    return statistics.median(times)


def main() -> None:
    print(f"Import on top of `{BASE}`, median of {REPEATS}")
    for title, modules in MODULES.items():
        print(f"  {title:<24}{cost(modules):>8.1f} ms")


if __name__ == "__main__":
    main()

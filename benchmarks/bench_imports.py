"""What importing this package adds to `import airflow.sdk`: every DAG file and every task pays for it.

The fastest of several fresh processes, in ms of CPU, so that other work on the machine counts less. Modules are
compiled beforehand, as pip does when it installs them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from tempfile import TemporaryDirectory

REPEATS = 7
BASE = "from airflow.sdk import DAG, BaseHook, BaseOperator, BaseSensorOperator"
OPERATORS = "operators.flow_service operators.schema_registry operators.catalog operators.data_prep"
MODULES = {
    "operators": OPERATORS,
    "operators and sensors": f"{OPERATORS} sensors.flow_run",
    "hook": "hooks.aep",
    "trigger": "triggers.flow_run",
    "all that is public": f"{OPERATORS} sensors.flow_run hooks.aep triggers.flow_run links retry_policy exceptions",
    "metadata": "get_provider_info",
}
PROBE = """
import time
{base}
begun = time.process_time()
{imports}
print((time.process_time() - begun) * 1000)
"""


def cost(modules: str, compiled: str) -> float:
    """Milliseconds of CPU.

    :param compiled: the folder of the compiled modules.
    """
    imports = "\n".join(f"import airflow_provider_aep.{module}" for module in modules.split())
    probe = [sys.executable, "-c", PROBE.format(base=BASE, imports=imports)]
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled}
    times = [
        float(subprocess.run(probe, capture_output=True, text=True, check=True, env=environ).stdout.split()[-1])
        for _ in range(REPEATS + 1)
    ]
    return min(times[1:])  # The first process compiles.


def main() -> None:
    print(f"Import on top of `{BASE}`, fastest of {REPEATS}")
    with TemporaryDirectory() as compiled:
        for title, modules in MODULES.items():
            print(f"  {title:<24}{cost(modules, compiled):>8.1f} ms")


if __name__ == "__main__":
    main()

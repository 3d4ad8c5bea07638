"""Who may import whom, and two habits that the house forbids: read from the source, nothing is imported."""

import ast
from pathlib import Path

import pytest

PACKAGE = "airflow_provider_aep"
ROOT = Path(__file__).parent.parent / PACKAGE

# Room -> what it may import besides itself: whole rooms, or single modules of one. Everyone may read the version.
GROUND = {"exceptions", "validation", "connectors"}
MODELS = GROUND | {"models"}
ENDPOINTS = MODELS | {"api"}
CLIENT = ENDPOINTS | {"client"}
RESOURCES = MODELS | {"api", "reconcile"}
RUNS = CLIENT | RESOURCES | {"resources"}
TASK = {"exceptions", "validation", "models", "runs", "reconcile", "links", "assets", "lineage"}
HOOKS = CLIENT | {"task.compat", "get_provider_info", "probe.access"}
TRIGGERS = MODELS | {"api", "hooks", "runs", "task"}
DATAFLOW = RUNS | {"runs.flow_state"}
AIRFLOW_TASKS = RUNS | TASK | TRIGGERS | {"triggers", "dataflow", "assets", "lineage"}
MAY_IMPORT = {
    "__init__": set(),
    "get_provider_info": set(),
    "exceptions": set(),
    "links": set(),
    "validation": {"exceptions"},
    "connectors": {"exceptions"},
    "models": GROUND,
    "api": MODELS,
    "client": ENDPOINTS,
    "reconcile": {"exceptions", "validation", "models", "api.call", "client.backoff"},
    "resources": RESOURCES,
    "runs": CLIENT | {"resources"},
    "dataflow": DATAFLOW,
    "assets": {"exceptions"},
    "lineage": MODELS | {"assets"},
    "retry_policy": {"exceptions"},
    "task": TASK,
    "hooks": HOOKS,
    "triggers": TRIGGERS,
    "operators": AIRFLOW_TASKS | {"sensors.flow_run"},
    "sensors": AIRFLOW_TASKS,
    "plugins": AIRFLOW_TASKS,
    "probe": CLIENT,
    "cli": CLIENT | {"dataflow", "runs", "probe"},
    # Its own account of the platform: shared models would agree with themselves about a wrong field name.
    "emulator": set(),
}
# What `airflow-aep` imports only when a verb needs it.
LAZY_IN_CLI = {"hooks", "emulator"}
NO_AIRFLOW = RUNS | {"runs", "dataflow", "probe", "get_provider_info", "emulator"}
HTTP_LIBRARIES = {"requests", "urllib3", "httpx", "aiohttp"}
NOT_A_NAME = {"utils", "util", "helpers", "helper", "common", "core", "constants", "types", "misc"}


def problems(module, source):
    """Everything in one module's source that the architecture forbids, one line each."""
    layer = layer_of(module)
    tree = ast.parse(source)
    found = [f"{module}: a module is not named {part}" for part in module.split(".") if part in NOT_A_NAME]
    if layer not in MAY_IMPORT:
        found.append(f"{module}: {layer} has no place in the architecture yet")
    for imported, lazy in imports(module, tree):
        found += [f"{module}: {problem}" for problem in import_problems(layer, imported, lazy)]
    return found + [f"{module}: catches everything (line {line})" for line in catch_alls(tree)]


def import_problems(layer, imported, lazy):
    library = imported.split(".")[0]
    if layer in {"__init__", "get_provider_info"}:
        yield f"imports {imported}, and every airflow command would pay for it"
    if library == "airflow" and layer in NO_AIRFLOW:
        yield f"imports {imported}, and {layer} works without Airflow"
    if library in HTTP_LIBRARIES and layer != "client":
        yield f"imports {imported}, and only client knows HTTP"
    if library != PACKAGE:
        return
    target = layer_of(imported)
    module = ".".join(imported.split(".")[1:3])
    if layer == "cli" and target in LAZY_IN_CLI:
        if not lazy:
            yield f"imports {imported} when it is loaded, not when it is used"
    elif not {target, module} & ({"__init__", layer} | MAY_IMPORT.get(layer, set())):
        yield f"imports {imported}, and {layer} may not import {target}"


def layer_of(module):
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(module, tree):
    """(imported module, whether inside a function) for each import, relative ones made absolute."""
    lazy = {
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node in lazy
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                above = module.split(".")[: -node.level]
                origin = ".".join([*above, *filter(None, [origin])])
            for alias in node.names:
                # "from airflow_provider_aep import api" names a module, "... import __version__" does not.
                a_module = origin == PACKAGE and not alias.name.startswith("__")
                yield (f"{origin}.{alias.name}" if a_module else origin), node in lazy


def catch_alls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and (node.type is None or names_everything(node.type)):
            yield node.lineno
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"suppress", "contextlib.suppress"}:
            if any(names_everything(each) for each in node.args):
                yield node.lineno


def names_everything(expression):
    each = expression.elts if isinstance(expression, ast.Tuple) else [expression]
    return any(ast.unparse(name) in {"Exception", "BaseException"} for name in each)


def modules():
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        # A package's __init__ keeps its last part, so that its relative imports count from the right place.
        yield ".".join(parts), path


@pytest.mark.parametrize(("module", "path"), list(modules()))
def test_the_architecture_holds(module, path):
    assert problems(module, path.read_text()) == []


@pytest.mark.parametrize(
    ("module", "source", "problem"),
    [
        ("client", "import airflow.sdk", "imports airflow.sdk, and client works without Airflow"),
        ("models.flow", "from airflow.sdk import Asset", "models works without Airflow"),
        ("runs.watch", "def f():\n    import airflow", "runs works without Airflow"),
        ("emulator.clock", "from airflow.sdk import timezone", "emulator works without Airflow"),
        ("hooks.aep", "import requests", "only client knows HTTP"),
        ("operators.catalog", "from requests.adapters import Retry", "only client knows HTTP"),
        ("models.flow", f"from {PACKAGE}.api.call import Call", "models may not import api"),
        ("api.call", f"import {PACKAGE}.client", "api may not import client"),
        ("api.call", f"from {PACKAGE} import client", "api may not import client"),
        ("api.call", "from ..client import AepClient", "api may not import client"),
        ("api.call", "from .. import client", "api may not import client"),
        ("reconcile.ensure", f"from {PACKAGE}.client import AepClient", "reconcile may not import client"),
        ("reconcile.ensure", f"from {PACKAGE}.api import catalog", "reconcile may not import api"),
        ("task.waiting", f"from {PACKAGE}.hooks.aep import AepHook", "task may not import hooks"),
        ("hooks.aep", f"from {PACKAGE}.operators import catalog", "hooks may not import operators"),
        ("sensors.flow_run", f"from {PACKAGE}.operators import x", "sensors may not import operators"),
        ("emulator.app", f"from {PACKAGE}.models.flow import Flow", "emulator may not import models"),
        ("emulator.app", f"from {PACKAGE} import exceptions", "emulator may not import exceptions"),
        ("hooks.aep", f"def f():\n    from {PACKAGE} import emulator", "hooks may not import emulator"),
        ("cli.main", f"from {PACKAGE}.emulator.serve import serve", "when it is loaded, not when it is used"),
        ("get_provider_info", f"from {PACKAGE} import connectors", "may not import connectors"),
        ("__init__", "import typing", "imports typing, and every airflow command would pay for it"),
        ("api.utils", "", "a module is not named utils"),
        ("core.flow", "", "a module is not named core"),
        ("managers", "", "managers has no place in the architecture yet"),
        ("client", "try:\n    f()\nexcept Exception:\n    pass", "catches everything (line 3)"),
        ("client", "try:\n    f()\nexcept:\n    pass", "catches everything (line 3)"),
        ("client", "try:\n    f()\nexcept (OSError, BaseException):\n    pass", "catches everything"),
        ("client", "with contextlib.suppress(Exception):\n    f()", "catches everything (line 1)"),
    ],
)
def test_the_checker_sees(module, source, problem):
    assert any(problem in found for found in problems(f"{PACKAGE}.{module}", source))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("reconcile.ensure", f"from {PACKAGE}.api.call import Call\nfrom {PACKAGE}.client.backoff import retry"),
        ("client", f"import requests\nfrom {PACKAGE} import __version__"),
        ("client", f"from {PACKAGE}.models.flow import Flow\nfrom .api import call"),
        ("models.__init__", "from .flow import Flow\nfrom ..exceptions import AepError"),
        ("hooks.aep", f"from airflow.sdk import BaseHook\nfrom {PACKAGE}.client import AepClient"),
        ("emulator.app", f"from {PACKAGE} import __version__\nfrom {PACKAGE}.emulator import clock"),
        ("cli.emulator", f"def run(args):\n    from {PACKAGE}.emulator.serve import serve"),
        ("client", "try:\n    f()\nexcept (OSError, ValueError):\n    pass"),
        ("client", "with suppress(FileNotFoundError):\n    f()"),
    ],
)
def test_the_checker_lets_pass(module, source):
    assert problems(f"{PACKAGE}.{module}", source) == []

"""The house: its size limits and its retired names, read from the source of the package and its emulator."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = "airflow_provider_aep"
ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / PACKAGE).rglob("*.py"))
# What stands in golden files is what the code was called when they were made.
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if path.parent.name != "golden")

LINES_OF_A_MODULE = 300
LINES_OF_A_FUNCTION = 40
LOOSE_MODULES = 10

# What a module, class, function or argument is no longer called, and what it is called now.
RETIRED = {
    "module": {
        r"own_run": "runs/start.py",
        r"kinds?": "resources/, reconcile/resource_type.py",
        r"glance": "run_page",
        r"refusals?": "errors",
        r"judgement": "judge",
        r"watcher": "watch",
        r"waves": "concurrency",
        r"letters?|questions?": "models, api",
    },
    "class": {
        r"\w*Wish": "RunRequest",
        r"\w*Kind": "ResourceType, SourceCategory, Outcome",
        r"Gaps": "Problems",
        r"\w*OwnRun\w*": "RunStarter, AepRunOperatorBase",
        r"_?Found": "RunMatch",
        r"Born": "created_at",
        r"_?Grace": "OutagePolicy",
        r"_?Round": "PollGroup",
        r"Answer": "Response",
        r"Record": "Json",
        r"Mark": "Watermark",
        r"Line": "Queue",
        r"Slots": "ConcurrencyLimit",
        r"Watched|Polled": "WaitResult",
        r"Read|Reading": "LoadedSpec, LoadResult",
        r"Spent": "Cost",
    },
    "function": {
        r"wish(es)?": "declare, request",
        r"_?(born|age)": "created_at",
        r"_?terse": "is_summary",
        r"_?caveat": "warning",
        r"_?twin": "copy",
        r"ends_task": "fail_without_retry",
        r"_?ask": "run, _fetch_token, _attempt",
        r"_?look": "poll",
        r"_?(tell|heed|nap|note)": "deliver, pause_on_429, sleep, on_error",
        r"outlasts": "is_transient",
        r"glance": "parse_run_page",
        r"_?refusal": "error_from_response",
        r"_?(fits|pick|judge)": "validate_against_spec, covers; exactly_one; summary_or_fail",
        r"_?(known|capped|sentences|outline|whole|part|made_at)": "unknown_to_none, truncate_errors, ...",
        r"reach_state": "set_state",
        r"_?(settle|happen|receipt|lister|getter)": "advance_to_now, fire, id_and_etag, list_handler, get_handler",
        r"untold|_?is_news|at_first|lines_of|believe": "undelivered, is_undelivered, initial, queues_of, accept",
        r"before_alarm|_sit_out|_fresh|_gone_on_with|_?admit_doubt|_hold_against|_?starts_anew": "(see their rooms)",
    },
    "argument": {
        r"wish(es)?": "declared, request",
        r"kinds?": "type_, category, outcome",
        r"gaps": "problems",
        r"question|answer|refusal": "request, response, error",
        r"terse|caveat|born": "is_summary, warning, created_at",
        r"facts": "xcoms, details",
    },
}

# Documented arguments of `AepEmulator.fault` and `AepEmulator.chaos`: the tests of users name them.
DOCUMENTED = {
    ("airflow_provider_aep/emulator/emulator.py", "kind"),
    ("airflow_provider_aep/emulator/emulator.py", "kinds"),
}


def path_of(module):
    return str(module.relative_to(ROOT))


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def sizes(path):
    source = path.read_text()
    yield f"{path_of(path)}: the module", len(source.splitlines()), LINES_OF_A_MODULE
    for function in functions(ast.parse(source)):
        lines = function.end_lineno - function.lineno + 1
        yield f"{path_of(path)}: {function.name}", lines, LINES_OF_A_FUNCTION


def names(path):
    tree = ast.parse(path.read_text())
    yield "module", path.parent.name if path.stem == "__init__" else path.stem
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield "class", node.name
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield "function", node.name
        if isinstance(node, ast.arg):
            yield "argument", node.arg


def retired(path):
    return [
        f"{path_of(path)}: the {sort} {name} is called {now}"
        for sort, name in sorted(set(names(path)))
        for pattern, now in RETIRED[sort].items()
        if re.fullmatch(pattern, name) and (path_of(path), name) not in DOCUMENTED
    ]


def imported_modules(path, every):
    """The modules of the package that one imports, also for types only and inside functions."""
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE) and not node.level:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in every else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith(f"{PACKAGE}."))
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"a relative import in {package}"


@pytest.mark.parametrize("path", MODULES, ids=path_of)
def test_a_module_can_be_read_in_one_sitting(path):
    assert [f"{what} has {lines} lines" for what, lines, limit in sizes(path) if lines > limit] == []


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=path_of)
def test_retired_names_do_not_come_back(path):
    assert retired(path) == []


def test_the_hall_is_nearly_empty():
    loose = [path.stem for path in MODULES if path.parent.name == PACKAGE and path.stem != "__init__"]
    assert len(loose) <= LOOSE_MODULES, loose


def test_no_module_imports_itself_by_way_of_others():
    every = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES}
    graph = {name: {found for found in imported_modules(path, every) if found != name} for name, path in every.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_the_checks_see_what_they_look_for(tmp_path, mocker):
    mocker.patch(f"{__name__}.ROOT", tmp_path)
    path = tmp_path / "kinds.py"
    path.write_text("class Gaps:\n    def fits(self, wish):\n" + "        x = 1\n" * 300)
    assert [what for what, lines, limit in sizes(path) if lines > limit] == ["kinds.py: the module", "kinds.py: fits"]
    assert len(retired(path)) == 4

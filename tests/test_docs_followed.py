"""Pages of the docs that a reader can follow from an empty folder: their files and commands, copied."""

import json
import socket
import subprocess
import sys
from importlib import import_module

import airflow
import pytest
from docs_pages import snippets
from named_tests import ROOT, read_page
from reader import environment, follow, missing_lines

from airflow_provider_aep.hooks.aep import AepHook

FAMILIES = {
    "table-source.md": "contacts",
    "file-source.md": "orders",
    "stream-source.md": "web_events",
    "self-serve-source.md": "tickets",
}


def followed(*pages, tmp_path, **more):
    """The commands of some pages, each of which printed what its page shows."""
    folder = tmp_path / "reader"
    folder.mkdir(exist_ok=True)
    steps = follow(*pages, folder=folder, **more)
    for command, said, printed in steps:
        assert missing_lines(said, printed) == [], (command, printed)
    return {command: printed for command, _, printed in steps}


def test_testing_ones_own_dags(tmp_path):
    assert "4 passed" in followed("testing-your-dags.md", tmp_path=tmp_path)["pytest"]


def test_the_quick_start_and_a_dataflow_of_each_family(tmp_path):
    printed = followed("quick-start.md", *FAMILIES, tmp_path=tmp_path)
    tested = {
        command.split()[3]: shown for command, shown in printed.items() if command.startswith("airflow dags test")
    }
    assert list(tested) == ["accounts", *FAMILIES.values()]
    assert [dag_id for dag_id, shown in tested.items() if "state=success" not in shown] == []


def test_migrating_from_aepp(tmp_path, monkeypatch):
    printed = followed("migrating.md", tmp_path=tmp_path)["python aepp_to_airflow.py config_aep.json"]
    monkeypatch.setenv("AIRFLOW_CONN_AEP_DEFAULT", printed.strip())
    client = AepHook().get_conn()
    assert client.sandbox == "dev"


def test_what_is_deployed_can_be_seen(tmp_path):
    followed("deployment.md", tmp_path=tmp_path)


def test_an_emulator_of_ones_own(tmp_path):
    ports = [str(free_port()) for _ in range(2)]
    (tmp_path / "reader").mkdir()
    # The name of another machine.
    (tmp_path / "reader" / ".curlrc").write_text(f"resolve = aep-emulator:{ports[1]}:127.0.0.1\n")
    printed = followed("emulator.md", tmp_path=tmp_path, own=dict(zip(("8099", "8100"), ports, strict=True)))
    (shown,) = [shown for command, shown in printed.items() if command.startswith("curl")]
    connection = json.loads(shown.strip().splitlines()[-1])
    assert connection["host"] == f"http://aep-emulator:{ports[1]}"
    assert connection["extra"]["allow_http"] is True


@pytest.mark.skipif(airflow.__version__ < "3.3", reason="on the oldest Airflow .ci/run runs the demo")
@snippets("README.md", demo="make demo", printed="Salesforce accounts, every hour")
def test_the_demo_prints_what_the_readme_shows(demo, printed, tmp_path):
    """`make demo` but for its environment, which is the one of the tests."""
    command = [sys.executable, str(ROOT / "scripts" / "demo.py"), ".demo"]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert missing_lines(printed, ended.stdout) == []


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize("name", ["sources.md", "troubleshooting.md"])
def test_a_table_is_the_one_of_the_code(name, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    docs_tables = import_module("docs_tables")
    page, tables = read_page(name), docs_tables.tables(name)
    assert docs_tables.written(page, tables) == page, "run scripts/docs_tables.py"
    assert all(f"<!-- {each} -->" in page for each in tables)
    del sys.modules["docs_tables"]

"""get_provider_info.py: what Airflow is told about this package."""

import ast
import json
import subprocess
import sys
import tomllib
from importlib import import_module, metadata, resources
from inspect import getsource
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest

import airflow_provider_aep
from airflow_provider_aep import get_provider_info as module
from airflow_provider_aep.get_provider_info import CONN_FIELDS, UI_FIELD_BEHAVIOUR, get_provider_info
from airflow_provider_aep.hooks.connection_form import connection_form_widgets, ui_field_behaviour

ROOT = Path(__file__).parent.parent

NEWER_THAN_AIRFLOW_3_1 = {"cli"}
AIRFLOW_3_1 = metadata.version("apache-airflow-core").startswith("3.1.")


@pytest.fixture
def info():
    return get_provider_info()


def schema(name):
    return json.loads((resources.files("airflow") / name).read_text())


def test_it_is_what_airflow_accepts_at_run_time(info):
    jsonschema.validate(info, schema("provider_info.schema.json"))


def test_it_is_what_airflow_asks_of_its_own_providers(info):
    strict = schema("provider.yaml.schema.json")
    unknown = set(info) - set(strict["properties"])
    assert unknown <= NEWER_THAN_AIRFLOW_3_1
    jsonschema.validate({key: info[key] for key in info if key not in unknown}, strict)


def test_it_names_the_distribution_and_its_version(info):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert info["package-name"] == project["name"]
    assert info["versions"][0] == airflow_provider_aep.__version__
    entry_point = project["entry-points"]["apache_airflow_provider"]["provider_info"]
    assert entry_point == "airflow_provider_aep.get_provider_info:get_provider_info"


def test_it_imports_nothing():
    tree = ast.parse(getsource(module))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_everything_it_names_exists(info):
    names = [name for key in ("operators", "sensors", "hooks", "triggers") for name in modules(info, key)]
    assert all(isinstance(import_module(name), ModuleType) for name in names)
    classes = [info["connection-types"][0]["hook-class-name"], *info["extra-links"], *info["cli"]]
    for name in classes:
        package, _, attribute = name.rpartition(".")
        assert callable(getattr(import_module(package), attribute))


def modules(info, key):
    return [name for integration in info[key] for name in integration["python-modules"]]


def test_the_sandbox_has_no_default():
    assert "default" not in CONN_FIELDS["sandbox"]["schema"]
    assert CONN_FIELDS["sandbox"]["schema"]["type"] == "string"


def test_secrets_are_shown_as_secrets():
    assert [name for name, field in CONN_FIELDS.items() if field["schema"].get("format") == "password"] == [
        "access_token"
    ]


def test_the_form_of_airflow_3_1_says_the_same_as_the_metadata(info):
    connection_type = info["connection-types"][0]
    assert connection_type["ui-field-behaviour"] is UI_FIELD_BEHAVIOUR
    assert connection_type["conn-fields"] is CONN_FIELDS
    assert ui_field_behaviour() == {
        "hidden_fields": UI_FIELD_BEHAVIOUR["hidden-fields"],
        "relabeling": UI_FIELD_BEHAVIOUR["relabeling"],
        "placeholders": UI_FIELD_BEHAVIOUR["placeholders"],
    }


class Field:
    """Stands in for a field of wtforms, which Airflow does not install."""

    def __init__(self, label, validators, description, default):
        self.label, self.validators, self.description, self.default = label, validators, description, default


def test_the_widgets_of_airflow_3_1_say_the_same_as_the_metadata(monkeypatch):
    fields = {name: type(name, (Field,), {}) for name in ("BooleanField", "PasswordField", "StringField")}
    monkeypatch.setitem(sys.modules, "wtforms", namespace(**fields))
    monkeypatch.setitem(sys.modules, "wtforms.validators", namespace(Optional=object))
    widgets = connection_form_widgets()
    assert list(widgets) == list(CONN_FIELDS)
    for name, widget in widgets.items():
        assert (widget.label, widget.description, widget.default) == (
            CONN_FIELDS[name]["label"],
            CONN_FIELDS[name]["description"],
            CONN_FIELDS[name]["schema"].get("default"),
        )
    kinds = {name: type(widget).__name__ for name, widget in widgets.items()}
    assert kinds["access_token"] == "PasswordField"
    assert kinds["verify"] == "BooleanField"
    assert kinds["sandbox"] == kinds["timeout"] == "StringField"


def namespace(**attributes):
    module = ModuleType("wtforms")
    vars(module).update(attributes)
    return module


def test_without_wtforms_the_form_is_plain(monkeypatch):
    monkeypatch.setitem(sys.modules, "wtforms", None)
    assert connection_form_widgets() == {}


def test_the_hook_hands_out_the_same_form(monkeypatch):
    from airflow_provider_aep.hooks.aep import AepHook

    monkeypatch.setitem(sys.modules, "wtforms", None)
    assert AepHook.conn_type == "aep"
    assert AepHook.hook_name == module.HOOK_NAME
    assert AepHook.get_ui_field_behaviour() == ui_field_behaviour()
    assert AepHook.get_connection_form_widgets() == connection_form_widgets()


def test_reading_it_loads_no_other_module():
    script = (
        "import sys; before = set(sys.modules); import airflow_provider_aep.get_provider_info as m;"
        "m.get_provider_info(); print(sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert loaded.stdout.strip() == "['airflow_provider_aep', 'airflow_provider_aep.get_provider_info']"


FORM = """
import json
from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService
(form,) = [each for each in HookMetaService.hook_meta_data() if each.connection_type == "aep"]
print(json.dumps(form.model_dump(mode="json")))
"""


@pytest.fixture(scope="module")
def form():
    """What Airflow's web interface is told of the form; in a process of its own, as Airflow 3.1 replaces modules."""
    told = subprocess.run([sys.executable, "-c", FORM], capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(told.stdout.splitlines()[-1])


def test_the_form_demands_what_has_no_default(form):
    """Airflow 3.1 demands nothing of its own accord, so the description says it."""
    types = {name: field["schema"]["type"] for name, field in form["extra_fields"].items()}
    demanded = {name for name, type_ in types.items() if "null" not in type_}
    said = {name for name, field in form["extra_fields"].items() if field["description"].startswith("Required.")}
    assert said == {"ims_org_id", "sandbox"}
    assert demanded == (set() if AIRFLOW_3_1 else said)


def test_every_placeholder_is_shown(form):
    shown = {name for name, field in form["standard_fields"].items() if field and field["placeholder"]}
    assert shown == set(UI_FIELD_BEHAVIOUR["placeholders"])


def test_the_form_shows_no_field_twice_and_none_without_a_use(form):
    hidden = {name for name, field in form["standard_fields"].items() if field and field["hidden"]}
    assert hidden == {"port", "url_schema"}
    assert list(form["extra_fields"]) == list(CONN_FIELDS)

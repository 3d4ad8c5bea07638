"""What this package tells Airflow about itself: a plain dict, made without importing anything.

Airflow reads it at the start of every process and every ``airflow`` command, so an import here is a cost
that each of them pays. Keys: ``provider_info.schema.json`` and ``provider.yaml.schema.json`` in Airflow, and
https://airflow.apache.org/docs/apache-airflow-providers/howto/create-custom-providers.html
"""

CONNECTION_TYPE = "aep"
HOOK_NAME = "Adobe Experience Platform"

# The connection form, said once. Airflow 3.2 and newer read it from here; on 3.1 the hook's class methods
# hand out the same facts through hooks/connection_form.py.
UI_FIELD_BEHAVIOUR: dict[str, object] = {
    "hidden-fields": ["port", "schema"],
    "relabeling": {
        "host": "Platform URL",
        "login": "Client ID",
        "password": "Client secret",
    },
    # Airflow shows placeholders in these fields only; in those of the extra, examples stand in the description.
    "placeholders": {
        "host": "https://platform.adobe.io",
        "login": "the API key of the OAuth server-to-server credential",
    },
}

CONN_FIELDS: dict[str, dict[str, object]] = {
    # A type without "null" is what makes a field required, from Airflow 3.2 on; in 3.1 no form can demand one.
    "ims_org_id": {
        "label": "IMS organisation ID",
        "description": "Required. The organisation whose data this is, such as 0123456789ABCDEF01234567@AdobeOrg.",
        "schema": {"type": "string", "pattern": "^.+@AdobeOrg$"},
    },
    # No default: a dataflow that lands in prod because nobody chose is the one mistake not to make easy.
    "sandbox": {
        "label": "Sandbox",
        "description": "Required. The name of the sandbox, not its title, such as dev. There is no default.",
        "schema": {"type": "string", "minLength": 1},
    },
    "scopes": {
        "label": "OAuth scopes",
        "description": "Comma-separated. Empty means the five scopes that Experience Platform asks for.",
        "schema": {"type": ["string", "null"]},
    },
    "ims_url": {
        "label": "IMS URL",
        "description": "The host that issues tokens. Empty means https://ims-na1.adobelogin.com.",
        "schema": {"type": ["string", "null"], "format": "url"},
    },
    "access_token": {
        "label": "Access token",
        "description": "A bearer token issued elsewhere, used as it is instead of client ID and secret.",
        "schema": {"type": ["string", "null"], "format": "password"},
    },
    "timeout": {
        "label": "Timeout (seconds)",
        "description": "For one request. Empty means 10 to connect and 60 to read.",
        "schema": {"type": ["number", "null"], "minimum": 0},
    },
    "proxies": {
        "label": "Proxies",
        "description": 'As requests takes them: {"https": "http://proxy.example:3128"}.',
        "schema": {"type": ["object", "null"]},
    },
    "verify": {
        "label": "Verify TLS",
        "description": "Off only for a proxy you trust; a CA bundle's path can be given in the extra JSON.",
        "schema": {"type": ["boolean", "null"], "default": True},
    },
    "allow_http": {
        "label": "Allow plain HTTP",
        "description": "For an emulator in a container only: secrets go to the host unencrypted.",
        "schema": {"type": ["boolean", "null"], "default": False},
    },
    "list_lag": {
        "label": "Lag of lists (seconds)",
        "description": "How long a list may hide what was just made. Empty means 4; a create waits for it.",
        "schema": {"type": ["number", "null"], "minimum": 0},
    },
}


_NAME = "Adobe Experience Platform"
_PACKAGE = "airflow_provider_aep"

MODULES: dict[str, list[str]] = {
    "operators": ["flow_service", "schema_registry", "catalog", "data_prep", "dataflow", "health"],
    "sensors": ["dataflow", "flow_run"],
    "hooks": ["aep"],
    "triggers": ["flow_run"],
}


def _option(type_: str, default: str, description: str, example: str | None = None) -> dict[str, str | None]:
    return {
        "description": description,
        "version_added": "0.1.0",
        "type": type_,
        "default": default,
        "example": example,
    }


# The section [aep] of airflow.cfg.
OPTIONS = {
    "ui_plugin_enabled": _option("boolean", "False", "Show the page of dataflows in Airflow's UI."),
    "ui_connections": _option(
        "string",
        "aep_default",
        "The connections whose dataflows the page shows, separated by commas.",
        "aep_dev,aep_prod",
    ),
    "ui_access": _option(
        "string",
        "connection",
        "Who may read it: users who may read connections, or any DAG (dag), or every user (user).",
    ),
    "dataflow_specs": _option(
        "string", "", "Folders of spec files, separated by commas: the page shows how a dataflow differs from its file."
    ),
}


def _modules(room: str) -> list[dict[str, object]]:
    paths = [f"{_PACKAGE}.{room}.{module}" for module in MODULES[room]]
    return [{"integration-name": _NAME, "python-modules": paths}]


def get_provider_info() -> dict[str, object]:
    """Describe the provider: the value of the ``apache_airflow_provider`` entry point."""
    return {
        # Must equal the distribution's name, or Airflow refuses to discover any provider at all.
        "package-name": "airflow-provider-aep",
        "name": _NAME,
        "description": "Build and watch Adobe Experience Platform dataflows (Flow Service sources).",
        "versions": ["0.1.0"],
        "state": "ready",
        "source-date-epoch": 0,
        "integrations": [
            {
                "integration-name": _NAME,
                "external-doc-url": "https://developer.adobe.com/experience-platform-apis/",
                "tags": ["service"],
            }
        ],
        **{room: _modules(room) for room in MODULES},
        "connection-types": [
            {
                "connection-type": CONNECTION_TYPE,
                "hook-class-name": f"{_PACKAGE}.hooks.aep.AepHook",
                "hook-name": HOOK_NAME,
                "ui-field-behaviour": UI_FIELD_BEHAVIOUR,
                "conn-fields": CONN_FIELDS,
            }
        ],
        "extra-links": [f"{_PACKAGE}.links.AepDataflowLink", f"{_PACKAGE}.links.AepFlowRunLink"],
        "asset-uris": [
            {
                "schemes": ["aep"],
                "handler": f"{_PACKAGE}.assets.sanitize_uri",
                "factory": f"{_PACKAGE}.assets.aep_dataset",
                "to_openlineage_converter": f"{_PACKAGE}.assets.openlineage_dataset",
            }
        ],
        "config": {"aep": {"description": "Adobe Experience Platform.", "options": OPTIONS}},
        "cli": [f"{_PACKAGE}.cli.definition.get_cli_commands"],
    }

"""The connection form as the hook's class methods hand it out, for Airflow 3.1.

Airflow 3.2 and newer read the same constants from the provider metadata and never ask the hook. The hook
calls the two functions here and adds nothing, so that the two forms cannot differ.
"""

from __future__ import annotations

from typing import Any, cast

from airflow_provider_aep.get_provider_info import CONN_FIELDS, UI_FIELD_BEHAVIOUR


def ui_field_behaviour() -> dict[str, Any]:
    """Return what ``AepHook.get_ui_field_behaviour`` returns: the metadata's facts under older key names."""
    return {key.replace("-", "_"): value for key, value in UI_FIELD_BEHAVIOUR.items()}


def connection_form_widgets() -> dict[str, Any]:
    """Return what ``AepHook.get_connection_form_widgets`` returns: one form field for each extra field.

    Empty where wtforms is not installed, as in workers, which show no form. Airflow 3.1's API server needs no
    wtforms either: it puts its own stand-ins there before it asks.
    """
    try:
        from wtforms import BooleanField, PasswordField, StringField  # type: ignore
        from wtforms.validators import Optional  # type: ignore
    except ImportError:
        return {}
    widgets = {}
    for name, field in CONN_FIELDS.items():
        schema = cast(dict[str, Any], field["schema"])
        # These forms know text and tick boxes only; numbers and JSON travel as text and the hook reads them.
        field_class = BooleanField if "boolean" in schema["type"] else StringField
        if schema.get("format") == "password":
            field_class = PasswordField
        widgets[name] = field_class(
            field["label"],
            validators=[Optional()],
            description=field["description"],
            default=schema.get("default"),
        )
    return widgets

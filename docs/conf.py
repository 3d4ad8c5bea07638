"""How Sphinx builds these pages: `make docs`."""

import os
from pathlib import Path

# The API reference imports the package and so Airflow, which must not write into the user's own AIRFLOW_HOME.
os.environ["AIRFLOW_HOME"] = str(Path(__file__).parent / "_build" / "airflow")

from airflow_provider_aep import __version__

project = "airflow-provider-aep"
author = "The airflow-provider-aep developers"
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"{project} {release}"
REPOSITORY = "https://github.com/airflow-provider-aep/airflow-provider-aep"
html_theme_options = {
    "source_repository": REPOSITORY,
    "source_branch": "main",
    "source_directory": "docs/",
    "footer_icons": [{"name": "GitHub", "url": REPOSITORY, "html": "GitHub", "class": ""}],
}
# Of a transcript the commands are copied, without their prompt and without what they print.
copybutton_prompt_text = "$ "
copybutton_line_continuation_character = "\\"
default_role = "code"  # single backticks in docstrings are code

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_default_options = {"members": True, "show-inheritance": True}

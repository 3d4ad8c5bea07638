"""How Sphinx builds these pages: `make docs`."""

import os
import re
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import index
from sphinx.transforms import SphinxTransform

# The API reference imports the package and so Airflow, which must not write into the user's own AIRFLOW_HOME.
os.environ["AIRFLOW_HOME"] = str(Path(__file__).parent / "_build" / "airflow")

from airflow_provider_aep import __version__

project = "airflow-provider-aep"
author = "The airflow-provider-aep developers"
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_show_copyright = False
html_title = f"{project} {release}"
REPOSITORY = "https://github.com/airflow-provider-aep/airflow-provider-aep"
html_theme_options = {
    "source_repository": REPOSITORY,
    "source_branch": "main",
    "source_directory": "docs/",
    "footer_icons": [{"name": "GitHub", "url": REPOSITORY, "html": "GitHub", "class": ""}],
}
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_js_files = ["docs.js"]
# Of a transcript the commands are copied, without their prompt and without what they print.
copybutton_prompt_text = "$ "
copybutton_copy_empty_lines = False
copybutton_line_continuation_character = "\\"
default_role = "code"  # single backticks in docstrings are code

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Airflow 3.3 brought retry policies; these pages are built with older ones, too.
RETRY_POLICY = "airflow.sdk.definitions.retry_policy"
autodoc_mock_imports = [] if find_spec(RETRY_POLICY) else [RETRY_POLICY]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_default_options = {"members": True, "show-inheritance": True}

# The search of Sphinx passes over numbers and takes names apart, so the codes and names of these tables are entries of
# the index, which it looks through first: by page, the columns that hold them.
INDEXED_COLUMNS = {"sources": (0, -1), "troubleshooting": (0,)}


class IndexTables(SphinxTransform):
    """Makes an entry of the index of each code in the columns of ``INDEXED_COLUMNS``."""

    default_priority = 500

    def apply(self):
        for row in self.document.findall(nodes.row):
            for column in INDEXED_COLUMNS.get(self.env.docname, ()):
                for literal in list(row.children[column].findall(nodes.literal)):
                    name = literal.astext()
                    anchor = f"{self.env.docname}-{re.sub(r'[^a-z0-9]+', '-', name.lower())}"
                    entry = index(entries=[("single", name, anchor, "main", None)])
                    literal.parent.insert(0, [entry, nodes.target(ids=[anchor])])


def setup(app):
    app.add_transform(IndexTables)

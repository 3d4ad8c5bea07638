"""Write the tables of docs/dataflow-files.md: the keys of a file by the models, the rules of lint by their list.

Usage: dataflow_tables.py   (a test checks that it has nothing to do)
"""

import re
import sys
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "dataflow-files.md"
SEVERITIES = {"error": "error", "warning": "warning", "either": "error, or warning as said"}


def tables():
    """Name -> lines of the table."""
    from airflow_provider_aep.dataflow.json_schema import DOCUMENTS, PARTS, descriptions
    from airflow_provider_aep.dataflow.rules.codes import RULES

    made = {
        name: table(("key", "meaning"), [(f"`{key}`", text) for key, text in descriptions(model).items()])
        for name, model in {**DOCUMENTS, **PARTS}.items()
    }
    rows = [(rule.code, rule.says, SEVERITIES[rule.severity], rule.instead) for rule in RULES]
    return {**made, "rules": table(("rule", "finds", "severity", "without lint"), rows)}


def table(titles, rows):
    lines = [titles, ["---"] * len(titles), *([cell_of(text) for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell_of(text):
    return re.sub("`+", "`", text).replace("|", r"\|")


def written(page):
    """The page with each table in its place, between its name and the end of the paragraph."""
    for name, lines in tables().items():
        page = re.sub(
            rf"(<!-- {name} -->\n)(?:\n\|.*(?:\n\|.*)*\n)?", lambda match, lines=lines: f"{match[1]}\n{lines}\n", page
        )
    return page


if __name__ == "__main__":
    sys.path.insert(0, str(PAGE.parent.parent))
    PAGE.write_text(written(PAGE.read_text()))

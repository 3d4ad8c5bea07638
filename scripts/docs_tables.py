"""Write the tables of docs/sources.md and docs/troubleshooting.md: the sources and the remedies that the code knows.

Usage: docs_tables.py   (a test checks that it has nothing to do)
"""

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
SOURCES = ("name", "source", "auth specs, with the keys of their credentials", "other names")
REMEDIES = ("code", "what to do")


def tables(name):
    """Each table of a page, by the comment that it follows."""
    return {"sources.md": sources, "troubleshooting.md": remedies}[name]()


def sources():
    from airflow_provider_aep.cli.connectors import describe
    from airflow_provider_aep.connectors import ALIASES, CONNECTORS

    rows = {}
    for connector in CONNECTORS.values():
        aliases = [f"`{alias}`" for alias, name in ALIASES.items() if name == connector.name]
        rows.setdefault(connector.category, []).append(_source(describe(connector), aliases))
    return {category: _table(SOURCES, each) for category, each in rows.items()}


def remedies():
    from airflow_provider_aep.client.remedies import _BY_CODE, _BY_STATUS, RUN_CODES

    gateway = {code: text for code, text in _BY_CODE.items() if re.fullmatch(r"\d{6}", code)}
    services = {code: text for code, text in _BY_CODE.items() if code not in gateway}
    groups = {"gateway": gateway, "services": services, "statuses": _BY_STATUS, "runs": RUN_CODES}
    return {
        name: _table(REMEDIES, [(f"`{code}`", text) for code, text in sorted(group.items())])
        for name, group in groups.items()
    }


def written(page, tables):
    """The page with its tables as they are now."""
    for name, lines in tables.items():
        page = re.sub(
            rf"(<!-- {name} -->\n)(?:\n\|.*(?:\n\|.*)*\n)?",
            lambda match, lines=lines: f"{match[1]}\n{lines}\n",
            page,
        )
    return page


def _source(source, aliases):
    own_page = not source["page"].endswith("/home")
    title = f"[{source['title']}]({source['page']})" if own_page else source["title"]
    none = "*not published*" if source["needs_account"] else "*none: it has no account*"
    auth_specs = [f"`{name}`: {_keys(params)}" for name, params in source["auth_specs"].items()]
    return f"`{source['name']}`", title, "<br>".join(auth_specs or [none]), ", ".join(aliases)


def _keys(params):
    return ", ".join([*(f"`{key}`" for key in params["required"]), *(f"[`{key}`]" for key in params["optional"])])


def _table(head, rows):
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


if __name__ == "__main__":
    sys.path.insert(0, str(DOCS.parent))
    for name in ("sources.md", "troubleshooting.md"):
        page = DOCS / name
        page.write_text(written(page.read_text(), tables(name)))

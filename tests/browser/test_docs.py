"""The built documentation in a real browser: every page fits its window, has its pictures, is searched and copied from.

`make browser` runs it, where Sphinx is installed. `SCREENSHOTS=FOLDER` keeps what the browser shows.
"""

import os
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

pytestmark = pytest.mark.browser

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted([*(page.stem for page in DOCS.glob("*.md")), "genindex", "search"])
WIDTHS = (390, 900, 1440)

# What is wider than the window, unless it lies in something that scrolls by itself, as code does.
TOO_WIDE = """() => {
  const scrolls = (element) => element && element !== document.body
    && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
  const wide = [...document.querySelectorAll("article *:not(.headerlink)")].filter((element) =>
    element.getBoundingClientRect().right > innerWidth + 1 && !scrolls(element));
  if (document.documentElement.scrollWidth > innerWidth) wide.unshift(document.documentElement);
  return wide.map((element) => `${element.tagName} ${element.textContent.trim().slice(0, 60)}`).slice(0, 5);
}"""
# A table may be read at any width without being moved.
HIDDEN_COLUMNS = """() => [...document.querySelectorAll(".table-wrapper")]
  .filter((table) => table.scrollWidth > table.clientWidth + 4)
  .map((table) => table.textContent.trim().slice(0, 60))"""
PICTURES = (
    """() => [...document.images].filter((image) => !image.naturalWidth || !image.alt).map((image) => image.src)"""
)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def docs(tmp_path_factory):
    """The address of the documentation, built from scratch."""
    for needed in ("sphinx", "furo", "myst_parser", "sphinx_copybutton"):
        pytest.importorskip(needed, reason=f"the documentation is built by {needed}: pip install '.[docs]'")
    html = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--quiet", "--doctree-dir", html / ".doctrees"]
    environment = os.environ | {"PYTHONPATH": str(DOCS.parent)}
    subprocess.run([*command, DOCS, html], env=environment, check=True, timeout=300)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(html)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def tab(chromium, docs):
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_runs_out_of_its_window(tab, docs, width, scheme):
    tab.set_viewport_size({"width": width, "height": 900})
    tab.emulate_media(color_scheme=scheme)
    faults = {}
    for page in PAGES:
        tab.goto(f"{docs}/{page}.html", wait_until="load")
        keep(tab, f"docs-{page}-{scheme}-{width}")
        tab.evaluate("document.querySelectorAll('details').forEach((fold) => fold.open = true)")
        found = [*tab.evaluate(TOO_WIDE), *tab.evaluate(HIDDEN_COLUMNS), *tab.evaluate(PICTURES)]
        faults |= {page: found} if found else {}
    assert faults == {}


@pytest.mark.parametrize(
    ("wanted", "page"),
    [
        ("amazon-s3", "sources.html#sources-amazon-s3"),
        ("pubsub", "sources.html#sources-pubsub"),
        ("401013", "troubleshooting.html#troubleshooting-401013"),
        ("FLOW-1307-400", "troubleshooting.html#troubleshooting-1307-400"),
        ("CONNECTOR-1001-500", "troubleshooting.html#troubleshooting-connector-1001"),
        ("AepRunFlowOperator", "reference.html#airflow_provider_aep.operators.flow_service.AepRunFlowOperator"),
    ],
)
def test_the_search_finds_it_first(tab, docs, wanted, page):
    tab.goto(f"{docs}/index.html")
    tab.fill("input[name=q]", wanted)
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#search-results li a")
    first = tab.locator("#search-results li a").first.get_attribute("href")
    assert first.endswith(page)
    tab.goto(f"{docs}/{first}")
    assert tab.locator(f"[id='{page.partition('#')[2]}']").count() == 1


def test_a_button_copies_the_commands_alone(tab, docs):
    tab.goto(f"{docs}/quick-start.html")
    tab.locator(".highlight-console", has_text="airflow-aep lint dataflows").hover()
    tab.locator(".highlight-console", has_text="airflow-aep lint dataflows").locator("button.copybtn").click()
    tab.wait_for_selector("button.copybtn.success")
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines() == ["airflow-aep lint dataflows", "airflow-aep plan dataflows", "echo $?"]
    assert tab.locator("div.highlight").count() == tab.locator("button.copybtn").count()


def test_every_page_leads_to_the_repository(tab, docs):
    tab.set_viewport_size({"width": 1440, "height": 900})
    for page in ("index", "reference", "search"):
        tab.goto(f"{docs}/{page}.html")
        link = tab.locator(".sidebar-tree a", has_text="Repository")
        assert link.get_attribute("href") == "https://github.com/airflow-provider-aep/airflow-provider-aep"


def keep(tab, name):
    if folder := os.environ.get("SCREENSHOTS"):
        tab.screenshot(path=f"{folder}/{name}.png", full_page=True)

"""The page in a real Airflow: who may read it, and what a person sees and clicks in a real browser.

`make browser` runs it. `SCREENSHOTS=FOLDER` keeps what the browser shows.
"""

import pytest
import requests
from airflow_site import airflow_site, token_of
from emulator.caller import AZURE_BLOB, EVENT_HUBS, SALESFORCE, Caller
from tab import Tab

from airflow_provider_aep.emulator import AepEmulator

pytestmark = pytest.mark.browser

NAMES = ["Salesforce accounts", "S3 orders", "Web events", "Loyalty members", "Consents", "Returns"]
HOSTILE = "Zones <script>alert(1)</script>"
WIDTHS = (390, 900, 1440)
STATIC = ("/aep/", "/aep/static/page.js", "/aep/static/page.css", "/aep/static/aep.svg")


@pytest.fixture(scope="module")
def platform():
    """A local AEP with some thirty dataflows, one of which has runs of every outcome."""
    with AepEmulator() as aep, Caller(aep) as api:
        for number in range(5 * len(NAMES)):
            spec = (SALESFORCE, AZURE_BLOB, EVENT_HUBS)[number % 3]
            api.flow(spec, name=f"{NAMES[number % len(NAMES)]} {number // len(NAMES) + 1}")
        api.flow(name=HOSTILE, description=HOSTILE)
        flow_id = api.once_flow(name="Accounts on demand")
        for outcome in ("success", "empty", "partial", "failed_copy", "success"):
            aep.script_run(outcome, flow_id=flow_id, records=1000)
            api.run(flow_id)
            aep.advance(900)
        aep.on_demand_flow = flow_id
        yield aep


@pytest.fixture(scope="module")
def site(platform, tmp_path_factory):
    with airflow_site(tmp_path_factory.mktemp("site"), platform.connection_json()) as url:
        yield url


@pytest.fixture
def tab(chromium, site):
    tab = Tab(chromium, site)
    yield tab
    tab.context.close()
    assert tab.dialogs == []


# Who may read


def routes(flow_id):
    api = "/aep/api"
    data = [f"{api}/connections", f"{api}/aep_default/flows", f"{api}/aep_default/activity?flow={flow_id}"]
    return [*data, f"{api}/aep_default/flows/{flow_id}", f"{api}/aep_default/flows/{flow_id}/spec"]


def test_anonymous_requests_get_nothing(site, platform):
    for route in (*STATIC, *routes(platform.on_demand_flow)):
        assert requests.get(f"{site}{route}", timeout=30).status_code in (401, 403), route


@pytest.mark.parametrize("user", ["looker", "someone"])
def test_without_the_right_to_read_connections_the_script_comes_and_no_data(site, platform, user):
    headers = {"Authorization": f"Bearer {token_of(site, user)}"}
    for route in STATIC:
        assert requests.get(f"{site}{route}", headers=headers, timeout=30).status_code == 200
    for route in routes(platform.on_demand_flow):
        assert requests.get(f"{site}{route}", headers=headers, timeout=30).status_code == 403, route


def test_an_administrator_reads_everything_and_nothing_else_is_there(site, platform):
    headers = {"Authorization": f"Bearer {token_of(site, 'admin')}"}
    for route in (*STATIC, *routes(platform.on_demand_flow)):
        assert requests.get(f"{site}{route}", headers=headers, timeout=30).status_code == 200, route
    for route in ("/aep/docs", "/aep/openapi.json", "/aep/static/page.py", "/aep/api/other/flows"):
        assert requests.get(f"{site}{route}", headers=headers, timeout=30).status_code == 404, route
    for route in routes(platform.on_demand_flow):
        assert requests.post(f"{site}{route}", headers=headers, timeout=30).status_code == 405, route


def test_who_may_not_read_is_told_so_in_a_sentence(chromium, site):
    tab = Tab(chromium, site, user="looker")
    tab.open(wait_for=".aep-problem")
    assert "An administrator can grant it" in tab.page.inner_text(".aep-problem")
    tab.context.close()


# What a person sees


def test_the_list_is_searched_sorted_filtered_and_turned_over(tab):
    tab.open(wait_for=".aep-bar")
    assert len(tab.names()) == 25
    tab.page.click("text=Next")
    tab.until(lambda: len(tab.names()) == 7)
    tab.page.fill("input[type=search]", "loyalty")
    tab.until(lambda: tab.names() == [f"Loyalty members {number}" for number in range(1, 6)])
    tab.page.click("th >> text=Dataflow")
    tab.until(lambda: tab.names()[:1] == ["Loyalty members 5"])
    tab.page.fill("input[type=search]", "no such thing")
    tab.page.wait_for_selector("text=No dataflow matches.")


def test_what_the_platform_sends_is_shown_as_text(tab):
    tab.open("?search=script", wait_for=".aep-name")
    assert tab.names() == [HOSTILE]
    tab.page.click(".aep-name a")
    tab.page.wait_for_selector("h2")
    assert tab.page.locator("h1").inner_text().startswith(HOSTILE)


def test_a_dataflow_opens_and_back_leads_to_the_list(tab):
    tab.open("?search=on+demand", wait_for=".aep-bar")
    assert tab.page.locator(".aep-bar").count() == 5
    assert tab.page.locator(".aep-run-failure").count() == 2
    assert "1 failed" in tab.page.inner_text(".aep-bars")
    tab.page.click(".aep-name a")
    tab.page.wait_for_selector(".aep-plot svg")
    text = tab.page.inner_text(".aep-page")
    assert "dropped 1 of 1000 records" in text
    assert "person.name.firstName" in text or "personalEmail.address" in text
    tab.page.wait_for_selector(".aep-spec pre")
    assert "name: Accounts on demand" in tab.page.inner_text(".aep-spec")
    tab.page.go_back()
    tab.page.wait_for_selector("input[type=search]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off(chromium, site, platform, scheme, width):
    tab = Tab(chromium, site, scheme=scheme)
    tab.page.set_viewport_size({"width": width, "height": 900})
    for name, query, sign in (
        ("list", "", ".aep-bar"),
        ("dataflow", f"?flow={platform.on_demand_flow}", ".aep-plot svg"),
    ):
        tab.open(query, wait_for=sign)
        tab.keep(f"{name}-{scheme}-{width}")
        assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page = tab.page.locator(".aep-page")
        assert page.evaluate("page => page.scrollWidth <= page.clientWidth"), name
    tab.context.close()

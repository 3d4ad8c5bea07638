"""Filters, order, count and pages of Flow Service's listings."""

from itertools import chain
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_aep.emulator import AepEmulator
from airflow_provider_aep.emulator.query.filters import AUDIT_FIELDS, parse
from emulator.caller import Caller, base_connection_body, code_of


def names(response: Any) -> list[str]:
    return [item["name"] for item in response.json()["items"]]


@pytest.fixture
def seven(aep: AepEmulator, api: Caller) -> list[str]:
    """Ids of connections named c0 to c6, a second apart."""
    ids = []
    for number in range(7):
        ids.append(api.base_connection(name=f"c{number}"))
        aep.advance(1)
    return ids


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("property=name==c3", ["c3"]),
        ("property=name==%22c3%22", ["c3"]),
        ("property=name==C3", []),
        ("property=name==c1,c2", ["c1", "c2"]),
        ("property=name==%22c1,c2%22", []),
        ("property=name!=c3&property=name!=c4", ["c0", "c1", "c2", "c5", "c6"]),
        ("property=connectionSpec.id==cfc0fee1-7dc0-40ef-b73e-d8b134c436f5&property=name==c6", ["c6"]),
        ("property=state==enabled&property=name==c0", ["c0"]),
        ("property=description==nothing", []),
    ],
)
def test_filters(api: Caller, query: str, found: list[str]) -> None:
    assert names(api.get(f"flow/connections?orderby=name&{query}")) == found


def test_filters_on_times_and_lists(api: Caller, seven: list[str]) -> None:
    created = api.one(f"flow/connections/{seven[3]}")["createdAt"]
    assert names(api.get(f"flow/connections?orderby=name&property=createdAt>={created}")) == ["c3", "c4", "c5", "c6"]
    assert names(api.get(f"flow/connections?orderby=name&property=createdAt<{created}")) == ["c0", "c1", "c2"]
    source = api.source_connection(seven[0])
    found = api.get("flow/sourceConnections?property=params.columns[].name==email").json()["items"]
    assert [item["id"] for item in found] == [source]
    assert api.get(f"flow/flows?property=sourceConnectionIds[]=={source},other").json()["items"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("property=name~c", "1440-400"),
        ("property=name=c", "1450-400"),
        ("property=name!>c", "1450-400"),
        ("property=connections==c", "1449-400"),
        ("property=name", "1451-400"),
        ("property=name==", "1453-400"),
        ("property=createdAt<=1,2", "1443-400"),
        ("property=createdAt==soon", "1452-400"),
        ("property=id>=x", "1448-400"),
        ("limit=5&count=true", "1401-400"),
        ("limit=0", "1452-400"),
        ("continuationToken=forged", "1452-400"),
        ("orderby=*name", "1432-400"),
        ("orderby=%20name", "1432-400"),
        ("orderby=-shoe", "1433-400"),
    ],
)
def test_refused_queries(api: Caller, query: str, code: str) -> None:
    assert code_of(api.get(f"flow/connections?{query}")) == code


@pytest.mark.usefixtures("seven")
def test_count_answers_only_the_number(api: Caller) -> None:
    assert api.get("flow/connections?count=true").json() == {"count": 7}
    assert len(api.get("flow/connections?limit=3&count=false").json()["items"]) == 3


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize(
    ("orderby", "first"),
    [
        ("name", "c0"),
        ("-name", "c6"),
        ("%2BcreatedAt", "c0"),
        ("-createdAt", "c6"),
    ],
)
def test_order(api: Caller, orderby: str, first: str) -> None:
    assert names(api.get(f"flow/connections?limit=1&orderby={orderby}")) == [first]


def next_token(response: Any) -> str | None:
    """The only correct way: parse the link."""
    link = response.json()["_links"].get("next")
    if link is None:
        return None
    assert link["href"].startswith("/connections?")
    return parse_qs(urlsplit(link["href"]).query)["continuationToken"][0]


def every_page(api: Caller, **params: Any) -> list[list[str]]:
    pages = []
    while True:
        response = api.get("flow/connections", params=params)
        pages.append(names(response))
        token = next_token(response)
        if token is None:
            return pages
        assert set("=%&") <= set(token)
        params["continuationToken"] = token


@pytest.mark.usefixtures("seven")
def test_pages(api: Caller) -> None:
    assert every_page(api, orderby="name", limit=3) == [["c0", "c1", "c2"], ["c3", "c4", "c5"], ["c6"]]
    assert sorted(chain(*every_page(api, limit=2))) == [f"c{number}" for number in range(7)]
    assert every_page(api, orderby="name", limit=7) == [[f"c{number}" for number in range(7)]]


@pytest.mark.usefixtures("seven")
def test_pages_are_stable_under_insertion(api: Caller) -> None:
    first = api.get("flow/connections?orderby=-createdAt&limit=3")
    api.base_connection(name="newest")
    params = {"orderby": "-createdAt", "limit": 3, "continuationToken": next_token(first)}
    assert names(first) == ["c6", "c5", "c4"]
    assert names(api.get("flow/connections", params=params)) == ["c3", "c2", "c1"]


def test_empty_pages_in_between() -> None:
    with AepEmulator(empty_pages=True) as aep, Caller(aep) as api:
        for number in range(3):
            api.base_connection(name=f"c{number}")
        assert every_page(api, orderby="name", limit=1) == [["c0"], [], ["c1"], [], ["c2"]]


def test_default_and_largest_page() -> None:
    with AepEmulator(default_page_size=2, max_page_size=3) as aep, Caller(aep) as api:
        for _ in range(5):
            api.post("flow/connections", base_connection_body())
        assert len(api.get("flow/connections").json()["items"]) == 2
        assert len(api.get("flow/connections?limit=1000").json()["items"]) == 3


TEXT = st.text(st.characters(blacklist_characters='"', blacklist_categories=["Cs"]), min_size=1)


@given(TEXT)
def test_any_quoted_name_finds_itself(name: str) -> None:
    assert parse(f'name=="{name}"', AUDIT_FIELDS | {"name"}).holds({"name": name})


@settings(deadline=None, max_examples=10)
@given(st.lists(st.text("abc", min_size=1, max_size=2), max_size=12), st.integers(1, 5), st.booleans())
def test_pages_show_everything_once(titles: list[str], limit: int, descending: bool) -> None:
    with AepEmulator() as aep, Caller(aep) as api:
        for title in titles:
            api.base_connection(name=title)
        shown = every_page(api, orderby="-name" if descending else "name", limit=limit)
        assert list(chain(*shown)) == sorted(titles, reverse=descending)


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("query", ["limit=3&orderby=name", "limit=2&orderby=-createdAt&property=name!=c0", "limit=3"])
def test_the_link_to_the_next_page_can_be_followed_as_it_is(api: Caller, query: str) -> None:
    whole = names(api.get(f"flow/connections?{query}".replace("limit=2", "limit=50").replace("limit=3", "limit=50")))
    response = api.get(f"flow/connections?{query}")
    found = names(response)
    while following := response.json()["_links"].get("next"):
        response = api.get(f"flow{following['href']}")
        found += names(response)
    assert found == whole
    assert len(whole) in (6, 7)

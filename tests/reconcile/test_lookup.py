"""One by one, or an index over everything of a type: both find the same."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.exceptions import AepNotFoundError
from airflow_provider_aep.reconcile.lookup import Index, OneByOne, read

from .cases import CASES, EVERY_TYPE
from .things import Thing, ThingType

NAMES = st.sampled_from(["ours", "theirs", "Ours", ""])
THINGS = st.lists(
    st.builds(Thing, st.sampled_from(["x", "", "y"]), id=st.text("abc", min_size=1, max_size=3), name=NAMES),
    unique_by=lambda thing: thing.id,
    max_size=8,
)


class Summarised(ThingType):
    """The list shows no content of some, and these are to be read by their ids."""

    def is_summary(self, live):
        return live.content == ""


class Platform:
    """Keeps things; its list takes notice of the name or not, as Adobe's do, and may show what is gone."""

    def __init__(self, things, gone=(), *, filters=True):
        self.things, self.gone, self.filters = things, gone, filters
        self.requests = []

    def __call__(self, call):
        self.requests.append(call)
        if call.path == "/things":
            name = call.params.get("name") if self.filters else None
            return [thing for thing in self.things if name in (None, thing.name)]
        found = [thing for thing in self.things if thing.id == call.path and thing.id not in self.gone]
        if not found:
            raise AepNotFoundError("gone", status=404)
        return replace(found[0], content="read by its id")


@given(THINGS, st.sets(st.text("abc", min_size=1, max_size=3)), NAMES, st.booleans())
def test_both_find_the_same(things, gone, name, filters):
    declared = Thing("x", name=name)
    type_ = Summarised()
    platform = Platform(things, gone, filters=filters)
    found = OneByOne(platform)(type_, declared)
    assert found == Index(platform)(type_, declared)
    assert {each.id for each in found} == {
        each.id for each in things if each.name == name and not (each.content == "" and each.id in gone)
    }
    assert all(each.content for each in found)


@given(THINGS, st.lists(NAMES, min_size=1, max_size=6))
def test_an_index_lists_each_type_once(things, names):
    type_ = ThingType()
    platform = Platform(things)
    index = Index(platform)
    for name in names:
        index(type_, Thing("x", name=name))
    assert platform.requests == [type_.list_all()]


class InPages(Platform):
    """Lists pages of two, and asks the call after each whether there have been enough."""

    def __call__(self, call):
        found = []
        for start in range(0, len(self.things), 2):
            page = self.things[start : start + 2]
            found += page
            if call.enough is not None and call.enough(page):
                break
        return found


@pytest.mark.parametrize(
    ("times", "since", "found"),
    [
        ([9, 8, 7, 3, 2, 1], 5, 4),
        ([9, 8, 7, 6, 2, 1], 5, 6),
        ([9, 8, 7, 3, 2, 1], 0, 6),
        ([3, 9, 1, 2, 8, 7], 5, 6),
    ],
)
def test_of_a_list_that_comes_newest_first_old_pages_are_left_out(times, since, found):
    things = [Thing("x", f"id {time}", time, "ours") for time in times]
    index = Index(InPages(things), since)
    assert index(ThingType(), Thing("x", name="ours")) == things[:found]


def test_what_is_gone_is_none():
    platform = Platform([Thing("x", "a")], gone=["a"])
    assert read(platform, ThingType(), "a") is None


@EVERY_TYPE
def test_on_the_platform_too(world, case):
    """All seven: among others of the type, the declared one is found, and not before it was made."""
    case.ensure(world, **({"title": "another"} if case is CASES["schema"] else {"name": "another"}))
    declared = case.declared(world)
    send = world.client.send
    assert OneByOne(send)(case.type_, declared) == Index(send)(case.type_, declared) == []
    made = case.ensure(world)

    (one,) = OneByOne(send)(case.type_, declared)
    (same,) = Index(send)(case.type_, declared)

    assert case.type_.id_of(one) == case.type_.id_of(same) == made.id
    assert case.type_.diff(declared, one) == case.type_.diff(declared, same) == ()


@pytest.mark.parametrize("lookup", [OneByOne, Index])
def test_what_a_connection_is_called_is_not_all_that_counts(world, lookup):
    """Two accounts of one name at two sources are two."""
    case = CASES["base connection"]
    case.ensure(world, connector="microsoft-dynamics", auth_spec_name="Service Principal Key Based Authentication")
    assert lookup(world.client.send)(case.type_, case.declared(world)) == []


@given(THINGS, NAMES)
def test_an_index_knows_everything_of_a_type(things, name):
    type_, other = ThingType(), ThingType()
    index = Index(Platform(things))
    assert type_ not in index
    everything = index.everything(type_)
    assert type_ in index
    assert other not in index
    assert {each.id for each in everything} == {each.id for each in things}
    assert index(type_, Thing("x", name=name)) == [each for each in everything if each.name == name]


@EVERY_TYPE
def test_some_are_listed_by_their_ids_where_adobe_documents_it(world, case):
    made = case.ensure(world)
    case.ensure(world, **({"title": "another"} if case is CASES["schema"] else {"name": "another"}))
    call = case.type_.list_some([made.id])
    if case.type_.noun in ("schema", "dataset", "mapping set"):
        assert call is None
    else:
        assert [case.type_.id_of(live) for live in world.client.send(call)] == [made.id]

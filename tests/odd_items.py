"""Odd items beside the one that is looked for: lists hold objects of all ages and makers."""

import copy
import json

from hypothesis import strategies as st

from airflow_provider_aep.client.session import make_session

UUID = "9830305a-985f-47d0-b030-5a985fd7d004"
OTHERS = {
    UUID: "11111111-2222-4333-8444-55555555555{}",
    "5c8c3c555033b814b69f947f": "aaaaaaaaaaaaaaaaaaaaaaa{}",
    "500a9b747fcf4908a21917d49bd61780": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb{}",
    "01EF01X41KJD82Y9ZX6ET54PCZ": "01EF01X41KJD82Y9ZX6ET54PC{}",
    "https://ns.adobe.com/acme/schemas/89ab": "https://ns.adobe.com/acme/schemas/cd{}",
}
# What Python's own writer of JSON refuses is put into the text.
DEEP, DIGITS = "in the deep", "very many digits"
_RAW = {f'"{DEEP}"': "[" * 5000 + "]" * 5000, f'"{DIGITS}"': "7" * 6000}

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 1e308, DEEP, DIGITS, "", "None", "../../x", "soon", "\ud800", "{}"])
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
_MISSING = object()


def text_of(value):
    """The JSON text of a response."""
    text = json.dumps(value)
    for name, raw in _RAW.items():
        text = text.replace(name, raw)
    return text


def paths(value, place=()):
    """The place of each field and of each item of a list."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*place, step)
        yield from paths(inner, (*place, step))


@st.composite
def odd_items(draw, item):
    """Anything; or another object like `item` of which any field is missing, null or of another type."""
    if draw(st.integers(0, 4)) == 0:
        return draw(VALUES)
    key = "title" if "title" in item else "name"
    odd = copy.deepcopy(item) | {key: draw(st.sampled_from(["another", "CRM 2", ""]))}
    for field in ("id", "$id"):
        if field in odd:
            odd[field] = draw(st.sampled_from([*(OTHERS[id_].format(1) for id_ in OTHERS), "", "None", "../../x"]))
    for place in draw(st.lists(st.sampled_from(list(paths(odd))), min_size=1, max_size=2)):
        _change(odd, place, draw(st.just(_MISSING) | VALUES))
    return odd


def _change(holder, place, value):
    *above, last = place
    try:
        for step in above:
            holder = holder[step]
        if value is _MISSING:
            del holder[last]
        else:
            holder[last] = value
    except (LookupError, TypeError):
        # An earlier change has taken the place away.
        return


def beside(response, odd):
    """A list as the platform answers it, with odd items before and after its own."""
    half = len(odd) // 2
    for key in ("items", "results", "data", "sandboxes"):
        if key in response:
            return {**response, key: [*odd[:half], *response[key], *odd[half:]]}
    ids = next(other for id_, other in OTHERS.items() if len(id_) == len(next(iter(response), UUID)))
    keyed = {ids.format(number): item for number, item in enumerate(odd)}
    return {**dict(list(keyed.items())[:half]), **response, **dict(list(keyed.items())[half:])}


class OddLists:
    """The session of a client: in the lists at a path there are odd items as well, and the rest is the platform's."""

    def __init__(self, path):
        self.path = path
        self.odd = []
        self.session = make_session()
        self.session.hooks["response"].append(self._alter)

    def _alter(self, response, **options):
        if (
            response.ok
            and response.request.method == "GET"
            and response.request.path_url.partition("?")[0].endswith(self.path)
        ):
            self.last = response.json()
            response._content = text_of(beside(self.last, self.odd)).encode("utf-8", "surrogatepass")
        return response

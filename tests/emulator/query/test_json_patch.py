"""JSON Patch as AEP takes it: whatever is sent, the document is patched in a copy, or a PatchError says why not."""

from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.emulator.query.json_patch import (
    EmptyPatchError,
    PatchError,
    UnsupportedOperationError,
    apply_patch,
)

DOCUMENT = {"name": "flow", "params": {"a/b": 1, "columns": [{"name": "id"}, {"name": "email"}]}, "interval": 15}


@pytest.mark.parametrize(
    ("instruction", "path", "value"),
    [
        ({"op": "replace", "path": "/name", "value": "new"}, ("name",), "new"),
        ({"op": "Add", "path": "/description", "value": "text"}, ("description",), "text"),
        ({"op": "REPLACE", "path": "/params/a~1b", "value": 2}, ("params", "a/b"), 2),
        ({"op": "remove", "path": "/params/columns/0"}, ("params", "columns"), [{"name": "email"}]),
        ({"op": "add", "path": "/params/columns/-", "value": {}}, ("params", "columns", 2), {}),
        ({"op": "add", "path": "/params/columns/0", "value": {}}, ("params", "columns", 0), {}),
    ],
)
def test_instructions_in_either_case(instruction: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    patched, (applied,) = apply_patch(DOCUMENT, [instruction])
    for step in path:
        patched = patched[step]
    assert patched == value
    assert applied == {**instruction, "op": instruction["op"].lower()}


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        ([], EmptyPatchError, "cannot be null or empty"),
        (None, EmptyPatchError, "cannot be null or empty"),
        ([{"op": "move", "from": "/name", "path": "/title"}], UnsupportedOperationError, "operation 'move'"),
        ([{"op": "add", "path": "name", "value": 1}], PatchError, "a path that starts with a slash"),
        ([{"op": "add", "path": "/name"}], PatchError, 'Missing field "value" for /name'),
        ([{"op": "remove", "path": "/nothing"}], PatchError, 'Missing field "nothing"'),
        ([{"op": "replace", "path": "/params/columns/2", "value": 1}], PatchError, 'Missing field "2"'),
        ([{"op": "remove", "path": "/name/0"}], PatchError, 'Missing field "0"'),
        ([{"op": "add", "path": "/interval/x", "value": 1}], PatchError, 'Missing field "x"'),
        (["add"], PatchError, "every instruction needs"),
    ],
)
def test_what_cannot_be_applied(body: Any, error: type[PatchError], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        apply_patch(DOCUMENT, body)
    assert type(caught.value) is error


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab0", max_size=2), inner, max_size=3),
    max_leaves=8,
)
PATH = st.lists(st.sampled_from(["a", "b", "0", "1", "01", "-", "~", "~0", ""]), max_size=4).map("/".join)
INSTRUCTION = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "REMOVE", "copy", ""]), "path": PATH.map("/{}".format) | JSON},
    optional={"value": JSON},
)


@given(st.dictionaries(st.text("ab0", max_size=2), JSON, max_size=4), st.lists(INSTRUCTION, max_size=3) | JSON)
def test_no_patch_breaks_the_emulator(document: dict[str, Any], body: Any) -> None:
    before = deepcopy(document)
    with suppress(PatchError):
        apply_patch(document, body)
    assert document == before

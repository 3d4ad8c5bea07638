"""Files that cannot be read, and where things stand in those that can."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.dataflow.documents import Document, read_documents
from airflow_provider_aep.dataflow.files import load
from airflow_provider_aep.dataflow.shape import ANYTHING, Shape
from airflow_provider_aep.exceptions import AepConfigError

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def read(text, file="spec.yaml", shape=ANYTHING):
    documents, findings = read_documents(file, text, shape)
    return [document.data for document in documents], [str(finding) for finding in findings]


@given(st.dictionaries(st.text(), values, min_size=1))
def test_json_comes_back_as_it_was_written(data):
    for text in (json.dumps(data), json.dumps(data, indent="\t", ensure_ascii=False)):
        assert read(text, "spec.json") == ([data], [])


@given(st.from_regex(r"[A-Za-z0-9_.+~<=-]+(:[A-Za-z0-9_.+~<=-]+)*", fullmatch=True).filter(lambda word: word != "-"))
def test_text_is_never_anything_else(word):
    (data,), findings = read(f"a: {word}\n", shape=Shape(keys={"a": Shape(is_text=True)}))
    assert findings == []
    assert data == {"a": None if word in ("~", "null", "Null", "NULL") else word}


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("a: [\n", "spec.yaml:2:1 D001 is not YAML: did not find expected node content."),
        (
            "a: \x01\n",
            "spec.yaml:1:1 D001 is not YAML: unacceptable character #x0001: control characters are not allowed.",
        ),
        ("a: *b\n", "spec.yaml:1:4 D001 is not YAML: found undefined alias."),
        ("a: &b [*b]\n", "spec.yaml:1:4 D001 contains itself: an alias stands within what it names."),
        (
            "a: !!binary x\n",
            "spec.yaml:1:4 D001 has the tag 'tag:yaml.org,2002:binary'; a file says what it means without tags.",
        ),
        ("[" * 100_000, "spec.yaml:1:1 D001 is nested too deeply to be read."),
        ("- " * 100_000 + "a", "spec.yaml:1:1 D001 is nested too deeply to be read."),
        ("? [a]\n: b\n", "spec.yaml:1:3 D001 is a key that is no text."),
    ],
)
def test_yaml_that_cannot_be_read(text, finding):
    assert read(text) == ([], [finding])


def test_json_that_cannot_be_read():
    assert read('{"a": 1,\n "b": }', "spec.JSON") == ([], ["spec.JSON:2:7 D001 is not JSON: Expecting value."])
    assert read('{"a": NaN}', "spec.json") == ([], ["spec.json:1:1 D001 is not JSON: NaN is no number of JSON."])
    (finding,) = read("9" * 5000, "spec.json")[1]
    assert finding.startswith("spec.json:1:1 D001 is not JSON: Exceeds the limit")
    assert read("[" * 100_000, "spec.json") == ([], ["spec.json:1:1 D001 is nested too deeply to be read."])


def test_a_key_that_stands_twice_in_json():
    assert read('{"a": 1,\n "a": 2}', "spec.json") == (
        [{"a": 2}],
        ["spec.json:2:2 D002 'a' stands twice: keep one of them."],
    )


def test_json_that_no_yaml_can_be_made_of():
    long = "k" * 2000
    (document,), findings = read_documents("spec.json", json.dumps({"a": {long: 1}}), ANYTHING)
    assert (document.data, findings, document.place(), document.place(("a",))) == ({"a": {long: 1}}, [], (1, 1), None)


def test_aliases_that_stand_for_more_than_any_memory_holds():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    data, (finding,) = read("\n".join(lines))
    assert data == []
    assert "stands for more than 500000 values: its aliases repeat each other" in finding


def test_what_comes_before_a_bad_document_is_read():
    data, findings = read("a: 1\n---\nb: !x y\n---\nc: 3\n")
    assert data == [{"a": 1}]
    assert findings == ["spec.yaml:3:4 D001 has the tag '!x'; a file says what it means without tags."]


def test_places_are_those_of_the_text():
    text = "a:\n  b: [x, {c: y}]\n  <<: [{d: 1}, {e: 2}]\nf: &f {g: 1}\nh:\n  <<: *f\n"
    (document,), _ = read_documents("spec.yaml", text, ANYTHING)
    places = {
        (): (1, 1),
        ("a",): (2, 3),
        ("a", "b", 1, "c"): (2, 14),
        ("a", "d"): (3, 12),
        ("a", "e"): (3, 20),
        ("h", "g"): (4, 11),
    }
    assert {steps: document.place(steps) for steps in places} == places
    assert document.place(("a", "b"), key=True) == (2, 3)
    assert document.place(("a", "b", 1), key=True) == (2, 10)
    for steps in (("b",), ("a", "f"), ("a", "b", 2), ("a", "b", "c"), ("a", "b", 0, "c")):
        assert document.place(steps) is None


def test_what_python_hands_in_has_no_places():
    document = Document("dict 1", {"a": [1]})
    assert document.place(("a", 0)) == (0, 0)
    assert document.place(("a", 1)) is None
    assert document.place(("a", 0, "b")) is None


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"name: \xff\n", "D001 cannot be read: 'utf-8' codec can't decode byte 0xff"),
        (b"just text\n", "D004 is no object with keys such as apiVersion, kind and name."),
        (b"kind: [x]\n", "D003 kind is ['x']; it is Dataflow or BaseConnection"),
    ],
)
def test_files_that_are_no_specs(content, finding, tmp_path):
    file = tmp_path / "spec.yaml"
    file.write_bytes(content)
    with pytest.raises(AepConfigError) as raised:
        load(file)
    assert finding in str(raised.value)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    file = tmp_path / "spec.yaml"
    file.write_bytes(b"\xef\xbb\xbfname: Orders\nconnector: s3\nschema: Orders\n")
    assert [spec.name for spec in load(Path(file)).dataflows] == ["Orders"]

"""Documents of YAML and JSON, with the line and column of every key and value.

Of YAML 1.1, which PyYAML reads, the surprises are left out: a scalar is ``true``, ``false``, ``null`` or a number where
JSON would read it so, and otherwise text as it is written; where a field holds text, it always is.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

import yaml

from airflow_provider_aep.dataflow.finding import Finding
from airflow_provider_aep.dataflow.shape import Shape

Steps = tuple[str | int, ...]
"""The way to a value within a document: keys and indexes."""

# What is written without quotes and without a tag. PyYAML would make a boolean of ``on``, and a date of 2030-01-01.
_PLAIN, _TEXT, _OTHER = "plain", "tag:yaml.org,2002:str", "tag:yaml.org,2002:"


class _Resolver:
    """What PyYAML asks for the tag of a node that has none."""

    def descend_resolver(self, *_: Any) -> None: ...

    def ascend_resolver(self) -> None: ...

    def resolve(self, type_: type, value: Any, implicit: Any) -> str:
        return _PLAIN if type_ is yaml.ScalarNode and implicit[0] else _OTHER


_Careful: Any = type("_Careful", (_Resolver, yaml.SafeLoader), {})
_Fast: Any = type("_Fast", (_Resolver, getattr(yaml, "CSafeLoader", yaml.SafeLoader)), {})
# Deeper nesting than this overflows the stack of the fast one; each level takes a bracket or a column.
_DEPTH_OF_FAST = 5_000
# Aliases of aliases can stand for more values than any memory holds.
_MOST_VALUES = 500_000
_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = {"", "~", "null", "Null", "NULL"}
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,300})(?P<fraction>\.\d+)?(?P<exponent>[eE][-+]?\d+)?")
_TAGS = (_PLAIN, _OTHER, _TEXT)
# What JSON may hold and YAML may not: control characters, halves of characters, other ends of lines.
_ONLY_JSON = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_HALF = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


@dataclass(frozen=True)
class Document:
    """One document of a file.

    :param node: PyYAML's tree, which knows the places; None for a dict that was handed in.
    """

    file: str
    data: Any
    node: yaml.Node | None = None

    def place(self, steps: Steps = (), *, key: bool = False) -> tuple[int, int] | None:
        """Line and column of a value, or of its key; None if there is no such value, (0, 0) if there is no file."""
        if self.node is None:
            return (0, 0) if _holds(self.data, steps) else None
        at, node = self.node, self.node
        for step in steps:
            found = _child(node, step)
            if found is None:
                return None
            at, node = found
        mark = (at if key else node).start_mark
        return mark.line + 1, mark.column + 1


class UnreadableError(Exception):
    """A document that cannot be read; its findings say why."""


def read_documents(file: str, text: str, shape: Shape) -> tuple[list[Document], list[Finding]]:
    """The documents of a file that can be read, and what is wrong with the others.

    :param file: its name; one that ends with ``.json`` holds one document of JSON.
    """
    documents: list[Document] = []
    findings: list[Finding] = []
    reader = _Reader(file, findings)
    try:
        if file.lower().endswith(".json"):
            twice: list[str] = []
            data = json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, twice))
            documents.append(Document(file, data, _node_of_json(text)))
            if twice:
                reader.value(documents[0].node, shape)  # which knows where
        else:
            for node in _nodes(text):
                documents.append(Document(file, reader.value(node, shape), node))
    except json.JSONDecodeError as error:
        findings.append(Finding(file, error.lineno, error.colno, "D001", f"is not JSON: {error.msg}."))
    except yaml.YAMLError as error:
        findings.append(_unreadable(file, error))
    except RecursionError:
        findings.append(Finding(file, 1, 1, "D001", "is nested too deeply to be read."))
    except UnreadableError:
        pass
    return [document for document in documents if document.data is not None], findings


def _nodes(text: str) -> Any:
    depth = text.count("[") + text.count("{") + max(map(len, text.splitlines()), default=0)
    return yaml.compose_all(text, Loader=_Fast if depth < _DEPTH_OF_FAST else _Careful)


def _object(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice += found
    return found


def _node_of_json(text: str) -> yaml.Node:
    """The tree of JSON, every character in its place; a node without parts if YAML cannot be made of it."""
    try:
        return next(_nodes(_HALF.sub(r"\\u0020", _ONLY_JSON.sub(" ", text))))
    except yaml.YAMLError:
        return yaml.compose("-", Loader=_Careful)


def _unreadable(file: str, error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = getattr(error, "problem", None) or str(error).splitlines()[0]
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Finding(file, line, column, "D001", f"is not YAML: {said}.")


class _Reader:
    """Makes values of the nodes of one document."""

    def __init__(self, file: str, findings: list[Finding]) -> None:
        self._file = file
        self._findings = findings
        self._count = 0
        self._entered: set[int] = set()

    def value(self, node: yaml.Node | None, shape: Shape) -> Any:
        if node is None:
            return None
        if node.tag not in _TAGS:
            self._give_up(node, f"has the tag {node.tag!r}; a file says what it means without tags")
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node, shape)
        self._count += 1 + len(node.value)
        if self._count > _MOST_VALUES:
            self._give_up(node, f"stands for more than {_MOST_VALUES} values: its aliases repeat each other")
        if id(node) in self._entered:
            self._give_up(node, "contains itself: an alias stands within what it names")
        self._entered.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, shape.items) for item in node.value]
            return self._object(node, shape)
        finally:
            self._entered.discard(id(node))

    def _object(self, node: yaml.Node, shape: Shape) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: list[yaml.Node] = []
        for key, value in node.value:
            name = key.value
            if not isinstance(key, yaml.ScalarNode):
                self._give_up(key, "is a key that is no text")
            elif name == "<<" and key.tag == _PLAIN:
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
            else:
                if name in found:
                    self._add(key, "D002", f"{name!r} stands twice: keep one of them.")
                found[name] = self.value(value, shape.at(name))
        for one in merged:
            more = self.value(one, shape)
            if not isinstance(more, dict):
                self._give_up(one, "is merged by <<, and is no object")
            found = {**more, **found}
        return found

    def _add(self, node: yaml.Node, code: str, message: str) -> None:
        mark = node.start_mark
        self._findings.append(Finding(self._file, mark.line + 1, mark.column + 1, code, message))

    def _give_up(self, node: yaml.Node, problem: str) -> None:
        self._add(node, "D001", f"{problem}.")
        raise UnreadableError


def _scalar(node: yaml.ScalarNode, shape: Shape) -> Any:
    text: str = node.value
    if node.tag != _PLAIN:
        return text
    if text in _NULLS:
        return None
    if shape.is_text:
        return text
    if text in _WORDS:
        return _WORDS[text]
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    if not number["fraction"] and not number["exponent"]:
        return int(text)
    return float(text) if math.isfinite(float(text)) else text


def _is_merge(key: yaml.Node) -> bool:
    """Whether this is ``<<``, which takes up what another object holds."""
    return bool(key.tag == _PLAIN and key.value == "<<")


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The key and the value at one step; of a list, the item twice."""
    if isinstance(node, yaml.SequenceNode):
        inside = isinstance(step, int) and step < len(node.value)
        return (node.value[step], node.value[step]) if inside else None
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, value in reversed(node.value):
        if key.value == step and not _is_merge(key):
            return key, value
    for key, value in node.value:
        if _is_merge(key):
            for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                found = _child(one, step)
                if found:
                    return found
    return None


def _holds(data: Any, steps: Steps) -> bool:
    for step in steps:
        try:
            data = data[step]
        except (LookupError, TypeError):
            return False
    return True

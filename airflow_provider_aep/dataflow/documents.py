"""Documents of YAML and JSON, with the line and column of every key and value.

Of YAML 1.1, which PyYAML reads, the surprises are left out: a scalar is ``true``, ``false``, ``null`` or a number where
JSON would read it so, and otherwise text as it is written; where a field holds text, it always is.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import yaml

from airflow_provider_aep.dataflow.finding import Finding
from airflow_provider_aep.dataflow.shape import ANYTHING, Shape
from airflow_provider_aep.dataflow.trees import OTHER, PLAIN, TEXT, Trees, child_of, is_merge, nodes_of

Steps = tuple[str | int, ...]
"""The way to a value within a document: keys and indexes."""

# Aliases of aliases can stand for more values than any memory holds.
_MOST_VALUES = 500_000
_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = {"", "~", "null", "Null", "NULL"}
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,300})(?P<fraction>\.\d+)?(?P<exponent>[eE][-+]?\d+)?")
_TAGS = (PLAIN, OTHER, TEXT)


@dataclass(frozen=True)
class Document:
    """One document of a file.

    :param trees: None for a dict that was handed in.
    :param index: which of the documents of the file.
    :param at: the way to it within that document, if several stand there in a list.
    :param line: where it begins; 0 if there is no file.
    """

    file: str
    data: Any
    trees: Trees | None = None
    index: int = 0
    at: Steps = ()
    line: int = 0

    def place(self, steps: Steps = (), *, key: bool = False) -> tuple[int, int] | None:
        """Line and column of a value, or of its key; None if there is no such value, (0, 0) if there is no file."""
        if self.trees is None:
            return (0, 0) if _holds(self.data, steps) else None
        at = node = self.trees.nodes[self.index]
        for step in (*self.at, *steps):
            found = child_of(node, step)
            if found is None:
                return None
            at, node = found
        mark = (at if key else node).start_mark
        return mark.line + 1, mark.column + 1

    def items(self) -> Iterator[Document]:
        """This document; if it is a list, its items as so many documents."""
        if not isinstance(self.data, list):
            yield self
            return
        for index, data in enumerate(self.data):
            item = replace(self, data=data, at=(index,))
            yield replace(item, line=(item.place() or (0, 0))[0])


class UnreadableError(Exception):
    """A document that cannot be read; its findings say why."""


def read_documents(file: str, text: str, shape: Shape) -> tuple[list[Document], list[Finding]]:
    """The documents of a file that can be read, and what is wrong with the others.

    :param file: its name; one that ends with ``.json`` holds one document of JSON.
    """
    is_json = file.lower().endswith(".json")
    trees = Trees(text, is_json=is_json)
    documents: list[Document] = []
    findings: list[Finding] = []
    reader = _Reader(file, findings)
    try:
        if is_json:
            twice: list[str] = []
            hook = partial(_object, twice=twice)
            data = json.loads(text, object_pairs_hook=hook, parse_constant=_no_constant)
            documents.append(Document(file, data, trees, line=1))
            if twice:
                reader.value(trees.nodes[0], shape)  # which knows where
        else:
            for index, node in enumerate(nodes_of(text)):
                line = node.start_mark.line + 1
                documents.append(Document(file, reader.value(node, shape), trees, index, line=line))
    except json.JSONDecodeError as error:
        findings.append(Finding(file, error.lineno, error.colno, "D001", f"is not JSON: {error.msg}."))
    except ValueError as error:
        findings.append(Finding(file, 1, 1, "D001", f"is not JSON: {error}."))
    except yaml.YAMLError as error:
        findings.append(_unreadable(file, error))
    except RecursionError:
        findings.append(Finding(file, 1, 1, "D001", "is nested too deeply to be read."))
    except UnreadableError:
        pass
    return [document for document in documents if document.data is not None], findings


def _object(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice += found
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


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

    def value(self, node: yaml.Node, shape: Shape) -> Any:
        """The value of a node.

        :raises UnreadableError: it can have none; the findings say why.
        """
        if isinstance(node, yaml.ScalarNode) and node.tag == PLAIN:
            return _plain(node.value, shape)
        if node.tag not in _TAGS:
            self._give_up(node, f"has the tag {node.tag!r}; a file says what it means without tags")
        if isinstance(node, yaml.ScalarNode):
            return node.value
        self._count += 1 + len(node.value)
        if self._count > _MOST_VALUES:
            self._give_up(node, f"stands for more than {_MOST_VALUES} values: its aliases repeat each other")
        if id(node) in self._entered:
            self._give_up(node, "contains itself: an alias stands within what it names")
        self._entered.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, shape.item or ANYTHING) for item in node.value]
            return self._object(node, shape)
        finally:
            self._entered.discard(id(node))

    def _object(self, node: yaml.Node, shape: Shape) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: list[yaml.Node] = []
        shapes, other = shape.keys, shape.any_key or ANYTHING
        for key, value in node.value:
            name = key.value
            if not isinstance(key, yaml.ScalarNode):
                self._give_up(key, "is a key that is no text")
            elif is_merge(key):
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
            else:
                if name in found:
                    self._add(key, "D002", f"{name!r} stands twice: keep one of them.")
                found[name] = self.value(value, shapes.get(name, other))
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


def _plain(text: str, shape: Shape) -> Any:
    """What is meant by a scalar without quotes and tag."""
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


def _holds(data: Any, steps: Steps) -> bool:
    for step in steps:
        try:
            data = data[step]
        except (LookupError, TypeError):
            return False
    return True

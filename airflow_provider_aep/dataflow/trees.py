"""PyYAML's trees of documents, in which every key and value has its line and column."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cached_property
from typing import Any

import yaml

# What is written without quotes and without a tag. PyYAML would make a boolean of ``on``, and a date of 2030-01-01.
PLAIN, TEXT, OTHER = "plain", "tag:yaml.org,2002:str", "tag:yaml.org,2002:"


class _Resolver:
    """What PyYAML asks for the tag of a node that has none."""

    def descend_resolver(self, *_: Any) -> None: ...

    def ascend_resolver(self) -> None: ...

    def resolve(self, type_: type, value: Any, implicit: Any) -> str:
        return PLAIN if type_ is yaml.ScalarNode and implicit[0] else OTHER


_Careful: Any = type("_Careful", (_Resolver, yaml.SafeLoader), {})
_Fast: Any = type("_Fast", (_Resolver, getattr(yaml, "CSafeLoader", yaml.SafeLoader)), {})
# Deeper nesting than this overflows the stack of the fast one.
_DEPTH_OF_FAST = 5_000
# What JSON may hold and YAML may not: control characters, halves of characters, other ends of lines.
_ONLY_JSON = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_HALF = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class Trees:
    """PyYAML's trees of the documents of a file, which know the places: made only if somebody asks for one.

    Of a file without fault nobody does, and a tree that is kept makes everything slower that Python does meanwhile.
    """

    def __init__(self, text: str, *, is_json: bool) -> None:
        self._text = text
        self._is_json = is_json

    @cached_property
    def nodes(self) -> list[yaml.Node]:
        """As far as they can be read."""
        if self._is_json:
            return [node_of_json(self._text)]
        nodes: list[yaml.Node] = []
        with suppress(yaml.YAMLError, RecursionError):
            nodes.extend(nodes_of(self._text))
        return nodes


def nodes_of(text: str) -> Any:
    return yaml.compose_all(text, Loader=_Fast if _is_shallow(text) else _Careful)


def _is_shallow(text: str) -> bool:
    """Whether no nesting in it can be too deep for the fast loader: each level takes a bracket or a column."""
    if len(text) < _DEPTH_OF_FAST:
        return True
    return text.count("[") + text.count("{") + max(map(len, text.splitlines()), default=0) < _DEPTH_OF_FAST


def node_of_json(text: str) -> yaml.Node:
    """The tree of JSON, every character in its place; a node without parts if YAML cannot be made of it."""
    try:
        return next(nodes_of(_HALF.sub(r"\\u0020", _ONLY_JSON.sub(" ", text))))
    except (yaml.YAMLError, RecursionError):
        return yaml.compose("-", Loader=_Careful)


def child_of(node: yaml.Node, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The key and the value at one step; of a list, the item twice."""
    if isinstance(node, yaml.SequenceNode):
        inside = isinstance(step, int) and step < len(node.value)
        return (node.value[step], node.value[step]) if inside else None
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, value in reversed(node.value):
        if key.value == step and not is_merge(key):
            return key, value
    for key, value in node.value:
        if is_merge(key):
            for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                found = child_of(one, step)
                if found:
                    return found
    return None


def is_merge(key: yaml.Node) -> bool:
    """Whether this is ``<<``, which takes up what another object holds."""
    return bool(key.tag == PLAIN and key.value == "<<")

"""Where a file holds text: there a scalar is taken as it is written, so that ``on`` and ``1:30`` stay what they are.

A shape is read from the annotations of the models, so each field is described in one place.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel


@dataclass(frozen=True)
class Shape:
    """What is expected at one place of a document.

    :param is_text: whether a scalar is text whatever it looks like.
    :param keys: key -> the shape of its value.
    :param any_key: the shape of the value of any other key.
    :param item: the shape of the items of a list.
    """

    is_text: bool = False
    keys: Mapping[str, Shape] = field(default_factory=dict)
    any_key: Shape | None = None
    item: Shape | None = None


ANYTHING = Shape()
_UNIONS = (Union, types.UnionType)


def shape_of(annotation: Any) -> Shape:
    """The shape of what an annotation describes; of a union, that of all its members together."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return shape_of(arguments[0])
    if origin in _UNIONS:
        return _union(arguments)
    if annotation is str or origin is Literal:
        return Shape(is_text=True)
    if origin is dict:
        return Shape(any_key=shape_of(arguments[1]))
    if origin is list:
        return Shape(item=shape_of(arguments[0]))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return shape_of_model(annotation)
    return ANYTHING


def shape_of_model(*models: type[BaseModel]) -> Shape:
    """The shape of an object that is one of these models. A scalar in its place is a name."""
    keys = {
        info.alias or name: shape_of(info.annotation) for model in models for name, info in model.model_fields.items()
    }
    return Shape(is_text=True, keys=keys)


def _union(members: tuple[Any, ...]) -> Shape:
    shapes = [shape_of(member) for member in members if member is not type(None)]
    return Shape(
        # A number stays a number where either will do.
        is_text=any(shape.is_text for shape in shapes) and not {int, float, bool} & set(members),
        keys={key: inner for shape in shapes for key, inner in shape.keys.items()},
        any_key=next((shape.any_key for shape in shapes if shape.any_key), None),
        item=next((shape.item for shape in shapes if shape.item), None),
    )

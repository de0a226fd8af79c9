"""The shape of a request's variables: what decides the statement, as opposed to its parameters."""

from collections.abc import Hashable
from typing import Any

from graphql.execution.values import VariableValues

from compiler.binds import Slot
from compiler.output import is_enum, is_input_object, is_list, item, nullable


def _shape(value: Any, type_: Any, path: tuple[str | int, ...]) -> tuple[Any, Hashable]:
    """A value with slots for its leaves, and its shape."""
    type_ = nullable(type_)
    if value is None or isinstance(value, bool) or is_enum(type_):
        return value, value
    if is_input_object(type_):
        parts = {
            name: _shape(each, type_.fields[name].type, (*path, name))
            for name, each in value.items()
        }
        slots = {name: slot for name, (slot, _) in parts.items()}
        return slots, tuple((name, shape) for name, (_, shape) in parts.items())
    if is_list(type_) and is_input_object(item(type_)):
        items = [_shape(each, item(type_), (*path, at)) for at, each in enumerate(value)]
        return [slot for slot, _ in items], tuple(shape for _, shape in items)
    return Slot(path), "?"


def signature(values: VariableValues, name: str) -> Any:
    """The declared type of a variable."""
    source: Any = values.sources[name]
    return source.signature.type


def shape(values: VariableValues) -> tuple[VariableValues, Hashable]:
    """The variables with slots for what may differ within one statement, and their shape."""
    slots: dict[str, Any] = {}
    shapes: list[Hashable] = []
    for name, value in values.coerced.items():
        slot, form = _shape(value, signature(values, name), (name,))
        slots[name] = slot
        shapes.append((name, form))
    return VariableValues(values.sources, slots), tuple(shapes)

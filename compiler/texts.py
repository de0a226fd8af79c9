"""Every text and number that a client sends, checked in one place and before all else.

In: a document as it was written, the variables as they were coerced. Out: a BAD_TEXT or BAD_NUMBER
error that says where. A text is one line of what can be seen, and taken as it is; what a person writes
into an input field that is declared so (LINE, PROSE) is tidied as it is read.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    ObjectFieldNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)
from graphql.execution.values import VariableValues

from compiler.errors import InputError
from compiler.output import bare, is_input_object, is_list, item, nullable
from compiler.shape import signature
from domain.text import is_line, is_prose, tidy_line, tidy_prose

TEXT = "text"
LINE, PROSE = {TEXT: tidy_line}, {TEXT: tidy_prose}
"""Metadata of an input field that a person writes into: one line, or several."""

Tidy = Callable[[str], str]

MOST_DIGITS, MOST_TOLD = 40, 10
A_LINE = "one line of text, with no control and no invisible character"
WRITTEN = "text with no control character, and none that turns the order of reading round"
SUSPECT = re.compile(f'[^\\n\\r -\\[\\]-~]|"""|[0-9]{{{MOST_DIGITS + 1}}}')
"""What a document without which need not be looked at closer."""


def check_texts(values: VariableValues) -> None:
    """See that the texts among the variables may be taken."""
    for name, value in values.coerced.items():
        for error in _unfit(value, signature(values, name), (name,), None):
            raise error


def tidy_as_read(schema: Any) -> None:
    """Let graphql-core tidy what people write as it coerces an input, wherever it was given."""
    for type_ in schema.type_map.values():
        if is_input_object(type_):
            by_name = {name: tidied_by(field) for name, field in type_.fields.items()}
            written = {name: tidy for name, tidy in by_name.items() if tidy}
            if written:
                type_.out_type = partial(_tidied, written)


def _tidied(written: dict[str, Tidy], values: dict[str, Any]) -> dict[str, Any]:
    """The coerced values of an input with their texts tidied."""
    texts = {name: values[name] for name in written if isinstance(values.get(name), str)}
    return values | {name: written[name](text) for name, text in texts.items()}


def _unfit(
    value: Any, type_: Any, path: tuple[str, ...], tidy: Tidy | None
) -> Iterator[InputError]:
    """The errors of a coerced value, each as it is found."""
    type_ = nullable(type_)
    if value is None:
        return
    if is_list(type_):
        for each in value:
            yield from _unfit(each, item(type_), path, tidy)
    elif is_input_object(type_):
        for name, each in cast("dict[str, Any]", value).items():
            inner = type_.fields[name]
            yield from _unfit(each, inner.type, (*path, name), tidied_by(inner))
    elif type_.name == "String" and not _fit(value, tidy):
        yield bad_text(".".join(path), tidy)


def tidied_by(field: Any) -> Tidy | None:
    """How what is written into an input field is tidied; None if it is taken as it is."""
    definition = field.extensions.get("strawberry-definition")
    return definition and definition.metadata.get(TEXT)


def _fit(text: str, tidy: Tidy | None) -> bool:
    """Whether a text may be taken, which was tidied if its field wants that."""
    return is_prose(text) if tidy else is_line(text)


def bad_text(where: str, tidy: Tidy | None) -> InputError:
    """The error of a text that is not taken."""
    return InputError("BAD_TEXT", f"`{where}` must be {WRITTEN if tidy else A_LINE}.")


def bad_literals(schema: GraphQLSchema, text: str, node: DocumentNode) -> list[GraphQLError]:
    """The errors of what is written into the document itself."""
    if not SUSPECT.search(text):
        return []
    info = TypeInfo(schema)
    found = _Literals(info)
    visit(node, TypeInfoVisitor(info, found))
    return list(found.errors[:MOST_TOLD])


class _Literals(Visitor):
    """Looks at every text and number of a document."""

    def __init__(self, info: Any) -> None:  # its methods' results are half-typed
        super().__init__()
        self._info = info
        self.errors: list[InputError] = []

    def enter_string_value(self, node: StringValueNode, _key: Any, parent: Any, *_: Any) -> None:
        """A text, of the field or argument that it is written for."""
        type_ = bare(self._info.get_input_type())
        if type_ is not None and type_.name == "ID":
            return  # has a form of its own
        tidy = self._tidied_by(parent) if isinstance(parent, ObjectFieldNode) else None
        if not _fit(tidy(node.value) if tidy else node.value, tidy):
            named = getattr(parent, "name", None)
            self.errors.append(bad_text(named.value if named else "text", tidy))

    def _tidied_by(self, field: ObjectFieldNode) -> Tidy | None:
        holder = bare(self._info.get_parent_input_type())
        fields: dict[str, Any] = getattr(holder, "fields", {})
        found = fields.get(field.name.value)
        return found and tidied_by(found)

    def enter_int_value(self, node: Any, *_: Any) -> None:
        """A whole number; Python itself refuses to read one of thousands of digits."""
        self._number(node)

    def enter_float_value(self, node: Any, *_: Any) -> None:
        """A number with a fraction or an exponent."""
        self._number(node)

    def _number(self, node: Any) -> None:
        if len(node.value) > MOST_DIGITS:
            said = f"A number has at most {MOST_DIGITS} digits."
            self.errors.append(InputError("BAD_NUMBER", said))

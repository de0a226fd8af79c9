"""Every text and number that a client sends, checked in one place and before all else.

In: a document as it was written, the variables as they were coerced. Out: a BAD_TEXT or BAD_NUMBER
error that says where. A text is one line, unless its input field is declared as PROSE.
"""

import re
from collections.abc import Iterator
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
from domain.text import is_line, is_prose

PROSE = {"text": "prose"}
"""Metadata of an input field whose text may have several lines."""

MOST_DIGITS, MOST_TOLD = 40, 10
LINE = "one line of text, with no control and no invisible character"
SEVERAL = "text with no control character but tab and line end, and no invisible character"
SUSPECT = re.compile(f'[^\\n\\r -\\[\\]-~]|"""|[0-9]{{{MOST_DIGITS + 1}}}')
"""What a document without which need not be looked at closer."""


def check_texts(values: VariableValues) -> None:
    """See that the texts among the variables may be taken."""
    for name, value in values.coerced.items():
        for error in _unfit(value, signature(values, name), (name,), prose=False):
            raise error


def _unfit(value: Any, type_: Any, path: tuple[str, ...], *, prose: bool) -> Iterator[InputError]:
    """The errors of a coerced value, each as it is found."""
    type_ = nullable(type_)
    if value is None:
        return
    if is_list(type_):
        for each in value:
            yield from _unfit(each, item(type_), path, prose=prose)
    elif is_input_object(type_):
        for name, each in cast("dict[str, Any]", value).items():
            inner = type_.fields[name]
            yield from _unfit(each, inner.type, (*path, name), prose=is_prose_field(inner))
    elif type_.name == "String" and not (is_prose(value) if prose else is_line(value)):
        yield bad_text(".".join(path), prose=prose)


def is_prose_field(field: Any) -> bool:
    """Whether an input field was declared as prose."""
    definition = field.extensions.get("strawberry-definition")
    return definition is not None and definition.metadata.get("text") == PROSE["text"]


def bad_text(where: str, *, prose: bool) -> InputError:
    """The error of a text that is not taken."""
    return InputError("BAD_TEXT", f"`{where}` must be {SEVERAL if prose else LINE}.")


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
        prose = isinstance(parent, ObjectFieldNode) and self._prose(parent)
        if not (is_prose(node.value) if prose else is_line(node.value)):
            named = getattr(parent, "name", None)
            self.errors.append(bad_text(named.value if named else "text", prose=prose))

    def _prose(self, field: ObjectFieldNode) -> bool:
        holder = bare(self._info.get_parent_input_type())
        fields: dict[str, Any] = getattr(holder, "fields", {})
        found = fields.get(field.name.value)
        return found is not None and is_prose_field(found)

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

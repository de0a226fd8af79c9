"""What a document may be: decided from its text and its syntax, before it is validated.

Everything here takes time in proportion to the document, however its fragments multiply.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from string import ascii_letters
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from compiler.errors import InputError

LARGEST_DOCUMENT = 100_000
"""Bytes."""
MOST_TOKENS = 2_000
LONGEST_NAME = 200
DEEPEST_NESTING = 64
"""Brackets of any kind, or selections through fragments, within each other."""
MOST_DEFINITIONS = 100
"""Operations and fragments."""
MOST_FIELDS = 2_000
"""Fields of an operation once its fragments are spread out."""
MOST_ALIASES = 200
MOST_DIRECTIVES = 100
MOST_VARIABLES = 100
MOST_REPEATS = 50
"""How often one response name may stand in one selection set, and how many fragments."""
REPETITIONS = "repetitions in one selection set"
MOST_VALUES = 5_000
"""Values in the variables of a request, each item and member counted."""
DEEPEST_VALUES = 32

MOST_POINTS = 1_000
"""Points that one operation may cost."""
OBJECTS_A_POINT = 10
DEEPEST_OBJECTS = 24
"""Levels of objects in one operation."""
MOST_LINKS = 200
"""Lists and objects in one operation, each wherever it is asked for."""
MOST_DESCRIBED = 80_000
"""Parts of the schema that one operation may ask for: about twice what tools do."""
MOST_IDS = 100
"""Ids in one list."""

TOKEN = re.compile(
    r'"""(?:[^"\\]|\\"""|\\|"(?!""))*+(?:"""|\Z)'  # a block of text, perhaps never ended
    r'|"(?:[^"\\\n\r]|\\.)*+"?'
    r"|\#[^\n\r]*+"
    r"|[_A-Za-z][_0-9A-Za-z]*+"
    r"|-?[0-9][0-9.eE+-]*+"
    r"|\.\.\."
    r"|[^\s,\ufeff]"
)
OPEN, CLOSE = frozenset("{[("), frozenset("}])")
LETTERS = frozenset(f"_{ascii_letters}")


NO_FIELD = frozenset({":", "@", "...", "on"})
"""After one of these a name is none of a field that answers to it."""


class Names:
    """Refuses tokens that repeat a response name, or fragments, too often in one selection set.

    `Survey` has the last word; parsing what is nothing but repeated takes twenty times as long. A field
    that comes after one called `on` is passed over.
    """

    def __init__(self) -> None:
        self._sets: list[dict[str, int]] = []
        self._last = ""

    def take(self, word: str) -> None:
        """The next token that is not within parentheses."""
        if word == "{":
            self._sets.append({})
        elif word == "}":
            del self._sets[-1:]
        elif self._sets and (word == "..." or (word[0] in LETTERS and self._last not in NO_FIELD)):
            names = self._sets[-1]
            names[word] = names.get(word, 0) + 1
            _at_most("TOO_MANY_REPEATS", names[word], MOST_REPEATS, REPETITIONS)
        self._last = word


def check_text(text: str) -> int:
    """How many tokens a document has; refused if too long, or too deep for whatever walks it."""
    # Half a surrogate pair is not UTF-8: the parser will say so.
    if len(text) > LARGEST_DOCUMENT or len(text.encode(errors="replace")) > LARGEST_DOCUMENT:
        said = f"A document has at most {LARGEST_DOCUMENT} bytes."
        raise InputError("DOCUMENT_TOO_LARGE", said)
    tokens = TOKEN.finditer(text)
    count = depth = within = directives = aliases = 0
    names = Names()
    for match in islice(tokens, MOST_TOKENS):
        count += 1
        word = match[0]
        if word in OPEN:
            depth += 1
            within += word == "("
            _at_most("TOO_DEEP", depth, DEEPEST_NESTING, "levels of nesting")
        elif word in CLOSE:
            depth -= 1
            within -= word == ")"
        elif word == "@":
            directives += 1
        elif word == ":":
            aliases += not within
        elif word[0] in LETTERS:
            _at_most("NAME_TOO_LONG", len(word), LONGEST_NAME, "letters in a name")
        if not within:
            names.take(word)
    if next(tokens, None) is not None:
        raise InputError("TOO_MANY_TOKENS", f"A document has at most {MOST_TOKENS} tokens.")
    _at_most("TOO_MANY_DIRECTIVES", directives, MOST_DIRECTIVES, "directives")
    _at_most("TOO_MANY_ALIASES", aliases, MOST_ALIASES, "aliases")
    return count


def check_variables(variables: dict[str, Any]) -> None:
    """Refuse variables that are too many or too deep to be coerced."""
    level, count = [variables], 0
    for _ in range(DEEPEST_VALUES):
        count += sum(map(len, level))
        _at_most("TOO_MANY_VALUES", count, MOST_VALUES, "values in variables")
        values = (value for group in level for value in _members(group))
        level = [cast("Any", value) for value in values if isinstance(value, dict | list)]
        if not level:
            return
    raise InputError("TOO_DEEP", f"Nest the values of variables at most {DEEPEST_VALUES} levels.")


def _members(group: Any) -> Any:
    return group.values() if isinstance(group, dict) else group  # pyright: ignore[reportUnknownVariableType]  # any JSON


def _at_most(code: str, count: int, most: int, what: str) -> None:
    if count > most:
        raise InputError(code, f"At most {most} {what} are allowed.")


def check_document(document: DocumentNode) -> None:
    """Refuse a document whose selections are too many, too deep or without end."""
    _at_most("TOO_MANY_DEFINITIONS", len(document.definitions), MOST_DEFINITIONS, "definitions")
    survey = Survey()
    for each in document.definitions:
        if isinstance(each, FragmentDefinitionNode):
            survey.fragments[each.name.value] = each
        if isinstance(each, OperationDefinitionNode):
            count = len(each.variable_definitions or ())
            _at_most("TOO_MANY_VARIABLES", count, MOST_VARIABLES, "variables")
    for name in survey.fragments:
        survey.fragment(name, 0)
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode):
            survey.set(each.selection_set, 0)


@dataclass(frozen=True)
class Extent:
    """What a selection set comes to once its fragments are spread out."""

    fields: int = 0
    depth: int = 0

    def beside(self, other: "Extent") -> "Extent":
        """The extent of both in one selection set."""
        return Extent(self.fields + other.fields, max(self.depth, other.depth))


@dataclass
class Survey:
    """The walk over a document's selections: each is visited once, fragments included."""

    fragments: dict[str, FragmentDefinitionNode] = field(
        default_factory=dict[str, FragmentDefinitionNode]
    )
    _known: dict[str, Extent | None] = field(default_factory=dict[str, Extent | None])

    def set(self, selections: SelectionSetNode, level: int) -> Extent:
        """The extent of a selection set that lies so many levels deep."""
        _at_most("TOO_DEEP", level, DEEPEST_NESTING, "levels of nesting")
        self._check_repeats(selections)
        found = Extent()
        for each in selections.selections:
            found = found.beside(self._selection(each, level))
        _at_most("TOO_LARGE", found.fields, MOST_FIELDS, "fields, fragments spread out,")
        return Extent(found.fields, found.depth + 1)

    def fragment(self, name: str, level: int) -> Extent:
        """The extent of a fragment, measured when it is met first."""
        if name in self._known:
            found = self._known[name]
            if found is None:
                raise _invalid(f"Fragment '{name}' is spread within itself.")
            _at_most("TOO_DEEP", level + found.depth, DEEPEST_NESTING, "levels of nesting")
            return found
        if name not in self.fragments:
            raise _invalid(f"There is no fragment '{name}'.")
        self._known[name] = None
        found = self._known[name] = self.set(self.fragments[name].selection_set, level)
        return found

    def _selection(self, node: SelectionNode, level: int) -> Extent:
        match node:
            case FieldNode():
                below = self.set(node.selection_set, level + 1) if node.selection_set else Extent()
                return Extent(below.fields + 1, below.depth)
            case InlineFragmentNode():
                return self.set(node.selection_set, level + 1)
            case FragmentSpreadNode():
                return self.fragment(node.name.value, level + 1)
            case _:
                raise AssertionError(node)

    @staticmethod
    def _check_repeats(selections: SelectionSetNode) -> None:
        if len(selections.selections) <= MOST_REPEATS:
            return
        names = Counter(_response_name(each) for each in selections.selections)
        _, most = names.most_common(1)[0]
        _at_most("TOO_MANY_REPEATS", most, MOST_REPEATS, REPETITIONS)


def _response_name(node: SelectionNode) -> str:
    """What a field answers to; the same for all fragments, which are compared with one another."""
    return (node.alias or node.name).value if isinstance(node, FieldNode) else "..."


def _invalid(message: str) -> InputError:
    return InputError("GRAPHQL_VALIDATION_FAILED", message)

"""Documents parsed and validated once, remembered by their text."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)

MOST_TOKENS = 3_000

V = TypeVar("V")


class Recent(Generic[V]):
    """A bounded memory: the least recently used entry goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[object, V] = OrderedDict()

    def get(self, key: object) -> V | None:
        """The entry, now the most recently used."""
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: object, value: V) -> V:
        """Remember an entry, forgetting the oldest beyond the bound."""
        self._entries[key] = value
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)
        return value


@dataclass(frozen=True)
class Document:
    """A valid document, taken apart."""

    node: DocumentNode
    operations: dict[str | None, OperationDefinitionNode]
    fragments: dict[str, FragmentDefinitionNode]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run: the one named, or the only one."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        found = self.operations.get(name)
        if found is None:
            said = f"There is no operation named {name!r}." if name else "Name one operation."
            raise GraphQLError(said, extensions={"code": "OPERATION_NOT_FOUND"})
        return found


def read_document(schema: GraphQLSchema, text: str) -> Document | list[GraphQLError]:
    """Parse and validate a document; a list of errors if it is not valid."""
    try:
        node = parse(text, max_tokens=MOST_TOKENS)
    except GraphQLError as error:
        error.extensions = {**(error.extensions or {}), "code": "GRAPHQL_PARSE_FAILED"}
        return [error]
    errors = validate(schema, node, max_errors=10)
    for error in errors:
        error.extensions = {**(error.extensions or {}), "code": "GRAPHQL_VALIDATION_FAILED"}
    if errors:
        return errors
    operations: dict[str | None, OperationDefinitionNode] = {}
    fragments: dict[str, FragmentDefinitionNode] = {}
    for definition in node.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations[definition.name.value if definition.name else None] = definition
        elif isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = definition
    return Document(node, operations, fragments)

"""Documents, parsed and validated."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged as overlapping
from graphql.validation.validate import ValidationAbortedError

from compiler.errors import InputError, coded
from compiler.limits import MOST_TOKENS, check_document, check_text
from compiler.memory import Recent
from compiler.texts import bad_literals

MOST_ERRORS = 3
"""Errors told of one document or one request's variables."""

KNOWN = 16
"""Queries of a document that are remembered with their variables."""

TOKEN_BYTES = 460
"""What a parsed token takes, about."""

# Fields of one name are compared with each other: under graphql-core's own bound, for a second.
overlapping.MAX_COMPLEXITY_BUDGET = 8_000


@dataclass(frozen=True)
class Document:
    """A valid document, taken apart."""

    node: DocumentNode
    operations: dict[str | None, OperationDefinitionNode]
    fragments: dict[str, FragmentDefinitionNode]
    digest: bytes
    """Stands for the text where something is remembered by it."""
    weight: int
    """Bytes that it takes, about."""
    known: Recent[Any] = field(default_factory=lambda: Recent(KNOWN, KNOWN, lambda _: 1))
    """What its queries came to with their variables, lately; nothing of it refers to the document."""

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run: the one named, or the only one."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        found = self.operations.get(name)
        if found is None:
            said = "There is no operation of that name." if name else "Name one operation."
            raise GraphQLError(said, extensions={"code": "OPERATION_NOT_FOUND"})
        return found


def read_document(schema: GraphQLSchema, text: str) -> Document | list[GraphQLError]:
    """Parse and validate a document; a list of errors if it is not valid."""
    tokens = check_text(text)
    try:
        node = parse(text, max_tokens=MOST_TOKENS)
    except GraphQLError as error:
        return coded([error], "GRAPHQL_PARSE_FAILED")
    _unlink(node)
    check_document(node)
    errors = bad_literals(schema, text, node) or _invalid(schema, node)
    if errors:
        return errors[:MOST_ERRORS]
    operations: dict[str | None, OperationDefinitionNode] = {}
    fragments: dict[str, FragmentDefinitionNode] = {}
    for definition in node.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations[definition.name.value if definition.name else None] = definition
        elif isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = definition
    # Of the text there are two copies and parts of a third, of at most four bytes a character.
    weight = tokens * TOKEN_BYTES + len(text) * 10
    return Document(node, operations, fragments, digest_of(text), weight)


def _unlink(node: DocumentNode) -> None:
    """Part each token from the one before it: what forms a ring, once forgotten, is garbage that is
    looked for seldom (`server.serving`), and documents come and go."""
    token = node.loc and node.loc.start_token
    while token:
        token.prev = None
        token = token.next


def digest_of(text: str) -> bytes:
    """What stands for a text."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _invalid(schema: GraphQLSchema, node: DocumentNode) -> list[GraphQLError]:
    """What the specified rules have against a document."""
    errors = validate(schema, node, max_errors=MOST_ERRORS, hide_suggestions=True)
    if len(errors) <= MOST_ERRORS and any(isinstance(e, ValidationAbortedError) for e in errors):
        said = "Fewer fields may share one name: too many would have to be compared."
        return [InputError("TOO_MANY_REPEATS", said)]
    return coded(errors, "GRAPHQL_VALIDATION_FAILED")

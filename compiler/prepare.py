"""From a request's text and variables to an operation that may be carried out.

variables, text -> limits -> Document (remembered) -> coerced values -> cost (remembered) -> Prepared
"""

from collections.abc import Hashable
from typing import Any, NamedTuple, TypeAlias

from graphql import GraphQLError
from graphql.execution import get_variable_values
from graphql.execution.values import VariableValues
from strawberry.types.graphql import OperationType

from compiler.collect import Request
from compiler.cost import Size, measure, sizing
from compiler.documents import MOST_ERRORS, Document, read_document
from compiler.errors import coded
from compiler.limits import check_variables
from compiler.memory import Recent
from compiler.shape import shape
from compiler.texts import check_texts

HEAVIEST_DOCUMENTS = 32_000_000
"""Bytes that the documents kept may take."""

COSTS_KEPT = 2_000

LONGEST_VARIABLES = 1_000
"""Characters of variables that are remembered with what they come to."""


ComeTo: TypeAlias = tuple[OperationType, VariableValues, VariableValues, Hashable, int, int, int]
"""The fields of `Prepared` that follow the name."""


class Prepared(NamedTuple):
    """An operation of a document with this request's variables."""

    document: Document
    name: str | None
    kind: OperationType
    """What is to be done."""
    values: VariableValues
    slots: VariableValues
    """The variables with slots for what may differ within one statement."""
    shape: Hashable
    """What of the variables may not differ."""
    cost: int
    """Points: what carrying it out may come to at most. Of a subscription, each of its events."""
    unseen: int
    """Objects that it costs beside those which show in the answer."""
    links: int
    """Lists and objects that it reads: points that compiling it costs where it is not known."""

    def request(self, schema: Any, values: VariableValues) -> Request:
        operation = self.document.operation(self.name)
        return Request(schema, operation, self.document.fragments, values)


def _known_by(name: str | None, variables: dict[str, Any]) -> Hashable:
    """What an operation with its variables is known by; None if they are too long to be remembered."""
    given = repr(variables)  # which tells apart whatever JSON does
    return (name, given) if len(given) <= LONGEST_VARIABLES else None


class Preparing:
    """Prepares operations of one schema."""

    def __init__(self, schema: Any, most: int) -> None:
        self._schema = schema
        self._documents: Recent[Document] = Recent(most, HEAVIEST_DOCUMENTS, lambda it: it.weight)
        self._costs: Recent[Size] = Recent(COSTS_KEPT, COSTS_KEPT, lambda _: 1)

    def prepare(
        self, text: str, name: str | None, variables: dict[str, Any]
    ) -> Prepared | list[GraphQLError]:
        """The operation; errors, returned or raised, if it is not one or asks for too much."""
        check_variables(variables)
        document = self.read(text)
        if isinstance(document, list):
            return document
        key = _known_by(name, variables)
        if (known := document.known.get(key)) is not None:
            return Prepared(document, name, *known)
        found = self._come_to(document, name, variables)
        if isinstance(found, list):
            return found
        if key is not None and found[0] is OperationType.QUERY:
            document.known.put(key, found)
        return Prepared(document, name, *found)

    def _come_to(
        self, document: Document, name: str | None, variables: dict[str, Any]
    ) -> ComeTo | list[GraphQLError]:
        """What is known of an operation once its variables are."""
        operation = document.operation(name)
        definitions = operation.variable_definitions or ()
        values = get_variable_values(
            self._schema, definitions, variables, max_errors=MOST_ERRORS, hide_suggestions=True
        )
        if isinstance(values, list):
            return coded(values[:MOST_ERRORS], "BAD_VARIABLE")
        check_texts(values)
        request = Request(self._schema, operation, document.fragments, values)
        size = self._size(document, name, request)
        kind, (slots, form) = OperationType(operation.operation.value), shape(values)
        return kind, values, slots, form, size.points, size.unseen, size.links

    def read(self, text: str) -> Document | list[GraphQLError]:
        """A document, remembered; errors if it is not sound."""
        known = self._documents.get(text)
        if known is not None:
            return known
        found = read_document(self._schema, text)
        return found if isinstance(found, list) else self._documents.put(text, found)

    def _size(self, document: Document, name: str | None, request: Request) -> Size:
        """What an operation comes to, remembered with what of its variables decides it."""
        key = (document.digest, name, sizing(request.variables))
        found = self._costs.get(key)
        if found is None:
            root = self._schema.get_root_type(request.operation.operation)
            found = self._costs.put(key, measure(request, root))
        return found

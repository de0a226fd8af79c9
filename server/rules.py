"""What the operator of this server allows, whoever calls and whatever carried the operation."""

import logging
import re
from dataclasses import dataclass, field
from enum import Enum

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    Visitor,
    visit,
)
from strawberry.types.graphql import OperationType

from compiler.engine import CompiledSchema, Prepared
from compiler.errors import InputError
from server.operation import Operation
from server.settings import Settings
from server.trusted import Documents, ManifestError, Only, load_documents

log = logging.getLogger("linli")

MENTIONED = re.compile(r"\b__(?:schema|type)\b")


class Introspection(Enum):
    """Who may ask the schema what it is."""

    ON = "on"
    PEOPLE = "people"
    """Whoever shows a token."""
    OFF = "off"


@dataclass(frozen=True)
class Rules:
    """What is allowed."""

    ide: bool = True
    """Whether a browser is given pages, GraphiQL among them."""
    introspection: Introspection = Introspection.ON
    documents: Documents = field(default_factory=Documents)
    origins: frozenset[str] = frozenset()
    """Origins whose pages may call, beside our own."""

    def prepare(
        self, schema: CompiledSchema, operation: Operation, *, anonymous: bool
    ) -> Prepared | list[GraphQLError]:
        """The operation, if it is sound and allowed; else errors, returned or raised."""
        text = self.documents.text(operation, anonymous=anonymous)
        prepared = schema.prepare(text, operation.name, operation.variables)
        if isinstance(prepared, list):
            return prepared
        if operation.safe and prepared.kind is not OperationType.QUERY:
            raise InputError("METHOD_NOT_ALLOWED", "With GET only queries are answered; use POST.")
        if operation.explain and prepared.kind is not OperationType.QUERY:
            raise InputError("OPERATION_NOT_ALLOWED", "Only queries are explained.")
        if not self._tells(anonymous=anonymous) and introspects(text, prepared.document.node):
            raise InputError("INTROSPECTION_OFF", "Here the schema is not told to you this way.")
        return prepared

    def _tells(self, *, anonymous: bool) -> bool:
        """Whether the schema is told to such a caller."""
        if self.introspection is Introspection.PEOPLE:
            return not anonymous
        return self.introspection is Introspection.ON


TRIAL = Rules()
"""What suits a trial."""


def rules_of(settings: Settings, schema: CompiledSchema) -> Rules:
    """The rules that the settings name; ManifestError if they cannot be followed."""
    only, texts = Only(settings.documents_only), dict[str, str]()
    if settings.documents is not None:
        if settings.documents_key is None:
            raise ManifestError("LINLI_DOCUMENTS_KEY says whose signature LINLI_DOCUMENTS carries.")
        texts = load_documents(settings.documents, settings.documents_key)
    elif only is not Only.OFF:
        raise ManifestError("LINLI_DOCUMENTS_ONLY needs the documents: set LINLI_DOCUMENTS.")
    for name, text in texts.items():
        if isinstance(unsound := schema.read(text), list):
            log.warning("trusted document %s is not sound here: %s", name, unsound[0].message)
    told, origins = Introspection(settings.introspection), frozenset(settings.origins)
    return Rules(settings.ide, told, Documents(texts, only), origins)


def introspects(text: str, document: DocumentNode) -> bool:
    """Whether a valid document asks for `__schema` or `__type`, in whatever operation."""
    # Most documents do not mention them; one that does may do so in a text or a comment.
    if MENTIONED.search(text) is None:
        return False
    finder = _Finder()
    visit(document, finder)
    return finder.found


class _Finder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.found = self.found or node.name.value in ("__schema", "__type")

"""The schema that answers reads from one statement each, and hands the rest to graphql-core."""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
import strawberry
from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
)
from graphql.execution import get_variable_values
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues
from sqlalchemy import select
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from compiler.binds import Binds
from compiler.build import TYPE_KEY, Build, Frame, Guard
from compiler.collect import Request
from compiler.documents import Document, Recent, read_document
from compiler.fields import ReadField
from compiler.output import CORE, bare
from compiler.scope import ScopeBinds
from compiler.shape import shape
from compiler.statement import Statement, to_statement

INTROSPECTION = {"__schema", "__type"}
"""Root fields that graphql-core answers."""

REMEMBERED = 1_000
"""Documents, and statements, kept compiled."""


class Caller(Protocol):
    """What the engine needs of the request's context."""

    @property
    def scope(self) -> Any:
        """The caller's scope; its attributes feed the statement's scope parameters."""
        ...

    async def fetch(self, sql: str, values: list[Any]) -> bytes:
        """Run a statement that yields one JSON value."""
        ...


class Ready(dict[str, Any]):
    """A finished dictionary by response name, with the verb's own fields as attributes."""


class Keyed:
    """A caller's scope with the key of what was made or changed."""

    def __init__(self, scope: Any, key: Any) -> None:
        self._scope = scope
        self.key = key

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scope, name)


@dataclass(frozen=True)
class Payload:
    """What a mutation made or changed, ready to be read once its key is known."""

    names: tuple[str, ...]
    statement: Statement | None
    variables: dict[str, Any]

    async def read(self, caller: Caller, key: Any) -> Ready:
        """The fields of ours by response name; all null if there is no key."""
        if key is None or self.statement is None:
            return Ready(dict.fromkeys(self.names))
        sent = self.statement.values(self.variables, Keyed(caller.scope, key))
        return Ready(orjson.loads(await caller.fetch(self.statement.sql, sent)))


@dataclass(frozen=True)
class Prepared:
    """An operation of a document with this request's variables."""

    text: str
    document: Document
    name: str | None
    values: VariableValues

    def request(self, schema: Any, values: VariableValues) -> Request:
        operation = self.document.operation(self.name)
        return Request(schema, operation, self.document.fragments, values)


class CompiledSchema(strawberry.Schema):
    """A Strawberry schema whose reads are compiled."""

    def __init__(self, *, guard: Guard, **options: Any) -> None:
        super().__init__(**options)  # pyright: ignore[reportUnknownMemberType]  # Strawberry's own
        self._guard = guard
        self._documents: Recent[Document] = Recent(REMEMBERED)
        self._statements: Recent[Statement] = Recent(REMEMBERED)
        _read_by_response_name(self.core)

    @property
    def core(self) -> Any:
        """graphql-core's schema."""
        return self._schema

    async def execute(  # Strawberry's signature
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Answer one operation: data as finished bytes for a read, a dictionary otherwise."""
        try:
            prepared = self.prepare(query or "", operation_name, variable_values or {})
            if isinstance(prepared, list):
                return ExecutionResult(data=None, errors=prepared)
            kind = OperationType(prepared.document.operation(operation_name).operation.value)
            _allow(kind, allowed_operation_types)
            if kind is OperationType.QUERY:
                return await self._read(prepared, variable_values, context_value)
            return await self._hand_over(prepared, variable_values, context_value, None)
        except GraphQLError as error:
            return ExecutionResult(data=None, errors=[error])

    def prepare(
        self, text: str, name: str | None, variables: dict[str, Any]
    ) -> Prepared | list[GraphQLError]:
        """Parse, validate and coerce; everything but the variables is remembered."""
        document = self._documents.get(text)
        if document is None:
            found = read_document(self.core, text)
            if isinstance(found, list):
                return found
            document = self._documents.put(text, found)
        definitions = document.operation(name).variable_definitions or ()
        values = get_variable_values(self.core, definitions, variables, max_errors=10)
        if isinstance(values, list):
            for error in values:
                error.extensions = {**(error.extensions or {}), "code": "BAD_VARIABLE"}
            return values
        return Prepared(text, document, name, values)

    async def _read(
        self, prepared: Prepared, variables: dict[str, Any] | None, caller: Any
    ) -> ExecutionResult:
        request = prepared.request(self.core, prepared.values)
        asked = request.roots(self.core.query_type)
        if not INTROSPECTION & {nodes[0].node.name.value for nodes in asked.values()}:
            body = await self.answer(prepared, caller)
            return ExecutionResult(data=orjson.Fragment(body), errors=None)  # pyright: ignore[reportArgumentType]  # encoded as it is
        data = {}
        if len(asked) > 1:
            data = orjson.loads(await self.answer(prepared, caller, typenames=True))
        return await self._hand_over(prepared, variables, caller, data)

    async def answer(self, prepared: Prepared, caller: Caller, *, typenames: bool = False) -> bytes:
        """The JSON object of a read."""
        statement = self.statement(prepared, typenames=typenames)
        values = statement.values(prepared.values.coerced, caller.scope)
        return await caller.fetch(statement.sql, values)

    def statement(self, prepared: Prepared, *, typenames: bool = False) -> Statement:
        """The compiled read, remembered by document, operation and shape of the variables."""
        slots, form = shape(prepared.values)
        key = (prepared.text, prepared.name, form, typenames)
        found = self._statements.get(key)
        if found is not None:
            return found
        request = prepared.request(self.core, slots)
        build, frame = self._start(request, typenames)
        root = self.core.query_type
        body = build.members(root, request.roots(root), frame)
        return self._statements.put(key, to_statement(select(body), build.binds))

    def _start(self, request: Request, typenames: bool) -> tuple[Build, Frame]:
        binds = Binds()
        scope = ScopeBinds(binds)
        return Build(request, binds, scope, self._guard, typenames), Frame(scope)

    def payload(self, info: Any, caller: Caller) -> "Payload":
        """How a mutation's payload will be read as asked; raises InputError if it cannot be.

        Only the fields of ours: the others of the payload type are the verb's own.
        """
        raw = info._raw_info  # Strawberry hides what graphql-core passes
        payload_type = bare(raw.return_type)
        fragments = raw.fragments
        values: VariableValues = raw.variable_values
        asked = [FieldDetails(node, None) for node in raw.field_nodes]
        slots, form = shape(values)
        build, frame = self._start(Request(self.core, raw.operation, fragments, slots), True)
        ours = {
            name: nodes
            for name, nodes in build.request.fields(payload_type, asked).items()
            if build.spec(payload_type, nodes[0].node.name.value) is not None
        }
        if not ours:
            return Payload((), None, values.coerced)
        name = raw.operation.name and raw.operation.name.value
        known_by = (raw.operation.loc.source.body, name, raw.path.key, form)
        statement = self._statements.get(known_by) or self._statements.put(
            known_by, to_statement(select(build.members(payload_type, ours, frame)), build.binds)
        )
        statement.values(values.coerced, Keyed(caller.scope, None))
        return Payload(tuple(ours), statement, values.coerced)

    async def _hand_over(
        self, prepared: Prepared, variables: dict[str, Any] | None, caller: Any, root: Any
    ) -> ExecutionResult:
        result = CORE.execute(
            self.core,
            prepared.document.node,
            root_value=root,
            context_value=caller,
            variable_values=variables,
            operation_name=prepared.name,
        )
        if inspect.isawaitable(result):
            result = await result
        return ExecutionResult(data=result.data, errors=result.errors)


def _allow(kind: OperationType, allowed: Iterable[OperationType] | None) -> None:
    if allowed is not None and kind not in allowed:
        raise GraphQLError(
            f"A {kind.value} cannot be sent this way.", extensions={"code": "OPERATION_NOT_ALLOWED"}
        )


def _by_response_name(source: Any, info: "GraphQLResolveInfo[Any]", **_arguments: Any) -> Any:
    return source[info.path.key]


def _read_by_response_name(schema: Any) -> None:
    """Let graphql-core take our fields from the finished dictionary, keyed by response name."""
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInterfaceType):
            type_.resolve_type = lambda value, _info, _type: value[TYPE_KEY]
        if not isinstance(type_, GraphQLObjectType):
            continue
        type_.is_type_of = None
        for field in type_.fields.values():
            if isinstance(field.extensions.get("strawberry-definition"), ReadField):
                field.resolve = _by_response_name


__all__ = ["Caller", "CompiledSchema", "Prepared"]

"""The schema that answers reads from one statement each, and hands the rest to graphql-core."""

import inspect
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import orjson
import strawberry
from graphql import (
    GraphQLError,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues
from sqlalchemy import select
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from compiler.binds import Binds
from compiler.build import Build, Frame, Guard
from compiler.collect import Request
from compiler.cost import DESCRIPTIONS
from compiler.disclosure import tell
from compiler.documents import Document, digest_of
from compiler.errors import InputError
from compiler.feed import feed_events
from compiler.fields import ReadField
from compiler.finished import finished, read_by_response_name
from compiler.live import Live
from compiler.memory import Recent, Statements
from compiler.output import CORE, bare
from compiler.payload import Caller, Payload, Ready
from compiler.prepare import Prepared, Preparing
from compiler.scope import Beside, ScopeBinds
from compiler.shape import shape
from compiler.statement import Statement, to_statement
from compiler.texts import tidy_as_read

REMEMBERED = 1_000
"""Documents, and statements, kept compiled."""

DISCLOSING = "Personal data in full is read by a query: no mutation gives it out."
"""Refused for whatever reason later, it would be so after the effect."""

HEAVIEST_DESCRIPTIONS = 4_000_000
"""Bytes kept of what the schema said of itself."""


class CompiledSchema(strawberry.Schema):
    """A Strawberry schema whose reads are compiled."""

    def __init__(self, *, guard: Guard, **options: Any) -> None:
        super().__init__(**options)  # pyright: ignore[reportUnknownMemberType]  # Strawberry's own
        self._guard = guard
        self._preparing = Preparing(self.core, REMEMBERED)
        self._statements = Statements(REMEMBERED)
        self._descriptions: Recent[bytes] = Recent(REMEMBERED, HEAVIEST_DESCRIPTIONS, len)
        read_by_response_name(self.core)
        tidy_as_read(self.core)

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
            _allow(prepared.kind, allowed_operation_types)
            return await self.perform(prepared, variable_values, context_value)
        except GraphQLError as error:
            return ExecutionResult(data=None, errors=[error])

    def prepare(
        self, text: str, name: str | None, variables: dict[str, Any]
    ) -> Prepared | list[GraphQLError]:
        """Parse, validate, coerce and price; all but what depends on values is remembered."""
        return self._preparing.prepare(text, name, variables)

    def read(self, text: str) -> Document | list[GraphQLError]:
        """Parse and validate a document ahead of its use; errors if it is not sound."""
        return self._preparing.read(text)

    async def perform(
        self, prepared: Prepared, variables: dict[str, Any] | None, caller: Any
    ) -> ExecutionResult:
        """Answer a query or mutation; a subscription has many answers, not one."""
        try:
            match prepared.kind:
                case OperationType.QUERY:
                    return await self._read(prepared, variables, caller)
                case OperationType.MUTATION:
                    return await self._hand_over(prepared, variables, caller, None)
                case _:
                    said = "Subscribe over WebSocket, or accept text/event-stream."
                    raise InputError("OPERATION_NOT_ALLOWED", said)
        except GraphQLError as error:
            return ExecutionResult(data=None, errors=[error])

    async def live(self, prepared: Prepared) -> Live:
        """How a subscription's events are read; raises InputError if they cannot be."""
        request, root = prepared.request(self.core, prepared.slots), self.core.subscription_type
        if len(asked := request.roots(root)) != 1:
            raise InputError("NOTHING_ASKED", "Subscribe to one field.")
        ((name, nodes),) = asked.items()

        def compiled() -> Statement:
            build, frame = self._start(request, typenames=False)
            definition = root.fields[nodes[0].node.name.value]
            spec = build.spec(root, nodes[0].node.name.value)
            with build.binds.within(name):
                feed, _ = build.feed(spec, root, nodes, frame)
                body = feed_events(build, feed, name, nodes, bare(definition.type), frame)
            below = build.disclosures(root, asked)
            paths = {"events": {"data": below}} if below else {}
            return to_statement(select(body), build.binds, paths)

        statement = await self._statements.soon(
            (prepared.document.digest, prepared.name, prepared.shape), compiled
        )
        given = prepared.request(self.core, prepared.values).arguments(root, nodes[0].node)
        after: Any = given.get("after")
        return Live(statement, prepared.values.coerced, after)

    async def _read(
        self, prepared: Prepared, variables: dict[str, Any] | None, caller: Any
    ) -> ExecutionResult:
        if self.reads(prepared):
            return finished(await self.answer(prepared, caller))
        request = prepared.request(self.core, prepared.values)
        asked = request.roots(self.core.query_type)
        compiled = [name for name, nodes in asked.items() if self._compiled(nodes[0].node)]
        if len(compiled) == len(asked):
            return finished(await self.answer(prepared, caller))
        if not compiled:
            return await self._describe(prepared, variables, caller)
        data = orjson.loads(await self.answer(prepared, caller, typenames=True))
        return await self._hand_over(prepared, variables, caller, data)

    async def _describe(
        self, prepared: Prepared, variables: dict[str, Any] | None, caller: Any
    ) -> ExecutionResult:
        """What only graphql-core answers; what the schema says of itself is remembered."""
        roots = prepared.request(self.core, prepared.values).roots(self.core.query_type)
        if not all(nodes[0].node.name.value in DESCRIPTIONS for nodes in roots.values()):
            return await self._hand_over(prepared, variables, caller, {})
        digest = digest_of(repr((prepared.name, prepared.values.coerced)))
        key = (prepared.document.digest, digest)
        body = self._descriptions.get(key)
        if body is None:
            result = await self._hand_over(prepared, variables, caller, {})
            if result.errors:
                return result
            body = self._descriptions.put(key, orjson.dumps(result.data))
        return finished(body)

    def _compiled(self, node: Any) -> bool:
        """Whether a root field is read by the compiler; introspection and what is computed in
        Python are graphql-core's."""
        field = self.core.query_type.fields.get(node.name.value)
        known = field and field.extensions.get("strawberry-definition")
        return node.name.value == "__typename" or isinstance(known, ReadField)

    async def answer(self, prepared: Prepared, caller: Caller, *, typenames: bool = False) -> bytes:
        """The JSON object of a read."""
        statement = await self._statements.soon(*self._read_as(prepared, typenames))
        values = statement.values(prepared.values.coerced, caller.scope)
        body = statement.checked(await caller.fetch(statement.sql, values))
        return await tell(statement.disclosures, body, caller.disclose)

    def knows(self, prepared: Prepared) -> bool:
        """Whether a query is compiled already; the others have a price of their own."""
        if prepared.kind is not OperationType.QUERY:
            return True
        return any(self._statements.known(_key(prepared, names)) for names in (False, True))

    def reads(self, prepared: Prepared) -> bool:
        """Whether it is a query known to be one statement, of which nothing else is worked out."""
        return prepared.kind is OperationType.QUERY and self._statements.known(_key(prepared))

    def statement(self, prepared: Prepared, *, typenames: bool = False) -> Statement:
        """The compiled read, remembered by document, operation and shape of the variables."""
        return self._statements.get(*self._read_as(prepared, typenames))

    def _read_as(
        self, prepared: Prepared, typenames: bool
    ) -> tuple[Hashable, Callable[[], Statement]]:
        """What a read's statement is remembered by, and how it is compiled."""

        def compiled() -> Statement:
            request = prepared.request(self.core, prepared.slots)
            build, frame = self._start(request, typenames)
            root = self.core.query_type
            asked = request.roots(root)
            body = build.members(root, asked, frame)
            return to_statement(select(body), build.binds, build.disclosures(root, asked))

        return _key(prepared, typenames), compiled

    def _start(self, request: Request, typenames: bool) -> tuple[Build, Frame]:
        binds = Binds()
        scope = ScopeBinds(binds)
        return Build(request, binds, scope, self._guard, typenames), Frame(scope)

    async def payload(self, info: Any, caller: Caller) -> Payload:
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
        ours = _ours(build, payload_type, asked)
        if not ours:
            return Payload((), None, values.coerced)
        name = raw.operation.name and raw.operation.name.value
        # By the whole way there: under other aliases other things are asked for.
        way = tuple(step for step in raw.path.as_list() if isinstance(step, str))
        known_by = (digest_of(raw.operation.loc.source.body), name, way, form)

        def compiled() -> Statement:
            body = select(build.members(payload_type, ours, frame))
            return to_statement(body, build.binds, build.disclosures(payload_type, ours))

        statement = await self._statements.soon(known_by, compiled)
        if statement.disclosures:
            raise InputError("DISCLOSURE_IN_PAYLOAD", DISCLOSING)
        statement.values(values.coerced, Beside(caller.scope, key=None))
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


def _ours(build: Build, payload_type: Any, asked: list[FieldDetails]) -> dict[str, Any]:
    """What is asked of a payload that is read from the tables, by response name."""
    return {
        name: nodes
        for name, nodes in build.request.fields(payload_type, asked).items()
        if build.spec(payload_type, nodes[0].node.name.value) is not None
    }


def _key(prepared: Prepared, typenames: bool = False) -> Hashable:
    """What a query's statement is remembered by."""
    return prepared.document.digest, prepared.name, prepared.shape, typenames


def _allow(kind: OperationType, allowed: Iterable[OperationType] | None) -> None:
    if allowed is not None and kind not in allowed:
        raise GraphQLError(
            f"A {kind.value} cannot be sent this way.", extensions={"code": "OPERATION_NOT_ALLOWED"}
        )


__all__ = ["Caller", "CompiledSchema", "Live", "Prepared", "Ready"]

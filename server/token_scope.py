"""What a token has to be good for: known from what is asked, before anything of it is carried out."""

from collections.abc import Iterator

from strawberry.types.graphql import OperationType

from compiler.engine import CompiledSchema, Prepared
from domain.identity import TokenScope
from schema.verb import SCOPE
from server.tokens import Identity


def lacking(schema: CompiledSchema, prepared: Prepared, identity: Identity | None) -> str | None:
    """A scope that an operation wants and the caller's token has not.

    Who sends no token is refused by the verbs themselves.
    """
    if identity is None or prepared.kind is not OperationType.MUTATION:
        return None
    wanted = {scope.value.lower() for scope in (TokenScope.WRITE, *_said(schema, prepared))}
    return min(wanted - identity.scopes, default=None)


def _said(schema: CompiledSchema, prepared: Prepared) -> Iterator[TokenScope]:
    """What the verbs that are asked for want beside."""
    verbs = schema.core.mutation_type
    for nodes in prepared.request(schema.core, prepared.values).roots(verbs).values():
        verb = verbs.fields.get(nodes[0].node.name.value)
        said = verb and verb.extensions["strawberry-definition"].metadata.get(SCOPE)
        if said is not None:
            yield said

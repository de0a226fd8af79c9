"""The schema as it is served."""

from strawberry.schema.config import StrawberryConfig

from compiler.engine import CompiledSchema
from resolvers.guard import guard
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription import Subscription


def build() -> CompiledSchema:
    """A schema that has compiled nothing yet."""
    return CompiledSchema(
        guard=guard,
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS),
    )


API = build()

"""graphql-core's field collection, which is marked internal, behind two functions of ours."""

from dataclasses import dataclass
from functools import cached_property

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues, get_argument_values

Selected = dict[str, list[FieldDetails]]
"""Response name to the field nodes that ask for it."""


@dataclass(frozen=True)
class Request:
    """An operation with its fragments and coerced variables."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    variables: VariableValues

    @cached_property
    def _details(self) -> dict[str, FragmentDetails]:
        return {name: FragmentDetails(node) for name, node in self.fragments.items()}

    def roots(self, type_: GraphQLObjectType) -> Selected:
        """What the operation asks of its root type."""
        return collect_fields(
            self.schema, self._details, self.variables, type_, self.operation
        ).grouped_field_set

    def fields(self, type_: GraphQLObjectType, asked: list[FieldDetails]) -> Selected:
        """What these field nodes ask of an object of that type."""
        return collect_subfields(
            self.schema, self._details, self.variables, self.operation, type_, asked
        ).grouped_field_set

    def arguments(self, type_: GraphQLObjectType, node: FieldNode) -> dict[str, object]:
        """The coerced arguments of a field node, by GraphQL name."""
        field = type_.fields[node.name.value]
        return get_argument_values(field, node, self.variables)

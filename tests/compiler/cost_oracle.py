"""What an operation costs, by expanding all of it: slow, obvious, and without any memory.

It reads the document itself and shares with the rule only the declared sizes of lists.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, VariableNode

from compiler.fields import Column, Follow, Link, ReadField, Same, Value
from compiler.prepare import Prepared
from schema.api import API
from tests.compiler.query_values import CORE

SCHEMA = API.core


@dataclass
class CostOracle:
    """The walk over one operation; `plain` says whether a list without a size was met."""

    prepared: Prepared
    plain: bool = False
    counted: bool = False
    """Whether something was met that counts as more than the objects it holds."""
    fields: list[str] = field(default_factory=list[str])

    def points(self) -> int:
        return max(1, math.ceil(self.objects() / 10))

    def objects(self) -> int:
        operation = self.prepared.document.operation(self.prepared.name)
        root = SCHEMA.get_root_type(operation.operation)
        return self.set(root, [operation.selection_set], 1, "straight")

    def value(self, node: Any) -> Any:
        if isinstance(node, VariableNode):
            return self.prepared.values.coerced.get(node.name.value)
        if node.kind == "list_value":
            return [self.value(each) for each in node.values]
        return None if node.kind == "null_value" else node.value

    def argument(self, node: FieldNode, name: str) -> Any:
        for each in node.arguments or ():
            if each.name.value == name:
                return self.value(each.value)
        return None

    def included(self, node: Any) -> bool:
        for each in node.directives or ():
            if self.value(each.arguments[0].value) != (each.name.value == "include"):
                return False
        return True

    def flat(self, type_: Any, selections: Any, spread: set[str]) -> list[FieldNode]:
        """The fields asked of an object of that very type."""
        found: list[FieldNode] = []
        for node in selections.selections:
            if not self.included(node):
                continue
            if isinstance(node, FieldNode):
                found.append(node)
                continue
            inner: Any = node
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in spread:
                    continue
                spread.add(node.name.value)
                inner = self.prepared.document.fragments[node.name.value]
            assert isinstance(node, InlineFragmentNode | FragmentSpreadNode)
            on = inner.type_condition.name.value if inner.type_condition else type_.name
            if on in (type_.name, *(each.name for each in type_.interfaces)):
                found += self.flat(type_, inner.selection_set, spread)
        return found

    def set(self, type_: Any, sets: list[Any], page: int, way: str) -> int:
        if CORE.is_abstract_type(type_):
            possible = SCHEMA.get_possible_types(type_)
            return max(self.set(each, sets, page, way) for each in possible)
        spread: set[str] = set()
        groups: dict[str, list[FieldNode]] = {}
        for each in sets:
            for node in self.flat(type_, each, spread):
                name = (node.alias or node.name).value
                groups.setdefault(name, []).append(node)
        return sum(self.field(type_, nodes, page, way) for nodes in groups.values())

    def field(self, type_: Any, nodes: list[FieldNode], page: int, way: str) -> int:
        name = nodes[0].name.value
        if name == "__typename":
            return 0
        self.fields.append(f"{type_.name}.{name}")
        own = type_.fields[name]
        definition = own.extensions["strawberry-definition"]
        spec = definition.spec if isinstance(definition, ReadField) else None
        output = CORE.get_named_type(own.type)
        if CORE.is_leaf_type(output):
            counts = spec.counts if isinstance(spec, Column | Value) else 0
            if own.args and not nodes[0].arguments:
                counts = 0
            self.counted |= counts > 0
            return counts
        many = CORE.is_list_type(CORE.get_nullable_type(own.type))
        below = [node.selection_set for node in nodes]
        match spec:
            case Column():
                return (page if many else 1) * (1 + self.set(output, below, 1, way))
            case Same():
                return 1 + self.set(output, below, page, way)
            case Follow():
                size = self.argument(nodes[0], "first") or 100
                return 1 + self.set(output, below, int(size), "straight")
            case Link(order=None) if many:
                return self.many(spec, output, nodes, below, way)
            case Link(order=None):
                return 1 + self.set(output, below, 1, "straight" if way == "straight" else "turned")
            case Link():
                size = self.argument(nodes[0], "first") or self.argument(nodes[0], "last") or 20
                return 1 + self.set(output, below, min(max(int(size), 1), spec.most), way)
            case _:
                raise AssertionError(f"{type_.name}.{name} is not read by the compiler")

    def many(self, spec: Link, output: Any, nodes: list[FieldNode], below: Any, way: str) -> int:
        ids = self.argument(nodes[0], "ids")
        if ids is not None:
            count = len(ids) if isinstance(ids, list) else 1
            return count * (1 + self.set(output, below, 1, way))
        self.plain = True
        count = spec.most if way == "turned" else spec.usual
        way = "turned" if way == "turned" else "list"
        return count * (1 + self.set(output, below, 1, way))

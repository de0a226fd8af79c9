"""Random queries that reach for people's personal data along every kind of way."""

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

from domain.disclosure import Purpose
from tests.compiler.oracle_personal import PARTS
from tests.compiler.world import World

DEEPEST = 2
MOST_TOKENS = 1_500
"""Fewer than the server reads, counted roughly."""


def queries(random: Random, world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    """Documents with their variables, without end."""
    while True:
        text, variables = Reacher(random, world).query()
        if len(re.findall(r"\w+|[^\w\s,]", text)) < MOST_TOKENS:
            yield text, variables


class Reacher:
    """Writes one query; all choices are the random numbers'."""

    def __init__(self, random: Random, world: World) -> None:
        self.random = random
        self.world = world
        self.number = 0
        self.fragments: dict[str, str] = {}
        self.variables: dict[str, Any] = {}
        self.declared: list[str] = []

    def query(self) -> tuple[str, dict[str, Any]]:
        """The document and its variables."""
        roots = " ".join(self.root() for _ in range(self.random.randint(1, 3)))
        declared = f"({', '.join(self.declared)})" if self.declared else ""
        return "\n".join([f"query{declared} {{ {roots} }}", *self.fragments.values()]), (
            self.variables
        )

    def alias(self) -> str:
        self.number += 1
        return f"a{self.number}"

    def ids(self, table: str) -> list[str]:
        rows = self.world.of(table, self.random.choice(("riverside", "riverside", "old_town")))
        some = self.random.sample(rows, min(len(rows), 12))
        return [self.world.global_id(table, row) for row in some]

    def root(self) -> str:
        kind = self.random.choice(("viewer", "node", "nodes", "nodes", "tickets", "records"))
        alias = self.alias()
        match kind:
            case "viewer":
                return f"{alias}: viewer {{ person {self.person(0)} }}"
            case "node":
                table, type_, inner = self.thing()
                id = json.dumps(self.ids(table)[0])
                return f"{alias}: node(id: {id}) {{ id ... on {type_} {inner} }}"
            case "nodes":
                return self.several(alias)
            case "tickets":
                page = self.page(f"{{ reporter {self.person(1)} {self.records(1)} }}")
                return f"{alias}: tickets(first: 5) {page}"
            case _:
                page = self.page(f"{{ {self.record(0)} }}")
                return f"{alias}: serviceRecords(first: 9) {page}"

    def several(self, alias: str) -> str:
        """Things of several types at one path, named alike."""
        things = [self.thing() for _ in range(2)]
        ids = [id for table, *_ in things for id in self.ids(table)]
        inner = " ".join(f"... on {type_} {inner}" for _, type_, inner in things)
        return f"{alias}: nodes(ids: {json.dumps(ids)}) {{ __typename {inner} }}"

    def thing(self) -> tuple[str, str, str]:
        match self.random.choice(("person", "service_record", "post")):
            case "person":
                return "person", "Person", self.person(0)
            case "post":
                return "post", "Post", f"{{ {self.alias()}: holder {self.person(1)} }}"
            case _:
                return "service_record", "ServiceRecord", f"{{ {self.record(0)} }}"

    def person(self, depth: int) -> str:
        ways = ["cells", "cells", "fragment", "inline", "name"]
        ways += ["reported", "posts"] if depth < DEEPEST else []
        chosen = self.random.choices(ways, k=self.random.randint(1, 3))
        return f"{{ {' '.join(self.way(way, depth) for way in chosen)} }}"

    def way(self, way: str, depth: int) -> str:
        match way:
            case "cells":
                return f"{self.alias()}: private {self.cells(6)}"
            case "fragment":
                return self.fragment()
            case "inline":
                return f"... on Person {self.person(depth + 1)}"
            case "reported":
                page = self.page(f"{{ reporter {self.person(DEEPEST)} }}")
                return f"{self.alias()}: reported(first: 3) {page}"
            case "posts":
                return f"{self.alias()}: posts {{ {self.alias()}: holder {self.person(DEEPEST)} }}"
            case _:
                return f"{self.alias()}: name"

    def fragment(self) -> str:
        """A spread of a new fragment, or of one that was written before."""
        if self.fragments and self.random.random() < 0.4:
            return f"...{self.random.choice(list(self.fragments))}"
        inner = self.person(DEEPEST)
        name = f"F{len(self.fragments)}"
        self.fragments[name] = f"fragment {name} on Person {inner}"
        return f"...{name}"

    def record(self, depth: int) -> str:
        visit = f"{self.alias()}: visit {self.cells(4, 'phone', 'address')}"
        return f"{visit} {self.alias()}: recipient {self.person(depth + 2)}"

    def records(self, depth: int) -> str:
        return f"serviceRecords(first: 4) {self.page(f'{{ {self.record(depth)} }}')}"

    def page(self, inner: str) -> str:
        if self.random.random() < 0.5:
            return f"{{ nodes {inner} }}"
        return f"{{ edges {{ cursor node {inner} }} {self.alias()}: nodes {inner} }}"

    def cells(self, most: int, *without: str) -> str:
        parts = [part for part in PARTS if part not in without]
        some = [self.cell(self.random.choice(parts)) for _ in range(self.random.randint(1, most))]
        return f"{{ {' '.join(some)} }}"

    def cell(self, part: str) -> str:
        purpose = self.random.choice((*Purpose, None))
        # Of one name wherever it stands: in a thing of another type it means something else.
        alias = f"{part}_{self.alias()}"
        if purpose is None:
            return f"{alias}: {part}"
        given = f"purpose: {self.given(purpose.value, 'Purpose')}"
        if purpose is Purpose.EMERGENCY or self.random.random() < 0.2:
            given += f", reason: {self.given('煤气泄漏 “gas”', 'String')}"
        return f"{alias}: {part}({given})"

    def given(self, value: str, type_: str) -> str:
        """A literal or a variable."""
        if self.random.random() < 0.5:
            return value if type_ == "Purpose" else json.dumps(value)
        name = f"v{len(self.declared)}"
        self.declared.append(f"${name}: {type_}")
        self.variables[name] = value
        return f"${name}"

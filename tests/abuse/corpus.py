"""Documents and variables that are to hurt a server, and the code each is refused with."""

from dataclasses import dataclass, field
from typing import Any

from graphql import get_introspection_query

UNIT = 'orgUnit(id: "unit_weibin_00000000-0000-7000-8000-000000000000")'
PARSE, INVALID = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"


@dataclass(frozen=True)
class Abuse:
    """One attempt."""

    name: str
    document: str
    code: str
    row: int = 8
    """The row of TRUST.md that it belongs to."""
    variables: dict[str, Any] = field(default_factory=dict[str, Any])


def within(inner: str, beside: str = "") -> str:
    """A selection of a unit."""
    return f"{{ {UNIT} {{ {inner} }} }} {beside}"


def nested(levels: int) -> dict[str, str]:
    """Documents of so many brackets within each other, of every kind."""
    return {
        "fields": f"{{ {'parent { ' * levels}id{' }' * levels} }}",
        "inline fragments": f"{{ {'... { ' * levels}id{' }' * levels} }}",
        "lists": f"{{ nodes(ids: {'[' * levels}{']' * levels}) {{ id }} }}",
        "objects": f"{{ tickets(filter: {'{a: ' * levels}1{'}' * levels}) {{ totalCount }} }}",
        "types": f"query($a: {'[' * levels}Int{']' * levels}) {{ __typename }}",
        "never closed": "{" * levels,
        "in a directive": f"{{ id @a(a: {'[' * levels}{']' * levels}) }}",
        "in a default": f"query($a: Int = {'[' * levels}{']' * levels}) {{ id }}",
        "in a description": f'"""text""" query($a: {"[" * levels}Int) {{ id }}',
    }


def doubling(depth: int, *, named: bool = True) -> str:
    """Fragments each of which spreads the next one twice."""
    fields = ("a: parent", "b: parent") if named else ("parent", "parent")
    fragments = "".join(
        f"fragment F{at} on OrgUnit {{ "
        + " ".join(f"{field} {{ ...F{at + 1} }}" for field in fields)
        + " } "
        for at in range(depth)
    )
    return within("...F0", f"{fragments} fragment F{depth} on OrgUnit {{ id }}")


def chained(length: int) -> str:
    """Fragments each of which holds the next one deeper."""
    links = "".join(
        f"fragment F{at} on OrgUnit {{ parent {{ ...F{at + 1} }} }} " for at in range(length)
    )
    return within("...F0", f"{links} fragment F{length} on OrgUnit {{ id }}")


def many(text: str, times: int) -> str:
    """The same with the number in place of #, so many times."""
    return " ".join(text.replace("#", str(at)) for at in range(times))


NESTED = [
    Abuse(f"{levels} {kind}", document, "TOO_DEEP", 7)
    for levels in (100, 1_000, 5_000)
    for kind, document in nested(levels).items()
]
NUMEROUS = [
    Abuse("5,000 aliases", within(many("a#: name", 5_000)), "TOO_MANY_TOKENS"),
    Abuse("600 aliases", within(many("a#: name", 600)), "TOO_MANY_ALIASES"),
    Abuse("600 aliased roots", f"{{ {many('a#: __typename', 600)} }}", "TOO_MANY_ALIASES"),
    Abuse("10,000 directives", within("name " + "@a " * 10_000), "TOO_MANY_TOKENS"),
    Abuse("900 directives", within("name " + "@a " * 900), "TOO_MANY_DIRECTIVES"),
    Abuse("2,000 duplicate fields", within("name " * 2_000), "TOO_MANY_REPEATS"),
    Abuse("1,900 duplicate fields", within("name " * 1_900), "TOO_MANY_REPEATS"),
    Abuse(
        "51 duplicate lists", within("children { id name code depth } " * 51), "TOO_MANY_REPEATS"
    ),
    Abuse("480 inline fragments", within("... { name } " * 480), "TOO_MANY_REPEATS"),
    Abuse(
        "90 fragments that overlap",
        within(many("...F#", 90), many("fragment F# on OrgUnit { children { id name } }", 90)),
        "TOO_MANY_REPEATS",
    ),
    Abuse(
        "150 fragments", within("id", many("fragment F# on T { id }", 150)), "TOO_MANY_DEFINITIONS"
    ),
    Abuse("200 operations", many("query Q# { __typename }", 200), "TOO_MANY_DEFINITIONS"),
    Abuse("300 variables", f"query({many('$a#: Int', 300)}) {{ id }}", "TOO_MANY_VARIABLES"),
    Abuse("5,000 variables", f"query({many('$a#: Int', 5_000)}) {{ id }}", "TOO_MANY_TOKENS"),
    Abuse("a list of 10,000", f"{{ nodes(ids: [{'1 ' * 10_000}]) {{ id }} }}", "TOO_MANY_TOKENS"),
    Abuse("comments", "{ id } " + "#\n" * 40_000, "TOO_MANY_TOKENS"),
    Abuse("commas", "," * 110_000 + "{ id }", "DOCUMENT_TOO_LARGE"),
    Abuse("blanks and BOMs", " \ufeff" * 30_000 + "{ id }", "DOCUMENT_TOO_LARGE"),
    Abuse("a text of 110 kB", f'{{ node(id: "{"x" * 110_000}") {{ id }} }}', "DOCUMENT_TOO_LARGE"),
    Abuse(
        "characters of three bytes",
        f'{{ node(id: "{"长" * 40_000}") {{ id }} }}',
        "DOCUMENT_TOO_LARGE",
    ),
    Abuse("a name of 50 kB", within("a" * 50_000), "NAME_TOO_LONG"),
    Abuse("a fragment's long name", within("..." + "a" * 50_000), "NAME_TOO_LONG"),
    Abuse(
        "a number of 5,000 digits",
        f"{{ tickets(first: {'9' * 5_000}) {{ totalCount }} }}",
        "BAD_NUMBER",
    ),
    Abuse("400 errors", within("nothing " * 45 + many("wrong#", 400)), INVALID),
    Abuse("an endless text", '{ node(id: "' + "x" * 9_000, PARSE),
    Abuse("an endless block", '{ node(id: """' + "\\" * 9_000, PARSE),
    Abuse("a block of quotes", '{ node(id: """' + '\\"""' * 9_000 + '"""', PARSE),
    Abuse("half of a surrogate pair", '{ node(id: "\\uD800") { id } }', PARSE),
    Abuse("beyond Unicode", '{ node(id: "\\u{110000}") { id } }', PARSE),
    Abuse("a schema", many("type T# { a: Int }", 90), INVALID),
    Abuse("an empty document", "#", PARSE),
]
FRAGMENTS = [
    Abuse("a fragment in itself", within("...A", "fragment A on OrgUnit { ...A }"), INVALID, 9),
    Abuse(
        "fragments in a circle",
        within("...F0", many("fragment F# on OrgUnit { ...F1 }", 2)),
        INVALID,
        9,
    ),
    Abuse("a circle nobody spreads", within("id", "fragment A on T { a { ...A } }"), INVALID, 9),
    Abuse("no such fragment", within("...Nothing"), INVALID, 9),
    Abuse("doubling 18", doubling(18), "TOO_LARGE", 9),
    Abuse("doubling 40", doubling(40), "TOO_DEEP", 9),
    Abuse("doubling 150", doubling(150), "TOO_MANY_TOKENS", 9),
    Abuse("doubling 18 unaliased", doubling(18, named=False), "TOO_LARGE", 9),
    Abuse("a chain of 30", chained(30), "TOO_DEEP", 10),
    Abuse("a chain of 99", chained(98), "TOO_DEEP", 10),
]
SIZES = "query($n: Int) { tickets(first: $n) { nodes { events(first: $n) { nodes { at } } } } }"
COSTLY = [
    Abuse(
        "lists by literals", SIZES.replace("($n: Int)", "").replace("$n", "100"), "TOO_COSTLY", 10
    ),
    Abuse("lists by variables", SIZES, "TOO_COSTLY", 10, {"n": 100}),
    Abuse("lists by a default", SIZES.replace("Int", "Int = 100"), "TOO_COSTLY", 10),
    Abuse(
        "92 bytes",
        "{orgUnits(first:1000){nodes{children{id} tickets{nodes{id}}}}}",
        "TOO_COSTLY",
        10,
    ),
    Abuse(
        "edges and nodes",
        "{ orgUnits(first: 1000) { nodes { descendants(first: 1000) { edges { node { id } } } } } }",
        "TOO_COSTLY",
        10,
    ),
    Abuse("counts", f"{{ {many('a#: tickets { totalCount }', 101)} }}", "TOO_COSTLY", 10),
    Abuse("posts four deep", within("posts { unit { " * 4 + "id" + " } }" * 4), "TOO_COSTLY", 10),
    Abuse("down and up", within("children { parent { " * 4 + "id" + " } }" * 4), "TOO_COSTLY", 10),
    Abuse("children six deep", within("children { " * 6 + "id" + " }" * 6), "TOO_COSTLY", 10),
    Abuse("profiles", f"{{ {many('a#: localities { profile { body } }', 20)} }}", "TOO_COSTLY", 10),
    Abuse(
        "30 introspections",
        f"{{ {many('a#: __schema { queryType { name } }', 30)} }}",
        "TOO_COSTLY",
        10,
    ),
    Abuse(
        "introspection of introspection",
        f"{{ __schema {{ types {{ {many('a#: fields { name type { name } args { name } }', 60)} }} }} }}",
        "TOO_COSTLY",
        10,
    ),
    Abuse(
        "introspection too deep",
        "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
        INVALID,
        10,
    ),
    Abuse(
        "380 links",
        within(
            many("a#: parent { ...F }", 19),
            f"fragment F on OrgUnit {{ {many('a#: parent { id }', 19)} }}",
        ),
        "TOO_LARGE",
        10,
    ),
    Abuse("introspection and more", get_introspection_query() * 2, INVALID, 10),
]
DEEP: Any = 1
for _ in range(100):
    DEEP = [DEEP]
VALUES = "query($a: Int) { tickets(first: $a) { nodes { id } } }"
VARIABLES = [
    Abuse("a variable of 10,000 items", VALUES, "TOO_MANY_VALUES", 10, {"a": [1] * 10_000}),
    Abuse(
        "10,000 given variables", VALUES, "TOO_MANY_VALUES", 10, {f"v{n}": n for n in range(10_000)}
    ),
    Abuse("a deep variable", VALUES, "TOO_DEEP", 7, {"a": DEEP}),
    Abuse("an unused deep variable", VALUES, "TOO_DEEP", 7, {"a": 1, "b": DEEP}),
    Abuse("a long text for a number", VALUES, "BAD_VARIABLE", 12, {"a": "长" * 9_000}),
    Abuse("an object for a number", VALUES, "BAD_VARIABLE", 12, {"a": {"x" * 9_000: "y" * 900}}),
    Abuse("a huge number", VALUES, "BAD_VARIABLE", 12, {"a": 2**62}),
    Abuse(
        "101 ids",
        "query($a: [ID!]!) { nodes(ids: $a) { id } }",
        "TOO_MANY_IDS",
        13,
        {"a": ["unit_weibin_00000000-0000-7000-8000-000000000000"] * 101},
    ),
    Abuse("101 written ids", f"{{ nodes(ids: [{'1 ' * 101}]) {{ id }} }}", "TOO_MANY_IDS", 13),
]
NAMES = [
    Abuse("a guess at a field", within("nam"), INVALID, 12),
    Abuse("a guess at a type", "{ node(id: 1) { ... on OrgUnitt { id } } }", INVALID, 12),
    Abuse("a guess at an argument", "{ tickets(frist: 1) { totalCount } }", INVALID, 12),
    Abuse(
        "a guess at a value",
        "{ tickets(filter: {status: {in: [CLOSD]}}) { totalCount } }",
        INVALID,
        12,
    ),
    Abuse("a guess at an input", "{ tickets(filter: {opn: true}) { totalCount } }", INVALID, 12),
    Abuse(
        "a guess in a variable",
        "query($f: TicketFilter) { tickets(filter: $f) { totalCount } }",
        "BAD_VARIABLE",
        12,
        {"f": {"opn": True}},
    ),
    Abuse("a guess at an operation", "query Right { __typename } query Wrong { id }", INVALID, 12),
]

CORPUS = [*NESTED, *NUMEROUS, *FRAGMENTS, *COSTLY, *VARIABLES, *NAMES]

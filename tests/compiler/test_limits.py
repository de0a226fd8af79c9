"""What a document may be: each limit holds where it says, and no sooner."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from graphql import GraphQLError, TokenKind, parse
from graphql.language import Lexer, Source
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import lists, sampled_from

from compiler import limits
from compiler.errors import InputError
from compiler.limits import check_document, check_text, check_variables
from compiler.memory import Recent
from schema.api import API
from tests.compiler.queries import Query, queries

UNIT = 'orgUnit(id: "unit_weibin_00000000-0000-7000-8000-000000000000")'


def code_of(text: str, **variables: Any) -> str | None:
    """The code a document is refused with; None if it is taken."""
    try:
        found = API.prepare(text, None, variables)
    except GraphQLError as error:
        found = [error]
    if not isinstance(found, list):
        return None
    (error,) = found
    return str((error.extensions or {})["code"])


def within(inner: str) -> str:
    return f"{{ {UNIT} {{ {inner} }} }}"


def many(text: str, times: int) -> str:
    return " ".join(text.replace("#", str(at)) for at in range(times))


def deep(levels: int) -> str:
    """So many brackets within each other."""
    return within("... { " * (levels - 2) + "id" + " }" * (levels - 2))


def chained(levels: int) -> str:
    """Selections so many levels deep, by way of fragments that stand beside one another."""
    links = many("fragment F# on OrgUnit { ...G# }", levels // 2 - 1)
    for at in range(levels // 2 - 1):
        links = links.replace(f"...G{at} ", f"...F{at + 1} ")
    return within("...F0") + links + f" fragment F{levels // 2 - 1} on OrgUnit {{ id }}"


EDGES: list[tuple[str, str, str]] = [
    ("TOO_DEEP", deep(limits.DEEPEST_NESTING), deep(limits.DEEPEST_NESTING + 1)),
    (
        "TOO_MANY_ALIASES",
        within(many("a#: id", limits.MOST_ALIASES)),
        within(many("a#: id", limits.MOST_ALIASES + 1)),
    ),
    (
        "TOO_MANY_REPEATS",
        within("id " * limits.MOST_REPEATS),
        within("id " * (limits.MOST_REPEATS + 1)),
    ),
    (
        "TOO_MANY_DIRECTIVES",
        within(many("a#: id @skip(if: false)", limits.MOST_DIRECTIVES)),
        within(many("a#: id @skip(if: false)", limits.MOST_DIRECTIVES + 1)),
    ),
    (
        "TOO_MANY_DEFINITIONS",
        within(many("...F#", 40)) + many("fragment F# on OrgUnit { id }", 40),
        "{ id }" + many("fragment F# on OrgUnit { id }", limits.MOST_DEFINITIONS),
    ),
    (
        "TOO_MANY_VARIABLES",
        f"query({many('$a#: Boolean = true', limits.MOST_VARIABLES)}) "
        + within(many("a#: id @skip(if: $a#)", limits.MOST_VARIABLES)),
        f"query({many('$a#: Int', limits.MOST_VARIABLES + 1)}) {{ id }}",
    ),
    (
        "NAME_TOO_LONG",
        within("a" * limits.LONGEST_NAME + ": id"),
        within("a" * (limits.LONGEST_NAME + 1) + ": id"),
    ),
    (
        "TOO_MANY_TOKENS",
        within("id") + "\n#" * (limits.MOST_TOKENS - 11),
        within("id") + "\n#" * (limits.MOST_TOKENS - 10),
    ),
    (
        "DOCUMENT_TOO_LARGE",
        within("id").ljust(limits.LARGEST_DOCUMENT),
        within("id").ljust(limits.LARGEST_DOCUMENT + 1),
    ),
    (
        "TOO_LARGE",
        within(many("...F#", 3)) + many("fragment F# on OrgUnit { id a#: code b#: name }", 3),
        within("...A" + " parent { ...A }" * 50)
        + f" fragment A on OrgUnit {{ {many('a#: id', 50)} }}",
    ),
    (
        "TOO_COSTLY",
        "{ orgUnits(first: 999) { nodes { parent { parent { parent { id } } } level { code } } "
        "pageInfo { endCursor } } a: orgUnits(first: 998) { edges { node { parent { parent { id } } } } } }",
        "{ orgUnits(first: 1000) { nodes { children { id } tickets { totalCount } } } }",
    ),
]


@pytest.mark.trust(7, 8, 9)
@pytest.mark.parametrize(("code", "taken", "refused"), EDGES, ids=[edge[0] for edge in EDGES])
def test_a_limit_is_where_it_says(code: str, taken: str, refused: str) -> None:
    assert code_of(taken) is None
    assert code_of(refused) == code


def test_depth_through_fragments_is_depth() -> None:
    assert code_of(chained(limits.DEEPEST_NESTING - 2)) is None
    assert code_of(chained(3 * limits.DEEPEST_NESTING)) == "TOO_DEEP"


@pytest.mark.parametrize(
    "document", ["fragment A on OrgUnit { ...A }", "fragment A on OrgUnit { ... { ...A } }"]
)
def test_a_fragment_may_not_be_in_itself(document: str) -> None:
    assert code_of(within("...A") + document) == "GRAPHQL_VALIDATION_FAILED"


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(query=queries())
def test_tokens_are_the_parsers(query: Query) -> None:
    """Counted without the lexer, which is too slow to be asked first."""
    text = query.text()
    lexer, tokens = Lexer(Source(text)), 0
    while lexer.advance().kind is not TokenKind.EOF:
        tokens += 1
    assert check_text(text) == tokens


PIECES = (
    *("a", "b", "on", "a: b", "b: a", "a(a: {a: 1, b: [b]})", "a @a(a: a)", "# a a\n"),
    *("...a", "... on a { b }", "... @a { a }", "a { a b: a }", 'b: a(a: "a a") { on a }'),
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(pieces=lists(sampled_from(PIECES), min_size=1, max_size=14))
def test_repeats_of_tokens_are_repeats_of_selections(pieces: list[str]) -> None:
    """Nothing is refused before it is parsed that would not be afterwards; nor, hardly, the reverse."""
    text = f"query a($a: a = {{a: a}}) {{ b {' '.join(pieces)} }} fragment a on a {{ b }}"
    with patch.object(limits, "MOST_REPEATS", 2):
        assert refused(check_text, text) <= refused(check_document, parse(text))
        if not any("on a" in each or each == "on" for each in pieces):
            assert refused(check_text, text) == refused(check_document, parse(text))


def refused(check: Callable[[Any], object], given: Any) -> bool:
    """Whether a check refuses for repeats."""
    try:
        check(given)
    except GraphQLError as error:
        return error.extensions == {"code": "TOO_MANY_REPEATS"}
    return False


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ('"""a " \\""" {{{ """ {', 2),
        ('"{{{\\"{{{" {', 2),
        ("# {{{\n{", 2),
        ("...a ... a", 4),
        ("-1.5e+9 1", 2),
        ('"not ended', 1),
        ('"""nor this {{{', 1),
    ],
)
def test_brackets_in_texts_and_comments_do_not_count(text: str, tokens: int) -> None:
    assert check_text(text) == tokens


def test_variables_are_bounded_in_number_and_depth() -> None:
    check_variables({"a": [0] * (limits.MOST_VALUES - 1)})
    check_variables({"a": {"b": [{"c": None}]}})
    nested: Any = 0
    for _ in range(limits.DEEPEST_VALUES):
        nested = {"a": nested}
    check_variables(nested["a"])
    for code, bad in (
        ("TOO_MANY_VALUES", {"a": [0] * limits.MOST_VALUES}),
        ("TOO_MANY_VALUES", {"a": [[0] * 100] * 100}),
        ("TOO_DEEP", {"a": nested}),
    ):
        with pytest.raises(InputError) as refused:
            check_variables(bad)
        assert refused.value.extensions == {"code": code}


def test_a_memory_is_bounded_in_weight() -> None:
    memory: Recent[str] = Recent(100, 10, len)
    for at in range(1_000):
        memory.put(at, "xxx")
    assert [at for at in range(1_000) if memory.get(at)] == [997, 998, 999]
    memory.put(999, "x")  # in place of the other, whose weight is gone
    memory.put(1_000, "xxx")
    assert [at for at in range(1_001) if memory.get(at)] == [997, 998, 999, 1_000]
    memory.put("heavy", "x" * 11)
    assert memory.get("heavy") is None
    assert memory.put("light", "x") == memory.get("light")


def test_a_memory_is_bounded_in_number() -> None:
    memory: Recent[str] = Recent(3, 100, len)
    for at in range(4):
        memory.put(at, "x")
        memory.get(0)
    assert [at for at in range(4) if memory.get(at)] == [0, 2, 3]

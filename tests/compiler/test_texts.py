"""Texts and numbers, checked in one place: where a document or its variables hold a wrong one."""

from typing import Any

import pytest
from graphql import GraphQLError

from schema.api import API

REPORT = (
    "mutation($input: TicketReportInput!) { ticketReport(input: $input) { clientMutationKey } }"
)
NEW = {"unitId": "unit_a_00000000-0000-7000-8000-000000000000", "title": "x", "category": "y"}


def codes(text: str, **variables: Any) -> list[tuple[str, str]]:
    """The codes and messages that an operation is refused with."""
    try:
        prepared = API.prepare(text, None, variables)
    except GraphQLError as error:
        return [((error.extensions or {})["code"], error.message)]
    if isinstance(prepared, list):
        return [((error.extensions or {})["code"], error.message) for error in prepared]
    return []


@pytest.mark.trust(34)
def test_what_is_no_words_is_one_line_as_it_is() -> None:
    for text in ("a\nb", "a\tb", "a\r\nb", "a\u2028b", "a\u200bb"):
        for name in ("clientMutationKey", "category"):
            ((code, said),) = codes(REPORT, input={**NEW, name: text})
            assert code == "BAD_TEXT"
            assert said.startswith(f"`input.{name}` must be one line of text")
        assert codes(REPORT, input={**NEW, "title": text, "body": text}) == []


@pytest.mark.trust(34)
def test_what_nobody_types_is_refused_in_words_too() -> None:
    for text in ("a\x00b", "\ud800", "a\u202eb", "\ufdd0"):
        for name in ("title", "body"):
            ((code, said),) = codes(REPORT, input={**NEW, name: text})
            assert (code, said.partition(" must")[0]) == ("BAD_TEXT", f"`input.{name}`")


WRITTEN = """mutation { ticketReport(input: {
  unitId: "unit_a_00000000-0000-7000-8000-000000000000", category: "y", title: %s, body: %s
}) { clientMutationKey } }"""


@pytest.mark.trust(34)
def test_the_same_is_said_of_what_is_written_into_the_document() -> None:
    assert codes(WRITTEN % ('"x"', '"a\\nb"')) == []
    assert codes(WRITTEN % ('"x"', '"""a\n  b"""')) == []
    assert codes(WRITTEN % ('"a\\nb\u200b"', '"x\u200b"')) == []
    assert codes(WRITTEN % ('"""a\n  b"""', '"x"')) == []
    assert [code for code, _ in codes(WRITTEN % ('"a\u0007b"', '"a\u202eb"'))] == ["BAD_TEXT"] * 2
    assert codes(WRITTEN.replace('"y"', '"a\\nb"') % ('"x"', '"x"'))
    assert codes('query($s: String! = "a\\u0000") { locality(slug: $s) { name } }')
    assert codes(
        'query($s: [String!] = ["a\\u0000"]) { tickets(filter: {category: {in: $s}}) { totalCount } }'
    )
    assert codes('"a\\u0000" query { localities { slug } }')  # a description is a text too


@pytest.mark.trust(34)
def test_a_number_of_thousands_of_digits_is_not_read() -> None:
    for number in ("9" * 5_000, "1." + "0" * 5_000, "1e" + "9" * 5_000):
        ((code, said),) = codes(f"{{ tickets(first: {number}) {{ totalCount }} }}")
        assert (code, len(said) < 100) == ("BAD_NUMBER", True)

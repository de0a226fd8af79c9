"""Errors a caller can act on, each with a stable code."""

import re
from collections.abc import Sequence

from graphql import GraphQLError

MOST_SAID, MOST_PLACES = 180, 2
"""Bytes of a message, which repeats what was sent; and places in the document it speaks of."""

SUGGESTION = re.compile(r" Did you mean .*", re.DOTALL)
"""graphql-core's guesses name what the caller did not: introspection tells, where it is allowed."""


class InputError(GraphQLError):
    """A value the caller sent cannot be used; it was refused before any SQL."""

    field: Sequence[str] = ()
    """The response names that lead to the field it was sent to, as far as is known.

    Apart from `path`, by which graphql-core says that a field was worked out: this one never was.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, extensions={"code": code})

    def blame(self, field: Sequence[str]) -> None:
        """The value was sent to a field, unless it is known already to one below it."""
        self.field = self.field or field


def coded(errors: list[GraphQLError], code: str) -> list[GraphQLError]:
    """graphql-core's errors with a code, short and without its suggestions."""
    for error in errors:
        said = SUGGESTION.sub("", error.message).encode(errors="replace")
        cut = said[:MOST_SAID].decode(errors="ignore")
        error.message = cut if len(said) <= MOST_SAID else f"{cut}…"
        error.locations = error.locations and error.locations[:MOST_PLACES]
        error.extensions = {"code": code, **(error.extensions or {})}
        # What a scalar raised is what the error says: no failure of ours, to be masked.
        error.original_error = None
    return errors
